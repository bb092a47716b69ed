import { writeSync } from "node:fs";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

const levels: LogLevel[] = ["trace", "debug", "info", "warn", "error"];

/** go-plugin reads lines of up to 64 KB; a longer one would be split in the middle of its JSON. */
const longestLine = 60_000;
const longestField = 8_000;

/** Writes the whole text synchronously, so that nothing is lost before an exit. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let at = 0;
  for (let stuck = 0; at < bytes.length && stuck < 1000;) {
    try {
      at += writeSync(fd, bytes, at);
      stuck = 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return; // the reader is gone
      stuck++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

/** The lowest level to write, from Terraform's variables; undefined: nothing is written. */
export function logThreshold(env: NodeJS.ProcessEnv): LogLevel | undefined {
  const wanted = (env.TF_LOG_PROVIDER_DAYTONA || env.TF_LOG_PROVIDER || env.TF_LOG || "off").toLowerCase();
  if (wanted === "off") return undefined;
  // Like Terraform, any other word means "trace".
  return levels.find((level) => level === wanted) ?? "trace";
}

function halves(text: string): [string, string] {
  let middle = text.length >> 1;
  const code = text.charCodeAt(middle);
  if (code >= 0xdc00 && code <= 0xdfff) middle--; // never inside a surrogate pair
  return [text.slice(0, middle), text.slice(middle)];
}

function scalar(value: unknown): unknown {
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  const whole = text(value);
  return whole.length > longestField ? `${whole.slice(0, longestField)}…` : whole;
}

function text(value: unknown): string {
  return typeof value === "string"
    ? value
    : value instanceof Error
      ? value.message
      : (JSON.stringify(value) ?? String(value));
}

/** The JSON lines of one entry; several if the message is too long for one. */
export function logLines(level: LogLevel, message: string, fields: Record<string, unknown>, now: Date): string[] {
  const timestamp = now.toISOString().replace("Z", "000Z");
  const head = { "@level": level, "@message": "", "@module": "daytona", "@timestamp": timestamp };
  const rest = Object.fromEntries(
    Object.entries(fields)
      .filter(([, v]) => v !== undefined)
      .map(([k, v]) => [k, scalar(v)]),
  );
  const line = (text: string, extra: object): string => JSON.stringify({ ...head, "@message": text, ...extra });
  const pieces = (text: string, extra: object): string[] => {
    const whole = line(text, extra);
    if (Buffer.byteLength(whole) <= longestLine || text.length < 2) {
      return Buffer.byteLength(whole) <= longestLine ? [whole] : [line(text, {})];
    }
    const [first, second] = halves(text);
    return [...pieces(first, extra), ...pieces(second, {})];
  };
  return pieces(message, rest);
}

/** A log that writes to Terraform's provider log. `clean` removes secrets, and what would steer a terminal, from a text. */
export function createLog(
  threshold: LogLevel | undefined,
  clean: (text: string) => string,
  write = (text: string) => writeAll(2, text),
): Log {
  const lowest = threshold === undefined ? levels.length : levels.indexOf(threshold);
  return (level, message, fields = {}) => {
    if (levels.indexOf(level) < lowest) return;
    // Before it becomes JSON: Terraform prints what the JSON says. And after: a secret with a quotation mark or a backslash looks different in JSON.
    const safe = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name,
        value === undefined || typeof scalar(value) !== "string" ? value : clean(text(value)),
      ]),
    );
    for (const line of logLines(level, clean(message), safe, new Date())) write(`${clean(line)}\n`);
  };
}
