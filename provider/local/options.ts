import { GPU_TYPES } from "./protocol/validation";

/** Settings of the embedded API. Times are seconds unless the name says otherwise. */
export interface LocalApiOptions {
  /** Port on 127.0.0.1. Default 0: a free one. */
  port?: number;
  /** How long a simulated pull takes. Default 2. */
  pullSeconds?: number;
  /** How long a simulated build takes. Default 3. */
  buildSeconds?: number;
  /** How long reading an image's digest takes before a pull. Default: a tenth of `pullSeconds`, 0.1 at most. */
  inspectSeconds?: number;
  /** Distance of the cron marks at which removals (and, with v0, pulls and builds) are finished; 10 on the real server. Default: half of `pullSeconds`, between 0.05 and 1. */
  cronSeconds?: number;
  /** How long `build-logs-url` blocks while no runner is assigned. Default 30, as the real server. */
  runnerWaitSeconds?: number;
  /** How long a snapshot has to rest after a deactivation. Default 600, as the real server. */
  activationCooldownSeconds?: number;
  /** Waited before every answer of the API, concurrently. Default 0. */
  latencyMs?: number;
  /** Snapshots of the organization that may be pending, pulling, building or active at once. Default: no limit. */
  snapshotQuota?: number;
  /** Limits of one sandbox: cores, GiB, GiB. Default 4, 8, 10. */
  maxCpu?: number;
  maxMemory?: number;
  maxDisk?: number;
  /** GPUs that the organization may use. Default 0. */
  gpuQuota?: number;
  /** Types of GPU that the runners have, such as `H100`; none: a GPU is refused as by a server without such runners. Default: all types. */
  gpuTypes?: string[];
  /** GiB. Default 20. */
  maxSnapshotSize?: number;
  /** File in which snapshots are kept over restarts. */
  data?: string;
  /** Runner API of the simulated server: v0 polls the runner at cron marks, v2 hears from it. Default v2. */
  generation?: "v0" | "v2";
  /** Requests per organization and window; `false`: no limit and no headers. Default 100000 in 60 s. */
  rateLimit?: { limit: number; seconds: number } | false;
  /** Failed authentications per address and window, then the address is blocked; `false`: never. Default 20 in 60 s. */
  failedAuthLimit?: { limit: number; seconds: number } | false;
  /** Release that the answers name (`X-Daytona-Api-Version`). Default: the one whose behavior is simulated. */
  apiVersion?: string;
  /** Called when `data` cannot be written, before the change that is lost is answered; once until it can be written again. */
  onUnsaved?: (error: unknown) => void;
  /** API key with every permission. Default: random. */
  apiKey?: string;
  /** UUID of the key's organization; the one in `data` wins. Default: random. */
  organizationId?: string;
  /** Default region; null: the organization has none. Default `us`. */
  defaultRegion?: string | null;
  /** Names of other organizations' general snapshots. Default: one. */
  generalSnapshots?: string[];
  /** true: a build fails, as on the real server, when the storage lacks one of its contexts. Default false. */
  checkContexts?: boolean;
  /** A real registry that pushes go to: host and port, or a URL. Default: the API's own, which keeps images until the API ends. */
  registry?: { url: string; username: string; secret: string };
  /** A real S3 server that uploads go to; the bucket must exist. Default: a storage in memory. */
  storage?: { url: string; accessKey: string; secret: string; bucket: string };
  /** true: HTTPS, with a certificate of an authority that is made at each start. Default false. */
  tls?: boolean;
  /** false: no push notifications until `control.events("on")`. Default true. */
  events?: boolean;
}

export interface Settings {
  pullMs: number;
  buildMs: number;
  inspectMs: number;
  cronMs: number;
  runnerWaitMs: number;
  activationCooldownMs: number;
  latencyMs: number;
  snapshotQuota: number | null;
  gpuTypes: readonly string[];
  generation: "v0" | "v2";
  apiVersion: string;
  rateLimit: { limit: number; seconds: number } | false;
  failedAuthLimit: { limit: number; seconds: number } | false;
  /** How long the first create of a build text is under way: an identical one in this time fails with a 500, as two inserts of one key do. */
  insertMs: number;
  /** true: the object storage, or the registry, cannot be reached by the server, and asking for access is a 500. */
  storageDown: boolean;
  registryDown: boolean;
  checkContexts: boolean;
  registry: { url: string; username: string; secret: string } | null;
  /** Host and port of the registry that pushes go to; empty until the API listens. */
  registryHost: string;
  storage: { url: string; accessKey: string; secret: string; bucket: string } | null;
  /** Fields that every snapshot of a newer release has besides. */
  newFields: Record<string, unknown>;
}

/** Release whose behavior is simulated. */
const API_VERSION = "0.190.0";
/** Where refs point to; nothing listens there, it only has to be the same after a restart on another port. */
export const INTERNAL_REGISTRY = "127.0.0.1:13007";
export const BUCKET = "daytona-volume-builds";
export const SIMULATED = "builds and pulls are only simulated";

export function settingsOf(options: LocalApiOptions): Settings {
  return {
    ...timesOf(options),
    snapshotQuota: options.snapshotQuota ?? null,
    gpuTypes: options.gpuTypes ?? GPU_TYPES,
    generation: options.generation ?? "v2",
    apiVersion: options.apiVersion ?? API_VERSION,
    rateLimit: options.rateLimit ?? { limit: 100_000, seconds: 60 },
    failedAuthLimit: options.failedAuthLimit ?? { limit: 20, seconds: 60 },
    insertMs: 10,
    storageDown: false,
    registryDown: false,
    checkContexts: options.checkContexts ?? false,
    registry: options.registry ?? null,
    registryHost: options.registry?.url.replace(/^https?:\/\//, "") ?? "",
    storage: options.storage ?? null,
    newFields: {},
  };
}

/** What takes time, in ms. */
function timesOf(options: LocalApiOptions) {
  const pull = options.pullSeconds ?? 2;
  return {
    pullMs: pull * 1000,
    buildMs: (options.buildSeconds ?? 3) * 1000,
    inspectMs: (options.inspectSeconds ?? Math.min(0.1, pull / 10)) * 1000,
    cronMs: Math.max(1, (options.cronSeconds ?? Math.min(1, Math.max(0.05, pull / 2))) * 1000),
    runnerWaitMs: (options.runnerWaitSeconds ?? 30) * 1000,
    activationCooldownMs: (options.activationCooldownSeconds ?? 600) * 1000,
    latencyMs: options.latencyMs ?? 0,
  };
}
