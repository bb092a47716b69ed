import { classify } from "../../../resources/snapshot/states";
import type { SourceKind } from "../../resource";
import { type DriftReport, isListed, isNews, type ReportedSnapshot } from "../report";
import { agoText, besides, changeText, sinceText, tagLines } from "../values";
import { SCRIPT } from "./script";
import { STYLE } from "./style";

/** The report as one page that needs nothing from elsewhere. */
export function asHtml(report: DriftReport): string {
  const now = Date.parse(report.generatedAt);
  const largest = Math.max(0, ...report.snapshots.map(({ size }) => size ?? 0));
  const { counts } = report;
  const tiles: [number | null, string][] = [
    [counts.snapshots, "snapshots"],
    [counts.drifted, "drifted"],
    [counts.notApplied, counts.notApplied === 1 ? "unapplied change" : "unapplied changes"],
    [counts.movedTags || null, counts.movedTags === 1 ? "tag moved" : "tags moved"],
    [counts.ignored || null, "ignored"],
    [counts.unmanaged, "unmanaged"],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${esc(report.generator)}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${esc(report.verdict)} Daytona snapshots</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header><p>Daytona snapshots · ${esc(new Date(now).toISOString().slice(0, 16).replace("T", " "))} UTC · ${esc(report.generator)}</p>
<h1 class="${report.status}">${esc(report.verdict)}</h1></header>
${report.sources.flatMap(({ name, error }) => (error === null ? [] : [`<div class="card error-card"><b>Error in ${esc(name)}: ${esc(error.summary)}</b><pre>${esc(error.detail)}</pre></div>`])).join("\n")}
<div class="tiles">${tiles
    .filter(([value]) => value !== null)
    .map(([value, title]) => `<div class="card tile"><b>${value}</b><span>${title}</span></div>`)
    .join("")}</div>
${chart(report.snapshots)}
${report.snapshots.length === 0 ? "" : fleet(report, now, largest)}
${unmanaged(report, now)}
${notes(report)}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/** States over the fleet, as a bar with a legend that says the same in words. */
function chart(snapshots: readonly ReportedSnapshot[]): string {
  if (snapshots.length === 0) return "";
  const groups = new Map<string, number>();
  for (const one of snapshots) groups.set(stateWord(one), (groups.get(stateWord(one)) ?? 0) + 1);
  const sorted = [...groups].sort(([, a], [, b]) => b - a);
  const label = sorted.map(([state, count]) => `${count} ${state}`).join(", ");
  return `<section class="card"><div class="chart" role="img" aria-label="${esc(`States of the fleet: ${label}`)}">${sorted.map(([state, count]) => `<i class="${styleOf(state)}" style="flex:${count}" title="${esc(`${count} ${state}`)}"></i>`).join("")}</div>
<ul class="legend">${sorted.map(([state, count]) => `<li><span class="dot ${styleOf(state)}"></span>${esc(state)} <b>${count}</b></li>`).join("")}</ul></section>`;
}

function stateWord({ state, happened }: ReportedSnapshot): string {
  return state ?? (happened === "gone" ? "gone" : "not created");
}

function styleOf(state: string): string {
  if (state === "gone" || state === "not created") return state === "gone" ? "s-none" : "s-warn";
  return { ready: "s-good", failed: "s-bad", idle: "s-idle", settling: "s-busy", leaving: "s-warn", unknown: "s-warn" }[
    classify(state)
  ];
}

function fleet(report: DriftReport, now: number, largest: number): string {
  const several = report.sources.length > 1;
  const heads: [string, boolean][] = [
    ["Snapshot", false],
    ["Status", false],
    ["State", false],
    ["What happened", false],
    ["Size", true],
    ["Age", true],
    ...(several ? [["Source", false] as [string, boolean]] : []),
  ];
  return `<h2>Fleet</h2>
<div class="tools"><input id="filter" type="search" placeholder="Filter by name, address or text" aria-label="Filter">
<select id="status" aria-label="Status"><option value="">All</option><option value="drift">Drift</option><option value="pending">Unapplied change</option><option value="moved">Tag moved</option><option value="ok">OK</option></select><span id="count" class="soft" aria-live="polite">${report.snapshots.length} snapshots</span></div>
<div class="card wrap"><table id="fleet"><thead><tr>${heads.map(([title, numeric]) => `<th scope="col"${numeric ? ' data-kind="number"' : ""}><button type="button">${title}</button></th>`).join("")}</tr></thead>
<tbody>
${report.snapshots.map((one) => row(report, one, now, largest, several)).join("\n")}
</tbody></table><p id="none" class="none" hidden>No snapshot matches.</p></div>`;
}

function row(report: DriftReport, one: ReportedSnapshot, now: number, largest: number, several: boolean): string {
  const { kind, name: source } = report.sources[one.source]!;
  const status = [
    one.drifted ? "drift" : "",
    one.notApplied ? "pending" : "",
    one.movedTag === null ? "" : "moved",
    isListed(one) ? "" : "ok",
  ].filter((word) => word !== "");
  const badges = status.map((word) => `<span class="badge ${word}">${BADGES[word]}</span>`).join(" ");
  const state = stateWord(one);
  const text = [one.address, one.name, one.state, one.summary, one.movedTag?.summary, source]
    .filter(Boolean)
    .join(" ")
    .toLowerCase();
  return `<tr data-status="${status.join(" ")}" data-text="${esc(text)}"><td data-key="${esc(one.name ?? one.address)}"><b>${esc(one.name ?? "(known after apply)")}</b><br><code class="soft">${esc(one.address)}</code></td><td data-key="${one.drifted ? 0 : one.notApplied ? 1 : one.movedTag !== null ? 2 : 3}">${badges}</td><td class="state" data-key="${esc(state)}"><span class="dot ${styleOf(state)}"></span>${esc(state)}</td><td class="what" data-key="${esc(one.summary || (one.movedTag?.summary ?? ""))}">${news(one, kind, now)}${tag(one)}</td>${sizeCell(one.size, largest)}${ageCell(one.createdAt, now)}${several ? `<td>${esc(source)}</td>` : ""}</tr>`;
}

const BADGES: Readonly<Record<string, string>> = {
  drift: "drift",
  pending: "unapplied change",
  moved: "tag moved",
  ok: "ok",
};

/** What happened to a snapshot, what an apply does, and what differs; empty: nothing. */
function news(one: ReportedSnapshot, kind: SourceKind, now: number): string {
  if (!isNews(one)) return "";
  const since = sinceText(one.since, now);
  const details = [
    ...one.driftChanges.map((change) => changeText(change, kind)),
    ...one.programChanges.map((change) => `planned  ${changeText(change, kind)}`),
    ...(one.command === null ? [] : ["", `$ ${one.command}`]),
  ];
  return `<p>${esc(one.summary)}</p><p class="soft">${esc(one.consequence)}${since === "" ? "" : ` Since ${esc(since)}.`}</p><p class="soft"><b>Apply:</b> ${esc(one.apply)}</p>
<details><summary>Attributes and command</summary><pre><code>${esc(details.join("\n"))}</code></pre></details>`;
}

/** The tag that has moved, and how to get its new content; empty: it has not. */
function tag(one: ReportedSnapshot): string {
  return tagLines(one)
    .map(
      (line, at) =>
        `<p class="tag${at === 0 ? "" : " soft"}">${esc(line).replace(/sha256:[0-9a-f]{64}/g, "<code>$&</code>")}</p>`,
    )
    .join("");
}

/** @param size in GiB; null: not known @param largest in GiB, of the report */
function sizeCell(size: number | null, largest: number): string {
  if (size === null) return `<td class="size" data-key=""></td>`;
  const width = largest > 0 ? Math.max(2, Math.round((size / largest) * 100)) : 0;
  return `<td class="size" data-key="${size}">${size.toFixed(2)} GiB<span class="meter" style="width:${width}%"></span></td>`;
}

function ageCell(createdAt: string | null, now: number): string {
  const age = now - Date.parse(createdAt ?? "");
  if (Number.isNaN(age)) return `<td class="age" data-key=""></td>`;
  return `<td class="age" data-key="${age}">${esc(agoText(age).replace(" ago", ""))}</td>`;
}

function unmanaged({ unmanaged: found }: DriftReport, now: number): string {
  if (found === null || found.length === 0) return "";
  return `<h2>Unmanaged (not in any of the given states)</h2><div class="card wrap"><table><thead><tr><th scope="col"><button type="button" disabled>Snapshot</button></th><th scope="col"><button type="button" disabled>State</button></th><th scope="col"><button type="button" disabled>Size</button></th><th scope="col"><button type="button" disabled>Last used</button></th></tr></thead><tbody>
${found.map(({ name, id, state, size, lastUsedAt }) => `<tr><td><b>${esc(name)}</b><br><code class="soft">${esc(id)}</code></td><td><span class="dot ${styleOf(state)}"></span>${esc(state)}</td><td class="size">${size === null ? "" : `${size.toFixed(2)} GiB`}</td><td class="age">${lastUsedAt === null ? "never" : esc(agoText(now - Date.parse(lastUsedAt)))}</td></tr>`).join("\n")}
</tbody></table></div>`;
}

function notes(report: DriftReport): string {
  const lines = besides(report);
  return lines.length === 0
    ? ""
    : `<h2>Notes</h2><div class="card"><ul class="notes">${lines.map((line) => `<li>${esc(line)}</li>`).join("")}</ul></div>`;
}

function esc(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
