/** What the simulated database holds. Times are milliseconds since the epoch. */

export const STATES = [
  "pending",
  "pulling",
  "active",
  "inactive",
  "building",
  "error",
  "build_failed",
  "removing",
] as const;

export interface SnapshotRow {
  /** Order of insertion, which a data file keeps. */
  seq: number;
  id: string;
  /** `""`: no owner. */
  organizationId: string;
  general: boolean;
  hideFromUsers: boolean;
  name: string;
  imageName: string;
  state: string;
  size: number | null;
  entrypoint: string[] | null;
  cpu: number;
  gpu: number;
  gpuType: string | null;
  mem: number;
  disk: number;
  errorReason: string | null;
  createdAt: number;
  updatedAt: number;
  lastUsedAt: number | null;
  /** Key of the build, shared between all organizations; null for a pulled snapshot. */
  buildRef: string | null;
  regionIds: string[];
  initialRunnerId: string | null;
  ref: string | null;
  sandboxClass: string;
  /** UUID of the sandbox that the snapshot was taken from; not set for the others. */
  sourceSandboxId?: string;
  /** Fields of the answers that this release does not know, or other values for those that it does. */
  extra?: Record<string, unknown>;
  /** The next removal is forgotten once. */
  loseDelete?: boolean;
}

export interface BuildRow {
  snapshotRef: string;
  dockerfileContent: string;
  contextHashes: string[] | null;
  createdAt: number;
  updatedAt: number;
  lastTouched: number;
}

export interface OrganizationRow {
  id: string;
  name: string;
  createdBy: string;
  personal: boolean;
  createdAt: number;
  updatedAt: number;
  suspended: boolean;
  suspensionReason: string | null;
  suspendedUntil: number | null;
  maxCpu: number;
  maxMemory: number;
  maxDisk: number;
  gpuQuota: number;
  maxSnapshotSize: number;
  deactivationMinutes: number;
  defaultRegionId: string | null;
}

export interface RegionRow {
  id: string;
  name: string;
  organizationId: string | null;
  regionType: "shared" | "custom" | "dedicated";
  createdAt: number;
  updatedAt: number;
  /** false: a public region that the organization has no quota for. */
  quota: boolean;
  /** Sandbox classes for which a runner can be scheduled. */
  runners: string[];
  /** false: runners exist, but none has room at the moment. */
  available: boolean;
}

/** Credentials for an image registry. */
export interface RegistryRow {
  /** Order of insertion, which a data file keeps. */
  seq: number;
  id: string;
  organizationId: string;
  name: string;
  url: string;
  username: string;
  password: string;
  project: string;
  createdAt: number;
  updatedAt: number;
}

/** A sandbox, as far as a snapshot taken from it needs one. */
export interface SandboxRow {
  /** Order of insertion, which a data file keeps. */
  seq: number;
  id: string;
  organizationId: string;
  name: string;
  /** The snapshot that it was made of, as the request named it. */
  snapshot: string;
  region: string;
  user: string;
  env: Record<string, string>;
  labels: Record<string, string>;
  public: boolean;
  cpu: number;
  gpu: number;
  gpuType: string | null;
  mem: number;
  disk: number;
  sandboxClass: string;
  state: string;
  desiredState: string;
  /** true: a change of state is under way. */
  pending: boolean;
  errorReason: string | null;
  autoStopInterval: number;
  autoArchiveInterval: number;
  autoDeleteInterval: number;
  createdAt: number;
  updatedAt: number;
  lastActivityAt: number;
  runnerId: string;
  /** Stands for everything in its file system: two snapshots of the same content have the same. */
  content: string;
  /** Name of the snapshot that is being taken. */
  taking: string | null;
}

export interface KeyRow {
  name: string;
  value: string;
  organizationId: string;
  userId: string;
  permissions: string[];
  createdAt: number;
  lastUsedAt: number | null;
  expiresAt: number | null;
}

export const ALL_PERMISSIONS = [
  "write:registries",
  "delete:registries",
  "write:snapshots",
  "delete:snapshots",
  "write:sandboxes",
  "delete:sandboxes",
  "read:volumes",
  "write:volumes",
  "delete:volumes",
];
