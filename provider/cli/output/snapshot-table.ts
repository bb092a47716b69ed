import Table from "cli-table3";
import pc from "picocolors";
import type { SnapshotDto } from "../../lifecycle";
import { agoText } from "../../fleet/report/values";
import { classify } from "../../snapshot/states";

export const COLUMNS = ["name", "id", "state", "size", "resources", "region", "created", "used"] as const;
export type Column = (typeof COLUMNS)[number];
export const DEFAULT_COLUMNS: readonly Column[] = ["name", "state", "size", "resources", "region", "created", "used"];

const TITLES: Record<Column, string> = { name: "NAME", id: "ID", state: "STATE", size: "SIZE", resources: "CPU/MEM/DISK", region: "REGION", created: "CREATED", used: "LAST USED" };
/** Dropped in this order if the terminal is too narrow. */
const DISPENSABLE: readonly Column[] = ["used", "region", "created", "size", "resources"];
const GAP = 2;
const PART = 200;
/** A name cut shorter than this tells little: other columns go first. */
const LEAST_NAME = 30;
const LEAST = 12;

export interface TableOptions {
  columns: readonly Column[];
  headers: boolean;
  /** Width of the terminal; undefined: unlimited. */
  width: number | undefined;
  now: number;
  colors: boolean;
}

const SHOWN = ["name", "id", "state", "general", "createdAt", "lastUsedAt", "size", "cpu", "mem", "disk", "regionIds"] as const;

/** What a table shows of a snapshot. */
export type SnapshotRow = Pick<SnapshotDto, (typeof SHOWN)[number]>;

/** Without what takes memory, such as a Dockerfile. */
export function rowOf(dto: SnapshotDto): SnapshotRow {
  return Object.fromEntries(SHOWN.map((name) => [name, dto[name]])) as unknown as SnapshotRow;
}

/** Busy and failed ones first, then active, then leaving ones; the newest first in each group, as the official command line sorts. */
export function sorted(snapshots: readonly SnapshotRow[]): SnapshotRow[] {
  const rank = ({ state }: SnapshotRow): number => {
    const phase = classify(state);
    return phase === "settling" ? 1 : phase === "failed" ? 2 : phase === "ready" ? 3 : phase === "leaving" ? 5 : 4;
  };
  return [...snapshots].sort((a, b) => rank(a) - rank(b) || time(b.createdAt) - time(a.createdAt));
}

export function snapshotTable(snapshots: readonly SnapshotRow[], options: TableOptions): string {
  const { headers, width, now, colors } = options;
  let columns = [...options.columns];
  const widest = new Map(columns.map((column) => [column, snapshots.reduce((most, dto) => Math.max(most, displayWidth(cell(dto, column, now))), headers ? TITLES[column].length : 0)]));
  const widths = (): number[] => columns.map((column) => widest.get(column)!);
  const total = (): number => widths().reduce((sum, size) => sum + size + GAP, -GAP);
  if (width !== undefined) {
    for (const column of DISPENSABLE) {
      const others = total() - (columns.includes("name") ? Math.max(0, widths()[columns.indexOf("name")]! - LEAST_NAME) : 0);
      if (others <= width || columns.length === 1) break;
      columns = columns.filter((name) => name !== column);
    }
  }
  const sizes = widths();
  if (width !== undefined && total() > width) {
    const at = Math.max(0, columns.indexOf("name"));
    sizes[at] = Math.max(LEAST, sizes[at]! - (total() - width));
  }
  const rows = snapshots.map((dto) => columns.map((column) => (column === "state" && colors ? colored(dto) : cell(dto, column, now))));
  if (headers) rows.unshift(columns.map((column) => (colors ? pc.createColors(true).bold(TITLES[column]) : TITLES[column])));
  return render(rows, sizes);
}

/** A table of snapshots that can go, each with the reason. */
export function pruneTable(found: readonly { dto: SnapshotRow; reason: string }[], options: Omit<TableOptions, "columns" | "headers">): string {
  const reasons = found.map(({ reason }) => reason);
  const room = Math.max("REASON".length, ...reasons.map((reason) => reason.length));
  const width = options.width === undefined ? undefined : Math.max(LEAST, options.width - room - GAP);
  const lines = snapshotTable(found.map(({ dto }) => dto), { ...options, width, columns: ["name", "state", "size", "created", "used"], headers: true }).split("\n");
  return lines.map((line, at) => `${(at === 0 ? "REASON" : reasons[at - 1]!).padEnd(room)}${" ".repeat(GAP)}${line}`).join("\n");
}

/** In parts, because the library's time grows with the square of the rows. */
function render(rows: readonly string[][], sizes: number[]): string {
  const none = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: " ".repeat(GAP) };
  const parts: string[] = [];
  for (let at = 0; at < rows.length; at += PART) {
    const table = new Table({ chars: none, style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true }, colWidths: sizes, truncate: "…" });
    table.push(...rows.slice(at, at + PART));
    parts.push(table.toString());
  }
  return parts.join("\n").split("\n").map((line) => line.trimEnd()).join("\n");
}

function cell(dto: SnapshotRow, column: Column, now: number): string {
  switch (column) {
    case "name": return dto.general ? `${dto.name} (general)` : dto.name;
    case "id": return dto.id;
    case "state": return dto.state;
    case "size": return typeof dto.size === "number" ? `${dto.size.toFixed(2)} GiB` : "-";
    case "resources": return [dto.cpu, dto.mem, dto.disk].map((value) => value ?? "-").join("/");
    case "region": return (dto.regionIds ?? []).join(",") || "-";
    case "created": return age(dto.createdAt, now);
    case "used": return age(dto.lastUsedAt, now);
  }
}

function colored(dto: SnapshotRow): string {
  const on = pc.createColors(true);
  const phase = classify(dto.state);
  const color = phase === "ready" ? on.green : phase === "failed" ? on.red : phase === "settling" ? on.yellow : on.dim;
  return color(dto.state);
}

function time(date: string | null | undefined): number {
  const ms = Date.parse(date ?? "");
  return Number.isNaN(ms) ? 0 : ms;
}

/** `3 minutes ago`; `-` without a date. */
export function age(date: string | null | undefined, now: number): string {
  const ms = Date.parse(date ?? "");
  return Number.isNaN(ms) ? "-" : agoText(now - ms);
}

/** East Asian and other wide characters take two columns, combining marks none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += /\p{M}/u.test(char) ? 0 : /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(char) ? 2 : 1;
  return width;
}
