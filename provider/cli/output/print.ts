import type { Notice } from "../../kit/notice";
import { escaped, isPrintable, printable, printableJson } from "../../kit/text/printable";
import type { Io } from "../io";

export type Format = "table" | "json" | "yaml";

/** The API's own objects, as an array. */
export function printObjects(io: Io, objects: readonly unknown[], format: "json" | "yaml"): void {
  const print = objectPrinter(io, format);
  print.more(objects);
  print.end();
}

/** The one object that a command was asked for, as it is. */
export function printObject(io: Io, object: unknown, format: "json" | "yaml"): void {
  io.out(format === "json" ? `${printableJson(object, 2)}\n` : yamlText(object));
}

/** The same in parts, as they come. */
export function objectPrinter(
  io: Io,
  format: "json" | "yaml",
): { more(objects: readonly unknown[]): void; end(): void } {
  let begun = false;
  if (format === "yaml") {
    return {
      more(objects) {
        if (objects.length > 0) io.out(yamlText(objects));
        begun ||= objects.length > 0;
      },
      end: () => begun || io.out("[]\n"),
    };
  }
  return {
    more(objects) {
      for (const object of objects) {
        io.out(`${begun ? ",\n" : "[\n"}${printableJson(object, 2).replace(/^/gm, "  ")}`);
        begun = true;
      }
    },
    end: () => io.out(begun ? "\n]\n" : "[]\n"),
  };
}

/** What a terminal would obey is escaped, for which YAML needs double quotes. */
function yamlText(value: unknown): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded for YAML only
  const { Document, isScalar, visit } = require("yaml") as typeof import("yaml");
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) =>
      void (
        isScalar(node) &&
        typeof node.value === "string" &&
        !isPrintable(node.value) &&
        (node.type = "QUOTE_DOUBLE")
      ),
  });
  return escaped(document.toString());
}

/** An error on stderr: text for people, or `{"error": {"summary", "detail", "status"}}`. */
export function printError(
  io: Io,
  notice: Pick<Notice, "summary" | "detail">,
  format: Format,
  status: number | null = null,
): void {
  if (format === "json")
    return io.err(`${printableJson({ error: { summary: notice.summary, detail: notice.detail, status } })}\n`);
  io.err(`Error: ${noticeText(notice)}\n`);
}

export function printWarning(io: Io, notice: Notice): void {
  io.err(`Warning: ${noticeText(notice)}\n`);
}

function noticeText({ summary, detail }: Pick<Notice, "summary" | "detail">): string {
  return printable(`${summary}${detail === "" ? "" : `\n${detail.replace(/^(?=.)/gm, "  ")}`}`);
}
