import { SnapshotService, type SnapshotServiceOptions } from "./snapshot-service";

/** The options of the official SDK's `DaytonaConfig` that apply to snapshots. `target` is the region. */
export type DaytonaConfig = SnapshotServiceOptions;

/**
 * Replaces the official SDK's `Daytona` in programs that manage snapshots: `daytona.snapshot` has the same methods. It has no sandboxes, volumes
 * or secrets.
 */
export class Daytona {
  readonly snapshot: SnapshotService;

  /** @param config default: the environment, otherwise the active profile of the Daytona CLI @throws InvalidArgumentError if there are no credentials */
  constructor(config: DaytonaConfig = {}) {
    this.snapshot = new SnapshotService(config, "Daytona");
  }

  /** Closes the connections. Without this call, an open socket keeps the process alive for a few seconds. */
  close(): void {
    this.snapshot.close();
  }

  /** The same, for `await using daytona = new Daytona()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await Promise.resolve();
  }
}
