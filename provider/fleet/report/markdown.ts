import type { AttributeChange } from "../judge";
import { type DriftReport, isListed, type ReportedSnapshot, type ReportedSource } from "./report";
import { besides, changeText, checkedText, sinceText, statusText, tagChange } from "./values";

/** GitHub takes 65,536 characters in a comment, GitLab a million; both count some of them twice. */
const MOST = 60_000;
/** Of a text in a table, and of a line below it. */
const MOST_OF_TEXT = 600;
const MOST_OF_LINE = 2_000;
/** Of what a tool said of an error, and of all errors together. */
const MOST_OF_ERROR = 4_000;
const MOST_OF_ERRORS = 16_000;
/** Of what is beside the snapshots: a fleet can have hundreds of roots, each with its notes. */
const MOST_OF_NOTES = 12_000;
const MOST_UNMANAGED = 100;

export interface MarkdownOptions {
  /** Text of a hidden first line, by which a pipeline finds its own comment again. */
  readonly marker?: string | undefined;
}

/** The report as a comment of a merge request: under 60,000 characters, cut with a line that says so. */
export function asMarkdown(report: DriftReport, { marker }: MarkdownOptions = {}): string {
  const icon = { clean: "✅", drift: "🔴", "not-applied": "🟡", error: "❌" }[report.status];
  const head = [
    ...(marker === undefined ? [] : [`<!-- ${marker.replaceAll("--", "- -")} -->`]),
    `### ${icon} Daytona snapshots: ${report.verdict}`,
    ...[checkedText(report)].filter((line) => line !== "").map((line) => escape(cut(line, MOST_OF_LINE))),
    ...errors(report.sources),
  ];
  const news = report.snapshots.filter(isListed);
  const rows = news.map(
    (one) =>
      `| \`${code(one.address)}\` | ${statusText(one)} | ${escape(cut([one.summary, one.consequence, one.movedTag?.summary ?? ""].filter((text) => text !== "").join(" "), MOST_OF_TEXT))} | ${escape([one.apply, one.movedTag?.advice ?? ""].filter((text) => text !== "").join(" "))} |`,
  );
  const now = Date.parse(report.generatedAt);
  const tail: string[] = [];
  if (report.unmanaged !== null)
    tail.push(report.unmanaged.length > 0 ? unmanaged(report.unmanaged) : "There are no unmanaged snapshots.");
  tail.push(...notes(report), `_${report.generator}, ${report.generatedAt.slice(0, 16).replace("T", " ")} UTC_`);
  return fitting(head, rows, (at) => detail(report, news[at]!, now), tail);
}

function errors(sources: readonly ReportedSource[]): string[] {
  const all = sources.flatMap(({ name, error }) =>
    error === null
      ? []
      : [
          `**Error in \`${code(name)}\`: ${escape(cut(error.summary, MOST_OF_TEXT))}**\n\n${fence(cut(error.detail, MOST_OF_ERROR))}`,
        ],
  );
  const kept = fittingOf(all, MOST_OF_ERRORS);
  return kept.length === all.length
    ? all
    : [...kept, `**Showing ${kept.length} of ${all.length} errors. The JSON report has all of them.**`];
}

function notes(report: DriftReport): string[] {
  const all = besides(report).map((line) => escape(cut(line, MOST_OF_LINE)));
  const kept = fittingOf(all, MOST_OF_NOTES);
  return kept.length === all.length
    ? all
    : [...kept, `**Showing ${kept.length} of ${all.length} notes. The JSON report has all of them.**`];
}

function unmanaged(all: NonNullable<DriftReport["unmanaged"]>): string {
  const lines = all.slice(0, MOST_UNMANAGED).map(({ name, state }) => `- \`${code(name)}\` (${escape(state)})`);
  const left =
    all.length > lines.length
      ? `\n\n**Showing ${lines.length} of ${all.length} rows. The JSON report has all of them.**`
      : "";
  return `<details><summary>${all.length} unmanaged (not in any of the given states)</summary>\n\n${lines.join("\n")}${left}\n\n</details>`;
}

