import type { SnapshotRecord } from "../../../../provider/resources/snapshot/record";
import { NOTHING } from "../../resources/snapshot/nothing";

/** An active snapshot, `ubuntu:24.04`, with what a test wants to be different. */
export function record(changes: Partial<SnapshotRecord>): SnapshotRecord {
  return {
    ...NOTHING,
    image: "ubuntu:24.04",
    name: "agent",
    cpu: 1,
    memory: 1,
    disk: 3,
    gpu: 0,
    sandboxClass: "container",
    region: "us",
    active: true,
    replacement: "swap",
    adoptExisting: false,
    id: "7c0a6f0e-0000-4000-8000-000000000001",
    state: "active",
    imageName: "ubuntu:24.04",
    ref: "registry/daytona-ab:daytona",
    size: 0.5,
    regionIds: ["us"],
    createdAt: "2026-01-01T00:00:00.000Z",
    organizationId: "org-1",
    ...changes,
  };
}
