import { at, DockerfileError, UnknownValue } from "./error";
import { beginsRemote } from "./remote";
import { readFlags } from "./text/flags";
import { maybeHeredoc } from "./text/heredocs";
import type { Instruction } from "./text/instructions";
import { mountedPath, unlessUnknown } from "./text/mounts";
import { expandWord } from "./variables/expand";
import type { Build, Command, Stage } from "./build";
import { argsOf } from "./stages";
import { own, StageVariables, type BuildArgs } from "./variables/stage-variables";

/** A source as an instruction names it, variables worked out; for a `--mount` the path that it shows. */
export interface Copied {
  readonly kind: "copy" | "add" | "bind";
  readonly command: Command;
  /** Not cleaned. */
  readonly source: string;
  readonly exclude: readonly string[];
  readonly parents: boolean;
}

export interface Evaluated {
  readonly copied: readonly Copied[];
  readonly problems: readonly DockerfileError[];
}

/** Everything that the needed stages read from the context, in order. What is wrong or unknown is listed apart, each with its place. */
export function evaluate(build: Build, buildArgs: BuildArgs): Evaluated {
  const copied: Copied[] = [];
  const problems: DockerfileError[] = [];
  const after = new Map<Stage, StageVariables>();
  const needed = new Set(build.needed);
  for (const stage of build.checked) {
    const counts = needed.has(stage);
    const base = stage.base ? (after.get(stage.base) as StageVariables) : null;
    at(stage.from, () => build.room.grow(base?.size ?? 0));
    const variables = base?.inherited() ?? StageVariables.of(stage.image, build.declared);
    for (const command of stage.commands) {
      const each = (read: () => void) => {
        try {
          at(command.place, () => (counts ? read() : unlessUnknown(read)));
        } catch (error) {
          if (!(error instanceof DockerfileError)) throw error;
          problems.push(error);
        }
      };
      run(build, buildArgs, command, variables, counts ? copied : [], each);
    }
    after.set(stage, variables);
  }
  return { copied, problems };
}

function run(
  build: Build,
  buildArgs: BuildArgs,
  command: Command,
  variables: StageVariables,
  copied: Copied[],
  each: (read: () => void) => void,
): void {
  const { instruction } = command;
  const expand = (word: string) => expandWord(word, variables.get, { escape: build.escape, room: build.room });
  switch (instruction.keyword) {
    case "ARG":
      for (const { name, value } of argsOf(instruction)) each(() => declare(name, value));
      break;
    case "ENV":
      each(() => setAll(instruction, variables, build));
      break;
    case "RUN":
      for (const mount of readFlags("RUN", instruction.flags).texts("mount")) {
        each(() => {
          const source = mountedPath(mount, expand);
          if (source !== null) copied.push({ kind: "bind", command, source, exclude: [], parents: false });
        });
      }
      break;
    case "ADD":
    case "COPY":
      copy(build, command, expand, variables, copied, each);
      break;
    case "LABEL":
    case "WORKDIR":
    case "USER":
    case "VOLUME":
    case "EXPOSE":
    case "STOPSIGNAL":
      each(() => instruction.words.forEach((word) => unlessUnknown(() => expand(word))));
      break;
  }

  function declare(name: string, value: string | null): void {
    const given = own(buildArgs, name);
    const inherited = value === null ? build.globals.get(name) : undefined;
    if (given !== undefined) variables.set(name, given);
    else if (value !== null)
      variables.setIfKnown(
        () => name,
        () => expand(value),
      );
    else if (inherited !== undefined) variables.set(name, inherited);
    else variables.declare(name);
  }
}

/** Each name and value is worked out with the variables from before the instruction. */
function setAll({ words }: Instruction, variables: StageVariables, { escape, room }: Build): void {
  const expanded = (word: string) => () => expandWord(word, variables.get, { escape, room });
  const pairs: [name: () => string, value: () => string][] = [];
  for (let i = 0; i < words.length; i += 2)
    pairs.push([expanded(words[i] as string), expanded(words[i + 1] as string)]);
  variables.setEnvIfKnown(pairs);
}

/** A source of ADD; null for one that is not known, but surely fetched from elsewhere. */
function unlessFetched(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownValue && beginsRemote(error.before)) return null;
    throw error;
  }
}

function copy(
  { room }: Build,
  command: Command,
  expand: (word: string) => string,
  variables: StageVariables,
  copied: Copied[],
  each: (read: () => void) => void,
): void {
  const { keyword, words, flags, heredocs } = command.instruction;
  const given = readFlags(keyword, flags);
  each(() => {
    for (const word of [given.text("chown"), given.text("chmod"), given.text("checksum"), words.at(-1) as string])
      unlessUnknown(() => expand(word));
    const literal = (body: string) => expandWord(body, variables.get, { escape: "\\", skipQuotes: true, room });
    for (const { expand: wanted, body } of heredocs) if (wanted) unlessUnknown(() => literal(body));
  });
  for (const word of words.slice(0, -1)) {
    each(() => {
      if (maybeHeredoc(word)) return;
      if (given.text("from") !== "") return unlessUnknown(() => expand(word));
      const source = keyword === "ADD" ? unlessFetched(() => expand(word)) : expand(word);
      if (source === null) return;
      copied.push({
        kind: keyword === "ADD" ? "add" : "copy",
        command,
        source,
        exclude: given.texts("exclude"),
        parents: given.switch("parents"),
      });
    });
  }
}
