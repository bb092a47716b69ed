import { snakeCase } from "../../kit/attribute";
import type { Argument, CodeSnapshot } from "./model";
import { pythonName } from "./identifiers";
import { asLines, commentLines, quoted, snake } from "./strings";

const WIDTH = 88;

/** A Pulumi program with the SDK that `pulumi package add` generates, as black leaves it. */
export function pulumiPython(snapshots: readonly CodeSnapshot[]): string {
  return `"""Imported Daytona snapshots."""

from daytona_iac_pulumi import Snapshot
${snapshots.map((snapshot) => `\n${commentLines(snapshot, "#")}${pythonName(snapshot.words)} = Snapshot(\n    ${text(snake(snapshot.words))},\n${snapshot.arguments.map(argument).join("")})\n`).join("")}`;
}

function argument({ name, value }: Argument): string {
  return `    ${snakeCase(name)}=${valueOf(value, WIDTH - snakeCase(name).length - 6)},\n`;
}

function valueOf(value: Argument["value"], room: number): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "string") {
    const items = value.map(text);
    const line = `[${items.join(", ")}]`;
    return line.length <= room ? line : `[\n${items.map((item) => `        ${item},\n`).join("")}    ]`;
  }
  const lines = asLines(value);
  if (lines === null || text(value).length <= room) return text(value);
  return `(\n${lines.map((line) => `        ${text(`${line}\n`)}\n`).join("")}    )`;
}

/** With the quotes that need fewer escapes, as black prefers them. */
function text(value: string): string {
  const double = quoted(value);
  if (value.split('"').length <= value.split("'").length) return double;
  return `'${double.slice(1, -1).replace(/\\"/g, '"').replaceAll("'", "\\'")}'`;
}
