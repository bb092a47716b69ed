import { flagOf } from "../snapshot";
import type { ToolWords } from "../snapshot/tool-words";

/** The words of the command line, for messages of the lifecycle. */
export const cliWords: ToolWords = {
  attribute: flagOf,
  run: "this command",
  refreshAndRun: "run the command again",
  goneSince: "gone in the meantime",
  kept: (id) => `The snapshot's ID is ${id}.`,
  resumes: (id) => `Snapshot ${id} exists and may still become active. Run \`daytona-iac snapshot activate ${id}\` to wait for it.`,
  nothingKept: "Nothing was changed.",
  importCommand: () => null,
  request: "the flags",
  adopt: "`--if-not-exists`",
  recreate: "`--name` to another name",
  timeout: () => "`--timeout`",
  keepWaiting: "Run `daytona-iac snapshot activate` with its ID to keep waiting for it.",
  afterFailure: "The failed snapshot is kept. Fix the cause, delete it with `daytona-iac snapshot delete`, and create it again.",
  ownEarlier: "",
  zeroDowntime: "",
};
