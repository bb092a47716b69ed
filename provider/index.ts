/**
 * Daytona snapshots as code. This entry holds types, the version and what is cheap to load; the faces are at
 * `daytona-iac/cdktf` and `daytona-iac/cdktn`.
 */
export type {
  GetRegionsResult, GetSnapshotArgs, GetSnapshotResult, GetSnapshotsArgs, GetSnapshotsResult, ProviderArgs, Region,
  SnapshotArgs, SnapshotDetails, SnapshotResult, SnapshotTimeouts, TerraformSnapshotArgs,
} from "./snapshot/types.gen";
export { version } from "./version.gen";