function detail(report: DriftReport, one: ReportedSnapshot, now: number): string {
  const { kind } = report.sources[one.source]!;
  const said = (change: AttributeChange): string =>
    change.attribute === "errorReason" ? quiet(changeText(change, kind)) : changeText(change, kind);
  const changes = [
    ...one.driftChanges.map((change) => `drift    ${said(change)}`),
    ...one.programChanges.map((change) => `planned  ${changeText(change, kind)}`),
    ...(one.movedTag === null ? [] : [`tag      ${changeText(tagChange(one.movedTag), kind)}`]),
  ];
  const since = sinceText(one.since, now);
  const lines = [
    since === "" ? "" : `Since ${since}.`,
    changes.length > 0 ? fence(changes.join("\n")) : "",
    one.command === null ? "" : fence(one.command),
  ].filter((text) => text !== "");
  return `<details><summary><code>${one.address.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)}</code></summary>\n\n${lines.join("\n\n")}\n\n</details>`;
}

/** Details go first, then rows from the end of the table: what is most urgent stays. */
function fitting(head: string[], rows: string[], detailOf: (at: number) => string, tail: string[]): string {
  const text = (parts: readonly string[]): string => `${parts.join("\n\n")}\n`;
  const table = (kept: readonly string[]): string[] =>
    kept.length === 0
      ? []
      : [["| Snapshot | Status | What happened | Apply |", "|---|---|---|---|", ...kept].join("\n")];
  const end = "**The report is too long for a comment. The JSON report has all of it.**";
  const onlyHead = (): string => text([cut(text(head), MOST - end.length - 200), end]);
  const rowsNote = (kept: number): string => `**Showing ${kept} of ${rows.length} rows.**`;
  const room = MOST - text([...head, ...table([""]), rowsNote(rows.length), ...tail, end]).length;
  const keptRows = fittingOf(rows, room);
  if (keptRows.length < rows.length) {
    const short = text([...head, ...table(keptRows), rowsNote(keptRows.length), ...tail, end]);
    return short.length <= MOST ? short : onlyHead();
  }
  const note = (left: number): string =>
    `**The details of ${left} of ${rows.length} snapshots do not fit. The JSON report has all of them.**`;
  const details: string[] = [];
  let size = text([...head, ...table(rows), note(rows.length), ...tail]).length;
  if (size > MOST) return onlyHead();
  for (let at = 0; at < rows.length; at++) {
    const one = detailOf(at);
    size += one.length + 2;
    if (size > MOST) return text([...head, ...table(rows), ...details, note(rows.length - details.length), ...tail]);
    details.push(one);
  }
  return text([...head, ...table(rows), ...details, ...tail]);
}

/** The first texts that fit, each with a line end. */
function fittingOf(texts: readonly string[], room: number): string[] {
  let left = room;
  const end = texts.findIndex((text) => (left -= text.length + 1) < 0);
  return end < 0 ? [...texts] : texts.slice(0, end);
}

/** A long text's beginning, and how long it was. */
function cut(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}… (showing ${most} of ${text.length} characters)`;
}

/** Text that stays text: no markup, and nobody and nothing is mentioned or linked by it. */
function escape(text: string): string {
  return quiet(
    text
      .replace(/\s*[\r\n]+\s*/g, " ")
      .replace(/[\\|<>*_[\]`]/g, "\\$&")
      .replace(/&(?=[#\w])/g, "&amp;\u200b"),
  );
}

/** With an invisible blank in what would mention people and teams, issues, merge requests, labels and milestones, or link to them. */
function quiet(text: string): string {
  return text.replace(/(@)(?=[\w\\])|([#!~%$])(?=[\w"\\])|(GH-)(?=\d)|(:)(?=\/\/)/gi, "$&\u200b");
}

function code(text: string): string {
  return text.replaceAll("`", "'").replaceAll("|", "\\|").replace(/\s+/g, " ");
}

function fence(text: string): string {
  const marks = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${marks}text\n${text}\n${marks}`;
}
