import { escaped, inComment } from "../../kit/text/escaped";

export { escaped, inComment };

export const snake = (words: readonly string[]): string => words.join("_");

export function camel([first = "", ...rest]: readonly string[]): string {
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** A list, in one line if it fits. @param written the items as code @param room columns that are left in the line */
export function listLines(written: readonly string[], indent: string, room: number): string {
  const line = `[${written.join(", ")}]`;
  if (line.length <= room) return line;
  return `[\n${written.map((item) => `${indent}  ${item},\n`).join("")}${indent}]`;
}

/** A quoted string for the languages that read JSON's escapes. */
export function quoted(text: string): string {
  // JSON has escaped what is below U+0020 by itself.
  return escaped(JSON.stringify(text), (hex) => `\\u${hex}`);
}

/** A Dockerfile's text is written as lines where every language has a way that keeps it as it is; null: it has to be quoted. */
export function asLines(text: string): readonly string[] | null {
  const lines = text.split("\n");
  if (
    !text.endsWith("\n") ||
    lines.length <= 2 ||
    lines.some((line) => escaped(line.replaceAll("\t", ""), () => "") !== line.replaceAll("\t", ""))
  )
    return null;
  return lines.slice(0, -1);
}

/** Comments above a snapshot. */
export function commentLines(
  { comments }: { readonly comments: readonly string[] },
  sign: string,
  indent = "",
): string {
  return comments.map((line) => `${indent}${sign} ${line}\n`).join("");
}
