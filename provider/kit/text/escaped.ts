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

/** Longest text of a value in a comment. */
const COMMENT = 200;

/** A value for a comment: on one line, whatever it is. */
export function inComment(text: unknown): string {
  const line = escaped(typeof text === "string" ? text : (JSON.stringify(text) ?? ""), (hex) => `\\u${hex}`);
  return line.length > COMMENT ? `${line.slice(0, COMMENT)}…` : line;
}
