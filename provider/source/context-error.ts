/** The build context cannot be read or sent as it is. Lists everything that was found, not only the first. */
export class ContextError extends Error {
  constructor(
    /** Each a sentence or two: where, what is wrong, what to do. */
    readonly problems: readonly string[],
  ) {
    super(
      problems.length === 1
        ? problems[0]
        : `The build context has ${problems.length} problems:\n${problems.map((problem) => `- ${problem}`).join("\n")}`,
    );
    this.name = "ContextError";
  }
}

/** Whether the system refused for a limit of its own, so that nothing is wrong with the file. */
export function isLimit(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE";
}

/** What the operating system said, in words where it is one of the usual reasons. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (isLimit(error))
    return `too many files are open (${code}). Close other programs, or raise the limit, such as with \`ulimit -n 4096\``;
  if (code === "EIO") return "the disk or the network file system reports an error (EIO)";
  if (code === "ELOOP") return "its symlinks form a loop";
  if (code === "ENAMETOOLONG") return "its path is too long";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "ENOENT") return "it does not exist";
  if (code === "ENOTDIR") return "it is not a folder";
  return message;
}
