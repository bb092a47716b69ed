import { writeFileSync } from "node:fs";
import { asHtml } from "../../fleet/report/html/page";
import { asJunit } from "../../fleet/report/junit";
import { asMarkdown } from "../../fleet/report/markdown";
import type { DriftReport } from "../../fleet/report/report";
import { asSarif } from "../../fleet/report/sarif";
import { asText } from "../../fleet/report/text";
import { version } from "../../version.gen";
import type { Io } from "../io";
import { colored } from "../output/colors";
import { Stop, usage } from "../session";
import { type DriftFlags, FORMATS, type ReportFormat } from "./flags";

/** Where a report goes; null: to stdout. */
export interface Output {
  readonly format: ReportFormat;
  readonly file: string | null;
}

/** @throws Stop for an output that is not FORMAT=FILE */
export function outputsOf(flags: DriftFlags): Output[] {
  const files = (flags.output ?? []).map((text): Output => {
    const [, format = "", file = ""] = /^([a-z]+)=(.+)$/s.exec(text) ?? [];
    if (!FORMATS.includes(format as ReportFormat)) throw usage(`--output ${text} is not FORMAT=FILE`, `Formats: ${FORMATS.join(", ")}. Example: --output html=drift.html`);
    return { format: format as ReportFormat, file };
  });
  return [{ format: flags.format ?? "table", file: null }, ...files];
}

/** @throws Stop if a file cannot be written */
export function write(report: DriftReport, { format, file }: Output, io: Io, flags: DriftFlags): void {
  const text = render(report, format, file === null ? { colors: colored(io), width: io.outColumns } : { colors: false, width: undefined }, flags);
  if (file === null) return io.out(text);
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Stop({ summary: `the report ${file} cannot be written`, detail: (error as Error).message });
  }
}

function render(report: DriftReport, format: ReportFormat, terminal: { colors: boolean; width: number | undefined }, { commentMarker }: DriftFlags): string {
  switch (format) {
    case "table": return asText(report, terminal);
    case "json": return `${JSON.stringify(report, null, 2)}\n`;
    case "markdown": return asMarkdown(report, { marker: commentMarker });
    case "junit": return asJunit(report);
    case "sarif": return asSarif(report, version);
    case "html": return asHtml(report);
  }
}
