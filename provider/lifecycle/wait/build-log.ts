import type { SnapshotApi } from "../../api/client";
import type { Clock, LifecycleLog } from "../contract";
import { LastAttempt } from "./last-attempt";

/** Number of lines that an error shows. */
export const TAIL_LINES = 30;

/** Of a line in an error, in characters. The log itself has all of it. */
const LONGEST_LINE = 2_000;

/** What is in a log already comes without such a pause, in ms; and for how long it may come. */
const QUIET_MS = 500;
const LONGEST_READING_MS = 3_000;

/**
 * Follows the log of a build. The log is shown but never decides the outcome, and its end is never waited for: of a failed build, a runner does not end
 * it. What earlier builds of the same text have written is not shown.
 */
export class BuildLog {
  private readonly attempt: LastAttempt;
  private heard = 0;
  private stop = new AbortController();
  private stream: Promise<void> | null = null;

  constructor(
    private readonly api: SnapshotApi,
    private readonly clock: Clock,
    private readonly log: LifecycleLog,
    private readonly id: string,
    /** Whether no build of this text was before. */
    private readonly isFirst = true,
  ) {
    this.attempt = new LastAttempt(isFirst, (line) => log.buildLine(line), TAIL_LINES);
  }

  /** Starts the stream. Later calls do nothing. */
  start(): void {
    this.stream ??= this.follow();
  }

  /** After a failure: waits up to `graceMs` for the stream to end and returns the last lines. An empty log is requested once more. */
  async tail(graceMs: number): Promise<string[]> {
    this.start();
    await this.settle(graceMs);
    if (this.heard === 0) {
      this.close();
      this.stop = new AbortController();
      this.stream = this.follow();
      await this.settle(graceMs);
    }
    this.close();
    return this.attempt.end().map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  }

  /** After a success: waits up to `graceMs` for a started stream to end, so that its last lines are shown. */
  async rest(graceMs: number): Promise<void> {
    if (this.stream === null) return;
    await this.settle(graceMs);
    this.attempt.end();
  }

  close(): void {
    this.stop.abort();
  }

  private async settle(ms: number): Promise<void> {
    const enough = new AbortController();
    await Promise.race([this.stream, this.clock.sleep(ms, enough.signal).catch(() => undefined)]);
    enough.abort();
  }

  private async follow(): Promise<void> {
    const { signal } = this.stop;
    const onLine = (line: string): void => {
      if (signal.aborted) return;
      this.heard += 1;
      if (this.heard === 1 && !this.isFirst) void this.untilQuiet(signal);
      this.attempt.push(line);
    };
    try {
      await this.api.buildLog(this.id, onLine, { signal });
    } catch (error) {
      if (!signal.aborted)
        this.log.debug(`build log of ${this.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** What was written before we listened has been read when a pause comes. */
  private async untilQuiet(signal: AbortSignal): Promise<void> {
    for (let waited = 0, before = 0; !signal.aborted; waited += QUIET_MS) {
      if (this.heard === before || waited >= LONGEST_READING_MS) return this.attempt.quiet();
      before = this.heard;
      await this.clock.sleep(QUIET_MS, signal).catch(() => undefined);
    }
  }
}
