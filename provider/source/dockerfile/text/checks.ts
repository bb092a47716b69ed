import { SyntaxProblem } from "../error";
import { readFlags, type Flags } from "./flags";
import { maybeHeredoc } from "./heredocs";
import type { Instruction } from "./instructions";
import { commaSeparated } from "./words";

/** How many words: at least, at most. Null for those whose words no one counts. */
const WORDS: Readonly<Record<string, readonly [number, number] | null>> = {
  ADD: [2, Infinity],
  ARG: [1, Infinity],
  CMD: null,
  COPY: [2, Infinity],
  ENTRYPOINT: null,
  ENV: [1, Infinity],
  EXPOSE: [1, Infinity],
  FROM: null,
  HEALTHCHECK: [1, Infinity],
  LABEL: [1, Infinity],
  MAINTAINER: [1, 1],
  ONBUILD: [1, Infinity],
  RUN: null,
  SHELL: [1, Infinity],
  STOPSIGNAL: [1, 1],
  USER: [1, 1],
  VOLUME: [1, Infinity],
  WORKDIR: [1, 1],
};

/** What BuildKit asks of the words of an instruction beside their number. */
const RULES: Readonly<Record<string, (instruction: Instruction, flags: Flags) => void>> = {
  FROM: ({ words }) => void stageName(words),
  ADD: refuseHeredocDestination,
  COPY: refuseHeredocDestination,
  ARG: ({ words }) => {
    if (words.some((word) => word.startsWith("="))) throw new SyntaxProblem("ARG names can not be blank");
  },
  ENV: refuseBlankNames,
  LABEL: refuseBlankNames,
  SHELL: ({ json }) => {
    if (!json) throw new SyntaxProblem("SHELL requires the arguments to be in JSON form");
  },
  HEALTHCHECK: ({ words }) => {
    if (words[0]?.toUpperCase() !== "CMD") throw new SyntaxProblem(`unknown type ${words[0]} in HEALTHCHECK (try CMD)`);
    if (words.length < 2) throw new SyntaxProblem("missing command after HEALTHCHECK CMD");
  },
  ONBUILD: ({ words }) => {
    if (["ONBUILD", "MAINTAINER", "FROM"].includes(words[0] as string))
      throw new SyntaxProblem(`${words[0]} isn't allowed as an ONBUILD trigger`);
  },
  RUN: (_, flags) => flags.texts("mount").forEach(earlyMount),
};

/** @throws SyntaxProblem for an instruction that BuildKit refuses before it builds anything */
export function check(instruction: Instruction): void {
  const { keyword, words } = instruction;
  refuseWordCount(keyword, words.length);
  if (isNoHealthcheck(instruction)) {
    if (words.length > 1) throw new SyntaxProblem("HEALTHCHECK NONE takes no arguments");
    return;
  }
  RULES[keyword]?.(instruction, readFlags(keyword, instruction.flags));
}

/** Whether it is `HEALTHCHECK NONE`, whose flags BuildKit does not look at. */
export function isNoHealthcheck({ keyword, words }: Pick<Instruction, "keyword" | "words">): boolean {
  return keyword === "HEALTHCHECK" && words[0]?.toUpperCase() === "NONE";
}

function refuseWordCount(keyword: string, count: number): void {
  if (!Object.hasOwn(WORDS, keyword))
    throw new SyntaxProblem(keyword === "" ? "an instruction is missing." : `unknown instruction: ${keyword}`);
  const [least, most] = WORDS[keyword] ?? [0, Infinity];
  if (count < least || count > most)
    throw new SyntaxProblem(
      `${keyword} requires ${least === most ? "exactly" : "at least"} ${least === 2 ? "two arguments" : "one argument"}`,
    );
}

function refuseHeredocDestination({ keyword, words }: Instruction): void {
  if (maybeHeredoc(words.at(-1) as string))
    throw new SyntaxProblem(`${keyword} cannot accept a heredoc as a destination`);
}

/** Names and values alternate. */
function refuseBlankNames({ keyword, words }: Instruction): void {
  if (words.some((word, i) => i % 2 === 0 && word === "")) throw new SyntaxProblem(`${keyword} names can not be blank`);
}

/** Name of the stage that a FROM begins, in lower case; "" for none. */
export function stageName(words: readonly string[]): string {
  if (words.length === 1) return "";
  if (words.length !== 3 || words[1]?.toLowerCase() !== "as")
    throw new SyntaxProblem("FROM requires either one or three arguments");
  const name = (words[2] as string).toLowerCase();
  if (!/^[a-z][a-z0-9-_.]*$/.test(name))
    throw new SyntaxProblem(
      `invalid name for build stage: ${words[2]}: it can't start with a number or contain symbols`,
    );
  return name;
}

function earlyMount(mount: string): void {
  const { from } = rawMount(mount);
  const dollar = from.indexOf("$");
  if (dollar !== -1 && dollar !== from.length - 1)
    throw new SyntaxProblem("'from' doesn't support variable expansion, define alias stage instead");
}

/** The stage or image that a mount is from, and its type, before variables are expanded. */
export function rawMount(mount: string): { from: string; type: string } {
  const found = { from: "", type: "bind" };
  for (const field of commaSeparated(mount)) {
    const sign = field.indexOf("=");
    const key = field.slice(0, sign).toLowerCase();
    if (key === "from" || key === "type") found[key] = field.slice(sign + 1);
  }
  return found;
}
