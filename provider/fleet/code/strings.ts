import type { CodeSnapshot } from "./model";

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

/** A Dockerfile's text is written as lines where the language has a way that keeps it as it is. */
export function asLines(text: string): readonly string[] | null {
   
  return text.endsWith("\n") && text.split("\n").length > 2 && !/[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029]/.test(text) ? text.slice(0, -1).split("\n") : null;
}

/** Comments above a snapshot. */
export function commentLines({ comments }: Pick<CodeSnapshot, "comments">, sign: string, indent = ""): string {
  return comments.map((line) => `${indent}${sign} ${line}\n`).join("");
}
