import pc from "picocolors";
import type { SnapshotDto } from "../../lifecycle";
import { classify } from "../../resources/snapshot/states";
import { printableLine } from "../../kit/text/printable";
import { age, fittingTable, GAP, LEAST, type TableLayout, type TableOptions } from "./table";

export const COLUMNS = ["name", "id", "state", "size", "resources", "region", "created", "used"] as const;
export type Column = (typeof COLUMNS)[number];
export const DEFAULT_COLUMNS: readonly Column[] = ["name", "state", "size", "resources", "region", "created", "used"];

const TITLES: Record<Column, string> = {
  name: "NAME",
  id: "ID",
  state: "STATE",
  size: "SIZE",
  resources: "CPU/MEM/DISK",
  region: "REGION",
  created: "CREATED",
  used: "LAST USED",
};
/** Dropped in this order if the terminal is too narrow. */
const DISPENSABLE: readonly Column[] = ["used", "region", "created", "size", "resources"];
const LAYOUT: TableLayout<SnapshotRow, Column> = {
  title: (column) => TITLES[column],
  cell,
  paint: (dto, column, now) => (column === "state" ? colored(dto) : cell(dto, column, now)),
  dispensable: DISPENSABLE,
};

const SHOWN = [
  "name",
  "id",
  "state",
  "general",
  "createdAt",
  "lastUsedAt",
  "size",
  "cpu",
  "mem",
  "disk",
  "regionIds",
] as const;

/** What a table shows of a snapshot. */
export type SnapshotRow = Pick<SnapshotDto, (typeof SHOWN)[number]>;

/** Without what takes memory, such as a Dockerfile. */
export function rowOf(dto: SnapshotDto): SnapshotRow {
  return Object.fromEntries(SHOWN.map((name) => [name, dto[name]])) as Pick<SnapshotDto, (typeof SHOWN)[number]>;
}

/** Busy and failed ones first, then active, then leaving ones; the newest first in each group, as the official command line sorts. */
export function sorted(snapshots: readonly SnapshotRow[]): SnapshotRow[] {
  const rank = ({ state }: SnapshotRow): number => {
    const phase = classify(state);
    return phase === "settling" ? 1 : phase === "failed" ? 2 : phase === "ready" ? 3 : phase === "leaving" ? 5 : 4;
  };
  return [...snapshots].sort((a, b) => rank(a) - rank(b) || time(b.createdAt) - time(a.createdAt));
}

export function snapshotTable(snapshots: readonly SnapshotRow[], options: TableOptions<Column>): string {
  return fittingTable(snapshots, LAYOUT, options);
}

/** A table of snapshots that can go, each with the reason. */
export function pruneTable(
  found: readonly { dto: SnapshotRow; reason: string }[],
  options: Omit<TableOptions<Column>, "columns" | "headers">,
): string {
  const reasons = found.map(({ reason }) => reason);
  const room = Math.max("REASON".length, ...reasons.map((reason) => reason.length));
  const width = !options.width ? undefined : Math.max(LEAST, options.width - room - GAP);
  const lines = snapshotTable(
    found.map(({ dto }) => dto),
    { ...options, width, columns: ["name", "state", "size", "created", "used"], headers: true },
  ).split("\n");
  return lines
    .map((line, at) => `${(at === 0 ? "REASON" : reasons[at - 1]!).padEnd(room)}${" ".repeat(GAP)}${line}`)
    .join("\n");
}

function cell(dto: SnapshotRow, column: Column, now: number): string {
  return printableLine(cellText(dto, column, now));
}

function cellText(dto: SnapshotRow, column: Column, now: number): string {
  switch (column) {
    case "name":
      return dto.general ? `${dto.name} (general)` : dto.name;
    case "id":
      return dto.id;
    case "state":
      return dto.state;
    case "size":
      return typeof dto.size === "number" ? `${dto.size.toFixed(2)} GiB` : "-";
    case "resources":
      return [dto.cpu, dto.mem, dto.disk].map((value) => value ?? "-").join("/");
    case "region":
      return (dto.regionIds ?? []).join(",") || "-";
    case "created":
      return age(dto.createdAt, now);
    case "used":
      return age(dto.lastUsedAt, now);
  }
}

function colored(dto: SnapshotRow): string {
  const on = pc.createColors(true);
  const phase = classify(dto.state);
  const color = phase === "ready" ? on.green : phase === "failed" ? on.red : phase === "settling" ? on.yellow : on.dim;
  return color(printableLine(dto.state));
}

function time(date: string | null | undefined): number {
  const ms = Date.parse(date ?? "");
  return Number.isNaN(ms) ? 0 : ms;
}
