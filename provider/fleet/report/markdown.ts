import { type DriftReport, isNews, type ReportedSnapshot } from "./report";
import { besides, changeText, sinceText, statusText } from "./values";

/** GitHub takes 65,536 characters in a comment, GitLab a million; both count some of them twice. */
const MOST = 60_000;

export interface MarkdownOptions {
  /** Text of a hidden first line, by which a pipeline finds its own comment again. */
  readonly marker?: string | undefined;
}

/** The report as a comment of a merge request: under 60,000 characters, cut with a line that says so. */
export function asMarkdown(report: DriftReport, { marker }: MarkdownOptions = {}): string {
  const icon = { clean: "✅", drift: "🔴", "not-applied": "🟡", error: "❌" }[report.status];
  const head = [...(marker === undefined ? [] : [`<!-- ${marker.replaceAll("--", "- -")} -->`]), `### ${icon} Daytona snapshots: ${report.verdict}`];
  for (const { name, error } of report.sources) if (error !== null) head.push(`**Error in \`${code(name)}\`: ${escape(error.summary)}**\n\n${fence(error.detail)}`);
  const news = report.snapshots.filter(isNews);
  if (news.length > 0) {
    head.push(["| Snapshot | Status | What happened | Apply |", "|---|---|---|---|", ...news.map((one) => `| \`${code(one.address)}\` | ${statusText(one)} | ${escape([one.summary, one.consequence].filter((text) => text !== "").join(" "))} | ${escape(one.apply)} |`)].join("\n"));
  }
  const now = Date.parse(report.generatedAt);
  const details = news.map((one) => detail(report, one, now));
  const tail: string[] = [];
  if (report.unmanaged !== null && report.unmanaged.length > 0) tail.push(`<details><summary>${report.unmanaged.length} in none of these states</summary>\n\n${report.unmanaged.map(({ name, state }) => `- \`${code(name)}\` (${state})`).join("\n")}\n\n</details>`);
  tail.push(...besides(report).map(escape), `_${report.generator}, ${report.generatedAt.slice(0, 16).replace("T", " ")} UTC_`);
  return fitting(head, details, tail);
}

function detail(report: DriftReport, one: ReportedSnapshot, now: number): string {
  const { kind } = report.sources[one.source]!;
  const changes = [...one.driftChanges.map((change) => `drift    ${changeText(change, kind)}`), ...one.programChanges.map((change) => `program  ${changeText(change, kind)}`)];
  const since = sinceText(one.since, now);
  const lines = [since === "" ? "" : `Since ${since}.`, changes.length > 0 ? fence(changes.join("\n")) : "", one.command === null ? "" : fence(one.command)].filter((text) => text !== "");
  return `<details><summary><code>${one.address.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)}</code></summary>\n\n${lines.join("\n\n")}\n\n</details>`;
}

/** Details go first, then the rest from its end. */
function fitting(head: string[], details: string[], tail: string[]): string {
  const text = (parts: string[]): string => `${parts.join("\n\n")}\n`;
  const whole = text([...head, ...details, ...tail]);
  if (whole.length <= MOST) return whole;
  const kept: string[] = [];
  const note = (left: number): string => `**Cut: the details of ${left} of ${details.length} snapshots do not fit. The JSON report has all of them.**`;
  let size = text([...head, note(details.length), ...tail]).length;
  for (const one of details) {
    if (size + one.length + 2 > MOST) break;
    kept.push(one);
    size += one.length + 2;
  }
  const short = text([...head, ...kept, note(details.length - kept.length), ...tail]);
  if (short.length <= MOST) return short;
  const end = "\n\n**Cut: the report is too long for a comment. The JSON report has all of it.**\n";
  return `${short.slice(0, short.lastIndexOf("\n", MOST - end.length))}${end}`;
}

function escape(text: string): string {
  return text.replace(/[\\|<>*_[\]]/g, "\\$&").replace(/\s*\n\s*/g, " ");
}

function code(text: string): string {
  return text.replaceAll("`", "'").replaceAll("|", "\\|");
}

function fence(text: string): string {
  const marks = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${marks}text\n${text}\n${marks}`;
}
