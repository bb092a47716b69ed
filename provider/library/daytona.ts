import { SnapshotService, type SnapshotServiceOptions } from "./snapshot-service";

/** The options of the official SDK's `DaytonaConfig` that are about snapshots; `target` is the region. */
export type DaytonaConfig = SnapshotServiceOptions;

/**
 * Stands for the official SDK's `Daytona` in programs about snapshots: `daytona.snapshot` has its methods. What else the SDK does (sandboxes,
 * volumes, secrets) it does not.
 */
export class Daytona {
  readonly snapshot: SnapshotService;

  /** @param config default: the environment, else the login of Daytona's command line @throws InvalidArgumentError without credentials */
  constructor(config: DaytonaConfig = {}) {
    this.snapshot = new SnapshotService(config, "Daytona");
  }

  /** Closes the connections. Without it, an open socket keeps the process alive for a few seconds at most. */
  close(): void {
    this.snapshot.close();
  }

  /** The same, for `await using daytona = new Daytona()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await Promise.resolve();
  }
}
