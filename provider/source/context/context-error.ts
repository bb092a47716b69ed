/** The build context cannot be read or sent as it is. Lists everything that was found, not only the first. */
export class ContextError extends Error {
  constructor(
    /** Each a sentence or two: where, what is wrong, what to do. */
    readonly problems: readonly string[],
  ) {
    super(problems.length === 1 ? problems[0] : `The build context has ${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
    this.name = "ContextError";
  }
}

/** What the operating system said, in words where it is one of the usual reasons. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "ENOENT") return "it does not exist";
  if (code === "ENOTDIR") return "it is not a folder";
  return message;
}
