/** `settle`: a create or an activation, exclusive. `remove`: a delete, shared with other deletes. */
export type LockKind = "settle" | "remove";

interface Waiter {
  kind: LockKind;
  grant: () => void;
}

interface Line {
  settling: boolean;
  removing: number;
  waiting: Waiter[];
}

/**
 * Serializes work on snapshots with the same source within this process. Identical builds or pulls that overlap can fail, and removing a
 * snapshot removes its image from the runners, also while another snapshot of the same source is not active yet.
 * Locks are granted in the order of the requests, so that neither kind starves. A call must never hold two locks.
 */
export class SourceLocks {
  private readonly lines = new Map<string, Line>();

  /** Resolves with a function that releases the lock. Rejects if `signal` is aborted first. */
  async take(kind: LockKind, key: string, signal: AbortSignal, onWait?: () => void): Promise<() => void> {
    if (signal.aborted) throw new Error("aborted");
    const line = this.lines.get(key) ?? { settling: false, removing: 0, waiting: [] };
    this.lines.set(key, line);
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { kind, grant: () => (signal.removeEventListener("abort", leave), resolve()) };
      const leave = (): void => {
        line.waiting = line.waiting.filter((other) => other !== waiter);
        signal.removeEventListener("abort", leave);
        this.advance(key, line);
        reject(new Error("aborted"));
      };
      signal.addEventListener("abort", leave);
      line.waiting.push(waiter);
      this.advance(key, line);
      if (line.waiting.includes(waiter)) onWait?.();
    });
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (kind === "settle") line.settling = false;
      else line.removing -= 1;
      this.advance(key, line);
    };
  }

  /** Number of keys in use, to test for leaks. */
  get size(): number {
    return this.lines.size;
  }

  private advance(key: string, line: Line): void {
    for (let next = line.waiting[0]; next; next = line.waiting[0]) {
      if (line.settling || (next.kind === "settle" && line.removing > 0)) break;
      line.waiting.shift();
      if (next.kind === "settle") line.settling = true;
      else line.removing += 1;
      next.grant();
    }
    if (!line.settling && line.removing === 0 && line.waiting.length === 0 && this.lines.get(key) === line)
      this.lines.delete(key);
  }
}
