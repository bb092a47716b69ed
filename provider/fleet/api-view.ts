import type { Connected, SnapshotDto } from "../lifecycle";
import { baseName, isSuccessorOf } from "../resources/snapshot/names";
import { observe } from "../resources/snapshot/observed";
import type { SnapshotRecord } from "../resources/snapshot/record";
import { FleetError, type FleetResource } from "./resource";
import type { KnownSnapshot, Managed } from "./read/managed";
import type { UnmanagedSnapshot } from "./report/report";

/** So many snapshots that a listing lacks are asked for one by one, in case a deletion shifted its pages. */
const ASKED_AGAIN = 4;

/** The organization's snapshots as the API has them now, from one listing: `GET /snapshots`, 200 a page. */
export class ApiView {
  private readonly byId: Map<string, SnapshotDto>;
  private readonly byName: Map<string, SnapshotDto>;
  /** Successors of unfinished swaps, by the name that they are to have. */
  private readonly successors = new Map<string, SnapshotDto>();

  private constructor(
    readonly snapshots: readonly SnapshotDto[],
    private readonly connected: Connected,
    private readonly signal: AbortSignal,
  ) {
    this.byId = new Map(snapshots.map((dto) => [dto.id, dto]));
    this.byName = new Map(snapshots.map((dto) => [dto.name, dto]));
    for (const dto of snapshots) {
      const base = baseName(dto.name);
      if (base !== null && !this.successors.has(base)) this.successors.set(base, dto);
    }
  }

  /** @throws ApiError, ConfigError */
  static async read(connected: Connected, signal: AbortSignal): Promise<ApiView> {
    return new ApiView(await connected.listSnapshots({ general: false }, signal), connected, signal);
  }

  /** `updatedAt` of a snapshot; null: the API does not have it. */
  since(id: string | null): string | null {
    return (id === null ? null : this.byId.get(id)?.updatedAt) ?? null;
  }

  /** The snapshot that has a name; undefined: none has. */
  named(name: string): SnapshotDto | undefined {
    return this.byName.get(name);
  }

  /** A state's snapshots as a refresh would see them. @throws FleetError for a state of another organization; ApiError */
  async compare(known: readonly KnownSnapshot[]): Promise<FleetResource[]> {
    await this.sameOrganization(known);
    const missing = known.filter(({ record }) => !this.byId.has(record.id));
    if (missing.length <= ASKED_AGAIN) {
      for (const { record } of missing) {
        const found = record.id === "" ? null : await this.connected.getSnapshot({ id: record.id }, this.signal);
        if (found !== null && !found.general) this.byId.set(found.id, found);
      }
    }
    return known.map((it) => comparable(this.resourceOf(it.address, it.record), it));
  }

  /** Snapshots that no document has: without general ones, and without successors of managed names. */
  unmanaged(managed: Managed): UnmanagedSnapshot[] {
    return this.snapshots
      .filter((dto) => !managed.has(dto) && !managed.hasSuccessor(dto.name))
      .map(({ name, id, state, size, createdAt, lastUsedAt }) => ({
        name,
        id,
        state,
        size: size ?? null,
        createdAt,
        lastUsedAt: lastUsedAt ?? null,
      }));
  }

  private resourceOf(address: string, record: SnapshotRecord): FleetResource {
    const dto = this.byId.get(record.id);
    if (dto !== undefined) {
      const swap = dto.name !== record.name && isSuccessorOf(dto.name, record.name ?? "");
      return {
        address,
        state: record,
        seen: observe(dto, record),
        since: dto.updatedAt ?? null,
        unfinishedSwap: swap,
        sensitive: [],
      };
    }
    // A swap that was cut off before the name was made again.
    const successor = this.successors.get(record.name ?? "");
    if (successor !== undefined)
      return {
        address,
        state: record,
        seen: observe(successor, record),
        since: successor.updatedAt ?? null,
        unfinishedSwap: true,
        sensitive: [],
      };
    return { address, state: record, seen: null, since: null, sensitive: [] };
  }

  private async sameOrganization(known: readonly KnownSnapshot[]): Promise<void> {
    const own = this.snapshots[0]?.organizationId ?? (await this.connected.organization(this.signal));
    const other = known.find(
      ({ record }) =>
        record.organizationId !== null && own !== null && own !== undefined && record.organizationId !== own,
    );
    if (other === undefined) return;
    throw new FleetError(
      "The state belongs to another organization",
      `${other.address} belongs to organization ${other.record.organizationId}, but the credentials are for ${own}. Its snapshots would look deleted. Use credentials of that organization.`,
    );
  }
}

/** Without what cannot be compared: the state takes it over from the API. */
function comparable(resource: FleetResource, { sensitive = [], unreadable = [] }: KnownSnapshot): FleetResource {
  const { state, seen } = resource;
  if (state === null || seen === null) return { ...resource, sensitive };
  const taken = Object.fromEntries(
    unreadable.map((name) => [name, (seen as unknown as Record<string, unknown>)[name] ?? null]),
  );
  return { ...resource, state: { ...state, ...taken }, sensitive };
}
