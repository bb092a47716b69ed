/** A case for Docker's own matching and ours: an ignore file, or a pattern of Go's `filepath.Match`, and paths. */
export interface Case {
  file?: string;
  match?: string;
  paths: string[];
}

const NAME = [
  "a",
  "b",
  "c",
  "ab",
  "foo",
  "log",
  ".",
  "-",
  "+",
  "(",
  ")",
  "{",
  "}",
  "$",
  "|",
  "^",
  "é",
  "e\u0301",
  "€",
  "𝄞",
  "\n",
  " ",
  "!",
  "#",
  "\\",
  "[",
  "]",
  "*",
  "?",
  "1",
  "_",
  "Q",
  "~",
];
const PIECE = [
  "*",
  "*",
  "*",
  "**",
  "**",
  "**/",
  "/**",
  "?",
  "[a-c]",
  "[^a]",
  "[!a]",
  "[a\\-b]",
  "[]a]",
  "[",
  "]",
  "[a",
  "[^",
  "[[:alpha:]]",
  "[[:^alpha:]]",
  "[[:no:]]",
  "\\",
  "\\d",
  "\\D",
  "\\w",
  "\\s",
  "\\S",
  "\\b",
  "\\B",
  "\\A",
  "\\z",
  "\\Q",
  "\\E",
  "\\pL",
  "\\PL",
  "\\pX",
  "\\x61",
  "\\x6",
  "\\0",
  "\\141",
  "\\1",
  "\\n",
  "\\y",
  "\\*",
  "\\?",
  "\\[",
  "\\\\",
  "\\é",
  "^",
  "$",
  ".",
  "./",
  "../",
  "//",
  "/",
  "!",
  "#",
  " ",
  "\t",
  "\u0085",
  "\u00a0",
  "\uFEFF",
  "[*]",
  "[?]",
  "[**]",
  "[a-",
  "[z-a]",
  "[\\d]",
  "[\\W]",
  "[\\pN]",
  "a*",
  "*.log",
  "**/a",
  "a/**",
  "{a,b}",
  "+",
  "(a)",
  "a|b",
  "[.-0]",
  "[a-é]",
  "a{2}",
  "{1,2}",
  "{2,1}",
  "{0}",
  "{1,}",
  "{,1}",
  "{01}",
  "{1001}",
  "\\x{61}",
  "\\p{Lu}",
  "\\p{Greek}",
  "\\p{^L}",
  "\\P{No}",
  "|",
  "|a",
];

/** Numbers that are the same for the same seed. */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export function generate(seed: number, count: number): Case[] {
  const below = numbers(seed);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const some = (least: number, most: number, make: () => string): string[] =>
    Array.from({ length: least + below(most - least + 1) }, make);
  // Few different names, so that patterns meet them.
  const segment = (): string =>
    below(3) === 0 ? some(1, 3, () => pick(NAME)).join("") : pick(["a", "b", "ab", "foo", "a.log", "log"]);
  const usable = (name: string): string => (/^\.{1,2}$/.test(name) ? "a" : name);
  const path = (): string => some(1, 4, () => usable(segment())).join("/");
  const pattern = (paths: string[]): string => {
    const base = below(2) === 0 ? pick(paths) : path();
    const parts = base.split("/").map((part) => {
      const way = below(8);
      if (way < 2)
        return pick(["*", "**", "?", "*.log", `${part}*`, `*${part}`, `[${part}]`, `${[...part][0] ?? ""}?`]);
      if (way === 2) return some(1, 4, () => (below(2) === 0 ? pick(PIECE) : pick(NAME))).join("");
      return part;
    });
    if (below(3) === 0) parts.splice(below(parts.length + 1), 0, pick(["**", "*", "..", ".", ""]));
    if (below(4) === 0) parts.length = Math.max(1, below(parts.length + 1));
    return `${below(10) === 0 ? "/" : ""}${parts.join("/")}${below(12) === 0 ? "/" : ""}`;
  };
  return Array.from({ length: count }, () => {
    const paths = some(3, 8, path);
    // Below and beside what is there already.
    paths.push(`${pick(paths)}/${usable(segment())}`, pick(paths).split("/")[0]!);
    if (below(8) === 0) return { match: pattern(paths), paths };
    const lines = some(
      1,
      5,
      () =>
        `${below(3) === 0 ? pick(["!", "! ", "!", "#", " ", "\uFEFF"]) : ""}${pattern(paths)}${below(12) === 0 ? pick([" ", "\t", "\r"]) : ""}`,
    );
    return { file: lines.join(below(10) === 0 ? "\r\n" : "\n"), paths };
  });
}
