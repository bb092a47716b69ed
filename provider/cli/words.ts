import { flagOf } from "../kit/spell";
import { capital, type ToolWords } from "../kit/words";

/** The words of the command line, for messages of the lifecycle. */
export const cliWords: ToolWords = {
  attribute: flagOf,
  run: "this command",
  refreshAndRun: "run the command again",
  code: "configuration",
  goneSince: "it no longer exists",
  kept: (id) => `The snapshot's ID is ${id}.`,
  resumes: (id, deleting) =>
    deleting
      ? `Snapshot ${id} may still exist. Run \`daytona-iac snapshot delete ${id}\` to delete it, or to wait until it is deleted.`
      : `Snapshot ${id} exists and may still become active. Run \`daytona-iac snapshot activate ${id}\` to wait for it.`,
  nothingKept: "Nothing was changed.",
  importCommand: () => null,
  request: "the flags",
  adopt: "`--if-not-exists`",
  replaceHolder: "add `--replace`, as `daytona-iac snapshot replace` does",
  recreate: "",
  timeout: () => "`--timeout`",
  keepWaiting: "Run `daytona-iac snapshot activate` with its ID to keep waiting for it.",
  startOver: () => "Delete it with `daytona-iac snapshot delete`, and recreate it.",
  afterFailure:
    "The failed snapshot is kept. Fix the cause, delete it with `daytona-iac snapshot delete`, and recreate it.",
  createRegistry: (host) => `create a registry for ${host} with \`daytona-iac registry create\``,
  ownEarlier: "",
  oneOwner: "",
  deleteKept: "",
  renamed: "",
  zeroDowntime: "",
};

/** Of a snapshot of a sandbox, which `--replace` does not take. */
export function sandboxWords({ replaceHolder: _, ...words }: ToolWords): ToolWords {
  return words;
}

/** Of a command that makes this snapshot: what it advises can be pasted. */
export function wordsFor(words: ToolWords, name: string): ToolWords {
  const remove = `delete it with \`daytona-iac snapshot delete ${name}\``;
  return {
    ...words,
    keepWaiting: `Run \`daytona-iac snapshot activate ${name}\` to keep waiting for it.`,
    startOver: () => `${capital(remove)}, and recreate it.`,
    afterFailure: `The failed snapshot is kept. Fix the cause, ${remove}, and recreate it.`,
  };
}

/** Of `--replace`, which goes on where an earlier run has stopped. */
export function replacingWords(words: ToolWords, command: string): ToolWords {
  return {
    ...words,
    run: `\`${command}\``,
    resumes: () => `Run \`${command}\` again to resume it.`,
    afterFailure: `The failed snapshot is kept. Fix the cause and run \`${command}\` again, which deletes and recreates it.`,
  };
}

/** What `snapshot push` calls otherwise than `create`, or leaves to it. */
const PUSH: Readonly<Record<string, string>> = {
  name: "--name",
  localImage: "IMAGE",
  image: "`daytona-iac snapshot create --image`",
};

/** The words of `daytona-iac snapshot push`. */
export const pushWords: ToolWords = { ...cliWords, attribute: (name) => PUSH[name] ?? flagOf(name) };
