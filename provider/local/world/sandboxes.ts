import { createHash, randomBytes, randomUUID } from "node:crypto";
import { checkNotSuspended, checkQuotas, pickRegion } from "./checks";
import { snapshotDto } from "./dto";
import { badRequest, HttpError, notFound } from "../protocol/http-error";
import { INTERNAL_REGISTRY } from "../options";
import { checkText, fieldsOf, isMissing, safeText, unsafe } from "../protocol/validation";
import type { OrganizationRow, SandboxRow, SnapshotRow } from "./rows";
import type { Runner } from "./runner";
import { sandboxDto } from "./sandbox-dto";
import type { World } from "./world";

/** How jobs that take a snapshot of a sandbox go from now on. The last rule that matches wins. */
export interface SandboxRule {
  /** The new snapshot's exact name. Default: any. */
  name?: string;
  /** How many jobs the rule is good for. Default: all. */
  times?: number;
  /** `fail`: the sandbox goes back to its state and no snapshot comes; `hang`: the job does not end until `finishHung`, or until the server gives it up. Default: it succeeds. */
  outcome?: "fail" | "hang";
  /** Seconds that the job takes. Default: as long as a pull. */
  seconds?: number;
  /** v2: seconds between the sandbox's return to its state and the snapshot. Default 0. */
  gapSeconds?: number;
  /** GiB. Default 0.75. */
  size?: number;
}

/** When the server gives a job up: v2 `JOB_STALE_TIMEOUT_MINUTES`, v0 `SANDBOX_SNAPSHOTTING_TIMEOUT_MIN` (v0.190). */
const STALE_MS = { v0: 60 * 60_000, v2: 120 * 60_000 };
/** How long `POST /sandbox` waits for the sandbox. */
const START_MS = 30_000;

/**
 * As much of sandboxes as a snapshot taken from one needs, by the source of the server v0.190 (`sandbox.service.ts`,
 * `job-state-handler.service.ts`): create by snapshot, get, take a snapshot, delete. Nothing runs in them.
 */
export class Sandboxes {
  #rules: (SandboxRule & { left: number })[] = [];
  #hung: (() => void)[] = [];
  /** Incremented to discard jobs that were started before. */
  #epoch = 0;

  constructor(
    private readonly world: World,
    private readonly runner: Runner,
  ) {}

