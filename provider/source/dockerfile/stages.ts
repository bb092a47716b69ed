import type { Build, BuildOptions, Stage } from "./build";
import { check, stageName } from "./text/checks";
import { DockerfileError, SyntaxProblem, at } from "./error";
import { readFlags } from "./text/flags";
import { parseLines, type Instruction } from "./text/instructions";
import { named, neededStages, refuseNoImage } from "./needed-stages";
import { expandWord, type LexOptions, type Variables } from "./variables/expand";
import { Room } from "./variables/room";
import { own, platformVariables, type BuildArgs } from "./variables/stage-variables";

/** Stages follow from one another, and each is held against the others. */
const MOST_STAGES = 1000;

/** What a build of this text does, stage by stage. `text` is normalized. */
export function readBuild(text: string, { buildArgs = {}, target }: BuildOptions): Build {
  const { instructions, escape } = parseLines(text);
  for (const instruction of instructions) at(instruction, () => check(instruction));
  const first = instructions.findIndex(({ keyword }) => keyword === "FROM");
  if (first === -1) throw new DockerfileError(1, "", "the file has no FROM, so there is nothing to build.");
  const before = instructions.slice(0, first);
  const lastName = at(instructions[first] as Instruction, () =>
    stageName(instructions.findLast(({ keyword }) => keyword === "FROM")?.words ?? []),
  );
  const targetStage = target || lastName || "default";
  const room = new Room();
  const globals = globalVariables(before, { escape, room }, buildArgs, targetStage);
  const stages = stagesOf(instructions.slice(first), { escape, room }, (name) => globals.get(name));
  const targeted = targetOf(stages, target);
  return {
    instructions,
    escape,
    stages,
    target: targeted,
    ...neededStages(stages, targeted, escape),
    globals,
    declared: new Set([
      ...globals.keys(),
      ...before.flatMap((instruction) => argsOf(instruction).map(({ name }) => name)),
    ]),
    targetStage,
    room,
  };
}

function globalVariables(
  instructions: readonly Instruction[],
  lex: LexOptions,
  buildArgs: BuildArgs,
  targetStage: string,
): Map<string, string> {
  const globals = platformVariables(buildArgs, targetStage);
  for (const instruction of instructions) {
    at(instruction, () => {
      if (instruction.keyword !== "ARG")
        throw new SyntaxProblem("no build stage in current context: only ARG may stand before the first FROM");
      for (const { name, value } of argsOf(instruction)) {
        const result =
          own(buildArgs, name) ?? (value === null ? null : expandWord(value, (variable) => globals.get(variable), lex));
        if (result !== null) globals.set(name, result);
      }
    });
  }
  return globals;
}

/** Names and defaults of an ARG; null: no default. */
export function argsOf({ words }: Instruction): { name: string; value: string | null }[] {
  return words.map((word) => {
    const sign = word.indexOf("=");
    return sign === -1 ? { name: word, value: null } : { name: word.slice(0, sign), value: word.slice(sign + 1) };
  });
}

function stagesOf(instructions: readonly Instruction[], lex: LexOptions, globals: Variables): Stage[] {
  const stages: Stage[] = [];
  const byName = new Map<string, Stage>();
  for (const instruction of instructions) {
    if (instruction.keyword !== "FROM") {
      stages.at(-1)?.commands.push({ instruction, place: instruction });
      continue;
    }
    if (stages.length === MOST_STAGES)
      throw new DockerfileError(
        instruction.line,
        instruction.text,
        `the file has more than ${MOST_STAGES} stages. Split it into several files.`,
      );
    at(instruction, () => {
      const image = expandWord(instruction.words[0] as string, globals, lex);
      if (image === "")
        throw new SyntaxProblem(
          `the image's name is empty: set the variables in it with buildArgs, or with ARG before the first FROM`,
        );
      const platform = readFlags("FROM", instruction.flags).text("platform");
      if (platform !== "" && expandWord(platform, globals, lex) === "")
        throw new SyntaxProblem(`empty platform value from expression ${platform}`);
      const base = byName.get(image) ?? null;
      if (!base) refuseNoImage(image);
      const name = stageName(instruction.words);
      const stage = { index: stages.length, name, from: instruction, image, base, commands: [] };
      stages.push(stage);
      if (name !== "") byName.set(name, stage);
    });
  }
  return stages;
}

function targetOf(stages: readonly Stage[], target: string | undefined): Stage {
  const last = stages.at(-1) as Stage;
  if (target === undefined || target === "") return last;
  const found = named(stages, target) ?? (/^\d+$/.test(target) ? stages[Number(target)] : undefined);
  if (found) return found;
  const names = stages.map(({ name, index }) => name || String(index)).join(", ");
  throw new DockerfileError(
    last.from.line,
    "",
    `target is ${JSON.stringify(target)}, which is not a stage of the Dockerfile. Its stages: ${names}.`,
  );
}
