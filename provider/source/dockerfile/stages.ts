import { check, rawMount, stageName } from "./checks";
import { DockerfileError, SyntaxProblem, at } from "./error";
import { readFlags } from "./flags";
import { isImageName } from "./image-names";
import { parseLines, type Instruction } from "./instructions";
import { expandWord, noVariables, type Variables } from "./shell-lex";
import { own, platformVariables, type BuildArgs } from "./variables";

export interface Stage {
  readonly index: number;
  /** In lower case; "" without one. */
  readonly name: string;
  readonly from: Instruction;
  /** Name of the image or stage, variables worked out. */
  readonly image: string;
  /** The stage of this file that it stands on. */
  readonly base: Stage | null;
  /** What it runs, ONBUILD triggers of its base first, once those are known. */
  commands: Command[];
}

export interface Command {
  readonly instruction: Instruction;
  /** Where it stands; for an ONBUILD trigger the ONBUILD instruction. */
  readonly place: Instruction;
}

export interface Build {
  readonly instructions: readonly Instruction[];
  readonly escape: string;
  readonly stages: readonly Stage[];
  readonly target: Stage;
  /** Stages that the target needs, in order. */
  readonly needed: readonly Stage[];
  readonly globals: ReadonlyMap<string, string>;
  /** Value of `TARGETSTAGE`. */
  readonly targetStage: string;
}

export interface BuildOptions {
  /** Build arguments by name, as `docker build --build-arg`. Default: none. */
  readonly buildArgs?: BuildArgs | undefined;
  /** Name, in any case, or index of the stage to build. Default: the last one. */
  readonly target?: string | undefined;
}

/** What a build of this text does, stage by stage. `text` is normalized. */
export function readBuild(text: string, { buildArgs = {}, target }: BuildOptions): Build {
  const { instructions, escape } = parseLines(text);
  for (const instruction of instructions) at(instruction, () => check(instruction));
  const first = instructions.findIndex(({ keyword }) => keyword === "FROM");
  if (first === -1) throw new DockerfileError(1, "", "the file has no FROM, so there is nothing to build.");
  const before = instructions.slice(0, first);
  const lastName = at(instructions[first] as Instruction, () => stageName(instructions.findLast(({ keyword }) => keyword === "FROM")?.words ?? []));
  const targetStage = target || lastName || "default";
  const globals = globalVariables(before, escape, buildArgs, targetStage);
  const stages = stagesOf(instructions.slice(first), escape, (name) => globals.get(name));
  const targeted = targetOf(stages, target);
  const needed = neededStages(stages, targeted, escape);
  return { instructions, escape, stages, target: targeted, needed, globals, targetStage };
}

