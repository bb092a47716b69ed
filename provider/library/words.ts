import type { ToolWords } from "../kit/words";

/** The words of programs that call the library, for messages of the lifecycle. */
export const libraryWords: ToolWords = {
  attribute: (name) => name,
  run: "the call",
  refreshAndRun: "repeat the call",
  code: "program",
  goneSince: "it no longer exists",
  kept: (id) => `The snapshot's ID is ${id}.`,
  resumes: (id, deleting) =>
    deleting
      ? `Snapshot ${id} may still exist. Call \`delete\` with its ID to delete it, or to wait until it is deleted.`
      : `Snapshot ${id} exists and may still become active. Call \`activate\` with its ID to wait for it.`,
  nothingKept: "Nothing was changed.",
  importCommand: () => null,
  request: "the parameters",
  adopt: "`ifNotExists: true`",
  replaceHolder: "call `replace()` with these parameters",
  recreate: "",
  timeout: () => "`timeout`",
  keepWaiting: "Call `activate` with its ID to keep waiting for it.",
  startOver: () => "Delete it, and recreate it.",
  afterFailure: "The failed snapshot is kept. Fix the cause, delete it, and recreate it.",
  createRegistry: (host) => `create a registry for ${host} with \`daytona-iac registry create\``,
  ownEarlier: "",
  oneOwner: "",
  deleteKept: "",
  renamed: "",
  zeroDowntime: "",
};

/** Of `replace`, which goes on where an earlier call has stopped. */
export function replacingWords(words: ToolWords): ToolWords {
  return {
    ...words,
    run: "`replace`",
    resumes: () => "Call `replace` again to resume it.",
    afterFailure:
      "The failed snapshot is kept. Fix the cause and call `replace` again, which deletes and recreates it.",
  };
}

/** Of what `replace` does not do. */
const { replaceHolder: _, ...withoutReplace } = libraryWords;

/** The words of `push`, which has no image of a registry. */
export const pushWords: ToolWords = {
  ...withoutReplace,
  attribute: (name) => (name === "image" ? "`create` with `image`" : name),
};

/** The words of a `create` of a sandbox. */
export const sandboxWords: ToolWords = {
  ...withoutReplace,
  attribute: (name) => (name === "sourceSandbox" ? "sandbox" : name),
};
