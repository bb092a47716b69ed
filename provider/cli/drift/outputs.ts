import { closeSync, openSync, writeFileSync } from "node:fs";
import { asHtml } from "../../fleet/report/html/page";
import { jsonPieces } from "../../fleet/report/json";
import { asJunit } from "../../fleet/report/junit";
import { asMarkdown } from "../../fleet/report/markdown";
import type { DriftReport } from "../../fleet/report/report";
import { asSarif } from "../../fleet/report/sarif";
import { textPieces } from "../../fleet/report/text";
import { capital } from "../../kit/words";
import { mapTexts } from "../../kit/text/map-texts";
import { printable } from "../../kit/text/printable";
import { systemErrorText } from "../../kit/text/system-error";
import { version } from "../../version.gen";
import type { Io } from "../io";
import { colored } from "../output/colors";
import { Stop, usage } from "../session";
import { type DriftFlags, FORMATS, formatOf, type ReportFormat } from "./flags";

/** Where a report goes; null: to stdout. */
export interface Output {
  readonly format: ReportFormat;
  readonly file: string | null;
}

/** @throws Stop for an output that is not FORMAT=FILE */
export function outputsOf(flags: DriftFlags): Output[] {
  const files = (flags.output ?? []).map((text): Output => {
    const [, format = "", file = ""] = /^([a-z]+)=(.+)$/s.exec(text) ?? [];
    if (!FORMATS.includes(format as ReportFormat))
      throw usage(
        `--output ${text} is not FORMAT=FILE`,
        `Formats: ${FORMATS.join(", ")}. Example: --output html=drift.html`,
      );
    return { format: format as ReportFormat, file };
  });
  return [{ format: formatOf(flags), file: null }, ...files];
}

/** Of a report so much is written at once. */
const BLOCK = 2 ** 16;

/** @throws Stop if a file cannot be written */
export async function write(report: DriftReport, { format, file }: Output, io: Io, flags: DriftFlags): Promise<void> {
  const blocks = inBlocks(
    render(
      report,
      format,
      file === null ? { colors: colored(io), width: io.outColumns } : { colors: false, width: undefined },
      flags,
    ),
  );
  if (file !== null) return writeFile(file, blocks);
  for (const block of blocks) {
    io.out(block);
    await io.drained?.();
  }
}

function writeFile(file: string, blocks: Iterable<string>): void {
  try {
    const fd = openSync(file, "w");
    try {
      for (const block of blocks) writeFileSync(fd, block);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new Stop({ summary: `the report ${file} cannot be written`, detail: `${capital(systemErrorText(error))}.` });
  }
}

function* inBlocks(pieces: Iterable<string>): Generator<string> {
  let [block, size]: [string[], number] = [[], 0];
  for (const piece of pieces) {
    block.push(piece);
    size += piece.length;
    if (size < BLOCK) continue;
    yield block.join("");
    [block, size] = [[], 0];
  }
  if (size > 0) yield block.join("");
}

function render(
  given: DriftReport,
  format: ReportFormat,
  terminal: { colors: boolean; width: number | undefined },
  { commentMarker }: DriftFlags,
): Iterable<string> {
  if (format === "json") return jsonPieces(given);
  if (format === "table") return textPieces(given, terminal);
  // Texts that steer no terminal and no page.
  const report = mapTexts(given, printable);
  switch (format) {
    case "markdown":
      return [asMarkdown(report, { marker: commentMarker })];
    case "junit":
      return [asJunit(report)];
    case "sarif":
      return [asSarif(report, version)];
    case "html":
      return [asHtml(report)];
  }
}
