import { abortable, type ApiClock, allowManyListeners } from "../clock";
import { type FetchPage, pagesFor, restOfPages } from "./pages";
import type { SnapshotDto, SnapshotPage } from "../types";

export interface BatchOptions {
  /** One snapshot by UUID; null: 404. */
  single(id: string, signal: AbortSignal): Promise<SnapshotDto | null>;
  page(page: number, signal: AbortSignal): Promise<SnapshotPage>;
  clock: ApiClock;
  /** How long reads are collected, in ms. Defaults to 4: a tool that reads several snapshots starts the reads within that time. */
  windowMs?: number;
}

/** How long a listing may be used, in ms (30 s). */
const KEEP_MS = 30_000;

/**
 * The pages read since the last write, kept for at most 30 s, and the number of single reads. A listing belongs to one epoch, so that one
 * that was begun before a write is never used after it.
 */
interface Epoch {
  begun: number;
  singles: number;
  listed: Map<string, SnapshotDto>;
  first: SnapshotPage | null;
  whole: boolean;
}

interface Waiting {
  id: string;
  resolve(dto: SnapshotDto | null): void;
  reject(error: unknown): void;
  gone: boolean;
  /** Called once when the reader aborts. */
  onGone(): void;
  /** A write has invalidated the listing that it waited for. */
  stale: boolean;
}

/**
 * Combines reads into list calls where that takes fewer requests, without knowing how many reads will follow: snapshots are read one by one
 * until that has cost as much as the remaining pages, then the pages are read ("ski rental"). So it never takes more than twice the requests
 * of the better choice.
 */
export class BatchedReads {
  private epoch: Epoch | null = null;
  private pending: Waiting[] = [];
  private gathering = false;
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly options: BatchOptions) {}

  /** A snapshot by UUID; null: the API returned 404. */
  read(id: string, signal?: AbortSignal): Promise<SnapshotDto | null> {
    allowManyListeners(signal);
    const known = signal?.aborted ? undefined : this.known(id);
    if (known !== undefined) return Promise.resolve(known);
    let waiting: Waiting | undefined;
    const work = new Promise<SnapshotDto | null>((resolve, reject) => {
      waiting = { id, resolve, reject, gone: false, onGone: () => undefined, stale: false };
      this.pending.push(waiting);
      this.gather();
    });
    const left = (): void => {
      if (waiting === undefined) return;
      waiting.gone = true;
      waiting.onGone();
    };
    signal?.addEventListener("abort", left, { once: true });
    return abortable(work, signal).finally(() => signal?.removeEventListener("abort", left));
  }

  /** A write begins or ends, so earlier listings must not be used any more. */
  invalidate(): void {
    this.epoch = null;
  }

  /** Answers from an existing listing without waiting. */
  private known(id: string): SnapshotDto | undefined {
    const { epoch } = this;
    if (epoch === null || this.options.clock.now() - epoch.begun > KEEP_MS) return undefined;
    const listed = epoch.listed.get(id);
    return listed?.state === "active" ? listed : undefined;
  }

  private get windowMs(): number {
    return this.options.windowMs ?? 4;
  }

  /** Takes all waiting reads that have not been aborted. */
  private arrived(): Waiting[] {
    return this.pending.splice(0).filter((waiting) => !waiting.gone);
  }

  private gather(): void {
    if (this.gathering) return;
    this.gathering = true;
    void this.options.clock.sleep(this.windowMs).then(() => {
      // Batches run one after the other, so that a later one can use the listing of an earlier one.
      this.turn = this.turn.then(() => this.decide()).catch(() => undefined);
    });
  }

  private current(): Epoch {
    const now = this.options.clock.now();
    if (this.epoch === null || now - this.epoch.begun > KEEP_MS) {
      this.epoch = { begun: now, singles: 0, listed: new Map(), first: null, whole: false };
    }
    return this.epoch;
  }

  private async decide(): Promise<void> {
    this.gathering = false;
    const batch = this.arrived();
    if (batch.length === 0) return;
    const epoch = this.current();
    const alone = epoch.first === null && epoch.singles === 0 && countIds(batch) === 1;
    if (alone || batch.every((waiting) => waiting.stale)) return this.readSingly(epoch, batch);
    try {
      await this.list(epoch, batch);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }

  /** Answers from the first page, and from the others if that takes fewer requests than reading what is left one by one. Reads that arrive meanwhile are added to `batch`. */
  private async list(epoch: Epoch, batch: Waiting[]): Promise<void> {
    let signal = untilAbandoned(batch);
    const fetch: FetchPage = (page) => this.options.page(page, signal);
    if (epoch.first === null) {
      this.take(epoch, (epoch.first = await fetch(1)));
      // Reads that arrived in the meantime count in the decision about the remaining pages.
      batch.push(...this.arrived());
    }
    let left = batch.filter((waiting) => !this.answer(epoch, waiting));
    // After a write in between, these are read again, and one by one if it happens a second time.
    if (this.epoch !== epoch) return this.again(left);
    const { first } = epoch;
    const remaining = epoch.whole ? 0 : pagesFor(first.total) - 1;
    if (!epoch.whole && left.length > 0 && countIds(left) + epoch.singles >= remaining) {
      signal = untilAbandoned(left);
      for (const page of await restOfPages(first, fetch, true)) this.take(epoch, page);
      epoch.whole = true;
      left = left.filter((waiting) => !this.answer(epoch, waiting));
    }
    if (this.epoch !== epoch) return this.again(left);
    this.readSingly(epoch, left);
  }

  private take(epoch: Epoch, page: SnapshotPage): void {
    for (const item of page.items) if (item.general !== true) epoch.listed.set(item.id, item);
    if (page === epoch.first && pagesFor(page.total) === 1) epoch.whole = true;
  }

  /** Answers from the listing if that is allowed. */
  private answer(epoch: Epoch, waiting: Waiting): boolean {
    if (this.epoch !== epoch) return false;
    const listed = epoch.listed.get(waiting.id);
    if (listed === undefined || listed.state !== "active") return false;
    waiting.resolve(listed);
    return true;
  }

  private again(left: Waiting[]): void {
    for (const waiting of left) waiting.stale = true;
    this.pending.unshift(...left);
    if (left.length > 0) this.gather();
  }

  private readSingly(epoch: Epoch, batch: Waiting[]): void {
    const byId = new Map<string, Waiting[]>();
    for (const waiting of batch) byId.set(waiting.id, [...(byId.get(waiting.id) ?? []), waiting]);
    for (const [id, same] of byId) {
      // Snapshots that a complete listing lacks must be read anyway; that is no reason to list again.
      if (!epoch.whole) epoch.singles++;
      this.options.single(id, untilAbandoned(same)).then(
        (dto) => same.forEach((waiting) => waiting.resolve(dto)),
        (error: unknown) => same.forEach((waiting) => waiting.reject(error)),
      );
    }
  }
}

function countIds(waiting: readonly Waiting[]): number {
  return new Set(waiting.map(({ id }) => id)).size;
}

/** A signal for shared work: aborted when nobody waits for it any more. */
function untilAbandoned(waiting: Waiting[]): AbortSignal {
  const controller = new AbortController();
  for (const one of waiting) {
    one.onGone = () => {
      if (waiting.every((other) => other.gone)) controller.abort();
    };
  }
  return controller.signal;
}
