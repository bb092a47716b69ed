/** Tries a row of a table in everything that plan, create, refresh, import and comparison do with it. */
import type { SnapshotDto } from "../../../../provider/api/types";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import {
  differences,
  fromImport,
  observe,
  planSnapshot,
  recordAfter,
  snapshotTable,
  toCreateBody,
} from "../../../../provider/resources/snapshot";
import type { Planned, SnapshotPlan, SnapshotRecord, Written } from "../../../../provider/resources/snapshot";
import type { AnyInput, AnyTable } from "../../../../provider/resources/snapshot/attributes/rows";
import { pushedName } from "../../../../provider/resources/snapshot/local-image";
import { toolWords } from "../../../../provider/terraform/words";
import { created, written } from "./model";

/** A program, and the same after a change of one input. What the row alone does not tell is said besides. */
interface Example {
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  /** How `differences` begins the line; null: it cannot tell. Default: the name. */
  named?: string | null;
  /** Not in the request: it stands for what is. */
  unsent?: true;
  /** Not stored, but an import has it from servers that tell it. */
  imported?: true;
  /** The attribute that a refresh shows the change in, and a state with which it does. Default: the input, in any state. */
  seen?: { in: string; state: string };
}

/** A create request, or what stands for one of the sandbox's. */
type Body = ReturnType<typeof toCreateBody> & { sourceSandbox?: string; includeMemory?: unknown };

const build = (text: string, hash: string, contextHashes: string[] = []) => ({
  prepared: { text, hash: `v2:${hash.repeat(64)}`, contextHashes },
});
const COPY = "FROM a:1\nCOPY a a\n";

const BOX = "00000000-0000-4000-8000-000000000000";
const DIGEST = { kind: "resolved", digest: `sha256:${"d".repeat(64)}`, platforms: null };

const examples: Record<string, Example> = {
  image: { before: { image: "ubuntu:22.04" }, after: { image: "ubuntu:24.04" } },
  // The digest is of the registry; what is there says whether it was made from it.
  pinDigest: {
    before: { image: "ubuntu:24.04", pinDigest: false, resolution: DIGEST },
    after: { image: "ubuntu:24.04", pinDigest: true, resolution: DIGEST },
    named: "image",
    seen: { in: "imageName", state: "active" },
  },
  dockerfile: {
    before: { dockerfile: "a/Dockerfile", ...build("FROM a:1", "a") },
    after: { dockerfile: "b/Dockerfile", ...build("FROM a:2", "b") },
  },
  dockerfileContent: { before: { dockerfileContent: "FROM a:1" }, after: { dockerfileContent: "FROM a:2" } },
  localImage: {
    before: { localImage: "agent:1", ...build("", "a") },
    after: { localImage: "agent:2", ...build("", "b") },
  },
  sourceSandbox: {
    before: { sourceSandbox: BOX },
    after: { sourceSandbox: BOX.replaceAll("0", "1") },
    imported: true,
  },
  includeMemory: {
    before: { sourceSandbox: BOX, includeMemory: false },
    after: { sourceSandbox: BOX, includeMemory: true },
  },
  contextDir: {
    before: { dockerfileContent: COPY, contextDir: "x", ...build(COPY, "a", ["0a"]) },
    after: { dockerfileContent: COPY, contextDir: "y", ...build(COPY, "b", ["0b"]) },
    named: "context",
  },
  context: {
    before: { dockerfile: "Dockerfile", context: ["a"], ...build(COPY, "a", ["0a"]) },
    after: { dockerfile: "Dockerfile", context: ["b"], ...build(COPY, "b", ["0b"]) },
  },
  buildArgs: {
    before: { dockerfileContent: "ARG V\nFROM a:$V", buildArgs: { V: "1" }, ...build("ARG V=1\nFROM a:$V", "a") },
    after: { dockerfileContent: "ARG V\nFROM a:$V", buildArgs: { V: "2" }, ...build("ARG V=2\nFROM a:$V", "b") },
    named: "dockerfileContent",
  },
  target: {
    before: { dockerfile: "Dockerfile", target: "a", ...build("FROM a:1 AS a", "a") },
    after: { dockerfile: "Dockerfile", target: "b", ...build("FROM a:1 AS b", "b") },
    named: "dockerfile",
  },
  sourceHash: {
    before: { image: "ubuntu:24.04", sourceHash: "abc" },
    after: { image: "ubuntu:24.04", sourceHash: "def" },
    named: null,
    unsent: true,
  },
  triggers: {
    before: { dockerfileContent: "FROM a:1", triggers: { a: "1" } },
    after: { dockerfileContent: "FROM a:1", triggers: { a: "2" } },
  },
  gpuTypes: {
    before: { image: "ubuntu:24.04", gpu: 1, gpuTypes: ["H100"] },
    after: { image: "ubuntu:24.04", gpu: 1, gpuTypes: ["H200"] },
  },
  // A snapshot keeps its region: where it is available is shown beside.
  region: {
    before: { image: "ubuntu:24.04", region: "us" },
    after: { image: "ubuntu:24.04", region: "eu" },
    seen: { in: "regionIds", state: "inactive" },
  },
};

