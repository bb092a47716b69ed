import { randomBytes, randomUUID } from "node:crypto";
import type { LocalClock } from "./clock";
import { snapshotDto } from "./dto";
import { sandboxDto } from "./sandbox-dto";
import type { LocalApiOptions, Settings } from "../options";
import {
  ALL_PERMISSIONS,
  type BuildRow,
  type KeyRow,
  type OrganizationRow,
  type RegionRow,
  type RegistryRow,
  type SandboxRow,
  type SnapshotRow,
} from "./rows";

/** Told of everything that the real server would push to its clients. */
export type Emit = (organizationId: string, event: string, payload: unknown) => void;

export const settled = (state: string) => ["active", "error", "build_failed", "inactive"].includes(state);

/** The simulated database: rows, their indexes, and the events that changes cause. */
export class World {
  readonly organizations = new Map<string, OrganizationRow>();
  readonly regions = new Map<string, RegionRow>();
  /** By value. */
  readonly keys = new Map<string, KeyRow>();
  readonly builds = new Map<string, BuildRow>();
  readonly registries = new Map<string, RegistryRow>();
  readonly snapshots = new Map<string, SnapshotRow>();
  readonly sandboxes = new Map<string, SandboxRow>();
  /** Snapshots that the cron marks look at. */
  readonly unsettled = new Set<string>();
  readonly own: OrganizationRow;
  readonly other: OrganizationRow;
  readonly apiKey: KeyRow;
  readonly otherKey: KeyRow;
  readonly jwtToken: string;
  /** General snapshots that are there from the start. */
  readonly generalNames: string[];
  readonly runnerId: string = randomUUID();
  /** Counts changes, so that sorted listings can be kept. */
  version = 0;
  emit: Emit = () => {};
  /** Called after every change. */
  changed: () => void = () => {};
  #seq = 0;
  readonly #byName = new Map<string, SnapshotRow>();
  readonly #byRef = new Map<string, Set<SnapshotRow>>();

  constructor(
    readonly settings: Settings,
    readonly clock: LocalClock,
    options: LocalApiOptions,
    kept?: { organizationId: string; apiKey: string; runnerId: string },
  ) {
    this.own = this.#organization("Personal", "user-one", options, kept?.organizationId ?? options.organizationId);
    this.other = this.#organization("Daytona", "daytona-admin", { ...options, defaultRegion: "us" });
    this.apiKey = this.addKey({ name: "full", value: options.apiKey ?? kept?.apiKey });
    this.otherKey = this.addKey({ name: "admin", organizationId: this.other.id, userId: "daytona-admin" });
    if (kept) this.runnerId = kept.runnerId;
    const claims = Buffer.from(JSON.stringify({ sub: "user-one" })).toString("base64url");
    this.jwtToken = `eyJhbGciOiJub25lIn0.${claims}.${randomBytes(16).toString("hex")}`;
    this.addRegion({ id: "us" });
    this.generalNames = options.generalSnapshots ?? ["daytonaio/sandbox:0.5.0-slim"];
    for (const name of this.generalNames) this.addGeneral(name);
  }

