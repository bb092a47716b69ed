import type { AddressInfo } from "node:net";
import { BuildLogs } from "./world/build-logs";
import { LocalClock } from "./world/clock";
import { Control } from "./control/control";
import { CreateCall } from "./world/create";
import { Events } from "./server/events";
import { HttpFace } from "./server/http-server";
import { watchIdle } from "./world/idle";
import { Listings } from "./world/list";
import { createServerCertificate } from "../kit/certificate";
import { type LocalApiOptions, settingsOf } from "./options";
import { type FileLock, lockDataFile } from "./storage/file-lock";
import { keep, type Keeper, type Kept, load, restore } from "./storage/persistence";
import { Runner } from "./world/runner";
import { Sandboxes } from "./world/sandboxes";
import { SnapshotCalls } from "./world/snapshots";
import { Sources } from "./world/sources";
import { Registry } from "./registry/registry";
import { Storage } from "./storage/object-storage";
import { World } from "./world/world";

export type { LocalApiOptions } from "./options";
export type { Control, SeedFields, SnapshotFields } from "./control/control";
export type { FaultRule } from "./faults/faults";
export type { LoggedRequest, RequestKind } from "./protocol/request-log";
export type { SandboxRule } from "./world/sandboxes";
export type { SourceRule } from "./world/sources";

/** An embedded API on loopback. */
export interface LocalApi {
  /** `http://127.0.0.1:<port>/api`, or with https */
  apiUrl: string;
  /** A key with every permission. */
  apiKey: string;
  /** A token of the same user, as an alternative to the key. Requires the organization header. */
  jwtToken: string;
  organizationId: string;
  /** A key of another organization, which owns the general snapshots. */
  otherApiKey: string;
  otherOrganizationId: string;
  /** With `tls`: the certificate, as PEM, that clients have to trust; else null. */
  authorityPem: string | null;
  port: number;
  pid: number;
  /** `http://127.0.0.1:<port>/_control`: the commands of `control` over HTTP, with the API key as a bearer token. */
  controlUrl: string;
  control: Control;
  /** Ends everything under way; with `data`, snapshots are written first. */
  close(): Promise<void>;
}

/**
 * Starts the same contract as the real snapshot API on 127.0.0.1. Builds and pulls are simulated.
 * @throws Error if the port is taken, or the data file is in use, cannot be written, or is not a data file
 */
export async function startLocalApi(options: LocalApiOptions = {}): Promise<LocalApi> {
  const lock = options.data === undefined ? undefined : lockDataFile(options.data);
  try {
    return await start(options, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function start(options: LocalApiOptions, lock: FileLock | undefined): Promise<LocalApi> {
  const kept = options.data === undefined ? undefined : load(options.data);
  const clock = new LocalClock();
  const world = new World(settingsOf(options), clock, options, kept);
  const registry = new Registry(() => clock.now());
  const sources = new Sources(world, registry);
  const runner: Runner = new Runner(
    world,
    sources,
    (row, ms, told) => logs.record(row, ms, told),
    (organizationId, hash) => storage.hasContext(organizationId, hash),
  );
  const create = new CreateCall(world, runner);
  const snapshots = new SnapshotCalls(world, runner);
  const sandboxes = new Sandboxes(world, runner);
  const logs = new BuildLogs(world, snapshots);
  const storage = new Storage();
  const certificates = options.tls ? await createServerCertificate(new Date()) : undefined;
  const http = new HttpFace(
    { world, create, snapshots, sandboxes, listings: new Listings(world), logs, storage, registry },
    certificates?.server,
  );
  const events = new Events(world, http.server, options.events === false ? "off" : "on");
  const control = new Control({ world, http, events, runner, create, sandboxes, sources, storage, registry, logs });
  http.control = control;

  await listen(http.server, options.port ?? 0);

  const close = async (): Promise<void> => {
    http.faults.clear();
    clock.close();
    await events.close();
    const closed = new Promise<void>((resolve) => http.server.close(() => resolve()));
    http.server.closeAllConnections();
    await closed;
    registry.clear();
  };

  // Only after listening, so that a port conflict leaves nothing behind.
  watchIdle(world, () => control.deactivateIdle());
  let keeper: Keeper | undefined;
  if (kept) resume(world, runner, sandboxes, kept);
  if (options.data !== undefined) {
    keeper = keep(world, options.data, options.onUnsaved);
    try {
      keeper.save();
    } catch (error) {
      keeper.stop();
      await close();
      throw error;
    }
    http.keeper = {
      file: options.data,
      keeper,
      undo: (id) =>
        void (
          world.registries.delete(id) ||
          world.sandboxes.delete(id) ||
          (control.snapshot(id) && control.remove(id))
        ),
    };
  }

  const { port } = http.server.address() as AddressInfo;
  const origin = `${options.tls ? "https" : "http"}://127.0.0.1:${port}`;
  if (world.settings.registry === null) world.settings.registryHost = `127.0.0.1:${port}`;
  lock?.listening(`${origin}/api`);
  return {
    apiUrl: `${origin}/api`,
    apiKey: world.apiKey.value,
    jwtToken: world.jwtToken,
    organizationId: world.own.id,
    otherApiKey: world.otherKey.value,
    otherOrganizationId: world.other.id,
    authorityPem: certificates?.authorityPem ?? null,
    port,
    pid: process.pid,
    controlUrl: `${origin}/_control`,
    control,
    async close() {
      try {
        http.faults.clear();
        keeper?.save();
      } finally {
        keeper?.stop();
        await close();
        lock?.release();
      }
    },
  };
}

/** Listens on loopback; an error, such as a port that is taken, rejects. */
function listen(server: HttpFace["server"], port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Goes on with what the data file had: what was under way starts again, and the runner has the images of what was active. */
function resume(world: World, runner: Runner, sandboxes: Sandboxes, kept: Kept): void {
  for (const row of restore(world, kept)) runner.start(row);
  for (const row of world.snapshots.values())
    if (row.state === "active" && row.ref !== null && row.size !== null) runner.ready.add(row.ref);
  for (const row of [...world.sandboxes.values()]) sandboxes.resume(row);
}
