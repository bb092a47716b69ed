import type { SnapshotRecord } from "../../../provider/resources/snapshot/record";
import { NOTHING } from "../resources/snapshot/nothing";

/** Attributes of a snapshot in a Terraform state. */
export function attributes(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: `id-${name}`,
    name,
    image: "ubuntu:24.04",
    image_name: "ubuntu:24.04",
    state: "active",
    active: true,
    cpu: 1,
    memory: 1,
    disk: 3,
    gpu: 0,
    region: "us",
    region_ids: ["us"],
    size: 0.75,
    organization_id: "org",
    created_at: "2026-11-01T10:00:00.000Z",
    replacement: "swap",
    adopt_existing: false,
    sandbox_class: "container",
    ref: "r",
    source_hash: "v1:a",
    error_reason: null,
    ...more,
  };
}

const unknown = { state: true, size: true, ref: true, error_reason: true };
const head = (address: string) => ({
  address,
  mode: "managed",
  type: "daytona_snapshot",
  name: "agent",
  provider_name: "registry.terraform.io/daytona-iac/daytona",
});

type Values = Record<string, unknown> | null;

/** One entry of `resource_changes`. */
export function change(
  address: string,
  actions: string[],
  before: Values,
  after: Values,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const { inner, ...outer } = more as { inner?: Record<string, unknown> };
  return {
    ...head(address),
    ...outer,
    change: { actions, before, after, after_unknown: actions[0] === "no-op" ? {} : unknown, ...inner },
  };
}

/** One entry of `resource_drift`. */
export function drifted(address: string, before: Values, after: Values): Record<string, unknown> {
  return {
    ...head(address),
    change: { actions: [after === null ? "delete" : "update"], before, after, after_unknown: {} },
  };
}

/** What a plan leaves unknown. */
export function planned(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !(key in unknown)));
}

export function plan(
  resource_drift: unknown[],
  resource_changes: unknown[],
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    format_version: "1.2",
    terraform_version: "1.11.4",
    planned_values: {},
    resource_drift,
    resource_changes,
    ...more,
  };
}

/** A record, for what needs no plan. */
export function record(name: string, more: Partial<SnapshotRecord> = {}): SnapshotRecord {
  return {
    ...NOTHING,
    image: "ubuntu:24.04",
    name,
    cpu: 1,
    memory: 1,
    disk: 3,
    gpu: 0,
    region: "us",
    active: true,
    replacement: "swap",
    adoptExisting: false,
    id: `id-${name}`,
    state: "active",
    imageName: "ubuntu:24.04",
    size: 0.75,
    regionIds: ["us"],
    createdAt: "2026-11-01T10:00:00.000Z",
    organizationId: "org",
    ...more,
  };
}
