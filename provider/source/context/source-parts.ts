import type { ContextSource } from "../context-source";
import type { IgnoreRule } from "../ignore/ignore-file";
import { type Level, PatternMatcher } from "../ignore/pattern-matcher";
import { looksSecret } from "./secrets";
import { rooted } from "./wildcards";

/** Where `--parents` begins to copy, and the pattern of what it copies from there. */
export function pivot(path: string, where: string): [string, Level | undefined] {
  const cut = path.indexOf("/./");
  const [base, pattern] = cut < 0 ? ["", rooted(path)] : [path.slice(0, cut), rooted(path.slice(cut + 3))];
  // BuildKit versions differ in what they do with an empty pattern; what is sent has to do for each.
  return [base, pattern === "" ? undefined : patterns([pattern], `${where}, --parents`)];
}

/** The patterns of an option. @param where how an error names it */
export function patterns(list: readonly string[], where: string): Level {
  return new PatternMatcher(
    list.map((pattern) => ({ pattern, line: 0, text: pattern })),
    where,
  ).buildRoot();
}

/** Why a path is not in the context, and what to do: never to send what looks like a secret. */
export function left(path: string, { line, text }: Pick<IgnoreRule, "line" | "text">, ignoreFile: string): string {
  const what = `line ${line} of ${ignoreFile} ("${text}") excludes "${path}"`;
  return looksSecret(path)
    ? `${what}. It looks like a secret, which everyone with the image could read: remove the instruction, and pass the secret to the sandbox when it starts`
    : `${what}. Remove that line, or add "!${path}" after it`;
}

/** How a message names an instruction. */
export const placeOf = ({ line, instruction }: ContextSource): string =>
  line > 0 ? `Dockerfile, line ${line}, ${instruction}` : instruction;
