/**
 * Daytona snapshots as code. This entry holds the library (`SnapshotService`, `RegistryService`, `resolveImage`), types and the version; the faces are at `daytona-iac/cdktf`,
 * `daytona-iac/cdktn` and `daytona-iac/pulumi`.
 */
export * from "./library";
export type {
  GetRegionsResult,
  GetSnapshotArgs,
  GetSnapshotResult,
  GetSnapshotsArgs,
  GetSnapshotsResult,
  ProviderArgs,
  Region,
  SnapshotArgs,
  SnapshotDetails,
  SnapshotResult,
  SnapshotTimeouts,
  TerraformSnapshotArgs,
} from "./resources/types/types.gen";
export { version } from "./version.gen";