  #organization(name: string, createdBy: string, options: LocalApiOptions, id: string = randomUUID()): OrganizationRow {
    const now = this.clock.now();
    const row: OrganizationRow = {
      id,
      name,
      createdBy,
      personal: true,
      createdAt: now,
      updatedAt: now,
      suspended: false,
      suspensionReason: null,
      suspendedUntil: null,
      maxCpu: options.maxCpu ?? 4,
      maxMemory: options.maxMemory ?? 8,
      maxDisk: options.maxDisk ?? 10,
      gpuQuota: options.gpuQuota ?? 0,
      maxSnapshotSize: options.maxSnapshotSize ?? 20,
      deactivationMinutes: 20_160,
      defaultRegionId: options.defaultRegion === undefined ? "us" : options.defaultRegion,
    };
    this.organizations.set(id, row);
    return row;
  }

  addKey(key: {
    name: string;
    value?: string | undefined;
    organizationId?: string;
    userId?: string;
    permissions?: string[];
    expiresAt?: number | null;
  }): KeyRow {
    const row: KeyRow = {
      name: key.name,
      value: key.value ?? `dtn_${randomBytes(32).toString("hex")}`,
      organizationId: key.organizationId ?? this.own.id,
      userId: key.userId ?? "user-one",
      permissions: key.permissions ?? ALL_PERMISSIONS,
      createdAt: this.clock.now(),
      lastUsedAt: null,
      expiresAt: key.expiresAt ?? null,
    };
    this.keys.set(row.value, row);
    return row;
  }

  addRegion(region: Partial<RegionRow> & { id: string }): RegionRow {
    const now = this.clock.now();
    const row: RegionRow = {
      name: region.id,
      organizationId: null,
      regionType: "shared",
      createdAt: now,
      updatedAt: now,
      quota: true,
      runners: ["container"],
      available: true,
      ...region,
    };
    this.regions.set(row.id, row);
    return row;
  }

  addRegistry(registry: Omit<RegistryRow, "seq">): RegistryRow {
    const row: RegistryRow = { ...registry, seq: ++this.#seq };
    this.registries.set(row.id, row);
    this.changed();
    return row;
  }

  /** Missing columns get the server's defaults. */
  addSandbox(sandbox: Partial<SandboxRow> & { name: string }): SandboxRow {
    const now = this.clock.now();
    const row: SandboxRow = { ...sandboxDefaults(this, now), ...sandbox, seq: ++this.#seq };
    this.sandboxes.set(row.id, row);
    this.changed();
    return row;
  }

  /** Changes a sandbox and tells listeners of a new state. */
  updateSandbox(row: SandboxRow, changes: Partial<SandboxRow>): void {
    const oldState = row.state;
    Object.assign(row, changes);
    row.updatedAt = this.clock.now();
    if (row.state !== oldState) {
      row.lastActivityAt = row.updatedAt;
      const payload = { sandbox: sandboxDto(row), oldState, newState: row.state };
      this.emit(row.organizationId, "sandbox.state.updated", payload);
    }
    this.changed();
  }

  removeSandbox(row: SandboxRow): void {
    if (this.sandboxes.delete(row.id)) this.changed();
  }

  /** Regions that snapshots of the organization may be in. */
  availableRegions(organizationId: string): RegionRow[] {
    const found = [...this.regions.values()].filter((r) =>
      r.regionType === "custom" ? r.organizationId === organizationId : r.quota,
    );
    return found.sort((a, b) => REGION_TYPES.indexOf(a.regionType) - REGION_TYPES.indexOf(b.regionType));
  }

  addGeneral(name: string): SnapshotRow {
    return this.insert({
      name,
      imageName: name,
      general: true,
      organizationId: this.other.id,
      state: "active",
      size: 0.75,
      lastUsedAt: this.clock.now(),
      initialRunnerId: this.runnerId,
    });
  }

  /** Inserts without an event; missing columns get the database's defaults. */
  insert(row: Partial<SnapshotRow> & { name: string }): SnapshotRow {
    const now = this.clock.now();
    const full: SnapshotRow = {
      id: randomUUID(),
      organizationId: this.own.id,
      general: false,
      hideFromUsers: false,
      imageName: "",
      state: "pending",
      size: null,
      entrypoint: null,
      cpu: 1,
      gpu: 0,
      gpuType: null,
      mem: 1,
      disk: 3,
      errorReason: null,
      createdAt: now,
      updatedAt: now,
      lastUsedAt: null,
      buildRef: null,
      regionIds: ["us"],
      initialRunnerId: null,
      ref: null,
      sandboxClass: "container",
      ...row,
      seq: ++this.#seq,
    };
    this.snapshots.set(full.id, full);
    this.#byName.set(nameKey(full), full);
    this.#indexRef(full);
    this.#touch(full);
    return full;
  }

  /** Changes a row and tells listeners of a new state. `previous` is the state that the changing code had in mind. @returns false when the row is gone. */
  update(row: SnapshotRow, changes: Partial<SnapshotRow>, previous: string = row.state): boolean {
    if (!this.snapshots.has(row.id)) return false;
    if (changes.ref !== undefined && changes.ref !== row.ref && row.ref !== null) this.#byRef.get(row.ref)?.delete(row);
    if (this.#byName.get(nameKey(row)) === row) this.#byName.delete(nameKey(row));
    Object.assign(row, changes);
    this.#byName.set(nameKey(row), row);
    row.updatedAt = changes.updatedAt ?? this.clock.now();
    this.#indexRef(row);
    this.#touch(row);
    if (changes.state !== undefined && changes.state !== previous) {
      this.emit(row.organizationId, "snapshot.state.updated", {
        snapshot: snapshotDto(this, row, "event"),
        oldState: previous,
        newState: row.state,
      });
    }
    return true;
  }

  /** Takes the row away; `times` is how often the server tells of it. */
  remove(row: SnapshotRow, times = 1): void {
    if (!this.snapshots.delete(row.id)) return;
    if (this.#byName.get(nameKey(row)) === row) this.#byName.delete(nameKey(row));
    if (row.ref !== null) this.#byRef.get(row.ref)?.delete(row);
    this.unsettled.delete(row.id);
    this.version++;
    const payload = snapshotDto(this, row, "removed");
    for (let n = 0; n < times; n++) this.emit(row.organizationId, "snapshot.removed", payload);
    this.changed();
  }

  byName(organizationId: string, name: string): SnapshotRow | undefined {
    return this.#byName.get(nameKey({ organizationId, name }));
  }

  generalByName(name: string): SnapshotRow | undefined {
    for (const row of this.snapshots.values()) if (row.general && row.name === name) return row;
    return undefined;
  }

  withRef(ref: string | null): SnapshotRow[] {
    return ref === null ? [] : [...(this.#byRef.get(ref) ?? [])];
  }

  #indexRef(row: SnapshotRow): void {
    if (row.ref === null) return;
    const rows = this.#byRef.get(row.ref);
    if (rows) rows.add(row);
    else this.#byRef.set(row.ref, new Set([row]));
  }

  #touch(row: SnapshotRow): void {
    this.version++;
    if (settled(row.state)) this.unsettled.delete(row.id);
    else if (!row.general) this.unsettled.add(row.id);
    this.changed();
  }
}

const sandboxDefaults = (world: World, now: number): Omit<SandboxRow, "name" | "seq"> => ({
  id: randomUUID(),
  organizationId: world.own.id,
  snapshot: world.generalNames[0] ?? "",
  region: "us",
  user: "daytona",
  env: {},
  labels: {},
  public: false,
  cpu: 1,
  gpu: 0,
  gpuType: null,
  mem: 1,
  disk: 3,
  sandboxClass: "container",
  state: "started",
  desiredState: "started",
  pending: false,
  errorReason: null,
  autoStopInterval: 15,
  autoArchiveInterval: 10_080,
  autoDeleteInterval: -1,
  createdAt: now,
  updatedAt: now,
  lastActivityAt: now,
  runnerId: world.runnerId,
  content: randomBytes(32).toString("hex"),
  taking: null,
});

const nameKey = (row: { organizationId: string; name: string }) => `${row.organizationId}\n${row.name}`;
/** In the order of a listing. */
const REGION_TYPES = ["custom", "dedicated", "shared"];