const VALUES: Record<string, [unknown, unknown]> = {
  string: ["one", "two"],
  integer: [2, 3],
  number: [2, 3],
  boolean: [false, true],
  "string-list": [["a"], ["b"]],
  "string-set": [["a"], ["b"]],
  "string-map": [{ a: "1" }, { a: "2" }],
};

function exampleOf({ name, type }: AnyInput): Example {
  const [before, after] = VALUES[String(type)] ?? [null, null];
  return (
    examples[name] ?? {
      before: { image: "ubuntu:24.04", [name]: before },
      after: { image: "ubuntu:24.04", [name]: after },
    }
  );
}

/** Whatever is missing or wrong in how a row is used; empty: nothing. */
export function problemsOf(row: AnyInput, table: AnyTable = snapshotTable): string[] {
  const example = exampleOf(row);
  const wanted = (values: Record<string, unknown>): Written => ({ ...written({}), name: "agent", ...values });
  const planned = (prior: SnapshotRecord | null, values: Record<string, unknown>, marks = {}): SnapshotPlan =>
    planSnapshot({ prior, marks, written: wanted(values), providerRegion: null, words: toolWords(), table });
  const [first, second] = [example.before, example.after].map((values) => planned(null, values).planned) as [
    Planned,
    Planned,
  ];
  const [body, other] = [bodyOf(first, table), bodyOf(second, table)];
  const dto = answerTo(body, table);
  const record = recordAfter(first, dto, table);
  const stored = !("stored" in row);
  const problems: string[] = [];
  const check = (good: boolean, problem: string): void => void (good || problems.push(problem));

  check(example.unsent === true || JSON.stringify(body) !== JSON.stringify(other), "it is not in the body of the POST");

  const swap = planned(record, example.after);
  check(swap.action === "swap" && valueOf(swap.changed, row.name), `a change plans ${swap.action}`);
  check(same(valueIn(swap.planned, row.name), example.after[row.name]), "its value is not planned");
  const replace = planned({ ...record, replacement: "recreate" }, { ...example.after, replacement: "recreate" });
  check(
    replace.action === "replace" && valueOf(replace.replaceBy, row.name),
    `with "recreate", a change plans ${replace.action}`,
  );
  check(
    planned(record, { ...example.before, [row.name]: UNKNOWN }).action === "swap",
    "an unknown value plans nothing",
  );
  check(planned(record, example.before).action === "none", "it changes by itself");

  const { named = row.name } = example;
  check(
    named === null || differences(second, dto, { exact: true }, table).some((line) => line.startsWith(`${named}:`)),
    "differences do not name it",
  );
  check(differences(first, dto, { exact: true }, table).length === 0, "it differs from itself");

  const { in: seenIn, state } = example.seen ?? { in: row.name, state: dto.state };
  const seen = observe({ ...answerTo(other, table), id: dto.id, state }, record, table);
  const before = valueIn(record, seenIn);
  if (stored)
    check(
      !same(valueIn(seen, seenIn), before) &&
        (seenIn !== row.name || same(valueIn(seen, row.name), example.after[row.name])),
      "a refresh does not bring it back",
    );
  else check(same(valueIn(seen, row.name), before), "a refresh changes what the API does not tell");
  check(same(observe(dto, record, table), record), "a refresh of an untouched snapshot changes it");

  const { record: imported, marks } = fromImport(dto, table);
  const known = stored || example.imported === true;
  check(same(valueIn(imported, row.name), known ? example.before[row.name] : null), "an import does not fill it");
  check(
    ["none", "state-only"].includes(planned(imported, example.before, marks).action),
    "a program that says the same plans something after an import",
  );
  return problems;
}

/** The request, as the lifecycle sends it: a local image has been pushed, and a sandbox is in the path of its own request. */
function bodyOf(planned: Planned, table: AnyTable): Body {
  const { localImage, prepared, sourceSandbox, includeMemory } = planned;
  if (typeof sourceSandbox === "string") return { name: "agent", sourceSandbox, includeMemory };
  if (typeof localImage !== "string" || !prepared) return toCreateBody(planned, undefined, table);
  return toCreateBody(
    { ...planned, image: `registry/daytona/${pushedName(localImage, prepared.hash, new Date(0))}`, localImage: null },
    undefined,
    table,
  );
}

/** What the API answers. Of what this table adds, too. */
function answerTo({ sourceSandbox, includeMemory: _, ...body }: Body, { inputs }: AnyTable): SnapshotDto {
  const dto = created(body);
  if (sourceSandbox !== undefined) return { ...dto, imageName: "", sourceSandboxId: sourceSandbox };
  const added = inputs.flatMap((row) =>
    "read" in row && "sent" in row && typeof row.read === "string" && !(row.read in dto)
      ? [[row.read, (body as never)[row.sent as never] ?? []]]
      : [],
  );
  return { ...dto, ...Object.fromEntries(added), ...(body.buildInfo ? { buildInfo: { ...body.buildInfo } } : {}) };
}

const valueIn = (values: object, name: string): unknown => (values as Record<string, unknown>)[name] ?? null;
const valueOf = (names: readonly string[], name: string): boolean => names.includes(name);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
