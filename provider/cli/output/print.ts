import type { Notice } from "../../snapshot/record";
import type { Io } from "../io";

export type Format = "table" | "json" | "yaml";

/** The API's own objects, as an array. */
export function printObjects(io: Io, objects: readonly unknown[], format: "json" | "yaml"): void {
  if (format === "json") return io.out(`${JSON.stringify(objects, null, 2)}\n`);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded for YAML only
  const { stringify } = require("yaml") as typeof import("yaml");
  io.out(stringify(objects, { aliasDuplicateObjects: false }));
}

/** An error on stderr: text for people, or `{"error": {"summary", "detail", "status"}}`. */
export function printError(io: Io, notice: Pick<Notice, "summary" | "detail">, format: Format, status: number | null = null): void {
  if (format === "json") return io.err(`${JSON.stringify({ error: { summary: notice.summary, detail: notice.detail, status } })}\n`);
  const detail = notice.detail === "" ? "" : `\n${notice.detail.replace(/^(?=.)/gm, "  ")}`;
  io.err(`Error: ${notice.summary}${detail}\n`);
}

export function printWarning(io: Io, notice: Notice): void {
  io.err(`Warning: ${notice.summary}${notice.detail === "" ? "" : `\n${notice.detail.replace(/^(?=.)/gm, "  ")}`}\n`);
}
