/** Programs to try, and the API as a pure model: what it would answer to a plan that is carried out. */
import fc from "fast-check";
import type { CreateSnapshotBody, SnapshotDto } from "../../../../provider/api/types";
import type { Marks, SnapshotPlan, SnapshotRecord, Written } from "../../../../provider/resources/snapshot";
import { UNKNOWN, isUnknown } from "../../../../provider/kit/unknown";
import {
  generateName,
  nothingWritten,
  observe,
  planSnapshot,
  recordAfter,
  stripTriggers,
  toCreateBody,
  validateWritten,
} from "../../../../provider/resources/snapshot";
import { toolWords } from "../../../../provider/terraform/words";

export const EMPTY: Written = nothingWritten();

export function written(some: Partial<Written>): Written {
  return { ...EMPTY, ...some };
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 2 });

const digest = `@sha256:${"a".repeat(64)}`;
const source = fc.oneof(
  fc
    .constantFrom("ubuntu:22.04", "ubuntu:24.04", "debian:12", `ubuntu:24.04${digest}`, `ubuntu${digest}`)
    .map((image) => ({ image, dockerfileContent: null, entrypoint: null as string[] | null })),
  fc
    .constantFrom("FROM a:1", "FROM a:1\n", "FROM a:1\r\nRUN x\r\n", "FROM a:1\nRUN x\n")
    .map((dockerfileContent) => ({ image: null, dockerfileContent, entrypoint: null as string[] | null })),
  fc
    .constantFrom<string[]>(["sleep", "1"], ["sh"])
    .map((entrypoint) => ({ image: "ubuntu:24.04", dockerfileContent: null, entrypoint })),
  fc
    .constantFrom<string[]>(["sleep", "1"], ["sh", "-c", 'a "b"\u2028\\'], ["ENTRYPOINT x"])
    .map((entrypoint) => ({ image: `ubuntu${digest}`, dockerfileContent: null, entrypoint })),
);
const naming = fc.oneof(
  fc.constantFrom("agent", "other").map((name) => ({ name: name as string | null, namePrefix: null as string | null })),
  fc.constantFrom("agent-", "agent", "b/").map((namePrefix) => ({ name: null, namePrefix })),
);

/** A valid Terraform program, everything known. */
export const program: fc.Arbitrary<Written> = fc
  .record({
    source,
    naming,
    rest: fc.record({
      sourceHash: maybe(fc.constantFrom("abc", "def", `v1:${"0".repeat(64)}`)),
      cpu: maybe(fc.integer({ min: 1, max: 3 })),
      memory: maybe(fc.integer({ min: 1, max: 3 })),
      disk: maybe(fc.integer({ min: 1, max: 3 })),
      gpu: maybe(fc.integer({ min: 0, max: 1 })),
      gpuTypes: maybe(fc.constantFrom([] as string[], ["H100"], ["H200"])),
      sandboxClass: maybe(fc.constantFrom("container", "linux-vm")),
      region: maybe(fc.constantFrom("us", "eu")),
      active: maybe(fc.boolean()),
      replacement: maybe(fc.constantFrom("swap" as const, "recreate" as const)),
      adoptExisting: maybe(fc.boolean()),
      triggers: maybe(fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom("1", "2"))),
      timeouts: maybe(fc.constant({ create: "5m", update: null, delete: null })),
    }),
  })
  .map(({ source: from, naming: names, rest }) => written({ ...from, ...names, ...rest }));

/** Attributes that may be unknown in a plan. */
export const hideable: fc.Arbitrary<(keyof Written)[]> = fc.subarray(
  Object.keys(EMPTY).filter((key) => key !== "replacement") as (keyof Written)[],
);

/** A program with these values not known yet. */
export function hide(program: Written, keys: readonly (keyof Written)[]): Written {
  return { ...program, ...Object.fromEntries(keys.map((key) => [key, UNKNOWN])) } as Written;
}

let serial = 0;

/** As the server reads it, for the exec form. */
function entrypointIn(text: string): string[] {
  const last = [...text.matchAll(/ENTRYPOINT\s+(.*)/g)].at(-1)?.[1];
  return last === undefined ? ["sleep", "infinity"] : (JSON.parse(last) as string[]);
}

/** What the API answers to a POST, settled. */
export function created(body: CreateSnapshotBody, state = "active"): SnapshotDto {
  serial += 1;
  const entrypoint = body.buildInfo ? entrypointIn(body.buildInfo.dockerfileContent) : (body.entrypoint ?? null);
  return {
    id: `00000000-0000-4000-8000-${String(serial).padStart(12, "0")}`,
    organizationId: "org",
    general: false,
    name: body.name,
    imageName: body.imageName ?? "",
    state,
    size: 0.5,
    entrypoint,
    cpu: body.cpu ?? 1,
    gpu: body.gpu ?? 0,
    mem: body.memory ?? 1,
    disk: body.disk ?? 3,
    errorReason: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    lastUsedAt: null,
    ...(body.buildInfo
      ? { buildInfo: { dockerfileContent: body.buildInfo.dockerfileContent, contextHashes: null } }
      : {}),
    regionIds: [body.regionId ?? "us"],
    ref: `registry/daytona-${serial}:daytona`,
    sandboxClass: body.sandboxClass ?? "container",
    ...(body.gpu ? { gpuType: body.gpuType?.[0] ?? "H100" } : {}),
  };
}

export interface Thing {
  dto: SnapshotDto;
  record: SnapshotRecord;
}

/** Carries out a plan as the lifecycle does, without any trouble. */
export function carryOut(plan: SnapshotPlan, present: Thing | null): Thing {
  const { action, planned } = plan;
  let dto: SnapshotDto;
  if (action === "none" && present) return present;
  if (action === "create" || action === "swap" || action === "rebuild" || action === "replace") {
    const name = isUnknown(planned.name) ? generateName(planned.namePrefix as string, 1, () => 0.5) : undefined;
    dto = created(toCreateBody(planned, name));
  } else {
    if (!present) throw new Error(`nothing to ${action}`);
    dto = { ...present.dto };
    if (action === "activate" || action === "wait") dto.state = "active";
  }
  if (action !== "state-only" && planned.active === false) dto.state = "inactive";
  return { dto, record: recordAfter(planned, dto) };
}

export function plan(present: Thing | null, program: Written, marks: Marks = {}): SnapshotPlan {
  return planSnapshot({
    prior: present?.record ?? null,
    marks,
    written: program,
    providerRegion: null,
    words: toolWords(),
  });
}

/** Refresh, plan, apply. */
export function apply(present: Thing | null, program: Written, marks: Marks = {}): Thing {
  const refreshed = present && { dto: present.dto, record: observe(present.dto, present.record) };
  const first = plan(refreshed, program, marks);
  // Terraform plans the second half of a replacement without a prior state.
  return carryOut(first.action === "replace" ? plan(null, program) : first, refreshed);
}

export { stripTriggers, validateWritten };