function globalVariables(instructions: readonly Instruction[], escape: string, buildArgs: BuildArgs, targetStage: string): Map<string, string> {
  const globals = platformVariables(buildArgs, targetStage);
  for (const instruction of instructions) {
    at(instruction, () => {
      if (instruction.keyword !== "ARG") throw new SyntaxProblem("no build stage in current context: only ARG may stand before the first FROM");
      for (const { name, value } of argsOf(instruction)) {
        const result = own(buildArgs, name) ?? (value === null ? null : expandWord(value, (variable) => globals.get(variable), { escape }));
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

function stagesOf(instructions: readonly Instruction[], escape: string, globals: Variables): Stage[] {
  const stages: Stage[] = [];
  const byName = new Map<string, Stage>();
  for (const instruction of instructions) {
    if (instruction.keyword !== "FROM") {
      stages.at(-1)?.commands.push({ instruction, place: instruction });
      continue;
    }
    at(instruction, () => {
      const image = expandWord(instruction.words[0] as string, globals, { escape });
      if (image === "") throw new SyntaxProblem(`the image's name is empty: set the variables in it with buildArgs, or with ARG before the first FROM`);
      const platform = readFlags("FROM", instruction.flags).text("platform");
      if (platform !== "" && expandWord(platform, globals, { escape }) === "") throw new SyntaxProblem(`empty platform value from expression ${platform}`);
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

const named = (stages: readonly Stage[], name: string): Stage | undefined => (name === "" ? undefined : stages.findLast((stage) => stage.name === name.toLowerCase()));

function targetOf(stages: readonly Stage[], target: string | undefined): Stage {
  const last = stages.at(-1) as Stage;
  if (target === undefined || target === "") return last;
  const found = named(stages, target) ?? (/^\d+$/.test(target) ? stages[Number(target)] : undefined);
  if (found) return found;
  const names = stages.map(({ name, index }) => name || String(index)).join(", ");
  throw new DockerfileError(last.from.line, "", `target is ${JSON.stringify(target)}, which is no stage of the Dockerfile. Its stages: ${names}.`);
}

function stageOrImage(stages: readonly Stage[], name: string): Stage[] {
  const found = named(stages, name);
  if (!found && name !== "") refuseNoImage(name);
  return found ? [found] : [];
}

function refuseNoImage(name: string): void {
  if (!isImageName(name)) throw new SyntaxProblem(`${JSON.stringify(name)} is neither an earlier stage nor a valid image name (names are in lower case)`);
}

/** Stages that a command takes files from. A name that no stage has is an image's. */
function sourcesOf({ instruction }: Command, stages: readonly Stage[], escape: string): Stage[] {
  const flags = readFlags(instruction.keyword, instruction.flags);
  if (instruction.keyword === "RUN") return flags.texts("mount").flatMap((mount) => stageOrImage(stages, rawMount(mount).from));
  const from = instruction.keyword === "COPY" ? flags.text("from") : "";
  if (from === "") return [];
  if (expandWord(from, noVariables, { escape }) !== from) {
    throw new SyntaxProblem("variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround");
  }
  if (!/^[+-]?[0-9]+$/.test(from)) return stageOrImage(stages, from);
  const stage = stages[Number(from)];
  if (!stage) throw new SyntaxProblem(`invalid stage index ${from}`);
  return [stage];
}

function neededStages(stages: readonly Stage[], target: Stage, escape: string): Stage[] {
  const takes = new Map(stages.map((stage) => [stage, stage.commands.flatMap((command) => at(command.place, () => sourcesOf(command, stages, escape)))]));
  refuseCircles(takes);
  const triggered = new Set<Stage>();
  for (;;) {
    const needed = reachable(target, takes);
    const fresh = [...needed].filter(({ base }) => base !== null).filter((stage) => !triggered.has(stage));
    if (fresh.length === 0) {
      const inOrder = stages.filter((stage) => needed.has(stage));
      for (const stage of inOrder) for (const command of stage.commands) at(command.place, () => refuseLater(command, stage, sourcesOf(command, stages, escape)));
      return inOrder;
    }
    for (const stage of fresh) {
      triggered.add(stage);
      const triggers = (stage.base as Stage).commands.filter(({ instruction }) => instruction.keyword === "ONBUILD").map(({ instruction }) => triggerOf(instruction));
      takes.get(stage)?.push(...triggers.flatMap((command) => at(command.place, () => sourcesOf(command, stages, escape))));
      stage.commands = [...triggers, ...stage.commands];
    }
  }
}

function reachable(target: Stage, takes: ReadonlyMap<Stage, readonly Stage[]>): Set<Stage> {
  const found = new Set<Stage>();
  const visit = (stage: Stage): void => {
    if (found.has(stage)) return;
    found.add(stage);
    if (stage.base) visit(stage.base);
    takes.get(stage)?.forEach(visit);
  };
  visit(target);
  return found;
}

function refuseCircles(takes: ReadonlyMap<Stage, readonly Stage[]>): void {
  const done = new Set<Stage>();
  const visit = (stage: Stage, path: readonly Stage[]): void => {
    if (path.includes(stage)) throw new DockerfileError(stage.from.line, stage.from.text, `circular dependency detected on stage: ${stage.name || stage.index}`);
    if (done.has(stage)) return;
    takes.get(stage)?.forEach((source) => visit(source, [...path, stage]));
    done.add(stage);
  };
  for (const stage of takes.keys()) visit(stage, []);
}

function refuseLater(command: Command, stage: Stage, sources: readonly Stage[]): void {
  const later = sources.find(({ index }) => index >= stage.index);
  if (later) throw new SyntaxProblem(`${command.instruction.keyword} takes files from stage ${later.name || later.index}, which has to be defined before this one`);
}

/** BuildKit reads a trigger as a file of one line: without the escape directive of this one. */
function triggerOf(onbuild: Instruction): Command {
  const text = onbuild.text.replace(/^[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*/i, "") + onbuild.heredocs.map(({ body, name }) => `\n${body}${name}`).join("");
  return at(onbuild, () => {
    let instructions: readonly Instruction[];
    try {
      ({ instructions } = parseLines(text));
    } catch (error) {
      throw new SyntaxProblem(error instanceof DockerfileError ? error.reason : String(error));
    }
    const [instruction, ...more] = instructions;
    if (!instruction || more.length > 0) throw new SyntaxProblem("onbuild trigger should be a single expression");
    check(instruction);
    return { instruction, place: onbuild };
  });
}
