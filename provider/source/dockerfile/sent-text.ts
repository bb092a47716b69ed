import { at, SyntaxProblem } from "./error";
import type { Instruction } from "./text/instructions";
import type { Build, Stage } from "./build";
import { argsOf } from "./stages";
import { own, PLATFORM_NAMES, type BuildArgs } from "./variables/stage-variables";

/** What every RUN gets without an ARG, in upper and lower case. */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/** The text with build arguments as defaults and without the stages after the target; the same text where there is neither. */
export function sentText(text: string, build: Build, buildArgs: BuildArgs): { text: string; unused: string[] } {
  const names = Object.keys(buildArgs);
  const lines = text.split("\n");
  const kept = keptInstructions(build);
  refuseBeyond(build, kept);
  const edits: Edit[] = [];
  const globals = new Set(beforeFrom(build).flatMap((instruction) => argsOf(instruction).map(({ name }) => name)));
  const bases = new Set(build.needed.map(({ base }) => base?.from));
  let stage: Stage | undefined;
  for (const instruction of kept) {
    if (instruction.keyword === "FROM") stage = build.stages.find(({ from }) => from === instruction);
    const arg = bases.has(stage?.from) ? (argIn(instruction) ?? argIn(instruction.inner)) : argIn(instruction);
    if (!arg || !argsOf(arg).some(({ name }) => own(buildArgs, name) !== undefined)) continue;
    const words = argsOf(arg).map(({ name, value }, i) => {
      const given = own(buildArgs, name);
      // Without a default it inherits the global one, which has the value.
      if (given === undefined || (stage && value === null && globals.has(name))) return arg.words[i] as string;
      return `${name}=${at(instruction, () => quoted(name, given))}`;
    });
    edits.push({
      line: instruction.line,
      end: instruction.end,
      text: `${arg === instruction ? "" : "ONBUILD "}ARG ${words.join(" ")}`,
    });
  }
  const proxies = names.filter((name) => PROXIES.includes(name.toUpperCase()));
  if (proxies.length > 0) edits.push(...proxyArgs(proxies, build, buildArgs));
  const platform = platformArgs(text, build, buildArgs, globals);
  const first = build.instructions[0] as Instruction;
  if (platform.length > 0)
    edits.push({
      line: first.line,
      end: first.line - 1,
      text: `ARG ${platform.map(({ name, value }) => `${name}=${at(first, () => quoted(name, value))}`).join(" ")}`,
    });

  const declared = new Set(
    build.instructions
      .flatMap((instruction) => [instruction, instruction.inner])
      .flatMap((one) => (one?.keyword === "ARG" ? argsOf(one).map(({ name }) => name) : [])),
  );
  const unused = names.filter(
    (name) => !declared.has(name) && !proxies.includes(name) && !platform.some((arg) => arg.name === name),
  );
  const last = kept.at(-1) as Instruction;
  const cut = kept.length < build.instructions.length;
  const out = cut ? [...lines.slice(0, last.end), ""] : lines;
  // From the end, so that the lines before keep their numbers. Sorting keeps the order of those that begin in the same line.
  for (const edit of edits.sort((a, b) => b.line - a.line || b.end - a.end))
    out.splice(edit.line - 1, edit.end - edit.line + 1, edit.text);
  return { text: out.join("\n"), unused };
}

/** Lines that a text takes the place of, 1-based; where `end` is before `line`, it comes before that line. */
interface Edit {
  readonly line: number;
  readonly end: number;
  readonly text: string;
}

const argIn = (instruction: Instruction | null): Instruction | null =>
  instruction?.keyword === "ARG" ? instruction : null;

/** The proxies' arguments for the stages that begin from an image. */
function proxyArgs(proxies: readonly string[], { needed }: Build, buildArgs: BuildArgs): Edit[] {
  return needed
    .filter(({ base }) => !base)
    .map(({ from }) => {
      const set = proxies.flatMap((name) =>
        [name.toUpperCase(), name.toLowerCase()].map(
          (spelt) => `${spelt}=${at(from, () => quoted(name, buildArgs[name] as string))}`,
        ),
      );
      return { line: from.end + 1, end: from.end, text: `ARG ${set.join(" ")}` };
    });
}

function keptInstructions({ instructions, stages, target }: Build): readonly Instruction[] {
  const next = stages[target.index + 1];
  return next ? instructions.slice(0, instructions.indexOf(next.from)) : instructions;
}

/** Without the stage that it names, an instruction means an image. */
function refuseBeyond({ instructions, beyond, target }: Build, kept: readonly Instruction[]): void {
  const [first] = kept.length < instructions.length ? beyond : [];
  if (!first) return;
  const [name, later] = [target.name || target.index, first.stage.name || first.stage.index];
  at(first.command.place, () => {
    throw new SyntaxProblem(
      `the instruction takes files from stage ${later}, which comes after the target, ${name}: move that stage before ${name}`,
    );
  });
}

const beforeFrom = ({ instructions, stages }: Build): readonly Instruction[] =>
  instructions.slice(0, instructions.indexOf((stages[0] as Stage).from));

/** Arguments that have values without an ARG before the first FROM, and need one there for another value. */
function platformArgs(
  text: string,
  build: Build,
  buildArgs: BuildArgs,
  globals: ReadonlySet<string>,
): { name: string; value: string }[] {
  const now = build.target.name || "default";
  return PLATFORM_NAMES.filter((name) => text.includes(name) && !globals.has(name)).flatMap((name) => {
    const value =
      own(buildArgs, name) ?? (name === "TARGETSTAGE" && build.targetStage !== now ? build.targetStage : undefined);
    return value === undefined ? [] : [{ name, value }];
  });
}

/** A value so that BuildKit reads exactly it back, whatever the escape directive says. */
function quoted(name: string, value: string): string {
  if (/[\n\0]/.test(value))
    throw new SyntaxProblem(
      `buildArgs.${name} has a line break or a NUL in it, which cannot be written into a Dockerfile`,
    );
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return value;
  return value
    .split("'")
    .map((part) => (part === "" ? "" : `'${part}'`))
    .join(`"'"`);
}
