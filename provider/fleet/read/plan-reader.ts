import type { SnapshotRecord } from "../../resources/snapshot/record";
import { FleetError, type FleetResource, type Others } from "../resource";
import { isObject, type Json, objects } from "./json";
import { changeOf, isPlanned, markOf, ofProgram, partOf, previousOf } from "./terraform-change";
import { programOf } from "./terraform-program";
import { SharedValues } from "./shared-values";
import { isOurs, recordOf, sensitiveNames } from "./terraform-values";

/** What a plan says. */
export interface ReadPlan {
  readonly resources: FleetResource[];
  readonly others: Others;
  /** What a reader should know: the plan covers a part. */
  readonly notes?: string[];
}

/** What `resource_drift` says of a snapshot: as the state had it, and as the refresh found it. */
interface Drift {
  readonly address: string;
  readonly state: SnapshotRecord | null;
  readonly seen: SnapshotRecord | null;
  readonly sensitive: readonly string[];
  readonly importing: boolean;
}

/** What a change is in the plan, to be compared with what the plan says elsewhere. */
interface Place {
  /** In the program. */
  readonly address: string;
  /** null: its drift is known. */
  readonly key: string | null;
  readonly importing: boolean;
}

const NONE: readonly string[] = [];

/**
 * Reads a plan entry by entry, in whichever order its lists come. Of an entry it keeps what the judgement needs, and values that snapshots have in
 * common only once: a plan of many snapshots has each of them four times.
 */
export class PlanReader {
  private readonly drifts = new Map<string, Drift>();
  private readonly resources: FleetResource[] = [];
  /** Of each of `resources`. */
  private readonly places: Place[] = [];
  private readonly shared = new SharedValues();
  /** Snapshots in the prior state that no change has been read of. */
  private readonly uncovered: string[] = [];
  private othersDrifted = 0;
  private othersNotApplied = 0;
  private destroys = false;
  private stateHasManaged = false;

  constructor(private readonly what: string) {}

  /** An entry of `resource_drift`. @throws FleetError */
  drift(change: Json): void {
    this.mustTellWhose(change);
    if (!isOurs(change)) {
      if (change["mode"] !== "data") this.othersDrifted += 1;
      return;
    }
    const key = this.keyOf(change);
    const state = this.record(partOf(change, "before", this.what));
    const seen = this.record(partOf(change, "after", this.what), state);
    this.drifts.set(key, {
      address: fullAddress(change),
      state,
      seen,
      sensitive: sensitiveOf(change),
      importing: isImport(change),
    });
  }

  /** An entry of `resource_changes`. @throws FleetError */
  change(change: Json): void {
    // A normal plan tells why it deletes; deposed objects aside.
    const actions = markOf(change, "actions");
    if (
      Array.isArray(actions) &&
      actions.length === 1 &&
      actions[0] === "delete" &&
      change["action_reason"] === undefined &&
      change["deposed"] === undefined
    )
      this.destroys = true;
    this.deferred(change);
  }

  /** The change of an entry of `deferred_changes`. @throws FleetError */
  deferred(change: Json): void {
    this.mustTellWhose(change);
    if (!isOurs(change)) {
      if (change["mode"] !== "data" && isPlanned(change, this.what)) this.othersNotApplied += 1;
      return;
    }
    const key = this.keyOf(change);
    const importing = isImport(change);
    const drift = this.takeDrift(key);
    const before = partOf(change, "before", this.what);
    const state = drift === undefined ? this.record(before) : drift.state;
    const planned = changeOf(change, state, this.what);
    if (planned !== null) this.shared.of(planned.inputs, state);
    const resource: FleetResource = {
      address: fullAddress(change),
      state: importing ? null : state,
      seen: drift === undefined ? state : drift.seen,
      planned,
      sensitive: union(sensitiveOf(change), drift?.sensitive ?? NONE),
    };
    this.places.push({ address: String(change["address"]), key: drift === undefined ? key : null, importing });
    this.resources.push(resource);
  }

  /** A resource of the prior state. */
  inState(resource: Json): void {
    if (resource["mode"] !== "data") this.stateHasManaged = true;
    if (isOurs(resource)) this.uncovered.push(stateAddress(resource));
  }

