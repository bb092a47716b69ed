import type { AddressInfo } from "node:net";
import { BuildLogs } from "./world/build-logs";
import { LocalClock } from "./world/clock";
import { Control } from "./faults/control";
import { CreateCall } from "./world/create";
import { Events } from "./server/events";
import { HttpFace } from "./server/http-server";
import { watchIdle } from "./world/idle";
import { Listings } from "./world/list";
import { type LocalApiOptions, settingsOf } from "./options";
import { type FileLock, lockDataFile } from "./storage/file-lock";
import { keep, load, restore } from "./storage/persistence";
import { Runner } from "./world/runner";
import { SnapshotCalls } from "./world/snapshots";
import { Sources } from "./world/sources";
import { Storage } from "./storage/object-storage";
import { World } from "./world/world";

export type { LocalApiOptions } from "./options";
export type { Control, SeedFields, SnapshotFields } from "./faults/control";
export type { FaultRule } from "./faults/faults";
export type { LoggedRequest, RequestKind } from "./server/request-log";
export type { SourceRule } from "./world/sources";

/** An embedded API on loopback. */
export interface LocalApi {
  /** `http://127.0.0.1:<port>/api` */
  apiUrl: string;
  /** A key with every permission. */
  apiKey: string;
  /** A token of the same user, as an alternative to the key. Requires the organization header. */
  jwtToken: string;
  organizationId: string;
  /** A key of another organization, which owns the general snapshots. */
  otherApiKey: string;
  otherOrganizationId: string;
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
  const sources = new Sources(world);
  const runner: Runner = new Runner(world, sources, (row, ms, error) => logs.record(row, ms, error), (organizationId, hash) => storage.hasContext(organizationId, hash));
  const create = new CreateCall(world, runner);
  const snapshots = new SnapshotCalls(world, runner);
  const logs = new BuildLogs(world, snapshots);
  const storage = new Storage();
  const http = new HttpFace({ world, create, snapshots, listings: new Listings(world), logs, storage });
  const events = new Events(world, http.server, options.events === false ? "off" : "on");
  const control = new Control({ world, http, events, runner, create, sources, storage, logs });
  http.control = control;

  await new Promise<void>((resolve, reject) => {
    http.server.once("error", reject);
    http.server.listen(options.port ?? 0, "127.0.0.1", () => {
      http.server.off("error", reject);
      resolve();
    });
  });

  const close = async (): Promise<void> => {
    http.faults.clear();
    clock.close();
    await events.close();
    const closed = new Promise<void>((resolve) => http.server.close(() => resolve()));
    http.server.closeAllConnections();
    await closed;
  };

  // Only after listening, so that a port conflict leaves nothing behind.
  watchIdle(world, () => control.deactivateIdle());
  let save: (() => void) | undefined;
  if (kept) {
    for (const row of restore(world, kept)) runner.start(row);
    for (const row of world.snapshots.values()) if (row.state === "active" && row.ref !== null && row.size !== null) runner.ready.add(row.ref);
  }
  if (options.data !== undefined) {
    save = keep(world, options.data);
    try {
      save();
    } catch (error) {
      await close();
      throw error;
    }
  }

  const { port } = http.server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  lock?.listening(`${origin}/api`);
  return {
    apiUrl: `${origin}/api`,
    apiKey: world.apiKey.value,
    jwtToken: world.jwtToken,
    organizationId: world.own.id,
    otherApiKey: world.otherKey.value,
    otherOrganizationId: world.other.id,
    port,
    pid: process.pid,
    controlUrl: `${origin}/_control`,
    control,
    async close() {
      try {
        http.faults.clear();
        save?.();
      } finally {
        await close();
        lock?.release();
      }
    },
  };
}
