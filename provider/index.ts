/**
 * Daytona snapshots as code. This entry point exports the library (`SnapshotService`, `RegistryService`, `resolveImage`), types and the version. The classes
 * for CDKTF and Pulumi are in `daytona-iac/cdktf`, `daytona-iac/cdktn` and `daytona-iac/pulumi`.
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
