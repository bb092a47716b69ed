import { cleanPath, trimSpace } from "./clean-path";

/** One pattern of an ignore file, and where it is written. */
export interface IgnoreRule {
  /** The pattern, cleaned; `!` in front marks an exception. */
  readonly pattern: string;
  /** Line of the file, counted from 1; 0 when the pattern comes from elsewhere. */
  readonly line: number;
  /** The line as written, trimmed. */
  readonly text: string;
}

// Docker reads the file by Go's bufio.Scanner, which gives up on longer lines.
const LONGEST_LINE = 64 * 1024 - 1;

/**
 * Reads an ignore file as `github.com/moby/patternmatcher/ignorefile` v0.6.0 does: a byte order mark and lines that begin with `#` are skipped, white
 * space around a pattern and a leading slash are cut, and paths are cleaned.
 * @param name how an error names the file, such as `.dockerignore`
 * @throws Error for a line that Docker cannot read
 */
export function readIgnoreFile(content: Uint8Array | string, name: string): IgnoreRule[] {
  const text = typeof content === "string" ? content : new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
  const rules: IgnoreRule[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    if (raw.length > LONGEST_LINE / 4 && Buffer.byteLength(raw) > LONGEST_LINE) {
      throw new Error(
        `${name}, line ${index + 1}: the line is longer than 64 KiB, which Docker cannot read. Split it into shorter patterns.`,
      );
    }
    const line = (index === 0 ? raw.replace(/^\uFEFF/, "") : raw).replace(/\r$/, "");
    if (line.startsWith("#")) continue;
    const written = trimSpace(line);
    if (written === "") continue;
    const exception = written.startsWith("!");
    let path = exception ? trimSpace(written.slice(1)) : written;
    if (path !== "") {
      path = cleanPath(path);
      if (path.length > 1 && path.startsWith("/")) path = path.slice(1);
    }
    rules.push({ pattern: exception ? `!${path}` : path, line: index + 1, text: written });
  }
  return rules;
}
