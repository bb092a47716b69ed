import type { ToolWords } from "../snapshot/tool-words";

/** The words of programs that call the library, for messages of the lifecycle. */
export const libraryWords: ToolWords = {
  attribute: (name) => name,
  run: "the call",
  refreshAndRun: "repeat the call",
  goneSince: "gone in the meantime",
  kept: (id) => `The snapshot's ID is ${id}.`,
  resumes: (id) => `Snapshot ${id} exists and may still become active. Call \`activate\` with its ID to wait for it.`,
  nothingKept: "Nothing was changed.",
  importCommand: () => null,
  request: "the parameters",
  adopt: "`ifNotExists: true`",
  recreate: "another name",
  timeout: () => "`timeout`",
  keepWaiting: "Call `activate` with its ID to keep waiting for it.",
  afterFailure: "The failed snapshot is kept. Fix the cause, delete it, and create it again.",
  ownEarlier: "",
  zeroDowntime: "",
};
