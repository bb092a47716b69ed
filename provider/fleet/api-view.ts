import type { Connected, SnapshotDto } from "../lifecycle";
import { isSuccessorName, isSuccessorOf } from "../snapshot/names";
import { observe } from "../snapshot/observed";
import type { SnapshotRecord } from "../snapshot/record";
import { FleetError, type FleetResource } from "./resource";
import type { KnownSnapshot } from "./read/terraform-state";
import type { UnmanagedSnapshot } from "./report/report";

/** So many snapshots that a listing lacks are asked for one by one, in case a deletion shifted its pages. */
const ASKED_AGAIN = 4;

/** The organization's snapshots as the API has them now, from one listing: `GET /snapshots`, 200 a page. */
export class ApiView {
  private readonly byId: Map<string, SnapshotDto>;

  private constructor(readonly snapshots: readonly SnapshotDto[], private readonly connected: Connected, private readonly signal: AbortSignal) {
    this.byId = new Map(snapshots.map((dto) => [dto.id, dto]));
  }

  /** @throws ApiError, ConfigError */
  static async read(connected: Connected, signal: AbortSignal): Promise<ApiView> {
    return new ApiView(await connected.listSnapshots({ general: false }, signal), connected, signal);
  }

  /** `updatedAt` of a snapshot; null: the API does not have it. */
  since(id: string | null): string | null {
    return (id === null ? null : this.byId.get(id)?.updatedAt) ?? null;
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
    return known.map(({ address, record }) => this.resourceOf(address, record));
  }

  /** Snapshots that none of the resources has: without general ones, and without successors of managed names. */
  unmanaged(managed: readonly { id: string | null; name: string | null }[]): UnmanagedSnapshot[] {
    const ids = new Set(managed.map(({ id }) => id));
    const names = managed.flatMap(({ name }) => (name === null ? [] : [name]));
    return this.snapshots
      .filter((dto) => !ids.has(dto.id) && !(isSuccessorName(dto.name) && names.some((name) => isSuccessorOf(dto.name, name))))
      .map(({ name, id, state, size, createdAt, lastUsedAt }) => ({ name, id, state, size: size ?? null, createdAt, lastUsedAt: lastUsedAt ?? null }));
  }

  private resourceOf(address: string, record: SnapshotRecord): FleetResource {
    const dto = this.byId.get(record.id);
    if (dto !== undefined) {
      const swap = dto.name !== record.name && isSuccessorOf(dto.name, record.name ?? "");
      return { address, state: record, seen: observe(dto, record), since: dto.updatedAt ?? null, unfinishedSwap: swap, sensitive: [] };
    }
    // A swap that was cut off before the name was made again.
    const successor = this.snapshots.find(({ name }) => isSuccessorOf(name, record.name ?? ""));
    if (successor !== undefined) return { address, state: record, seen: observe(successor, record), since: successor.updatedAt ?? null, unfinishedSwap: true, sensitive: [] };
    return { address, state: record, seen: null, since: null, sensitive: [] };
  }

  private async sameOrganization(known: readonly KnownSnapshot[]): Promise<void> {
    const own = this.snapshots[0]?.organizationId ?? (await this.connected.organization(this.signal));
    const other = known.find(({ record }) => record.organizationId !== null && own !== null && own !== undefined && record.organizationId !== own);
    if (other === undefined) return;
    throw new FleetError("The state belongs to another organization", `${other.address} is of organization ${other.record.organizationId}, but the credentials are for ${own}. Its snapshots would look deleted. Use credentials of that organization.`);
  }
}