  /** `POST /sandbox`: answers as the sandbox was before it started, and waits for the start. @throws HttpError 400, 403, 409 */
  async create(organization: OrganizationRow, body: unknown): Promise<unknown> {
    const { world } = this;
    const fields = fieldsOf(body);
    checkSandbox(fields);
    const region = pickRegion(world, organization, fields["target"] as string | undefined);
    const snapshot = this.#base(organization, region.id, fields["snapshot"] as string | undefined);
    checkNotSuspended(world, organization);
    const id = randomUUID();
    const name = (fields["name"] as string | undefined) ?? id;
    if (this.#named(organization.id, name)) throw new HttpError(409, `Sandbox with name ${name} already exists`);
    const row = world.addSandbox({
      ...optionsOf(fields),
      id,
      organizationId: organization.id,
      name,
      snapshot: (fields["snapshot"] as string | undefined) ?? snapshot.name,
      region: region.id,
      cpu: snapshot.cpu,
      gpu: snapshot.gpu,
      gpuType: snapshot.gpuType,
      mem: snapshot.mem,
      disk: snapshot.disk,
      sandboxClass: snapshot.sandboxClass,
      state: "creating",
      desiredState: "started",
      pending: true,
      content: this.runner.engine.contentOf(snapshot, undefined, true) ?? snapshot.ref ?? "",
    });
    snapshot.lastUsedAt = world.clock.now();
    const dto = sandboxDto(row);
    world.emit(row.organizationId, "sandbox.created", dto);
    const startMs = Math.min(START_MS, world.settings.inspectMs);
    await world.clock.sleep(startMs);
    if (row.state === "creating") world.updateSandbox(row, { state: "started", pending: false });
    return dto;
  }

  /** `GET /sandbox/{id or name}` @throws HttpError 404 */
  get(organizationId: string, idOrName: string): SandboxRow {
    const row = this.world.sandboxes.get(idOrName);
    const found = row?.organizationId === organizationId ? row : this.#named(organizationId, idOrName);
    if (!found) throw notFound(`Sandbox with ID or name ${idOrName} not found`);
    return found;
  }

  /** `DELETE /sandbox/{id or name}`: its name is free at once. @throws HttpError 404, 409 */
  delete(organizationId: string, idOrName: string): unknown {
    const { world } = this;
    const row = this.get(organizationId, idOrName);
    if (row.pending) throw stateChange();
    world.updateSandbox(row, {
      name: `DESTROYED_${row.name}_${world.clock.now()}`,
      desiredState: "destroyed",
      pending: true,
    });
    const dto = sandboxDto(row);
    world.clock.later(world.settings.inspectMs, () => world.removeSandbox(row));
    return dto;
  }

  /**
   * `POST /sandbox/{id or name}/snapshot`: answers the sandbox. Neither the snapshot's rules for names nor whether the name is
   * taken is looked at here: a job whose name is taken in the end makes nothing, and nobody is told. @throws HttpError 400, 403, 404, 409
   */
  snapshot(organization: OrganizationRow, idOrName: string, body: unknown): unknown {
    const { world } = this;
    const row = this.get(organization.id, idOrName);
    const fields = fieldsOf(body);
    const errors: string[] = [];
    if (!safeText(fields["name"])) errors.push(unsafe("name"));
    if (typeof fields["name"] !== "string") errors.push("name must be a string");
    const { includeMemory } = fields;
    if (!isMissing(includeMemory) && typeof includeMemory !== "boolean")
      errors.push("includeMemory must be a boolean value");
    if (errors.length > 0) throw badRequest(errors.join(", "));
    checkTakeable(row, includeMemory === true);
    checkNotSuspended(world, organization);
    if (!world.regions.has(row.region)) throw notFound(`Region with ID ${row.region} not found`);
    checkQuotas(world, organization, { cpu: row.cpu, memory: row.mem, disk: row.disk, gpu: row.gpu });
    world.updateSandbox(row, { state: "snapshotting", pending: true, taking: fields["name"] as string });
    const dto = sandboxDto(row);
    this.#work(row);
    return dto;
  }

  /** How jobs go from now on. */
  add(rule: SandboxRule): void {
    this.#rules.unshift({ ...rule, left: rule.times ?? Infinity });
  }

  /** Jobs that a restart interrupted: v2 keeps them in its queue, v0 forgets them and gives the sandbox its state back in the end. */
  resume(row: SandboxRow): void {
    if (row.desiredState === "destroyed") this.world.removeSandbox(row);
    else if (row.state === "creating") this.world.updateSandbox(row, { state: "started", pending: false });
    else if (row.state !== "snapshotting") return;
    else if (this.world.settings.generation === "v2") this.#work(row);
    else this.world.clock.later(STALE_MS.v0, () => this.#restore(row));
  }

  /** Completes every hanging job successfully. */
  finishHung(): void {
    for (const finish of this.#hung.splice(0)) finish();
  }

  /** Forgets rules, and all work under way. */
  reset(): void {
    this.#epoch++;
    this.#rules = [];
    this.#hung = [];
  }

  #work(row: SandboxRow): void {
    const { world } = this;
    const name = row.taking ?? "";
    const rule = this.#rules.find((one) => one.left > 0 && (one.name === undefined || one.name === name)) ?? {
      left: 0,
    };
    rule.left--;
    // The content is what it is when the job starts: the runner pauses the container for its commit.
    const { content } = row;
    const epoch = this.#epoch;
    let over = false;
    const finish = (failed: boolean): void => {
      if (over || epoch !== this.#epoch) return;
      over = true;
      void this.#finish(row, name, content, failed ? { ...rule, outcome: "fail" } : rule);
    };
    if (rule.outcome !== "hang")
      return void world.clock.later(rule.seconds === undefined ? world.settings.pullMs : rule.seconds * 1000, () =>
        finish(rule.outcome === "fail"),
      );
    this.#hung.push(() => finish(false));
    world.clock.later(STALE_MS[world.settings.generation], () => finish(true));
  }

  /** v0 keeps the snapshot, then gives the sandbox its state back; v2 does it the other way round. */
  async #finish(row: SandboxRow, name: string, content: string, rule: SandboxRule): Promise<void> {
    const { world } = this;
    if (world.settings.generation === "v0") {
      if (rule.outcome !== "fail") this.#persist(row, name, content, rule);
      this.#restore(row);
      return;
    }
    if (!this.#restore(row) || rule.outcome === "fail") return;
    if (rule.gapSeconds !== undefined) await world.clock.sleep(rule.gapSeconds * 1000);
    this.#persist(row, name, content, rule);
  }

  #restore(row: SandboxRow): boolean {
    if (row.state !== "snapshotting" || !this.world.sandboxes.has(row.id)) return false;
    this.world.updateSandbox(row, { state: row.desiredState, pending: false, taking: null });
    return true;
  }

  /** The finished snapshot, unless its name is taken by now: then there is none, and only the server's log tells. */
  #persist(row: SandboxRow, name: string, content: string, rule: SandboxRule): void {
    const { world } = this;
    if (world.byName(row.organizationId, name) !== undefined) return;
    // The ID of the committed image, which is another one each time.
    const ref = `${INTERNAL_REGISTRY}/daytona/daytona-${randomBytes(32).toString("hex")}:daytona`;
    this.runner.engine.committed(ref, content);
    this.runner.ready.add(ref);
    const made = world.insert({
      name,
      organizationId: row.organizationId,
      state: "active",
      size: rule.size ?? 0.75,
      cpu: row.cpu,
      gpu: row.gpu,
      gpuType: row.gpuType,
      mem: row.mem,
      disk: row.disk,
      sandboxClass: row.sandboxClass,
      regionIds: [row.region],
      lastUsedAt: world.clock.now(),
      initialRunnerId: world.runnerId,
      ref,
      sourceSandboxId: row.id,
    });
    world.emit(made.organizationId, "snapshot.created", snapshotDto(world, made, "created"));
  }

