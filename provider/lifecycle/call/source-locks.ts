/** `settle`: a create or an activation, alone. `remove`: a delete, together with other deletes only. */
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
 * Keeps snapshots of one source apart inside this process. Two identical builds or pulls that overlap can fail, and removing
 * a snapshot takes the image off the runners while another one of the same source is not active yet.
 * First come, first served, so that neither kind starves. A call must never hold two locks.
 */
export class SourceLocks {
  private readonly lines = new Map<string, Line>();

  /** Answers with the function that releases the lock; rejects when `signal` is aborted first. */
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

  /** Keys in use: for tests of leaks. */
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
    if (!line.settling && line.removing === 0 && line.waiting.length === 0 && this.lines.get(key) === line) this.lines.delete(key);
  }
}
