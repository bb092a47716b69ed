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
