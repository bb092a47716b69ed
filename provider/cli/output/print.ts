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

/** The same in parts, as they come. */
export function objectPrinter(
  io: Io,
  format: "json" | "yaml",
): { more(objects: readonly unknown[]): void; end(): void } {
  let begun = false;
  if (format === "yaml") {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded for YAML only
    const { Document, isScalar, visit } = require("yaml") as typeof import("yaml");
    // What a terminal would obey is escaped, for which YAML needs double quotes.
    const yamlText = (objects: readonly unknown[]): string => {
      const document = new Document(objects, { aliasDuplicateObjects: false });
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
    };
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
