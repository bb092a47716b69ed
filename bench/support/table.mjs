// Rows of the one table that every bench fills.
import { pathToFileURL } from "node:url";
import { cores } from "./ground.mjs";

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const ms = (value) => `${Math.round(value)} ms`;
export const seconds = (value) => `${(value / 1000).toFixed(2)} s`;
export const times = (value) => `${value.toFixed(2)} x`;

/** One row. `ok` null: there is no target. */
export const row = (what, measured, { beside = "", ratio = "", target = "", ok = null } = {}) => ({
  what,
  measured,
  beside,
  ratio,
  target,
  ok,
});

const columns = { what: "", measured: "measured", beside: "beside it", ratio: "ratio", target: "target", ok: "met" };

/** Markdown, so that it can be kept as it is. */
export function table(rows) {
  const text = rows.map((it) => ({ ...it, ok: it.ok === null ? "" : it.ok ? "yes" : "**no**" }));
  const width = Object.fromEntries(
    Object.entries(columns).map(([key, head]) => [key, Math.max(head.length, ...text.map((it) => it[key].length))]),
  );
  const line = (it) =>
    `| ${Object.keys(columns)
      .map((key) => it[key].padEnd(width[key]))
      .join(" | ")} |`;
  return [
    line(columns),
    `|${Object.keys(columns)
      .map((key) => "-".repeat(width[key] + 2))
      .join("|")}|`,
    ...text.map(line),
  ].join("\n");
}

/** Runs the bench where its file is what was started. */
export async function alone(meta, run) {
  if (process.argv[1] === undefined || meta.url !== pathToFileURL(process.argv[1]).href) return;
  const rows = await run(process.argv.slice(2));
  console.log(`${cores} cores, Node ${process.versions.node}\n\n${table(rows)}`);
  process.exit(0);
}
