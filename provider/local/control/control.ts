/* Longer than most files: one method per command. */
import { randomUUID } from "node:crypto";
import type { Answer } from "../protocol/answer";
import type { BuildLogs } from "../world/build-logs";
import type { CreateCall } from "../world/create";
import { snapshotDto } from "../world/dto";
import type { EventMode, Events } from "../server/events";
import type { ActiveFault, FaultRule } from "../faults/faults";
import type { HttpFace } from "../server/http-server";
import type { LoggedRequest, RequestKind } from "../protocol/request-log";
import { listRegistries } from "../world/registries";
import type { OrganizationRow, RegionRow, RegistryRow, SandboxRow, SnapshotRow } from "../world/rows";
import type { Runner } from "../world/runner";
import { changedContent, type SandboxRule, type Sandboxes } from "../world/sandboxes";
import type { SourceRule, Sources } from "../world/sources";
import type { Registry } from "../registry/registry";
import type { Storage } from "../storage/object-storage";
import type { World } from "../world/world";
import { idleSnapshots } from "../world/idle";
import type { SnapshotDto } from "../../api/types";

/** Columns of a snapshot that a command may set. Times are milliseconds since the epoch. */
export type SnapshotFields = Partial<Omit<SnapshotRow, "seq" | "id">>;
/** Of a snapshot that a command makes; with a Dockerfile it is a built one. */
export type SeedFields = SnapshotFields & { id?: string; dockerfileContent?: string; contextHashes?: string[] | null };

export interface Parts {
  world: World;
  http: HttpFace;
  events: Events;
  runner: Runner;
  create: CreateCall;
  sandboxes: Sandboxes;
  sources: Sources;
  storage: Storage;
  registry: Registry;
  logs: BuildLogs;
}

/**
 * Commands that change the server behind the client's back and inject faults. In process: `local.control`; over
 * HTTP: `POST /_control/<command>` with the API key as a bearer token and a JSON list of the arguments (or the only one), answered
 * with `{"result"}`.
 */
export class Control {
  readonly #parts: Parts;
  /** When the last seeded snapshot was created. */
  #seeded = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Requests so far, control commands aside. */
  requests(): LoggedRequest[] {
    return this.#parts.http.log.all();
  }

  /** How many requests of each kind, and in `total`. */
  counts(): Partial<Record<RequestKind | "total", number>> {
    return this.#parts.http.log.counts();
  }

  clearRequests(): void {
    this.#parts.http.log.clear();
  }

  /** Adds a rule. Returns its ID. */
  fault(rule: FaultRule): number {
    return this.#parts.http.faults.add(rule);
  }

  faults(): ActiveFault[] {
    return this.#parts.http.faults.list();
  }

  /** Resolves when the rule has hit so many requests. */
  faultReached(id: number, hits = 1): Promise<void> {
    return this.#parts.http.faults.reached(id, hits);
  }

  /** Releases the requests held by this rule. */
  releaseFault(id: number): void {
    this.#parts.http.faults.release(id);
  }

  clearFaults(): void {
    this.#parts.http.faults.clear();
  }

  /** How pulls or builds of a source go from now on. */
  source(rule: SourceRule): void {
    this.#parts.sources.add(rule);
  }

  clearSources(): void {
    this.#parts.sources.clear();
  }

  /** Moves the tag to another image. A v2 runner that has pulled it keeps what it has, as the real one does (`forgetImages`). */
  moveTag(image: string): void {
    this.#parts.sources.moveTag(image);
  }

  /** Digest (`sha256:…`) of what sandboxes of the snapshot run, whatever its `ref` says; of a build, that of its base image. null: none yet. */
  contentOf(idOrName: string): string | null {
    const { world, runner } = this.#parts;
    const row = this.#get(idOrName);
    const build = row.buildRef === null ? undefined : world.builds.get(row.buildRef);
    const hex = runner.engine.contentOf(row, build?.dockerfileContent, runner.ready.has(row.ref ?? ""));
    return hex === null ? null : `sha256:${hex}`;
  }

  /** Removes all images from the runner's engine, so that the next pull of a tag asks the registry. */
  forgetImages(): void {
    this.#parts.runner.engine.forgetImages();
  }

  /** Completes hanging pulls and builds successfully. */
  finishHung(): void {
    this.#parts.logs.finish();
    this.#parts.runner.finishHung();
    this.#parts.sandboxes.finishHung();
  }

  /** Own snapshots, oldest first. */
  snapshots(): SnapshotDto[] {
    const { world } = this.#parts;
    return [...world.snapshots.values()]
      .filter((row) => row.organizationId === world.own.id)
      .map((row) => snapshotDto(world, row, "read") as SnapshotDto);
  }

