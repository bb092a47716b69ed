/* Longer than most files: one state machine, meant to be read in one piece. */
import { randomUUID } from "node:crypto";
import { baseOf, Engine } from "./engine";
import { baseImageReason, pullReason, REGISTRY_FULL, registryTrouble, UNPROCESSABLE } from "./reasons";
import { fullImageName, type SourceRule, type Sources } from "./sources";
import type { SnapshotRow } from "./rows";
import { settled, type World } from "./world";

const STALE = "Job timed out - no update received for 120 minutes";
const BUSY = "An operation is already in progress for this resource";
const TIMEOUT_MS = 60 * 60 * 1000;
/** v2: how long the server waits for news of a pull or a build. */
const STALE_MS = 2 * TIMEOUT_MS;
/** v2: how long the server waits for an image's digest. */
const INSPECT_MS = 30_000;
/** `unpushed`: there is an image, which Daytona's own registry did not take. */
type Result = { error?: string; unpushed?: boolean };

/**
 * The server's state machine over one simulated runner. Generation v0 finishes work at cron marks only; v2 hears when a
 * job ends, refuses overlapping jobs on one resource, and leaves the rest to the marks.
 */
export class Runner {
  /** Refs of images that are on the runner, ready for sandboxes. */
  readonly ready = new Set<string>();
  readonly engine: Engine;
  /** v2: resources (an image, a ref, a build) with an unfinished job, of which each can have one. */
  readonly #jobs = new Set<string>();
  /** Finished pulls and builds, by resource, until the next look. */
  readonly #results = new Map<string, Result>();
  readonly #locked = new Set<string>();
  #hung: (() => void)[] = [];
  #cronPlanned = false;
  /** Incremented to discard work that was started before. */
  #epoch = 0;

  constructor(
    private readonly world: World,
    private readonly sources: Sources,
    private readonly onLog: (row: SnapshotRow, ms: number, told: { error?: string; output?: string }) => void,
    private readonly hasContext: (organizationId: string, hash: string) => boolean,
  ) {
    this.engine = new Engine((image) => sources.digest(image));
  }

  /** Looks at the snapshot now, as the server does after create and activate, and plans the next mark. */
  start(row: SnapshotRow): void {
    this.planCron();
    void this.#sync(row.id);
  }

  planCron(): void {
    if (this.#cronPlanned || this.world.unsettled.size === 0) return;
    this.#cronPlanned = true;
    const { cronMs } = this.world.settings;
    this.world.clock.later(cronMs - (this.world.clock.ticks() % cronMs), () => {
      this.#cronPlanned = false;
      this.cron();
      this.planCron();
    });
  }

  /** One mark: removals first, then every snapshot that has not settled. */
  cron(): void {
    for (const id of [...this.world.unsettled]) {
      const row = this.world.snapshots.get(id);
      if (row?.state === "removing") this.#cleanUp(row);
      else void this.#sync(id);
    }
  }

  /** Completes every hanging pull and build successfully. */
  finishHung(): void {
    const hung = this.#hung;
    this.#hung = [];
    for (const finish of hung) finish();
  }

  /** Forgets images, and all work under way. */
  reset(): void {
    this.#epoch++;
    this.#hung = [];
    this.ready.clear();
    this.engine.reset();
    this.#jobs.clear();
    this.#results.clear();
  }

  /** Images of the ref leave the runner unless another active snapshot needs them. */
  forget(row: SnapshotRow): void {
    if (this.world.withRef(row.ref).some((other) => other !== row && other.state === "active")) return;
    if (row.ref !== null) this.ready.delete(row.ref);
    this.#results.delete(resourceOf(row));
  }

  #cleanUp(row: SnapshotRow): void {
    if (row.loseDelete) {
      row.loseDelete = false;
      this.world.update(row, { state: row.buildRef === null ? "pulling" : "building" }, "pending");
      this.world.clock.later(row.buildRef === null ? this.world.settings.pullMs : this.world.settings.buildMs, () => {
        if (row.state === "pulling" || row.state === "building") this.#activate(row);
      });
      return;
    }
    // Two handlers of the server tell of a removal where no runner holds the image.
    const told = row.ref !== null && this.ready.has(row.ref) ? 1 : row.buildRef === null ? 1 : 2;
    this.forget(row);
    this.world.remove(row, told);
  }

