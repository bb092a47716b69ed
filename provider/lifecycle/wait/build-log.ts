import type { SnapshotApi } from "../../api/client";
import type { Clock, LifecycleLog } from "../contract";

/** Number of lines that an error shows. */
export const TAIL_LINES = 30;

/** Of a line in an error, in characters. The log itself has all of it. */
const LONGEST_LINE = 2_000;

/** Follows the log of a build. The log is shown but never decides the outcome. */
export class BuildLog {
  private readonly lines: string[] = [];
  private heard = 0;
  private stop = new AbortController();
  private stream: Promise<void> | null = null;

  constructor(
    private readonly api: SnapshotApi,
    private readonly clock: Clock,
    private readonly log: LifecycleLog,
    private readonly id: string,
  ) {}

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
    return [...this.lines];
  }

  /** After a success: waits up to `graceMs` for a started stream to end, so that its last lines are shown. */
  async rest(graceMs: number): Promise<void> {
    if (this.stream !== null) await this.settle(graceMs);
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
      this.lines.push(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line);
      if (this.lines.length > TAIL_LINES) this.lines.shift();
      this.log.buildLine(line);
    };
    try {
      await this.api.buildLog(this.id, onLine, { signal });
    } catch (error) {
      if (!signal.aborted)
        this.log.debug(`build log of ${this.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
