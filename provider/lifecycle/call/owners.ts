import type { Clock } from "../contract";

/** A resource of the tool: its URN, or another name that stays the same. undefined: the tool does not tell which one it is. */
export type Owner = string | undefined;

/** A snapshot that this process created or adopted. */
interface Made {
  id: string;
  adopted: boolean;
  owner: Owner;
}

/** Who asks for a snapshot: a call in progress. */
export interface Claimant {
  owner?: Owner;
  readonly verb: "create" | "update" | "delete";
}

/** A delete whose request may be on its way. */
export interface Removal {
  /**
   * Ends the claim, because the snapshot is gone or the delete failed.
   * @param doubtful a request was sent and its answer is not known, so the snapshot may still disappear: it is not adopted any more
   */
  release(doubtful?: boolean): void;
}

/**
 * Who manages which snapshot, as far as this process has been told, so that no resource deletes or adopts what another one manages.
 * Nothing here waits between a check and the claim that follows from it: whoever asks first has the snapshot.
 */
export class Owners {
  /** Resources that keep a snapshot in this run, by the ID of the snapshot. */
  private readonly keepers = new Map<string, Set<string>>();
  /** Snapshots that a create adopts or has adopted, by ID. */
  private readonly adopted = new Map<string, Claimant>();
  /** By name. */
  private readonly made = new Map<string, Made>();
  /** Number of deletes whose request may be on its way, by ID. */
  private readonly removals = new Map<string, number>();
  /** Snapshots that a lost request may still delete. */
  private readonly doubtful = new Set<string>();
  /** Number of delete calls in progress, by ID. */
  private readonly departures = new Map<string, number>();
  private lastDeparture = -Infinity;
  private lastKept: number;
  private readonly waiting = new Set<() => void>();

  /** @param independent whether calls know nothing of each other: then nothing is remembered, and every claim succeeds */
  constructor(
    private readonly clock: Clock,
    private readonly independent = false,
  ) {
    this.lastKept = clock.now();
  }

  /** Tells that a resource keeps the snapshot in this run. */
  keep(id: string, owner: string): void {
    if (this.independent) return;
    const known = this.keepers.get(id) ?? new Set();
    this.keepers.set(id, known);
    if (!known.has(owner)) this.lastKept = this.clock.now();
    known.add(owner);
    this.changed();
  }

  /** Takes `keep` back: the resource is replaced or deleted after all. */
  letGo(id: string, owner: string): void {
    this.keepers.get(id)?.delete(owner);
    if (this.keepers.get(id)?.size === 0) this.keepers.delete(id);
    this.changed();
  }

  /** Whether a resource other than `owner` keeps the snapshot. */
  keptByOther(id: string, owner: Owner): boolean {
    return [...(this.keepers.get(id) ?? [])].some((keeper) => keeper !== owner);
  }

  /** Tells that a create made the snapshot. */
  created(name: string, id: string, owner: Owner): void {
    if (!this.independent) this.made.set(name, { id, adopted: false, owner });
  }

  /** Takes `created` and `adopt` back: the snapshot under this name was removed again. */
  forget(name: string): void {
    const known = this.made.get(name);
    if (known?.adopted) this.adopted.delete(known.id);
    this.made.delete(name);
    this.changed();
  }

  /** The snapshot that this process created or adopted under the name. */
  madeUnder(name: string | null): Readonly<Made> | undefined {
    return name === null ? undefined : this.made.get(name);
  }

  /**
   * Claims a snapshot for adoption: from now on, no delete of this process sends a request for it.
   * @returns false: a delete is on its way, or another resource manages the snapshot
   */
  adopt(name: string, id: string, by: Claimant): boolean {
    if (this.independent) return true;
    if (this.leaving(id) || this.doubtful.has(id) || this.managedByOther(id, by) || this.made.get(name)?.id === id)
      return false;
    this.adopted.set(id, by);
    this.made.set(name, { id, adopted: true, owner: by.owner });
    this.changed();
    return true;
  }

  /** Tells that a delete of the snapshot has been asked for, and may send its request soon. @returns ends the call */
  depart(id: string): () => void {
    if (this.independent) return () => undefined;
    return this.counted(this.departures, id);
  }

  /**
   * Claims a snapshot for removal, directly before a DELETE.
   * @returns null: another resource manages the snapshot
   */
  remove(id: string, by: Claimant): Removal | null {
    if (this.independent) return { release: () => undefined };
    if (this.managedByOther(id, by)) return null;
    const end = this.counted(this.removals, id);
    return {
      release: (doubtful = false) => {
        if (doubtful) this.doubtful.add(id);
        end();
      },
    };
  }

  /** Whether the snapshot is none of `by`'s: another resource keeps it, or a create has adopted it. */
  managedByOther(id: string, by: Claimant): boolean {
    return this.adoptedByOther(id, by) || this.keptByOther(id, by.owner);
  }

  /** A delete after an adoption comes from an older state, even if it is that of the same resource. */
  private adoptedByOther(id: string, by: Claimant): boolean {
    const adopter = this.adopted.get(id);
    if (adopter === undefined || adopter === by) return false;
    return by.verb !== "update" || (by.owner !== undefined && by.owner !== adopter.owner);
  }

  /** Whether a request to delete the snapshot may be on its way. */
  leaving(id: string): boolean {
    return this.removals.has(id);
  }

  /** Whether a delete of the snapshot is in progress, even if it has not sent a request yet. */
  departing(id: string): boolean {
    return this.leaving(id) || this.departures.has(id);
  }

  /** Whether calls know of each other. */
  get remembers(): boolean {
    return !this.independent;
  }

  /** For how long this process has had no delete in progress, in ms; 0 while there is one. */
  get withoutDeletes(): number {
    return this.departures.size > 0 ? 0 : this.clock.now() - this.lastDeparture;
  }

  /** For how long nobody has told of another resource that keeps a snapshot, in ms. */
  get quietFor(): number {
    return this.independent ? Infinity : this.clock.now() - this.lastKept;
  }

  /** Resolves after the next change, after `ms`, or when `signal` is aborted. */
  async change(ms: number, signal: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const end = (): void => enough.abort();
    this.waiting.add(end);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    try {
      await this.clock.sleep(ms, enough.signal).catch(() => undefined);
    } finally {
      this.waiting.delete(end);
      signal.removeEventListener("abort", end);
    }
  }

  private counted(counts: Map<string, number>, id: string): () => void {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    this.lastDeparture = this.clock.now();
    this.changed();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (counts.get(id) ?? 1) - 1;
      if (left > 0) counts.set(id, left);
      else counts.delete(id);
      this.lastDeparture = this.clock.now();
      this.changed();
    };
  }

  private changed(): void {
    for (const wake of [...this.waiting]) wake();
  }
}