  async #sync(id: string): Promise<void> {
    const row = this.world.snapshots.get(id);
    if (!row || this.#locked.has(id) || settled(row.state) || row.state === "removing") return;
    this.#locked.add(id);
    try {
      // The first mark, or the answer of the POST, comes before the work.
      await this.world.clock.sleep(0);
      if (row.state === "pending") await this.#pending(row);
      else if (row.state === "pulling" || row.state === "building") await this.#check(row);
    } finally {
      this.#locked.delete(id);
    }
  }

  async #pending(row: SnapshotRow): Promise<void> {
    const { world } = this;
    if (row.initialRunnerId === null) {
      const region = row.regionIds
        .map((id) => world.regions.get(id))
        .find((r) => r?.available && r.runners.includes(runnerClass(row.sandboxClass)));
      if (!region) return;
      world.update(row, { initialRunnerId: world.runnerId });
    } else if (row.initialRunnerId !== world.runnerId) {
      world.update(row, { state: "error", errorReason: `Runner with ID ${row.initialRunnerId} not found` });
      return;
    }
    if (row.buildRef !== null) return this.#build(row);
    if (row.ref === null && !(await this.#inspect(row))) return;
    // A DELETE in the meantime is overwritten here: this is how the server loses one.
    if (!world.update(row, { state: "pulling" }, "pending")) return;
    this.#pull(row);
  }

  /** Reads the digest; the answer says whether to go on. */
  async #inspect(row: SnapshotRow): Promise<boolean> {
    const { world } = this;
    const v2 = world.settings.generation === "v2";
    const rule = this.sources.rule(row);
    const job = fullImageName(row.imageName);
    const fail = (reason: string, more: Partial<SnapshotRow> = {}) => {
      world.update(row, { state: "error", errorReason: reason, ...more }, "pending");
      return false;
    };
    if (v2 && this.#jobs.has(job)) return fail(BUSY);
    this.#jobs.add(job);
    const epoch = this.#epoch;
    const ms = rule.inspectSeconds === undefined ? world.settings.inspectMs : rule.inspectSeconds * 1000;
    if (v2 && rule.inspectSeconds !== undefined && ms > INSPECT_MS) {
      // Given up, but the job is still the runner's. (A setting that long is meant to hold everything.)
      world.clock.later(ms, () => epoch === this.#epoch && this.#jobs.delete(job));
      await world.clock.sleep(INSPECT_MS);
      return epoch === this.#epoch && fail(`Job ${randomUUID()} timed out after ${INSPECT_MS}ms`);
    }
    await world.clock.sleep(ms);
    if (epoch !== this.#epoch) return false;
    this.#jobs.delete(job);
    const refused = this.#refused(row, rule);
    if (refused !== null) return fail(refused);
    const oversize = row.size === null ? this.#refusedSize(row, rule.size) : null;
    if (oversize !== null) return fail(oversize.reason, oversize.more);
    return world.update(row, { ref: this.sources.ref(row.imageName), size: row.size ?? rule.size });
  }

  /** Why the organization may not have an image of this size, in GiB, and what is kept of it; null: it may. */
  #refusedSize(row: SnapshotRow, size: number): { reason: string; more?: Partial<SnapshotRow> } | null {
    const owner = this.world.organizations.get(row.organizationId);
    if (!owner) return { reason: `Organization with ID ${row.organizationId} not found` };
    return size > owner.maxSnapshotSize ? { reason: tooLarge(size, owner.maxSnapshotSize), more: { size } } : null;
  }

  /** Why the runner cannot tell the digest of an image; null: it can. */
  #refused(row: SnapshotRow, rule: SourceRule): string | null {
    const v2 = this.world.settings.generation === "v2";
    const explained = (image: string, reason: string, prefix: string) =>
      v2
        ? `Snapshot ${image} failed to inspect in registry on runner ${this.world.runnerId}. Error: ${reason}`
        : prefix + reason;
    const image = fullImageName(row.imageName);
    // The server names it "repository:sha256:…", which is no reference.
    if (image.includes("@"))
      return explained(
        image.replace("@", ":"),
        "Error response from daemon: invalid reference format",
        "bad request: ",
      );
    const trouble = registryTrouble(rule.outcome);
    if (trouble === null) return null;
    this.sources.use(row);
    if (rule.reason !== undefined) return explained(image, rule.reason, "");
    const { text, prefix } = pullReason(trouble, row.imageName);
    return explained(image, text, prefix);
  }

  #pull(row: SnapshotRow): void {
    const { world } = this;
    const ref = row.ref!;
    const v2 = world.settings.generation === "v2";
    if (this.ready.has(ref) && row.size !== null && !(v2 && this.#jobs.has(ref))) {
      world.clock.later(0, () => row.state === "pulling" && this.#activate(row));
      if (!v2) return;
      // The server still requests the pull, but nothing waits for it.
      this.#jobs.add(ref);
      const epoch = this.#epoch;
      world.clock.later(world.settings.pullMs, () => {
        if (epoch !== this.#epoch) return;
        this.#jobs.delete(ref);
        this.#store(row);
      });
      return;
    }
    const rule = this.sources.use(row);
    if (rule.outcome === "reject" && world.settings.generation === "v0") {
      world.update(row, { state: "error", errorReason: rule.reason ?? "sync reject" });
      return;
    }
    const reason =
      rule.reason ??
      `failed to pull image: Error response from daemon: pull access denied for ${row.imageName}, repository does not exist or may require 'docker login'`;
    this.#work(row, ref, world.settings.pullMs, rule, reason, "error");
  }

  #build(row: SnapshotRow): void {
    const { world } = this;
    world.update(row, { state: "building" });
    const rule = this.sources.use(row);
    if (rule.outcome === "reject" && world.settings.generation === "v0") {
      world.update(row, {
        state: "build_failed",
        errorReason: rule.reason ?? "snapshot name must include a valid tag",
      });
      return;
    }
    const prefix = world.settings.generation === "v0" ? UNPROCESSABLE : "";
    const build = world.builds.get(row.buildRef!);
    const missing = world.settings.checkContexts
      ? build?.contextHashes?.find((hash) => !this.hasContext(row.organizationId, hash))
      : undefined;
    if (missing !== undefined) {
      return this.#work(
        row,
        row.buildRef!,
        0,
        { outcome: "fail", seconds: 0 },
        `${prefix}failed to get tar from storage with hash ${missing}: failed to read object data: The specified key does not exist.`,
        "build_failed",
      );
    }
    const reason = rule.reason ?? prefix + reasonOfBuild(build?.dockerfileContent ?? "", rule);
    this.#work(row, row.buildRef!, world.settings.buildMs, rule, reason, "build_failed");
  }

  #work(row: SnapshotRow, job: string, defaultMs: number, rule: SourceRule, reason: string, refused: string): void {
    const { world } = this;
    const v2 = world.settings.generation === "v2";
    if (v2 && this.#jobs.has(job)) {
      world.update(row, { state: refused, errorReason: BUSY });
      return;
    }
    if (v2) this.#jobs.add(job);
    const resource = resourceOf(row);
    this.#results.delete(resource);
    const ms = rule.seconds === undefined ? defaultMs : rule.seconds * 1000;
    const fails = rule.outcome === "fail" || registryTrouble(rule.outcome) !== null;
    const result: Result = fails ? { error: reason } : this.#pushed(row, rule);
    // A build of what the engine has writes nothing.
    if (row.buildRef !== null && row.ref !== null && !this.ready.has(row.ref))
      this.onLog(row, rule.outcome === "hang" ? Infinity : ms, {
        ...(fails ? { error: reason } : {}),
        ...(rule.output === undefined ? {} : { output: rule.output }),
      });
    const epoch = this.#epoch;
    let over = false;
    const finish = (end: Result): void => {
      if (over || epoch !== this.#epoch) return;
      over = true;
      this.#jobs.delete(job);
      this.#results.set(resource, end);
      if (end.error === undefined) this.#store(row);
      if (v2) this.#jobDone(row, end);
    };
    if (rule.outcome !== "hang") return void world.clock.later(ms, () => finish(result));
    this.#hung.push(() => finish(result));
    if (v2) world.clock.later(STALE_MS, () => finish({ error: STALE }));
  }

  /** What becomes of an image that was pulled or built. The server of v0 does not hear of a push that failed. */
  #pushed(row: SnapshotRow, { outcome, reason }: SourceRule): Result {
    if (outcome !== "push-refused") return {};
    if (this.world.settings.generation === "v2") return { error: reason ?? REGISTRY_FULL };
    return row.buildRef === null ? {} : { unpushed: true };
  }

