import { ApiError, apiFailure, connect, ConfigError, type CallContext, type Connected, type Outcome, type SnapshotDto } from "../lifecycle";
import { parseDuration } from "../snapshot";
import type { Notice, SnapshotRecord } from "../snapshot/record";
import { fromImport } from "../snapshot/observed";
import type { SourceReader } from "../source/source-reader";
import { FleetError } from "../fleet/resource";
import { environmentSecrets, Redactor } from "../tool/redactor";
import { version } from "../version.gen";
import { exitCodes, type Io } from "./io";
import { type Format, printError, printWarning } from "./output/print";
import { Reporter } from "./output/reporter";
import { cliWords } from "./words";

/** Flags of every command. */
export interface CommonFlags {
  format?: Format;
  quiet?: boolean;
  verbose?: boolean;
  timeout?: string;
  wait?: boolean;
}

/** A message and the exit code that it ends the command with. */
export class Stop extends Error {
  /** @param notice null: everything has been said */
  constructor(readonly notice: Pick<Notice, "summary" | "detail"> | null, readonly code: number = exitCodes.error, readonly status: number | null = null) {
    super(notice?.summary);
  }
}

/** A wrong use of a flag. */
export function usage(summary: string, detail = ""): Stop {
  return new Stop({ summary, detail }, exitCodes.usage);
}

/** One command in progress. */
export class Session {
  readonly reporter: Reporter;
  readonly format: Format;
  private reader: SourceReader | null = null;
  private readonly redactor: Redactor;
  private connected: Connected | null = null;

  constructor(readonly io: Io, readonly flags: CommonFlags) {
    this.format = flags.format ?? "table";
    this.redactor = new Redactor(environmentSecrets(io.env));
    this.reporter = new Reporter(io, { quiet: flags.quiet === true, verbose: flags.verbose === true, clean: (text) => this.redactor.text(text) });
  }

  /** Shared with the lifecycle, so that files are hashed once. */
  get sources(): SourceReader {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a list reads no source
    this.reader ??= (require("../source/source-reader") as typeof import("../source/source-reader")).createSourceReader({ env: this.io.env });
    return this.reader;
  }

  get connection(): Connected {
    const sources: SourceReader = { prepare: (...args) => this.sources.prepare(...args) };
    this.connected ??= connect({}, this.io.env, { debug: (message) => this.reporter.debug(message) }, { userAgent: `daytona-iac/${version} cli`, configurable: false, sources });
    return this.connected;
  }

  get signal(): AbortSignal {
    return this.io.signal ?? new AbortController().signal;
  }

  /** @throws Stop for a time that is none */
  context(): CallContext {
    const { timeout, wait } = this.flags;
    const ms = timeout === undefined ? null : parseDuration(/^\d+$/.test(timeout) ? `${timeout}s` : timeout);
    if (timeout !== undefined && (ms === null || ms <= 0)) throw usage(`--timeout ${timeout} is not a duration`, 'Use a number with a unit, such as "45m", "1h30m" or "90s".');
    return {
      signal: this.signal, words: cliWords, wait: wait !== false,
      log: { debug: (message) => this.reporter.debug(message), progress: (message) => this.reporter.progress(message), buildLine: (line) => this.reporter.buildLine(line), ...(this.reporter.draws ? { transfer: (progress) => this.reporter.transfer(progress) } : {}) },
      ...(ms === null ? {} : { timeoutMs: ms }),
    };
  }

  /**
   * A snapshot by name or ID.
   * @param doing beginning of the message: `deleting snapshot "x"`
   * @throws Stop if there is none
   */
  async find(idOrName: string, doing: string): Promise<SnapshotDto> {
    const found = await this.connection.findSnapshot(idOrName, this.signal);
    if (found === null) throw new Stop({ summary: `${doing}: no such snapshot`, detail: "No snapshot in this organization has this name or ID. Names are case-sensitive. Run `daytona-iac snapshot list` to see them." }, exitCodes.error, 404);
    return found;
  }

  /** The same for a snapshot to change, as a record. @throws Stop for a general one */
  async own(idOrName: string, doing: string): Promise<{ dto: SnapshotDto; record: SnapshotRecord }> {
    const dto = await this.find(idOrName, doing);
    if (dto.general) throw new Stop({ summary: `${doing}: it belongs to another organization`, detail: `Snapshot ${dto.id} is a general snapshot: every organization can use it, but only its owner can change it.` });
    return { dto, record: fromImport(dto).record };
  }

  /** Without secrets of the environment. */
  redacted(text: string): string {
    return this.redactor.text(text);
  }

  /** Prints what an outcome has to say; ends the command unless it succeeded. @throws Stop */
  judge(outcome: Outcome): void {
    this.reporter.stop();
    for (const warning of outcome.warnings) printWarning(this.io, this.clean(warning));
    if (outcome.error) throw new Stop(outcome.error);
    if (outcome.interrupted) throw new Stop(null);
  }

  /** Runs a command; prints its error. Resolves with the exit code. */
  async run(doing: string, body: () => Promise<number | void>): Promise<number> {
    try {
      return (await body()) ?? exitCodes.ok;
    } catch (error) {
      return this.told(doing, error);
    } finally {
      this.reporter.stop();
      this.connected?.close();
    }
  }

  /** One of several things that a command does; prints its error. Resolves with the exit code that it would end with. */
  async part(body: () => Promise<void>): Promise<number> {
    try {
      await body();
      return exitCodes.ok;
    } catch (error) {
      return this.told("the command", error);
    }
  }

  /** Prints an error. Returns the exit code. */
  private told(doing: string, error: unknown): number {
    this.reporter.stop();
    const { notice, code, status } = this.stopOf(doing, error);
    if (notice !== null) printError(this.io, this.clean(notice), this.format, status);
    return code;
  }

  private stopOf(doing: string, error: unknown): Stop {
    if (error instanceof Stop) return error;
    if (error instanceof FleetError) return new Stop({ summary: `${doing}: ${error.summary}`, detail: error.detail });
    if (error instanceof ApiError) return new Stop(apiFailure(doing, error, this.connected?.connection.sources), exitCodes.error, error.status || null);
    if (error instanceof ConfigError) return new Stop({ summary: `${doing}: not configured`, detail: error.message });
    if (this.signal.aborted) return new Stop({ summary: `${doing}: interrupted`, detail: "Nothing was changed." });
    return new Stop({ summary: `${doing} failed`, detail: error instanceof Error ? error.message : String(error) });
  }

  private clean<N extends Pick<Notice, "summary" | "detail">>(notice: N): N {
    return { ...notice, summary: this.redactor.text(notice.summary), detail: this.redactor.text(notice.detail) };
  }
}
