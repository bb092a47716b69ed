import { readFileSync } from "node:fs";
import {
  ApiError,
  connect,
  ConfigError,
  type CallContext,
  type Connected,
  type ConnectionArgs,
  Failure,
  failureOfApi,
  type Outcome,
  type SnapshotDto,
  sentence,
} from "../lifecycle";
import { parseDuration } from "../resources/snapshot";
import type { FailureDetails } from "../kit/failure";
import type { Notice } from "../kit/notice";
import type { SnapshotRecord } from "../resources/snapshot/record";
import { fromImport } from "../resources/snapshot/observed";
import type { SourceReader } from "../source/source-reader";
import { FleetError } from "../fleet/resource";
import { flagOf } from "../kit/spell";
import { mapTexts } from "../kit/text/map-texts";
import { capital } from "../kit/words";
import { printable } from "../kit/text/printable";
import { systemErrorAtText } from "../kit/text/system-error";
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
  /** `-o`: the same as `--format`. */
  o?: Format;
  apiUrl?: string;
  apiKeyFile?: string;
  profile?: string;
}

/** A message and the exit code that it ends the command with. */
export class Stop extends Failure {
  /** Whether everything has been said already. */
  readonly silent: boolean;

  /** @param notice null: everything has been said */
  constructor(
    notice: Notice | null,
    readonly exitCode: number = exitCodes.error,
    details?: FailureDetails,
  ) {
    super(notice ?? { summary: "", detail: "" }, details);
    this.silent = notice === null;
  }
}

/** A wrong use of a flag. */
export function usage(summary: string, detail = ""): Stop {
  return new Stop({ summary, detail }, exitCodes.usage, { code: "invalid" });
}

/** A name that is empty is that of nothing, most likely a variable of a shell that is not set. @throws Stop before anything is done */
export function refuseEmptyNames(names: readonly string[]): void {
  if (names.includes(""))
    throw usage("a name is empty", "Nothing was changed. A shell variable in its place may be unset.");
}

/** The same for everything that is wrong with what the flags write. */
export function usageOf([first, ...others]: readonly [Notice, ...Notice[]]): Stop {
  return usage(
    first.summary,
    [first.detail, ...others.map(({ summary, detail }) => `${summary}: ${detail}`)].join("\n"),
  );
}

/**
 * What the flags say of the connection.
 * @param learn gets the key, which is to be in no text @throws Stop for a file that has no key
 */
export function connectionArgs(
  { apiUrl, apiKeyFile, profile }: Pick<CommonFlags, "apiUrl" | "apiKeyFile" | "profile">,
  learn: (secret: string) => void = () => undefined,
): ConnectionArgs {
  if (apiKeyFile !== undefined && profile !== undefined)
    throw usage(
      "--api-key-file cannot be combined with --profile",
      "Both select the credentials to use. Remove one of them.",
    );
  const args = { apiUrl: apiUrl ?? null, profile: profile ?? null };
  if (apiKeyFile === undefined) return args;
  let apiKey: string;
  try {
    apiKey = readFileSync(apiKeyFile, "utf8").trim();
  } catch (error) {
    throw usage(`--api-key-file ${apiKeyFile} cannot be read`, systemErrorAtText(error));
  }
  if (apiKey === "") throw usage(`--api-key-file ${apiKeyFile} is empty`, "Write only the API key into it.");
  learn(apiKey);
  return { ...args, apiKey };
}

/** How the command line spells an argument of the connection: the flag, or the variable where there is none. */
function connectionWord(attribute: string): string {
  if (attribute === "apiKey") return "--api-key-file";
  return attribute === "organizationId" ? "DAYTONA_ORGANIZATION_ID" : flagOf(attribute);
}

/** One command in progress. */
export class Session {
  readonly reporter: Reporter;
  readonly format: Format;
  private reader: SourceReader | null = null;
  private readonly redactor: Redactor;
  private connected: Connected | null = null;

  readonly io: Io;

  constructor(
    io: Io,
    readonly flags: CommonFlags,
  ) {
    // Messages have names and reasons of the API in them. The rest of `io` stays as it is: its signal is made when it is asked for.
    this.io = Object.create(io, { err: { value: (text: string) => io.err(printable(text)) } }) as Io;
    this.format = flags.format ?? flags.o ?? "table";
    this.redactor = new Redactor(environmentSecrets(io.env));
    this.reporter = this.reporterOn(io);
  }

  /**
   * The same command with an output of its own, for one of several things that it does at a time. What a terminal draws is the command's own.
   * @param name before each line of its progress
   * @throws ConfigError
   */
  fork(output: Pick<Io, "out" | "err">, name: string): Session {
    // Connects here, so that all of them share the connection.
    void this.connection;
    const io = Object.create(this.io, {
      out: { value: output.out },
      err: { value: (text: string) => output.err(printable(text)) },
    }) as Io;
    const drawn = this.reporter.draws;
    return Object.create(this, {
      io: { value: io },
      reporter: { value: this.reporterOn(io, drawn, name) },
    }) as Session;
  }

  /** How many things are done at a time. @throws ConfigError */
  get lanes(): number {
    return this.connection.connection.maxConcurrency;
  }

