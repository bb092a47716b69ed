import { counted } from "../../kit/text/numbers";
import { mapTexts } from "../../kit/text/map-texts";
import { printable } from "../../kit/text/printable";
import type { DriftReport, ReportedSnapshot } from "./report";
import { isListed } from "./report";
import { agoText, besides, changeText, checkedText, sinceText, statusText, tagLines, valueText } from "./values";

export interface TextOptions {
  readonly colors: boolean;
  /** Width of the terminal; undefined: unlimited. */
  readonly width: number | undefined;
}

/** The report for a terminal: the verdict, then a block for each snapshot with something to say. */
export function asText(report: DriftReport, options: TextOptions): string {
  return [...textPieces(report, options)].join("");
}

/** The same, block by block: all together can be large. */
export function* textPieces(given: DriftReport, { colors, width = 200 }: TextOptions): Generator<string> {
  // What others have written must not steer the terminal.
  const report = mapTexts(given, printable);
  const paint = (code: number, text: string): string => (colors ? `\u001b[${code}m${text}\u001b[0m` : text);
  const now = Date.parse(report.generatedAt);
  const color = { clean: 32, drift: 31, "not-applied": 33, error: 31 }[report.status];
  yield `${paint(1, paint(color, report.verdict))}\n`;
  const checked = checkedText(report);
  if (checked !== "") yield `${wrap(checked, width)}\n`;
  for (const { name, error } of report.sources)
    if (error !== null) yield `\n${paint(31, "Error")} in ${name}: ${error.summary}\n${indent(error.detail, width)}\n`;
  for (const one of report.snapshots) if (isListed(one)) yield `\n${block(report, one, now, width, paint)}\n`;
  if (report.unmanaged !== null && report.unmanaged.length > 0) {
    const lines = report.unmanaged.map(
      ({ name, state, size, lastUsedAt }) =>
        `  ${name}  ${state}, ${size === null ? "size unknown" : `${size.toFixed(2)} GiB`}, ${lastUsedAt === null ? "never used" : `last used ${agoText(now - Date.parse(lastUsedAt))}`}`,
    );
    yield `\n${paint(1, `${counted(report.unmanaged.length, "snapshot is", "snapshots are")} unmanaged (not in any of the given states):`)}\n${lines.join("\n")}\n`;
  }
  if (report.unmanaged?.length === 0) yield "\nThere are no unmanaged snapshots.\n";
  const more = besides(report);
  if (more.length > 0) yield `\n${more.join("\n")}\n`;
}

function block(
  report: DriftReport,
  one: ReportedSnapshot,
  now: number,
  width: number,
  paint: (code: number, text: string) => string,
): string {
  const { kind, name } = report.sources[one.source]!;
  const where = report.sources.length > 1 ? `  ${paint(2, `in ${name}`)}` : "";
  const rows: [string, string][] = [
    ["what", one.summary],
    ["since", sinceText(one.since, now)],
    ["effect", one.consequence],
    ["changed", one.driftChanges.map((change) => changeText(change, kind)).join("\n")],
    ["planned", one.programChanges.map((change) => `${changeText(change, kind)}`).join("\n")],
    ["apply", one.apply],
    ["run", one.command ?? ""],
    ["tag", tagLines(one).join("\n")],
  ];
  const lines = rows
    .filter(([, text]) => text !== "")
    .map(
      ([title, text]) =>
        `  ${paint(2, title.padEnd(8))} ${wrap(text, width - 11).replace(/\n/g, `\n${" ".repeat(11)}`)}`,
    );
  const label =
    one.name === null ||
    one.address.endsWith(`.${one.name}`) ||
    one.address === one.name ||
    one.address.endsWith(`["${one.name}"]`)
      ? ""
      : ` "${valueText(one.name)}"`;
  return `${paint(1, one.address)}${label}  ${paint(one.drifted ? 31 : one.notApplied ? 33 : 36, statusText(one))}${where}\n${lines.join("\n")}`;
}

function indent(text: string, width: number): string {
  return wrap(text, width - 2).replace(/^(?=.)/gm, "  ");
}

/** Breaks lines at blanks. */
function wrap(text: string, width: number): string {
  const room = Math.max(20, width);
  return text
    .split("\n")
    .map((line) => {
      if (line.length <= room) return line;
      const lines: string[] = [""];
      for (const word of line.split(" ")) {
        const last = lines.at(-1)!;
        if (last !== "" && last.length + 1 + word.length > room) lines.push(word);
        else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
      }
      return lines.join("\n");
    })
    .join("\n");
}
