import type { Build, Command, Stage } from "./build";
import { isNoHealthcheck, check, rawMount } from "./text/checks";
import { DockerfileError, SyntaxProblem, at, inOneLine } from "./error";
import { readFlags } from "./text/flags";
import { isImageName } from "../../kit/text/image-names";
import { parseLines, type Instruction } from "./text/instructions";
import { expandWord, noVariables } from "./variables/expand";

/** A thousand stages with a thousand triggers each fit into a small file. */
const MOST_TRIGGERS = 10_000;

/** The last stage of this name, in any case. */
export const named = (stages: readonly Stage[], name: string): Stage | undefined =>
  name === "" ? undefined : stages.findLast((stage) => stage.name === name.toLowerCase());

/** @throws SyntaxProblem for a name that no image can have */
export function refuseNoImage(name: string): void {
  if (!isImageName(name))
    throw new SyntaxProblem(
      `${JSON.stringify(inOneLine(name))} is neither an earlier stage nor a valid image name (names are in lower case)`,
    );
}

/** What a command takes files from: a stage, or null for an image from outside the file. `unused`: mounted in a way that shows no files of it. */
interface Origin {
  readonly stage: Stage | null;
  readonly unused: boolean;
}

/** Stages and images that commands take files from. BuildKit gives each image from outside an index as well, after those of the stages. */
class Origins {
  private images = 0;

  constructor(
    private readonly stages: readonly Stage[],
    private readonly escape: string,
  ) {}

  of({ instruction }: Command): Origin[] {
    if (isNoHealthcheck(instruction)) return [];
    const flags = readFlags(instruction.keyword, instruction.flags);
    if (instruction.keyword === "RUN") {
      const mounts = flags.texts("mount").map(rawMount);
      const found = mounts.map(({ from, type }) => ({
        stage: this.named(from),
        unused: ["tmpfs", "secret", "ssh"].includes(type.toLowerCase()),
      }));
      this.images += found.filter(({ stage }) => stage === null).length;
      return found;
    }
    const from = instruction.keyword === "COPY" ? flags.text("from") : "";
    if (from === "") return [];
    if (expandWord(from, noVariables, { escape: this.escape }) !== from) {
      throw new SyntaxProblem(
        "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround",
      );
    }
    const stage = /^[+-]?[0-9]+$/.test(from) ? this.numbered(Number(from), from) : this.named(from);
    if (stage === null && !/^[+-]?[0-9]+$/.test(from)) this.images += 1;
    return [{ stage, unused: false }];
  }

  private named(name: string): Stage | null {
    const found = named(this.stages, name);
    if (!found && name !== "") refuseNoImage(name);
    return found ?? null;
  }

  private numbered(index: number, text: string): Stage | null {
    if (index < 0 || index >= this.stages.length + this.images) throw new SyntaxProblem(`invalid stage index ${text}`);
    return this.stages[index] ?? null;
  }
}

/** The stages that the target needs, with the ONBUILD triggers of their bases worked in. */
export function neededStages(
  stages: readonly Stage[],
  target: Stage,
  escape: string,
): Pick<Build, "needed" | "checked" | "beyond"> {
  const origins = new Origins(stages, escape);
  const takes = new Map(stages.map((stage) => [stage, stage.commands.flatMap((command) => originsAt(command))]));
  function originsAt(command: Command): { command: Command; stage: Stage; unused: boolean }[] {
    return at(command.place, () => origins.of(command)).flatMap(({ stage, unused }) =>
      stage ? [{ command, stage, unused }] : [],
    );
  }
  refuseCircles(new Map([...takes].map(([stage, all]) => [stage, all.map((one) => one.stage)])));
  const triggered = new Set<Stage>();
  let commands = 0;
  for (;;) {
    // BuildKit works out a stage that is mounted in a way that shows no files of it, and fails for what is wrong in it.
    const checked = reachable(target, takes, () => true);
    const fresh = [...checked].filter(({ base }) => base !== null).filter((stage) => !triggered.has(stage));
    if (fresh.length === 0) {
      const inOrder = stages.filter((stage) => checked.has(stage));
      const needed = reachable(target, takes, ({ unused }) => !unused);
      const beyond = stages
        .slice(0, target.index + 1)
        .flatMap((stage) => (takes.get(stage) ?? []).filter((origin) => origin.stage.index > target.index));
      for (const stage of inOrder)
        for (const { command, stage: source } of takes.get(stage) ?? [])
          at(command.place, () => refuseLater(command, stage, source));
      return { needed: inOrder.filter((stage) => needed.has(stage)), checked: inOrder, beyond };
    }
    for (const stage of fresh) {
      triggered.add(stage);
      const triggers = (stage.base as Stage).commands
        .filter(({ instruction }) => instruction.keyword === "ONBUILD")
        .map(({ instruction }) => triggerOf(instruction));
      if ((commands += triggers.length) > MOST_TRIGGERS)
        throw new DockerfileError(
          stage.from.line,
          stage.from.text,
          `the stages run more than ${MOST_TRIGGERS} ONBUILD triggers of other stages. Use fewer of them.`,
        );
      takes.get(stage)?.push(...triggers.flatMap(originsAt));
      stage.commands = [...triggers, ...stage.commands];
    }
  }
}

interface Taken {
  readonly stage: Stage;
  readonly unused: boolean;
}

function reachable(
  target: Stage,
  takes: ReadonlyMap<Stage, readonly Taken[]>,
  counts: (taken: Taken) => boolean,
): Set<Stage> {
  const found = new Set<Stage>();
  const visit = (stage: Stage): void => {
    if (found.has(stage)) return;
    found.add(stage);
    if (stage.base) visit(stage.base);
    for (const origin of takes.get(stage) ?? []) if (counts(origin)) visit(origin.stage);
  };
  visit(target);
  return found;
}

function refuseCircles(takes: ReadonlyMap<Stage, readonly Stage[]>): void {
  const done = new Set<Stage>();
  const visit = (stage: Stage, path: readonly Stage[]): void => {
    if (path.includes(stage))
      throw new DockerfileError(
        stage.from.line,
        stage.from.text,
        `circular dependency detected on stage: ${stage.name || stage.index}`,
      );
    if (done.has(stage)) return;
    takes.get(stage)?.forEach((source) => visit(source, [...path, stage]));
    done.add(stage);
  };
  for (const stage of takes.keys()) visit(stage, []);
}

/** BuildKit lets a stage take files from itself, as an ONBUILD trigger may. */
function refuseLater(command: Command, stage: Stage, source: Stage): void {
  if (source.index <= stage.index) return;
  throw new SyntaxProblem(
    `${command.instruction.keyword} takes files from stage ${source.name || source.index}, which has to be defined before this one`,
  );
}

/** BuildKit reads a trigger as a file of one line: without the escape directive of this one. */
function triggerOf(onbuild: Instruction): Command {
  const text =
    onbuild.text.replace(/^[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*/i, "") +
    onbuild.heredocs.map(({ body, name }) => `\n${body}${name}`).join("");
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
