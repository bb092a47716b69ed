import { counted } from "../../kit/text/numbers";
import { FleetError } from "../resource";
import type { Json } from "./json";
import { isSnapshotType, type KnownSnapshot, type ManagedSnapshot, mentionedIn, type StateDocument } from "./managed";
import { isOurs, recordOf } from "./terraform-values";

/** One resource of a Terraform state, in whichever form. */
export interface Instance {
  readonly address: string;
  readonly type: string;
  /** A data source only refers to what it read. */
  readonly data: boolean;
  /** Address of its provider, such as `registry.terraform.io/daytona-iac/daytona`; null: not told. */
  readonly provider: string | null;
  /** Its attributes; null: it has none. */
  readonly values: Json | null;
  /** Attributes that must not be printed, camelCase. */
  readonly sensitive: readonly string[];
}

/** Collects what the resources of one document say about snapshots. */
export class Collected {
  private readonly known = new Map<string, KnownSnapshot>();
  private readonly managed: ManagedSnapshot[] = [];
  private readonly holds = new Map<string, number>();
  private readonly understood = new Set<unknown>();
  private readonly foreign = new Map<string, number>();

  constructor(private readonly what: string) {}

  /**
   * @param whole the object of the document that says all this
   * @returns whether it is one of ours, so that none of its other texts is the name of a snapshot
   * @throws FleetError for a snapshot of ours that cannot be told
   */
  add({ address, type, data, provider, values, sensitive }: Instance, whole: Json): boolean {
    count(this.holds, data ? `data.${type}` : type);
    if (!isSnapshotType(type, provider)) return false;
    const ours = !data && isOurs({ type, provider_name: provider });
    const text = (key: string): string[] =>
      typeof values?.[key] === "string" && values[key] !== "" ? [values[key]] : [];
    const [ids, names] = [text("id"), text("name")];
    if (ours) {
      if (values === null) throw this.unreadable(`${address} has no attributes.`);
      const wrong = ["id", "name", "organization_id"].find((key) => typeof (values[key] ?? "") !== "string");
      if (wrong !== undefined) throw this.unreadable(`"${wrong}" of ${address} is not a string.`);
      if (ids.length + names.length === 0) throw this.unreadable(`${address} has neither an ID nor a name.`);
      this.known.set(address, { address, record: recordOf(values), sensitive });
      this.understand(whole);
    } else if (!data) {
      count(this.foreign, provider ?? "that is not named");
    }
    this.managed.push({
      address,
      ids,
      names,
      organizationId: text("organization_id")[0] ?? null,
      owned: !data,
      encrypted: [],
    });
    return ours;
  }

  /** Of an object whose snapshots are known, no other text is a name. */
  understand(whole: Json): void {
    this.understood.add(whole);
  }

  /** Whether the snapshot of ours at an address is known. */
  has(address: string): boolean {
    return this.known.has(address);
  }

  document(whole: Json): StateDocument {
    const notes = [...this.foreign].map(
      ([by, number]) =>
        `${counted(number, "snapshot")} of the provider ${by} ${number === 1 ? "is" : "are"} managed, but not compared. Only snapshots of daytona-iac/daytona are compared.`,
    );
    return {
      what: this.what,
      known: [...this.known.values()],
      managed: this.managed,
      mentioned: mentionedIn(whole, this.understood),
      holds: this.holds,
      notes,
    };
  }

  private unreadable(detail: string): FleetError {
    return new FleetError(`${this.what} cannot be read`, detail);
  }
}

function count(numbers: Map<string, number>, key: string): void {
  numbers.set(key, (numbers.get(key) ?? 0) + 1);
}