  /** @param plan the rest of the plan @throws FleetError for one that does not compare the program */
  end(plan: Json): ReadPlan {
    const program = programOf(plan["configuration"]);
    const resources = this.resources.map((resource, at): FleetResource => {
      const { address, key, importing } = this.places[at]!;
      const drift = key === null ? undefined : this.takeDrift(key);
      const planned = resource.planned ? ofProgram(resource.planned, address, program) : null;
      if (drift === undefined) return planned === resource.planned ? resource : { ...resource, planned };
      // A list of changes that stands before the list of drifts.
      const { state, seen, sensitive } = drift;
      return {
        ...resource,
        state: importing ? null : state,
        seen,
        planned: planned === null ? null : { ...planned, before: state ?? {} },
        sensitive: union(resource.sensitive, sensitive),
      };
    });
    for (const { address, state, seen, sensitive, importing } of this.drifts.values())
      resources.push({ address, state: importing ? null : state, seen, planned: null, sensitive });
    const values =
      isObject(plan["prior_state"]) && isObject(plan["prior_state"]["values"]) ? plan["prior_state"]["values"] : {};
    this.mustCompare(plan, values);
    const covered = new Set(resources.map(({ address }) => address));
    const left = [...this.uncovered, ...this.oursIn(values["root_module"])].filter(
      (address) => !covered.has(address),
    ).length;
    const notes = partNote(plan, resources.length, left);
    return {
      resources,
      others: { drifted: this.othersDrifted, notApplied: this.othersNotApplied },
      ...(notes.length > 0 ? { notes } : {}),
    };
  }

  /** What drifted, if it is known already. It belongs to the first change of its key. */
  private takeDrift(key: string): Drift | undefined {
    const drift = this.drifts.get(key);
    if (drift !== undefined) this.drifts.delete(key);
    return drift;
  }

  private record(values: Json | null, like: SnapshotRecord | null = null): SnapshotRecord | null {
    return values === null ? null : this.shared.of(recordOf(values), like);
  }

  /** Of what kind a resource is decides whether it is reported. @throws FleetError */
  private mustTellWhose({ address, type, provider_name: provider }: Json): void {
    if (typeof type !== "string") throw this.unreadable(`"type" of ${String(address)} is missing.`);
    if (type === "daytona_snapshot" && typeof provider !== "string")
      throw this.unreadable(`"provider_name" of ${String(address)} is missing.`);
  }

  /** A plan without a word about the program finds nothing, whatever there is to find. @throws FleetError */
  private mustCompare(plan: Json, state: Json): void {
    if (!isObject(plan["configuration"])) return;
    if (this.destroys)
      throw new FleetError(
        `${this.what} was created with -destroy`,
        "Such a plan shows neither drift nor unapplied changes. Plan without -destroy.",
      );
    const has =
      this.stateHasManaged ||
      hasManaged(state["root_module"]) ||
      (plan["resource_drift"] !== undefined && hasManaged(plan["configuration"]["root_module"]));
    if (plan["resource_changes"] === undefined && plan["complete"] !== false && has)
      throw new FleetError(
        `${this.what} was created with -refresh-only`,
        "Such a plan does not compare the configuration, so unapplied changes would be missing. Plan without -refresh-only.",
      );
  }

  /** A deposed object is one of its own. @throws FleetError */
  private keyOf(change: Json): string {
    if (typeof change["address"] !== "string") throw this.unreadable("A change of a snapshot has no address.");
    return `${previousOf(change) ?? change["address"]} ${String(change["deposed"] ?? "")}`;
  }

  /** Addresses of the snapshots in a state. @throws FleetError */
  private oursIn(module: unknown): string[] {
    if (!isObject(module)) return [];
    const own = objects(module, "resources", this.what).filter(isOurs).map(stateAddress);
    return [...own, ...objects(module, "child_modules", this.what).flatMap((child) => this.oursIn(child))];
  }

  private unreadable(detail: string): FleetError {
    return new FleetError(`${this.what} cannot be read`, detail);
  }
}

function fullAddress({ address, deposed }: Json): string {
  return typeof deposed === "string" ? `${String(address)} (deposed ${deposed})` : String(address);
}

/** The same in a state. */
function stateAddress({ address, deposed_key: deposed }: Json): string {
  return fullAddress({ address, deposed });
}

function isImport(change: Json): boolean {
  return isObject(markOf(change, "importing"));
}

function sensitiveOf(change: Json): readonly string[] {
  return union(sensitiveNames(markOf(change, "before_sensitive"), markOf(change, "after_sensitive")), NONE);
}

function union(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.length + others.length === 0 ? NONE : [...new Set([...some, ...others])];
}

function hasManaged(module: unknown): boolean {
  if (!isObject(module)) return false;
  const [resources, children] = [module["resources"], module["child_modules"] ?? module["module_calls"]];
  if (Array.isArray(resources) && resources.some((resource) => isObject(resource) && resource["mode"] !== "data"))
    return true;
  return isObject(children) || Array.isArray(children)
    ? Object.values(children).some((child) => hasManaged(isObject(child) ? (child["module"] ?? child) : child))
    : false;
}

function partNote(plan: Json, covered: number, left: number): string[] {
  if (left > 0)
    return [
      `The plan covers part of the state: ${covered} of ${covered + left} snapshots (-target, -exclude). The others were not checked.`,
    ];
  return plan["complete"] === false
    ? [
        "The plan is not complete: it covers part of the configuration (-target, -exclude, or changes that are deferred). The rest was not checked.",
      ]
    : [];
}
