import Table from "cli-table3";
import pc from "picocolors";
import { agoText } from "../../fleet/report/values";

export interface TableOptions<Column extends string> {
  columns: readonly Column[];
  headers: boolean;
  /** Width of the terminal; undefined: unlimited. */
  width: number | undefined;
  now: number;
  colors: boolean;
}

/** What a table shows of its items. One column is `name`, the only one that is cut. */
export interface TableLayout<Item, Column extends string> {
  title(column: Column): string;
  /** In one line, printable. */
  cell(item: Item, column: Column, now: number): string;
  /** The same with colors. */
  paint?(item: Item, column: Column, now: number): string;
  /** Dropped in this order if the terminal is too narrow. */
  dispensable: readonly Column[];
}

/** Columns between two columns. */
export const GAP = 2;
const PART = 200;
/** A name cut shorter than this tells little: other columns go first. */
const LEAST_NAME = 30;
/** What a name keeps at least. */
export const LEAST = 12;

/** A table that fits the terminal: columns are dropped, then names are cut. */
export function fittingTable<Item, Column extends string>(
  items: readonly Item[],
  { title, cell, paint = cell, dispensable }: TableLayout<Item, Column>,
  options: TableOptions<Column>,
): string {
  const { headers, now, colors } = options;
  const width = options.width || undefined;
  let columns = [...options.columns];
  const at = (): number => columns.findIndex((column) => column === "name");
  const widest = new Map(
    columns.map((column) => [
      column,
      items.reduce(
        (most, item) => Math.max(most, displayWidth(cell(item, column, now))),
        headers ? title(column).length : 0,
      ),
    ]),
  );
  const widths = (): number[] => columns.map((column) => widest.get(column)!);
  const total = (): number => widths().reduce((sum, size) => sum + size + GAP, -GAP);
  if (width !== undefined) {
    for (const column of dispensable) {
      const others = total() - (at() >= 0 ? Math.max(0, widths()[at()]! - LEAST_NAME) : 0);
      if (others <= width || columns.length === 1) break;
      columns = columns.filter((name) => name !== column);
    }
  }
  const sizes = widths();
  if (width !== undefined && total() > width) {
    const cut = Math.max(0, at());
    sizes[cut] = Math.max(LEAST, sizes[cut]! - (total() - width));
  }
  const rows = items.map((item) =>
    columns.map((column) => (colors ? paint(item, column, now) : cell(item, column, now))),
  );
  if (headers)
    rows.unshift(columns.map((column) => (colors ? pc.createColors(true).bold(title(column)) : title(column))));
  return render(rows, sizes);
}

/** In parts, because the library's time grows with the square of the rows. */
function render(rows: readonly string[][], sizes: number[]): string {
  const none = {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: " ".repeat(GAP),
  };
  const parts: string[] = [];
  for (let at = 0; at < rows.length; at += PART) {
    const table = new Table({
      chars: none,
      style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
      colWidths: sizes,
      truncate: "…",
    });
    table.push(...rows.slice(at, at + PART));
    parts.push(table.toString());
  }
  return parts
    .join("\n")
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** `3 minutes ago`; `-` without a date. */
export function age(date: string | null | undefined, now: number): string {
  const ms = Date.parse(date ?? "");
  return Number.isNaN(ms) ? "-" : agoText(now - ms);
}

/** East Asian and other wide characters take two columns, combining marks none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const char of text)
    width += /\p{M}/u.test(char)
      ? 0
      : /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
            char,
          )
        ? 2
        : 1;
  return width;
}