  /** What was pulled or built is kept for sandboxes. */
  #store(row: SnapshotRow): void {
    const { world } = this;
    if (row.ref === null) return;
    if (row.buildRef === null) this.engine.pulled(row.imageName, row.ref, world.settings.generation === "v2");
    else this.engine.built(world.builds.get(row.buildRef)?.dockerfileContent ?? "", row.ref);
  }

  /** v2: the job's end names the resource only; of several snapshots of one build the server picks any, and ours waits for a mark. */
  #jobDone(row: SnapshotRow, result: Result): void {
    const { world } = this;
    if (row.buildRef === null && result.error === undefined && row.ref !== null) this.ready.add(row.ref);
    if (row.buildRef !== null) {
      const other = [...world.snapshots.values()].find(
        (s) => s !== row && s.buildRef === row.buildRef && s.initialRunnerId === row.initialRunnerId,
      );
      if (other) return;
    }
    if (row.state !== "pulling" && row.state !== "building") return;
    if (result.error !== undefined) return void world.update(row, { state: "error", errorReason: result.error });
    // Only a job's end clears an old reason.
    this.#activate(row, { errorReason: null });
    if (row.buildRef !== null) this.#propagate(row);
  }

  /** v2: a built image comes to where sandboxes find it by the propagation of active snapshots, at half the distance of the marks. */
  #propagate(row: SnapshotRow): void {
    const every = this.world.settings.cronMs / 2;
    this.world.clock.later(every - (this.world.clock.ticks() % every), () => {
      if (row.state === "active" && row.ref !== null && this.world.snapshots.has(row.id)) this.ready.add(row.ref);
    });
  }

  /** Looks whether the pull or the build has ended, and takes over what came of it. */
  async #check(row: SnapshotRow): Promise<void> {
    const { world } = this;
    if (world.clock.now() - row.updatedAt > TIMEOUT_MS) {
      world.update(row, { state: "error", errorReason: "Timeout processing snapshot on initial runner" });
      return;
    }
    if (row.ref !== null && this.ready.has(row.ref) && row.size !== null) return this.#activate(row);
    const result = this.#results.get(resourceOf(row));
    if (!result) return;
    if (result.error !== undefined) {
      world.update(row, { state: "error", errorReason: result.error });
      return;
    }
    if (this.#takeOver(row) && result.unpushed !== true) await this.#inspectOnRunner(row);
  }

  /** Writes size and entrypoint of the image. @returns whether the snapshot may have it */
  #takeOver(row: SnapshotRow): boolean {
    const { world } = this;
    const rule = this.sources.rule(row);
    const max = world.organizations.get(row.organizationId)?.maxSnapshotSize ?? 20;
    if (row.size === null && rule.size > max) {
      world.update(row, { state: "error", errorReason: tooLarge(rule.size, max), size: rule.size });
      return false;
    }
    const entrypoint = row.entrypoint ?? rule.entrypoint ?? null;
    if (row.size === null || entrypoint !== row.entrypoint)
      world.update(row, { size: row.size ?? rule.size, entrypoint });
    return true;
  }

  /** Looks at the image on the runner; the snapshot is active after that. */
  async #inspectOnRunner(row: SnapshotRow): Promise<void> {
    const { world } = this;
    const job = world.settings.generation === "v2" ? row.ref : null;
    // Another snapshot of the same image is being looked at: this one has to wait for the next mark.
    if (job !== null && this.#jobs.has(job)) return;
    if (job !== null) this.#jobs.add(job);
    const { state } = row;
    await world.clock.sleep(world.settings.inspectMs);
    if (job !== null) this.#jobs.delete(job);
    if (!world.snapshots.has(row.id)) return;
    if (row.ref !== null) this.ready.add(row.ref);
    // What came in the meantime, a DELETE too, is overwritten here.
    this.#activate(row, {}, state);
  }

  #activate(row: SnapshotRow, more: Partial<SnapshotRow> = {}, previous: string = row.state): void {
    this.world.update(row, { state: "active", lastUsedAt: this.world.clock.now(), ...more }, previous);
    // One push serves one create.
    if (row.imageName.startsWith(`${this.world.settings.registryHost}/`)) this.sources.remove(row.imageName);
  }
}

/** What the builder says of a build that is to fail. */
function reasonOfBuild(dockerfile: string, { outcome }: SourceRule): string {
  const trouble = registryTrouble(outcome);
  const base = trouble === null ? null : baseOf(dockerfile);
  if (trouble !== null && base !== null) return baseImageReason(trouble, base);
  const run = [...dockerfile.matchAll(/^RUN\s+(.*)$/gm)].at(-1)?.[1] ?? "false";
  return `failed to solve: process "/bin/sh -c ${run}" did not complete successfully: exit code: 1`;
}

const resourceOf = (row: SnapshotRow) => row.buildRef ?? row.ref ?? row.id;
export const runnerClass = (sandboxClass: string) => (sandboxClass === "android" ? "container" : sandboxClass);
export const tooLarge = (size: number, max: number) =>
  `Snapshot size (${size.toFixed(2)}GB) exceeds maximum allowed size of ${max}GB`;
