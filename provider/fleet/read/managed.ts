import { baseName } from "../../resources/snapshot/names";
import type { SnapshotRecord } from "../../resources/snapshot/record";
import { FleetError } from "../fleet-error";
import { isObject, type Json } from "./json";

/** A snapshot of our provider as a state has it, to compare with the API. */
export interface KnownSnapshot {
  readonly address: string;
  readonly record: SnapshotRecord;
  /** Attributes, camelCase, whose values must not be printed. */
  readonly sensitive?: readonly string[];
  /** Attributes, camelCase, that the state has in a form that cannot be compared: encrypted. Their values in `record` are null. */
  readonly unreadable?: readonly string[];
}

/** A snapshot that a document has, by whichever provider. */
export interface ManagedSnapshot {
  readonly address: string;
  /** What can be its ID or its name. Empty: the document does not say which one it is. */
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly organizationId: string | null;
  /** false: it only refers to it, as a data source or `Snapshot.get` does. */
  readonly owned: boolean;
  /** What of it is encrypted: `"its ID"`, `"its name"`. */
  readonly encrypted: readonly string[];
}

/** Everything that a state, or a plan with its state, says about snapshots. */
export interface StateDocument {
  /** How messages name it: `the state state.json`. */
  readonly what: string;
  readonly known: readonly KnownSnapshot[];
  readonly managed: readonly ManagedSnapshot[];
  /** Texts of the document that may be IDs or names of snapshots: every UUID, and all texts of what looks like a snapshot. */
  readonly mentioned: ReadonlySet<string>;
  /** Resources by type, with their number, for messages. */
  readonly holds: ReadonlyMap<string, number>;
  /** What a reader of a report should know: what could not be compared, and why. */
  readonly notes: readonly string[];
}

/** Which snapshots documents have. One answer for `prune`, `drift --unmanaged` and `import --state`. */
export class Managed {
  private readonly ids = new Set<string>();
  private readonly names = new Map<string, ManagedSnapshot[]>();
  private readonly owned = new Set<string>();
  private readonly mentioned: ReadonlySet<string>[] = [];

  /** @throws FleetError for a snapshot that nobody can tell: it would look as if nobody managed it */
  static of(documents: readonly Pick<StateDocument, "what" | "managed" | "mentioned">[]): Managed {
    const all = new Managed();
    for (const { what, managed, mentioned } of documents) {
      managed.forEach((it) => all.add(it, what));
      all.mentioned.push(mentioned);
    }
    return all;
  }

  /** @param what for messages @throws FleetError */
  add(it: ManagedSnapshot, what: string): void {
    if (it.encrypted.length > 0)
      throw new FleetError(
        `${what} hides which snapshot ${it.address} is`,
        `It has ${it.encrypted.join(" and ")} encrypted. Export the stack with its secrets: \`pulumi stack export --show-secrets\`.`,
      );
    if (it.owned && it.ids.length === 0 && it.names.length === 0)
      throw new FleetError(
        `${what} does not say which snapshot ${it.address} is`,
        "It has neither an ID nor a name. Refresh the state, or remove the resource from it.",
      );
    it.ids.forEach((id) => this.ids.add(id));
    if (it.owned) [...it.ids, ...it.names].forEach((text) => this.owned.add(text));
    for (const name of it.names) {
      const others = this.names.get(name);
      if (others === undefined) this.names.set(name, [it]);
      else others.push(it);
    }
  }

  /** Whether a document has this snapshot, by ID or by name: one that was made again has the name that programs refer to. */
  has({ id, name }: { readonly id: string; readonly name: string }): boolean {
    return this.ids.has(id) || this.hasName(name) || this.mentioned.some((texts) => texts.has(id));
  }

  /** Whether it is a resource of a document, rather than only read, or mentioned. */
  owns({ id, name }: { readonly id: string; readonly name: string }): boolean {
    return this.owned.has(id) || this.owned.has(name);
  }

  /** Whether a document has a snapshot of this name. */
  hasName(name: string): boolean {
    return this.names.has(name) || this.mentioned.some((texts) => texts.has(name));
  }

  /** IDs that a document has for the name; empty: none, or none that is known. */
  idsOf(name: string): string[] {
    return [...new Set((this.names.get(name) ?? []).flatMap(({ ids }) => ids))];
  }

  /** Whether a name at the API is a successor that belongs to a snapshot of a document. */
  hasSuccessor(apiName: string): boolean {
    const base = baseName(apiName);
    return base !== null && this.hasName(base);
  }
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Whether a type of a resource is one of Daytona snapshots, by whichever provider. @param type with what else names its provider */
export function isSnapshotType(...type: readonly unknown[]): boolean {
  const text = type.filter((it) => typeof it === "string").join(" ");
  return /daytona/i.test(text) && /snapshot/i.test(text);
}

/**
 * Texts that may be IDs or names of snapshots: every UUID anywhere; every text in an object that says it is a Daytona snapshot, in whichever
 * format; every text under a key with "snapshot" in its name. A snapshot is better kept for a text that only looks like its name than deleted.
 * @param understood objects whose IDs and names are known; their other texts are values, not names
 */
export function mentionedIn(document: Json, understood: ReadonlySet<unknown>): Set<string> {
  const found = new Set<string>();
  const left: { value: unknown; all: boolean }[] = [{ value: document, all: false }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value, all } = next;
    if (typeof value === "string") {
      for (const [id] of value.matchAll(UUID)) found.add(id).add(id.toLowerCase());
      if (!all) continue;
      found.add(value);
      // Secrets in plaintext, and what programs encode.
      const inner = /^\s*["{[]/.test(value) ? parsed(value) : undefined;
      if (inner !== undefined) left.push({ value: inner, all });
    } else if (Array.isArray(value)) {
      for (const item of value) left.push({ value: item, all });
    } else if (isObject(value)) {
      const known = understood.has(value);
      const own = !known && (all || isSnapshotType(...Object.values(value)));
      for (const [key, item] of Object.entries(value))
        left.push({ value: item, all: !known && (own || /snapshot/i.test(key)) });
    }
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
