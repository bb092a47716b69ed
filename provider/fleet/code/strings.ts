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

/**
 * Characters that nobody sees, or that end a line in some language: control characters (C0, DEL, C1 with NEL), line and paragraph separators, what
 * changes the direction of text, marks of byte order, and halves of characters. Newlines and tabs, too.
 */
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Writes every such character in another way. @param write of its code unit, as four hex digits */
export function escaped(text: string, write: (hex: string) => string): string {
  return text.replace(UNSEEN, (c) => write(c.charCodeAt(0).toString(16).padStart(4, "0")));
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

/** Longest text of a value in a comment. */
const COMMENT = 200;

/** A value for a comment: on one line, whatever it is. */
export function inComment(text: unknown): string {
  const line = escaped(typeof text === "string" ? text : (JSON.stringify(text) ?? ""), (hex) => `\\u${hex}`);
  return line.length > COMMENT ? `${line.slice(0, COMMENT)}…` : line;
}

/** Comments above a snapshot. */
export function commentLines(
  { comments }: { readonly comments: readonly string[] },
  sign: string,
  indent = "",
): string {
  return comments.map((line) => `${indent}${sign} ${line}\n`).join("");
}