  snapshot(idOrName: string): SnapshotDto | null {
    const row = this.#find(idOrName);
    return row ? (snapshotDto(this.#parts.world, row, "read") as SnapshotDto) : null;
  }

  /** Makes `n` active snapshots at once, without events, created a millisecond apart. The template's name is followed by `-1`, `-2`, … */
  seed(n: number, template: SeedFields | ((i: number) => SeedFields) = {}): string[] {
    this.#seeded = Math.max(this.#seeded, this.#parts.world.clock.now() - n);
    return Array.from({ length: n }, (_, at) => {
      const fields =
        typeof template === "function"
          ? template(at + 1)
          : { ...template, name: `${template.name ?? "seed"}-${at + 1}` };
      return this.insert({ createdAt: ++this.#seeded, ...fields });
    });
  }

  /** Creates one snapshot without an event; `state` defaults to active. Returns its ID. */
  insert(fields: SeedFields): string {
    const { world, runner, create, sources } = this.#parts;
    const { dockerfileContent, contextHashes, ...columns } = fields;
    const build = dockerfileContent === undefined ? null : create.keepBuild(dockerfileContent, contextHashes ?? null);
    const source = build
      ? { imageName: "", buildRef: build.buildRef, ref: build.ref, entrypoint: ["sleep", "infinity"] }
      : { imageName: "ubuntu:24.04", ref: sources.ref(columns.imageName ?? "ubuntu:24.04") };
    const active = { state: "active", size: 0.75, lastUsedAt: world.clock.now(), initialRunnerId: world.runnerId };
    const row = world.insert({ ...active, ...source, name: "seed", ...columns });
    if (row.state === "active" && row.ref !== null && row.size !== null) runner.ready.add(row.ref);
    return row.id;
  }

  /** Sets columns, with the events that a change of state causes. `updatedAt` is now unless given. */
  update(idOrName: string, fields: SnapshotFields): void {
    this.#parts.world.update(this.#get(idOrName), fields);
    this.#parts.runner.planCron();
  }

  setState(idOrName: string, state: string, errorReason?: string): void {
    this.update(idOrName, errorReason === undefined ? { state } : { state, errorReason });
  }

  /** Somebody else deleted it, and it is gone. */
  remove(idOrName: string): void {
    const row = this.#get(idOrName);
    this.#parts.runner.forget(row);
    this.#parts.world.remove(row);
  }

  /** Somebody else deleted and recreated it, with other fields if given. Returns the new ID. */
  recreate(idOrName: string, fields: SnapshotFields = {}): string {
    const { world } = this.#parts;
    const { seq: _seq, id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...kept } = this.#get(idOrName);
    this.remove(idOrName);
    const row = world.insert({ ...kept, ...fields });
    world.emit(row.organizationId, "snapshot.created", snapshotDto(world, row, "created"));
    return row.id;
  }

  /** The next removal of the snapshot is forgotten: removing, pulling, active. */
  loseDelete(idOrName: string): void {
    this.#get(idOrName).loseDelete = true;
  }

  /** Makes a started sandbox at once, without an event. Returns its ID. */
  sandbox(fields: Partial<Omit<SandboxRow, "seq">> = {}): string {
    return this.#parts.world.addSandbox({ name: "box", ...fields }).id;
  }

  /** The organization's sandboxes, oldest first. */
  sandboxes(): SandboxRow[] {
    const { world } = this.#parts;
    return [...world.sandboxes.values()].filter((row) => row.organizationId === world.own.id);
  }

  /** Sets columns of a sandbox, with the event that a change of state causes. */
  updateSandbox(idOrName: string, fields: Partial<Omit<SandboxRow, "seq" | "id">>): void {
    this.#parts.world.updateSandbox(this.#sandbox(idOrName), fields);
  }

  /** Something is written in the sandbox: the next snapshot of it has another content. */
  writeInSandbox(idOrName: string): void {
    const row = this.#sandbox(idOrName);
    row.content = changedContent(row.content);
  }

  removeSandbox(idOrName: string): void {
    this.#parts.world.removeSandbox(this.#sandbox(idOrName));
  }

  /** How jobs that take a snapshot of a sandbox go from now on. */
  sandboxRule(rule: SandboxRule): void {
    this.#parts.sandboxes.add(rule);
  }

  /** Moves the API's clock. */
  advanceClock(ms: number): void {
    this.#parts.world.clock.advance(ms);
  }

  /** Stops the time: nothing is pulled, built or removed except in `passTime`. */
  holdTime(): void {
    this.#parts.world.clock.hold();
  }

  /** Lets held time pass; the answer is where it stands, in milliseconds whose whole multiples of the cron distance are the marks. */
  passTime(ms: number): Promise<number> {
    return this.#parts.world.clock.pass(ms);
  }

  /** Runs the job that deactivates what was not used for `days` (default: the organization's 14); the answer is their ids. */
  deactivateIdle(days?: number): string[] {
    const { world, runner } = this.#parts;
    const idle = idleSnapshots(world, days);
    for (const row of idle) world.update(row, { state: "inactive" });
    for (const row of idle) runner.forget(row);
    return idle.map((row) => row.id);
  }

  /** Changes the organization: suspension, limits, default region. */
  organization(fields: Partial<Omit<OrganizationRow, "id">>): void {
    Object.assign(this.#parts.world.own, fields);
  }

  /** Adds or changes a region. */
  region(fields: Partial<RegionRow> & { id: string }): void {
    this.#parts.world.addRegion({ ...this.#parts.world.regions.get(fields.id), ...fields });
    this.#parts.runner.cron();
  }

  removeRegion(id: string): void {
    this.#parts.world.regions.delete(id);
  }

  /** Another key of the organization; the answer is its value. */
  addKey(name: string, permissions: string[]): string {
    return this.#parts.world.addKey({ name, permissions }).value;
  }

  /** Another organization's general snapshot; the answer is its id. */
  addGeneral(name: string): string {
    return this.#parts.world.addGeneral(name).id;
  }

  /** Creates one registry, in front of all others in a list. Returns its ID. */
  registry(fields: Partial<Omit<RegistryRow, "seq">> = {}): string {
    const { world } = this.#parts;
    const now = world.clock.now();
    const defaults = {
      id: randomUUID(),
      organizationId: world.own.id,
      name: "seed",
      url: "https://registry.example.com",
      username: "robot",
      password: "secret",
      project: "",
      createdAt: now,
      updatedAt: now,
    };
    return world.addRegistry({ ...defaults, ...fields }).id;
  }

  /** The organization's registries, newest first, with their passwords. */
  registries(): RegistryRow[] {
    return listRegistries(this.#parts.world, this.#parts.world.own.id);
  }

  removeRegistries(): void {
    this.#parts.world.registries.clear();
    this.#parts.world.changed();
  }

  /** Changes settings that are read for every request: `latencyMs`, `snapshotQuota`, `pullMs`, `rateLimit`, … */
  settings(changes: Partial<World["settings"]>): void {
    Object.assign(this.#parts.world.settings, changes);
  }

  resetLimits(): void {
    this.#parts.http.limits.reset();
  }

  /** `off`: sockets are closed and refused. `silent`: they stay open, and nothing comes. */
  events(mode: EventMode): void {
    this.#parts.events.set(mode);
  }

  /** Closes every socket; clients may come again. */
  disconnectEvents(): void {
    this.#parts.events.disconnect();
  }

  /** Clients that listen. */
  listeners(): number {
    return this.#parts.events.connected;
  }

  /** Keys in the object storage. */
  storageKeys(): string[] {
    return this.#parts.storage.keys();
  }

  /** Content of an object in the object storage; null: there is none. */
  storageContent(key: string): Buffer | null {
    return this.#parts.storage.content(key);
  }

  /** Images in the API's own registry: `daytona/agent-…:v2-…`. */
  images(): string[] {
    return this.#parts.registry.images();
  }

  /** Removes every snapshot, including general ones. */
  removeAll(): void {
    for (const id of [...this.#parts.world.snapshots.keys()]) this.remove(id);
    this.#parts.world.builds.clear();
  }

  /** Forgets snapshots, sandboxes, registries, requests, faults, sources, objects, images and limits. */
  reset(): void {
    const { world, http, sources, sandboxes, storage, registry, runner, logs } = this.#parts;
    this.clearFaults();
    sources.clear();
    sandboxes.reset();
    world.sandboxes.clear();
    runner.reset();
    logs.finish();
    this.removeAll();
    this.removeRegistries();
    for (const name of world.generalNames) world.addGeneral(name);
    storage.clear();
    registry.clear();
    http.limits.reset();
    http.log.clear();
  }

  /** One command over HTTP. */
  async handle(method: string, path: string, body: () => Promise<Buffer>): Promise<Answer> {
    const name = path.slice("/_control/".length);
    const commands = Object.getOwnPropertyNames(Control.prototype).filter(
      (key) => key !== "constructor" && key !== "handle",
    );
    if (!commands.includes(name))
      return { status: 404, json: { message: `unknown command ${name}; the commands are ${commands.join(", ")}` } };
    try {
      const text = (await body()).toString("utf8");
      const given: unknown = method === "POST" && text !== "" ? JSON.parse(text) : [];
      const args = Array.isArray(given) ? given : [given];
      const result = await (this as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!(...args);
      return { status: 200, json: { result: result ?? null } };
    } catch (error) {
      return { status: 400, json: { message: error instanceof Error ? error.message : String(error) } };
    }
  }

  #sandbox(idOrName: string): SandboxRow {
    return this.#parts.sandboxes.get(this.#parts.world.own.id, idOrName);
  }

  #find(idOrName: string): SnapshotRow | undefined {
    const { world } = this.#parts;
    return world.snapshots.get(idOrName) ?? world.byName(world.own.id, idOrName) ?? world.generalByName(idOrName);
  }

  #get(idOrName: string): SnapshotRow {
    const row = this.#find(idOrName);
    if (!row) throw new Error(`no snapshot ${idOrName}`);
    return row;
  }
}
