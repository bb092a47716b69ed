/** The parts of the Daytona API that this package uses. The only file of `api/` that `snapshot/` may import (types only). */

/**
 * A snapshot, as returned by `GET /snapshots/{id}`. Unknown fields are ignored, and every field that a release may lack is optional. `mem` and `disk` are GiB, `size` is GiB.
 */
export interface SnapshotDto {
  id: string;
  organizationId?: string | null;
  /** Whether this is a general snapshot, which belongs to another organization but is available to everyone. */
  general?: boolean;
  name: string;
  /** Image that was pulled, as requested; `""` for a build. */
  imageName?: string | null;
  /** One of the documented states, or a state that a newer server added. */
  state: string;
  /** Size of the image in GiB. */
  size?: number | null;
  /** Command that sandboxes run when they start. */
  entrypoint?: string[] | null;
  /** CPU cores of each sandbox. */
  cpu: number;
  /** Number of GPUs of each sandbox. */
  gpu: number;
  /** Memory of each sandbox in GiB. */
  mem: number;
  /** Disk size of each sandbox in GiB. */
  disk: number;
  /** Why the snapshot failed. */
  errorReason?: string | null;
  createdAt: string;
  updatedAt?: string;
  lastUsedAt?: string | null;
  buildInfo?: BuildInfoDto | null;
  regionIds?: string[] | null;
  ref?: string | null;
  gpuType?: string | null;
  sandboxClass?: string | null;
  initialRunnerId?: string | null;
  /** ID of the sandbox that the snapshot was created from. Only servers after v0.190 return it. */
  sourceSandboxId?: string | null;
}

export interface BuildInfoDto {
  dockerfileContent?: string | null;
  contextHashes?: string[] | null;
  createdAt?: string;
  updatedAt?: string;
  snapshotRef?: string | null;
}

/** Body of `POST /snapshots`. `memory` and `disk` in GiB. */
export interface CreateSnapshotBody {
  name: string;
  imageName?: string;
  entrypoint?: string[];
  cpu?: number;
  gpu?: number;
  memory?: number;
  disk?: number;
  /** Preferred types, in order (the API names the list in the singular). */
  gpuType?: string[];
  buildInfo?: { dockerfileContent: string; contextHashes?: string[] };
  regionId?: string;
  sandboxClass?: string;
}

/** Body of `POST /sandbox/{id or name}/snapshot`. */
export interface SandboxSnapshotBody {
  name: string;
  /** Takes the memory of a VM as well. Left out: false. */
  includeMemory?: boolean;
}

/** A sandbox, as far as a snapshot taken from it needs one (`GET /sandbox/{id or name}`). Unknown fields are ignored. */
export interface SandboxDto {
  /** UUID. */
  id: string;
  /** Unique in the organization; the UUID where none was given. */
  name: string;
  organizationId?: string | null;
  /** One of the documented states (`started`, `stopped`, `snapshotting`, …), or a state that a newer server added. */
  state: string;
  /** What the server brings it to: `started`, `stopped`, `archived`, `paused`, `destroyed`. */
  desiredState?: string | null;
  /** `container`, `linux-vm`, `android`, `windows`, or a class that a newer server added. */
  sandboxClass?: string | null;
  /** Why it is in `error`. */
  errorReason?: string | null;
  updatedAt?: string | null;
  cpu?: number | null;
  gpu?: number | null;
  /** GiB. */
  memory?: number | null;
  /** GiB. */
  disk?: number | null;
  runnerId?: string | null;
}

/** One page of `GET /snapshots`. */
export interface SnapshotPage {
  items: SnapshotDto[];
  total: number;
  page: number;
  totalPages: number;
}

/** Credentials for an image registry, as `GET /docker-registry/{id}` returns them. No answer contains the password. */
export interface RegistryDto {
  /** UUID. */
  id: string;
  /** Not unique; may be empty. */
  name: string;
  /** As stored: without slashes at its end; `docker.io` for every address of Docker Hub. */
  url: string;
  /** For Amazon ECR, the ARN of a role can stand here. */
  username: string;
  /** `""` if there is none. Missing in the answer to an update that does not send it, which keeps it. */
  project?: string | null;
  registryType?: string;
  createdAt?: string;
  updatedAt?: string;
}

/** Body of `POST /docker-registry` and `PATCH /docker-registry/{id}`. Leave out what is not set: the server answers 500 to a `project` of null. */
export interface RegistryBody {
  name: string;
  url: string;
  username: string;
  /** Required in a create. In an update, a missing or empty one keeps the present password. */
  password?: string;
  /** In an update, a missing one keeps the present project. */
  project?: string;
}

/** A region of `GET /regions`. */
export interface RegionDto {
  id: string;
  name: string;
  organizationId?: string | null;
  regionType?: string;
  createdAt?: string;
  updatedAt?: string;
}

/** `GET /api-keys/current`. */
export interface ApiKeyDto {
  name: string;
  permissions: string[];
  expiresAt?: string | null;
  userId?: string;
}

/** `GET /docker-registry/registry-push-access`: temporary credentials of a registry, good for an hour, for pushes to one project. */
export interface RegistryAccess {
  username: string;
  secret: string;
  /** Host and port. */
  registryUrl: string;
  /** First part of every repository. */
  project: string;
  /** RFC 3339. */
  expiresAt?: string;
}

/** `GET /object-storage/push-access`: temporary S3 credentials, good for an hour, for keys that begin with `<organizationId>/`. */
export interface PushAccess {
  accessKey: string;
  secret: string;
  sessionToken: string;
  /** Endpoint of the storage; buckets are addressed by path. */
  storageUrl: string;
  organizationId: string;
  bucket: string;
  /** Not sent by every version of the server. */
  region?: string;
}
