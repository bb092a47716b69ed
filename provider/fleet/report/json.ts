import { escaped } from "../../kit/text/printable";
import type { DriftReport } from "./report";

/** The report as JSON with an indentation of 2, snapshot by snapshot: all together can be large. */
export function* jsonPieces(report: DriftReport): Generator<string> {
  const members = Object.entries(report).filter(([, value]) => value !== undefined);
  yield "{";
  for (const [at, [key, value]] of members.entries()) {
    yield `${at === 0 ? "" : ","}\n  ${JSON.stringify(key)}: `;
    if (key !== "snapshots" || report.snapshots.length === 0) {
      yield indented(value, "  ");
      continue;
    }
    for (const [index, one] of report.snapshots.entries())
      yield `${index === 0 ? "[" : ","}\n    ${indented(one, "    ")}`;
    yield "\n  ]";
  }
  yield "\n}\n";
}

/** JSON has line ends only between values. What would steer a terminal is escaped. */
function indented(value: unknown, by: string): string {
  return escaped(JSON.stringify(value, null, 2).replaceAll("\n", `\n${by}`));
}
