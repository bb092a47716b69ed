import type { Clock, LifecycleLog } from "../contract";

const MIB = 2 ** 20;

/** Where progress goes: a text, or a bar where the log draws one. */
export type ProgressLog = Pick<LifecycleLog, "progress" | "transfer">;

/** How far the upload of all archives of one snapshot is. */
export interface UploadProgress {
  /** Bytes that the storage has confirmed. */
  readonly sentBytes: number;
  /** Bytes to send: without archives that the storage has already. */
  readonly totalBytes: number;
  /** Average since the beginning; 0 while it is unknown. */
  readonly bytesPerSecond: number;
}

/** Tells of the upload at most once in a while, and at its end. */
export class ProgressMeter {
  #sent = 0;
  #told = -Infinity;
  readonly #begun: number;

  constructor(
    private readonly totalBytes: number,
    private readonly everyMs: number,
    private readonly clock: Pick<Clock, "now">,
    private readonly tell: (progress: UploadProgress) => void,
  ) {
    this.#begun = clock.now();
  }

  add(bytes: number): void {
    this.#sent += bytes;
    const now = this.clock.now();
    if (now - this.#told < this.everyMs && this.#sent < this.totalBytes) return;
    this.#told = now;
    const ms = now - this.#begun;
    this.tell({
      sentBytes: this.#sent,
      totalBytes: this.totalBytes,
      bytesPerSecond: ms > 0 ? Math.round((this.#sent * 1000) / ms) : 0,
    });
  }
}

/** How often a bar is told, in ms. */
export const EVENT_MS = 250;
const TEXT_MS = 2_000;

/** A meter that tells the log: a bar where the log draws one, else a text. */
export function transferMeter(
  log: ProgressLog,
  clock: Pick<Clock, "now">,
  totalBytes: number,
  doing: string,
): ProgressMeter {
  return new ProgressMeter(totalBytes, log.transfer ? EVENT_MS : TEXT_MS, clock, (progress) =>
    tellTransfer(log, progress, doing),
  );
}

/** The same for a transfer whose size becomes known on the way: `add` gets the sums. */
export function growingMeter(
  log: ProgressLog,
  clock: Pick<Clock, "now">,
  doing: string,
): (sentBytes: number, totalBytes: number) => void {
  const begun = clock.now();
  let told = begun;
  return (sentBytes, totalBytes) => {
    const now = clock.now();
    if (now - told < (log.transfer ? EVENT_MS : TEXT_MS)) return;
    told = now;
    tellTransfer(log, { sentBytes, totalBytes, bytesPerSecond: Math.round((sentBytes * 1000) / (now - begun)) }, doing);
  };
}

/** Tells how far the reading of a build context is, as of a transfer. The first word comes when it takes long. */
export function readingMeter(
  log: ProgressLog,
  clock: Pick<Clock, "now">,
): (readBytes: number, totalBytes: number) => void {
  return growingMeter(log, clock, "reading the build context");
}

function tellTransfer(log: ProgressLog, progress: UploadProgress, doing: string): void {
  if (log.transfer) log.transfer({ ...progress, doing });
  else log.progress(progressText(progress, doing));
}

/** `uploading the build context: 12.0 of 30.0 MiB, 4.1 MiB/s` */
export function progressText({ sentBytes, totalBytes, bytesPerSecond }: UploadProgress, doing: string): string {
  const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
  return `${doing}: ${mib(sentBytes)} of ${mib(totalBytes)} MiB${bytesPerSecond > 0 ? `, ${mib(bytesPerSecond)} MiB/s` : ""}`;
}