  private reporterOn(io: Io, undrawn = false, name?: string): Reporter {
    return new Reporter(io, {
      quiet: this.flags.quiet === true,
      verbose: this.flags.verbose === true,
      undrawn,
      ...(name === undefined ? {} : { name }),
      clean: (text) => this.redactor.text(text),
    });
  }

  /** Shared with the lifecycle, so that files are hashed once. */
  get sources(): SourceReader {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a list reads no source
    this.reader ??= (require("../source/source-reader") as typeof import("../source/source-reader")).createSourceReader(
      { env: this.io.env },
    );
    return this.reader;
  }

  get connection(): Connected {
    const sources: SourceReader = {
      prepare: (...args) => this.sources.prepare(...args),
      recall: (hash) => this.sources.recall?.(hash) ?? null,
    };
    this.connected ??= connect(
      connectionArgs(this.flags, (secret) => this.learn(secret)),
      this.io.env,
      { debug: (message) => this.reporter.debug(message) },
      {
        userAgent: `daytona-iac/${version} cli`,
        configurable: false,
        spell: connectionWord,
        sources,
        independent: true,
      },
    );
    // That of a profile is in no environment.
    this.learn(this.connected.connection.credentials.token());
    return this.connected;
  }

  get signal(): AbortSignal {
    return this.io.signal ?? new AbortController().signal;
  }

  /** @throws Stop for a time that is none */
  context(): CallContext {
    const { timeout, wait } = this.flags;
    const ms = timeout === undefined ? null : parseDuration(/^\d+$/.test(timeout) ? `${timeout}s` : timeout);
    if (timeout !== undefined && (ms === null || ms <= 0))
      throw usage(
        `--timeout ${timeout} is not a duration`,
        'Use a number with a unit, such as "45m", "1h30m" or "90s".',
      );
    return {
      signal: this.signal,
      words: cliWords,
      wait: wait !== false,
      log: {
        debug: (message) => this.reporter.debug(message),
        progress: (message) => this.reporter.progress(message),
        buildLine: (line) => this.reporter.buildLine(line),
        // An error in JSON is read without the text beside it.
        showsBuild: this.reporter.showsBuild && this.format !== "json",
        ...(this.reporter.draws ? { transfer: (progress) => this.reporter.transfer(progress) } : {}),
      },
      ...(ms === null ? {} : { timeoutMs: ms }),
    };
  }

  /**
   * A snapshot by name or ID.
   * @param doing beginning of the message: `deleting snapshot "x"`
   * @throws Stop if there is none
   */
  async find(idOrName: string, doing: string): Promise<SnapshotDto> {
    refuseEmptyNames([idOrName]);
    const found = await this.connection.findSnapshot(idOrName, this.signal);
    if (found === null)
      throw new Stop(
        {
          summary: `${doing}: no such snapshot`,
          detail:
            "No snapshot in this organization has this name or ID. Names are case-sensitive. Run `daytona-iac snapshot list` to see them.",
        },
        exitCodes.error,
        { code: "not-found", status: 404 },
      );
    return found;
  }

  /** The same for a snapshot to change, as a record. @throws Stop for a general one */
  async own(idOrName: string, doing: string): Promise<{ dto: SnapshotDto; record: SnapshotRecord }> {
    const dto = await this.find(idOrName, doing);
    if (dto.general)
      throw new Stop({
        summary: `${doing}: it belongs to another organization`,
        detail: `Snapshot ${dto.id} is a general snapshot: every organization can use it, but only its owner can change it.`,
      });
    return { dto, record: fromImport(dto).record };
  }

  /** A secret that the command was given: it is in no text from now on. */
  learn(secret: string): void {
    this.redactor.learn(secret);
  }

  /** A value without secrets of the environment in its texts. */
  redacted<T>(value: T): T {
    return mapTexts(value, (text) => this.redactor.hide(text));
  }

  /** Prints a text on stdout that names something of the API. */
  say(text: string): void {
    this.io.out(printable(text));
  }

  /** Prints what an outcome has to say; ends the command unless it succeeded. @throws Stop */
  judge(outcome: Outcome): void {
    this.reporter.stop();
    for (const warning of outcome.warnings) printWarning(this.io, this.clean(warning));
    if (outcome.error) throw new Stop(outcome.error, exitCodes.error, outcome.failure);
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
    const { silent, notice, exitCode, status } = this.stopOf(doing, error);
    if (!silent) printError(this.io, this.clean(notice), this.format, status);
    return exitCode;
  }

  private stopOf(doing: string, error: unknown): Stop {
    if (error instanceof Stop) return error;
    if (error instanceof FleetError) return new Stop({ summary: `${doing}: ${error.summary}`, detail: error.detail });
    if (error instanceof ConfigError)
      return new Stop({ summary: `${doing}: not configured`, detail: capital(sentence(error.message)) });
    if (error instanceof ApiError)
      return this.stopOf(doing, failureOfApi(doing, error, this.connected?.connection.sources));
    if (error instanceof Failure) return new Stop(error.notice, exitCodes.error, error);
    if (this.signal.aborted) return new Stop({ summary: `${doing}: interrupted`, detail: "Nothing was changed." });
    return new Stop({ summary: `${doing} failed`, detail: systemErrorAtText(error) });
  }

  private clean<N extends Pick<Notice, "summary" | "detail">>(notice: N): N {
    return { ...notice, summary: this.redactor.text(notice.summary), detail: this.redactor.text(notice.detail) };
  }
}