  /** The snapshot that a sandbox is made of, as the server finds it. @throws HttpError 400 */
  #base(organization: OrganizationRow, regionId: string, wanted: string | undefined): SnapshotRow {
    const { world } = this;
    const name = wanted?.trim() ? wanted : (world.generalNames[0] ?? "");
    const general = world.generalByName(name);
    const own = world.byName(organization.id, name) ?? ownById(world, organization.id, name);
    const snapshot = own?.state === "active" ? own : (general ?? own);
    if (!snapshot) throw badRequest(`Snapshot ${name} not found. Did you add it through the Daytona Dashboard?`);
    if (!snapshot.regionIds.includes(regionId))
      throw badRequest(`Snapshot ${name} is not available in region ${regionId}`);
    if (snapshot.state !== "active") throw badRequest(`Snapshot ${name} is ${snapshot.state}`);
    return snapshot;
  }

  #named(organizationId: string, name: string): SandboxRow | undefined {
    for (const row of this.world.sandboxes.values())
      if (row.organizationId === organizationId && row.name === name) return row;
    return undefined;
  }
}

const stateChange = () => new HttpError(409, "Sandbox state change in progress");

const ownById = (world: World, organizationId: string, id: string): SnapshotRow | undefined => {
  const row = world.snapshots.get(id.toLowerCase());
  return row?.organizationId === organizationId ? row : undefined;
};

/** Which sandboxes may be taken. @throws HttpError 400, 409 */
function checkTakeable({ state, pending, sandboxClass }: SandboxRow, includeMemory: boolean): void {
  if (state !== "started" && state !== "stopped")
    throw badRequest("Sandbox must be in started or stopped state to create a snapshot");
  if (pending) throw stateChange();
  if (sandboxClass !== "windows") {
    if (includeMemory) throw badRequest("includeMemory is only supported for Windows sandboxes");
  } else if (includeMemory && state !== "started")
    throw badRequest("Snapshots with memory require the Windows sandbox to be running (STARTED)");
  else if (!includeMemory && state !== "stopped")
    throw badRequest("Filesystem-only snapshots require the Windows sandbox to be stopped (STOPPED)");
}

/** @throws HttpError 400 */
function checkSandbox(fields: Record<string, unknown>): void {
  const errors: string[] = [];
  if (!isMissing(fields["name"]) && !safeText(fields["name"])) errors.push(unsafe("name"));
  checkText(fields, "snapshot", errors);
  checkText(fields, "user", errors);
  checkText(fields, "target", errors);
  if (errors.length > 0) throw badRequest(errors.join(", "));
  if (!isMissing(fields["buildInfo"]))
    throw badRequest("The local API creates sandboxes only from snapshots: remove buildInfo");
  if (["cpu", "gpu", "memory", "disk"].some((name) => fields[name]))
    throw badRequest("Cannot specify Sandbox resources when using a snapshot");
}

/** What is kept of a request as it is, with the server's defaults. */
function optionsOf(fields: Record<string, unknown>) {
  const given = <T>(name: string, standard: T): T => (isMissing(fields[name]) ? standard : (fields[name] as T));
  return {
    user: given("user", "daytona"),
    env: given<Record<string, string>>("env", {}),
    labels: given<Record<string, string>>("labels", {}),
    public: given("public", false),
    autoStopInterval: given("autoStopInterval", 15),
    autoArchiveInterval: given("autoArchiveInterval", 10_080),
    autoDeleteInterval: given("autoDeleteInterval", -1),
  };
}

/** The content after something was written in the sandbox. */
export const changedContent = (content: string): string => createHash("sha256").update(`${content}+`).digest("hex");
