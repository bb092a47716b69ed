import { BadPattern, fileMatch } from "../../../../provider/source/ignore/file-match";
import { readIgnoreFile } from "../../../../provider/source/ignore/ignore-file";
import { PatternError } from "../../../../provider/source/ignore/pattern";
import { PatternMatcher, type Level } from "../../../../provider/source/ignore/pattern-matcher";
import type { Case } from "./cases";

/** What the oracle prints for a case; see `test/oracles/ignore`. */
export interface Answer {
  rules?: string[];
  error?: boolean;
  any?: string;
  copy?: string;
}

/** Our answer, in the oracle's words. */
export function ours({ file, match, paths }: Case): Answer {
  if (match !== undefined)
    return { any: paths.map((path) => letter(() => fileMatch(match, path), BadPattern)).join("") };
  const rules = readIgnoreFile(file!, ".dockerignore");
  const read = rules.length === 0 ? {} : { rules: rules.map(({ pattern }) => pattern) };
  let matcher: PatternMatcher;
  try {
    matcher = new PatternMatcher(rules, ".dockerignore");
  } catch (error) {
    expect((error as Error).message).toMatch(/^\.dockerignore, line \d+: the pattern "/);
    return { ...read, error: true };
  }
  return {
    ...read,
    any: paths.map((path) => letter(() => matcher.matches(path))).join(""),
    copy: paths.map((path) => letter(() => walked(matcher.buildRoot(), path))).join(""),
  };
}

/** Asks for the folders above first, as a walk does. */
export function walked(root: Level, path: string): boolean {
  let level = root;
  const parts = path.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = parts.slice(0, depth).join("/");
    level.matches(folder);
    level = level.enter(folder);
  }
  return level.matches(path);
}

function letter(ask: () => boolean, refusal: new (message: string) => Error = PatternError): string {
  try {
    return ask() ? "1" : "0";
  } catch (error) {
    if (!(error instanceof refusal)) throw error;
    return "e";
  }
}
