import { checkNotSuspended, checkQuotas } from "./checks";
import { snapshotDto } from "./dto";
import { badRequest, forbidden, notFound, unexpected } from "../protocol/http-error";
import type { Runner } from "./runner";
import type { OrganizationRow, SnapshotRow } from "./rows";
import { databaseUuid, isUuid } from "../protocol/validation";
import type { World } from "./world";

/** The calls on snapshots that exist. */
export class SnapshotCalls {
  constructor(
    private readonly world: World,
    private readonly runner: Runner,
  ) {}

  /** `GET /snapshots/{id or name}` */
  get(organizationId: string, idOrName: string): unknown {
    const found = this.access(organizationId, idOrName, true);
    // Found by a spelling of its id that only the database takes: then it is looked up as a name.
    if (found.name !== idOrName && !isUuid(idOrName)) throw notFound(`Snapshot ${idOrName} not found`);
    return snapshotDto(this.world, found, "read");
  }

  /** `DELETE /snapshots/{uuid}` */
  delete(organizationId: string, id: string): void {
    const row = this.#byUuid(organizationId, id);
    if (row.general) throw forbidden("You cannot delete a general snapshot");
    this.world.update(row, { state: "removing" });
    this.runner.planCron();
  }

  /** `POST /snapshots/{uuid}/activate` */
  activate(organization: OrganizationRow, id: string): unknown {
    const { world } = this;
    const row = this.#byUuid(organization.id, id);
    if (row.state === "active") throw badRequest(`Snapshot ${id} is already active`);
    if (row.state !== "inactive") throw badRequest(`Snapshot ${id} cannot be activated - it is in ${row.state} state`);
    if (world.clock.now() - row.updatedAt < world.settings.activationCooldownMs) {
      throw badRequest("Snapshot deactivation is still in progress. Please try again in a few minutes.");
    }
    checkNotSuspended(world, organization);
    if (!world.regions.has(row.regionIds[0] ?? "")) throw notFound(`Region for snapshot ${id} not found`);
    checkQuotas(world, organization, { cpu: row.cpu, memory: row.mem, disk: row.disk, gpu: row.gpu });
    world.update(row, { state: "pending" });
    const dto = snapshotDto(world, row, "event");
    this.runner.start(row);
    return dto;
  }

  /** `POST /snapshots/{uuid}/deactivate`: in any state, and so it cancels a removal. */
  deactivate(organizationId: string, id: string): void {
    const row = this.#byUuid(organizationId, id);
    if (row.state === "inactive") return;
    this.world.update(row, { state: "inactive" });
    this.runner.forget(row);
  }

  /** The server's access guards. `read` lets other organizations' general snapshots pass. */
  access(organizationId: string, idOrName: string, read = false): SnapshotRow {
    const { world } = this;
    const id = databaseUuid(idOrName);
    if (idOrName.includes("\0")) throw unexpected();
    const row =
      (id !== null && world.snapshots.get(id)) ||
      world.byName(organizationId, idOrName) ||
      world.generalByName(idOrName);
    if (!row) throw notFound(`Snapshot with name ${idOrName} not found`);
    if (row.organizationId !== organizationId && !(read && row.general))
      throw notFound(`Snapshot with ID or name ${idOrName} not found`);
    return row;
  }

  #byUuid(organizationId: string, id: string): SnapshotRow {
    this.access(organizationId, id);
    if (!isUuid(id)) throw badRequest("Validation failed (uuid is expected)");
    const row = this.world.snapshots.get(id.toLowerCase());
    if (!row) throw notFound(`Snapshot ${id} not found`);
    return row;
  }
}
