import type { Siblings } from "./siblings";

/** Where a claim of a resource on a snapshot goes: to the lifecycle of the connection. */
export interface Claims {
  keeps(id: string, owner: string): void;
  letsGo(id: string, owner: string): void;
}

/** Whoever keeps a snapshot for as long as it is not deleted for an entry of the state. */
const ANOTHER = "another entry of the state";

/**
 * Learns from the engine's calls which resources of the program keep which snapshot in this run, so that a Delete on behalf of an older
 * state, or of a resource that the program no longer has, never deletes what another resource manages. Nothing of it is in a state:
 * the engine calls Check and Diff of every resource that stays before any Delete of the same `up`, also long after the run in which two
 * came to share a snapshot (a rename with `adoptExisting`, `pulumi import`, `--target`).
 *
 * A Diff counts after a Check only: that of a refresh says nothing of the program. A Check without old inputs takes a claim back, because
 * the engine replaces the resource: `deleteBeforeReplace`, taint and `--target-replace` then delete the snapshot as they should.
 */
export class Keepers {
  /** Resources of the program that exist already, and what they keep. */
  readonly #kept = new Map<string, string | null>();
  /** Who has a name in the program, by name. */
  readonly #names = new Map<string, string>();
  /** Entries of the state that a refresh has found a snapshot for, by its ID. */
  readonly #found = new Map<string, Set<unknown>>();
  /** Snapshots that resources of the program only refer to. */
  readonly #referred = new Map<string, string>();

  /** Snapshots that resources have had since before this run. Only of these can an older state of the same resource be left. */
  readonly #stayed = new Map<string, string>();
  /** Resources that this run created or let adopt a snapshot, by its ID. */
  readonly #made = new Map<string, string>();
  /** What other processes of the engine keep. Null: there is no engine. */
  #siblings: Siblings | null = null;

  /** @param claims of the present connection; null while there is none */
  constructor(private readonly claims: () => Claims | null) {}

  /** Shares what is kept with the other provider processes of an engine. */
  join(siblings: Siblings): void {
    this.#siblings ??= siblings;
  }

  /** A connection of its own knows nothing of an earlier one. */
  reset(): void {
    this.#siblings?.close();
    this.#kept.clear();
    this.#names.clear();
    this.#found.clear();
    this.#referred.clear();
    this.#made.clear();
    this.#stayed.clear();
  }

  /** Check. `isNew`: without old inputs. */
  checked(owner: string, isNew: boolean): void {
    this.#release(owner);
    if (isNew) this.#kept.delete(owner);
    else this.#kept.set(owner, null);
  }

  /** Whose name it is, if not this resource's. The first that asks has it. */
  nameTaken(name: string, by: string): string | null {
    const holder = this.#names.get(name);
    if (holder !== undefined && holder !== by) return holder;
    this.#names.set(name, by);
    return null;
  }

  /** Diff of a resource in the state. */
  compared(owner: string, id: unknown, replaced: boolean): void {
    if (!this.#kept.has(owner)) return;
    this.holds(owner, replaced ? null : id);
    if (!replaced && typeof id === "string") this.#stayed.set(owner, id);
  }

  /** The resource was created, or has adopted the snapshot. The lifecycle knows that by itself; telling it again would hold up other adoptions. */
  created(owner: string, id: unknown): void {
    this.#release(owner);
    if (typeof id !== "string") return;
    this.#kept.set(owner, id);
    this.#made.set(id, owner);
    this.#siblings?.tell(id, true);
  }

  /** For a Delete: the resource that this run let adopt the snapshot, of which the state to delete is an older one; else the resource itself. */
  adopter(id: unknown, owner: string): string {
    return (typeof id === "string" ? this.#made.get(id) : undefined) ?? owner;
  }

  /** The resource has this snapshot from now on: it was updated, or stays as it is. */
  holds(owner: string, id: unknown): void {
    const stayed = this.#stayed.get(owner) === id;
    this.#release(owner);
    if (typeof id !== "string") return;
    if (stayed) this.#stayed.set(owner, id);
    this.#kept.set(owner, id);
    this.claims()?.keeps(id, owner);
    this.#siblings?.tell(id, true);
  }

  /** A refresh has found the snapshot of an entry of the state; without `owner`, of one that nobody can name. */
  found(id: unknown, owner: unknown = Symbol()): void {
    if (typeof id !== "string") return;
    const entries = this.#found.get(id) ?? new Set();
    this.#found.set(id, entries.add(owner));
  }

  /** The program refers to a snapshot instead of managing it: what the resource managed before is not deleted, if it is the same one. */
  refers(owner: string, id: unknown): void {
    if (typeof id === "string") this.#referred.set(owner, id);
  }

  /**
   * Runs a Delete. The snapshot is kept where the resource itself goes on managing it (the engine then deletes an older state of it), and where
   * a refresh has found it in another entry of the state that is still there, or where another process keeps it.
   */
  async deleting<T>(id: unknown, owner: string, body: () => Promise<T>, entry: unknown = owner): Promise<T> {
    if (typeof id !== "string") return body();
    const entries = this.#found.get(id) ?? new Set();
    // At once, so that of two deletes at the same time the second one is the last.
    entries.delete(entry ?? [...entries][0]);
    const here = entries.size > 0 || this.#stayed.get(owner) === id || this.#referred.get(owner) === id;
    if (!here && this.#siblings?.keep(id) !== true) return body();
    this.claims()?.keeps(id, ANOTHER);
    try {
      return await body();
    } finally {
      this.claims()?.letsGo(id, ANOTHER);
    }
  }

  #release(owner: string): void {
    this.#stayed.delete(owner);
    const id = this.#kept.get(owner);
    if (id === undefined || id === null) return;
    this.#kept.set(owner, null);
    this.claims()?.letsGo(id, owner);
    this.#siblings?.tell(id, false);
  }
}
