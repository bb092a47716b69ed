import { snakeCase } from "../../kit/attribute";
import type { Argument, CodeSnapshot } from "./model";
import { asLines, commentLines, escaped, listLines, snake } from "./strings";

const WIDTH = 80;

/** HCL with an `import` block for each snapshot (Terraform 1.5 and OpenTofu 1.6, or later), as `terraform fmt` leaves it. */
export function hclProgram(snapshots: readonly CodeSnapshot[]): string {
  return snapshots.map(resource).join("\n");
}

function resource(snapshot: CodeSnapshot): string {
  const label = snake(snapshot.words);
  return `${commentLines(snapshot, "#")}resource "daytona_snapshot" "${label}" {\n${body(snapshot.arguments)}}\n\nimport {\n  to = daytona_snapshot.${label}\n  id = ${text(snapshot.id)}\n}\n`;
}

/** Equals signs are aligned in each run of lines. A list of several lines ends a run; a heredoc does not. */
function body(all: readonly Argument[]): string {
  const entries = all.map(({ name, value }) => ({ name: snakeCase(name), value: valueOf(value, snakeCase(name)) }));
  let result = "";
  for (let at = 0; at < entries.length;) {
    let end = at;
    while (end < entries.length && !entries[end]!.value.startsWith("[\n")) end += 1;
    const run = entries.slice(at, Math.max(end, at + 1));
    const width = Math.max(...run.map(({ name }) => name.length));
    for (const { name, value } of run) result += `  ${name.padEnd(width)} = ${value}\n`;
    at += run.length;
  }
  return result;
}

function valueOf(value: Argument["value"], name: string): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return listLines(value.map(text), "  ", WIDTH - name.length - 5);
  const lines = asLines(value);
  if (lines === null) return text(value);
  const end = delimiter(lines);
  return `<<${end}\n${lines.map((line) => template(line)).join("\n")}\n${end}`;
}

function delimiter(lines: readonly string[]): string {
  for (let number = 0; ; number += 1) {
    const word = number === 0 ? "EOT" : `EOT${number}`;
    if (!lines.some((line) => line.trim() === word)) return word;
  }
}

/** A quoted string: https://developer.hashicorp.com/terraform/language/expressions/strings */
function text(value: string): string {
  const plain = template(value)
    .replace(/[\\"]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t");
  return `"${escaped(plain, (hex) => `\\u${hex}`)}"`;
}

/** `${` and `%{` begin expressions, also right after another `$` or `%`. */
export function template(value: string): string {
  return value.replace(/\$\{/g, () => "$${").replace(/%\{/g, () => "%%{");
}
