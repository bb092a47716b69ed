import type { Transfer } from "../../lifecycle";
import { type Io, USUAL_WIDTH } from "../io";

/** In ms: how often a line without news is printed where there is no terminal. */
const QUIET_MS = 30_000;
/** Columns of a bar. */
const BAR = 30;

export interface ReporterOptions {
  quiet: boolean;
  verbose: boolean;
  /** Leaves progress out, because another reporter draws on the same terminal. */
  undrawn?: boolean;
  /** Of the one of several things that this tells of: before each line of progress. */
  name?: string;
  /** Removes secrets. */
  clean(text: string): string;
  now?(): number;
}

/** Progress on stderr: a spinner on a terminal; elsewhere a line at each change of state, and at most one every 30 seconds besides. */
export class Reporter {
  private spinner: { update(text: string): unknown; stop(): unknown } | null = null;
  private last = "";
  private toldAt = -Infinity;

  constructor(
    private readonly io: Io,
    private readonly options: ReporterOptions,
  ) {}

  progress(text: string): void {
    if (this.options.quiet || this.options.undrawn === true) return;
    const { name } = this.options;
    const line = this.options.clean(name === undefined ? text : `${name}: ${text}`).replace(/\s*\n\s*/g, " ");
    if (this.draws) return this.spin(line);
    // "pulling, 12 s" is no news after "pulling, 2 s".
    const state = line.replace(/, \d+ s$|: [\d.]+ of .*$/, "");
    const now = (this.options.now ?? Date.now)();
    if (state === this.last && now - this.toldAt < QUIET_MS) return;
    this.last = state;
    this.toldAt = now;
    this.io.err(`${line}\n`);
  }

  /** A bar with bytes and rate; on a terminal only. */
  transfer({ doing, sentBytes, totalBytes, bytesPerSecond }: Transfer): void {
    const size = (bytes: number): string =>
      bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    const done = totalBytes > 0 ? Math.min(1, sentBytes / totalBytes) : 1;
    const numbers = ` ${String(Math.floor(done * 100)).padStart(3)} %  ${size(sentBytes)} of ${size(totalBytes)}${bytesPerSecond > 0 ? `, ${size(bytesPerSecond)}/s` : ""}`;
    const room = Math.min(BAR, this.width - 3 - doing.length - 1 - numbers.length);
    const full = Math.round(done * room);
    this.spin(`${doing}${room >= 8 ? ` ${"█".repeat(full)}${"░".repeat(room - full)}` : ""}${numbers}`);
  }

  /** Whether `transfer` can draw. */
  get draws(): boolean {
    const { quiet, verbose, undrawn } = this.options;
    return this.io.errColumns !== undefined && !quiet && !verbose && undrawn !== true;
  }

  /** A line that stays: of a build log, or a warning. */
  line(text: string): void {
    this.stop();
    this.io.err(`${this.options.clean(text)}\n`);
  }

  /** Whether `buildLine` shows anything. */
  get showsBuild(): boolean {
    return !this.options.quiet;
  }

  buildLine(text: string): void {
    if (this.showsBuild) this.line(text);
  }

  debug(text: string): void {
    if (this.options.verbose) this.line(text);
  }

  stop(): void {
    this.spinner?.stop();
    this.spinner = null;
  }

  private get width(): number {
    return this.io.errColumns || USUAL_WIDTH;
  }

  private spin(text: string): void {
    const line = text.slice(0, Math.max(10, this.width - 3));
    if (this.spinner !== null) return void this.spinner.update(line);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only on a terminal
    const { createSpinner } = require("nanospinner") as typeof import("nanospinner");
    // The spinner counts the lines that it clears by this width: with 0 columns, they would be infinitely many.
    const stream = {
      write: (part: string) => (this.io.err(part), true),
      columns: this.width,
    } as unknown as NodeJS.WriteStream;
    const spinner = createSpinner(line, { stream });
    // Not start(): it ends the process at Ctrl-C, before the command has said what exists.
    spinner.loop();
    const end = (): void => void spinner.stop().clear();
    // The cursor is hidden meanwhile.
    process.once("exit", end);
    this.spinner = {
      update: (next) => spinner.update({ text: next }),
      stop: () => (process.removeListener("exit", end), end()),
    };
  }
}
