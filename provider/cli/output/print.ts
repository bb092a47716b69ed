import type { Notice } from "../../snapshot/record";
import type { Io } from "../io";

export type Format = "table" | "json" | "yaml";

/** The API's own objects, as an array. */
export function printObjects(io: Io, objects: readonly unknown[], format: "json" | "yaml"): void {
  const print = objectPrinter(io, format);
  print.more(objects);
  print.end();
}

/** The same in parts, as they come. */
export function objectPrinter(io: Io, format: "json" | "yaml"): { more(objects: readonly unknown[]): void; end(): void } {
  let begun = false;
  if (format === "yaml") {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded for YAML only
    const { stringify } = require("yaml") as typeof import("yaml");
    return {
      more(objects) {
        if (objects.length > 0) io.out(stringify(objects, { aliasDuplicateObjects: false }));
        begun ||= objects.length > 0;
      },
      end: () => begun || io.out("[]\n"),
    };
  }
  return {
    more(objects) {
      for (const object of objects) {
        io.out(`${begun ? ",\n" : "[\n"}${JSON.stringify(object, null, 2).replace(/^/gm, "  ")}`);
        begun = true;
      }
    },
    end: () => io.out(begun ? "\n]\n" : "[]\n"),
  };
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
