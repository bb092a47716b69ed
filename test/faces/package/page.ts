import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(__dirname, "../../..");
export const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Files of the repository, from its root: what git knows, or would add. */
export const filesOf = (...patterns: string[]): string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...patterns], {
    cwd: root,
    encoding: "utf8",
  })
    .split("\n")
    .filter((path) => path !== "" && existsSync(join(root, path)));

export const pages: readonly string[] = filesOf("*.md");

/**
 * What a block is for. The line before it says so, where its language alone does not:
 * - "`main.tf`:" is a file with this content, and "`main.tf`, now:" the same file with another one;
 * - `sh` is commands, which are run. "Needs a cluster:" and the like are commands that no test can run;
 * - `text` after "Prints:" is what the commands before it print.
 */
export type Block = { readonly line: number; readonly section: string; readonly text: string } & (
  | { readonly kind: "file"; readonly file: string; readonly again: boolean }
  | { readonly kind: "commands" }
  | { readonly kind: "output" }
  | { readonly kind: "needs"; readonly needs: string }
);

/**
 * The blocks of a page in its order. What is not understood is an error, so that no block is there that nobody runs.
 * @throws Error with the line of a block that is of no known kind
 */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  let section = "";
  let before = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const heading = /^## (.+)$/.exec(line);
    if (heading !== null) section = heading[1]!;
    if (/^\s*(```|~~~)/.test(line) || (/^ {4}|^\t/.test(line) && lines[at - 1] === "" && !insideList(lines, at))) {
      const opened = /^```(\w*)$/.exec(line);
      const end = lines.indexOf("```", at + 1);
      if (opened === null || end < 0) throw new Error(`line ${at + 1}: write the block between lines of \`\`\``);
      blocks.push(
        blockOf({ line: at + 1, section, text: `${lines.slice(at + 1, end).join("\n")}\n` }, opened[1]!, before),
      );
      at = end;
      before = "";
    } else if (line !== "") before = line;
  }
  return blocks;
}

/** Whether an indented line goes on with an item of a list: then it is no code. */
function insideList(lines: readonly string[], at: number): boolean {
  for (let above = at - 1; above >= 0; above--) {
    if (/^\s*([-*]|\d+\.) /.test(lines[above]!)) return true;
    if (/^\S/.test(lines[above]!)) return false;
  }
  return false;
}

function blockOf(place: { line: number; section: string; text: string }, language: string, before: string): Block {
  const file = /^`([^`]+)`(, now)?:$/.exec(before);
  if (file !== null) return { ...place, kind: "file", file: file[1]!, again: file[2] !== undefined };
  const needs = /^(Needs .+):$/.exec(before)?.[1];
  if (needs !== undefined) return { ...place, kind: "needs", needs };
  if (language === "sh") return { ...place, kind: "commands" };
  if (language === "text" && before === "Prints:") return { ...place, kind: "output" };
  throw new Error(
    `line ${place.line}: nothing says what this block is for (test/faces/package/page.ts lists what can)`,
  );
}

/** The first line of `expected` that `printed` has not, in this order; "…" is any text within a line. null: it has all. */
export function missingLine(printed: string, expected: string): string | null {
  const lines = printed.split("\n").map((line) => line.trimEnd());
  let from = 0;
  for (const line of expected.trimEnd().split("\n")) {
    if (line === "") continue;
    const pattern = new RegExp(`^${line.split("…").map(escaped).join(".*")}$`);
    const found = lines.findIndex((each, at) => at >= from && pattern.test(each));
    if (found < 0) return line;
    from = found + 1;
  }
  return null;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
