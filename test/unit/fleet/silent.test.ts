import fc from "fast-check";
import { Managed } from "../../../provider/fleet/read/managed";
import { readDocument } from "../../../provider/fleet/read/document";
import { readPreview } from "../../../provider/fleet/read/pulumi";
import { readState } from "../../../provider/fleet/read/state";
import { FleetError } from "../../../provider/fleet/resource";
import { pulumi, raw, resource, shown, stack, value } from "./states";

/** No document makes the readers silent: either it is an error, or every snapshot in it is kept. */
interface Planted {
  readonly id: string;
  readonly name: string;
}

const planted = fc.record({ id: fc.uuid(), name: fc.stringMatching(/^[a-z][a-z0-9._-]{2,20}$/) });
const junk = fc.jsonValue({ maxDepth: 2 });
const extra = fc.dictionary(
  fc.constantFrom(
    "status",
    "deposed",
    "index_key",
    "each",
    "depends_on",
    "private",
    "novelty",
    "schema_version",
    "sensitive_attributes",
  ),
  junk,
  { maxKeys: 3 },
);
const attributes = (it: Planted, more: object): Record<string, unknown> => ({ ...more, id: it.id, name: it.name });
const providers = fc.constantFrom(
  "registry.terraform.io/daytona-iac/daytona",
  "registry.opentofu.org/daytona-iac/daytona",
  "registry.terraform.io/536tech/daytona",
  "registry.example.com/acme/daytona",
  "tf.local/x/y",
);

const rawResource = fc
  .tuple(
    planted,
    extra,
    extra,
    providers,
    fc.boolean(),
    fc.constantFrom("managed", "data", "other"),
    fc.constantFrom("daytona_snapshot", "daytona_snapshot_v2", "daytona_workspace_snapshot"),
  )
  .map(([it, ofInstance, ofResource, provider, atInstance, mode, type]) => {
    const reference = `provider["${provider}"]${atInstance ? '.org["prod"]' : ""}`;
    const instances = [
      { ...ofInstance, attributes: attributes(it, ofInstance), ...(atInstance ? { provider: reference } : {}) },
    ];
    return {
      it,
      json: resource({}, { ...ofResource, mode, type, instances, provider: atInstance ? undefined : reference }),
    };
  });
const shownResource = fc
  .tuple(planted, extra, providers, fc.constantFrom("managed", "data"))
  .map(([it, more, provider, mode]) => ({
    it,
    json: value(attributes(it, more), {
      ...more,
      mode,
      provider_name: provider,
      address: `daytona_snapshot.${it.name}`,
    }),
  }));
const pulumiResource = fc
  .tuple(
    planted,
    fc.dictionary(
      fc.constantFrom("external", "delete", "custom", "pendingReplacement", "taint", "viewOf"),
      fc.boolean(),
    ),
    fc.constantFrom(
      "daytona:index:Snapshot",
      "pulumi-nodejs:dynamic/daytona:Snapshot",
      "daytona:index/snapshot:Snapshot",
      "daytona:v2:SandboxSnapshot",
    ),
    fc.boolean(),
  )
  .map(([it, marks, type, byName]) => ({
    it,
    json: pulumi({ snapshotId: it.id, name: it.name }, { ...marks, type, id: byName ? it.name : it.id }),
  }));

type Document = { readonly documents: object; readonly all: readonly Planted[] };
const of = (items: readonly { it: Planted; json: object }[], wrap: (list: object[]) => object): Document => ({
  documents: wrap(items.map(({ json }) => json)),
  all: items.map(({ it }) => it),
});
const states: fc.Arbitrary<Document> = fc.oneof(
  fc.array(rawResource, { minLength: 1, maxLength: 4 }).map((items) => of(items, (list) => raw(...list))),
  fc.tuple(fc.array(shownResource, { minLength: 1, maxLength: 4 }), fc.nat(3)).map(([items, depth]) =>
    of(items, (list) => {
      let root: Record<string, unknown> = { resources: list };
      for (let level = 0; level < depth; level += 1) root = { child_modules: [root, {}] };
      return shown(root);
    }),
  ),
  fc
    .array(shownResource, { minLength: 1, maxLength: 4 })
    .map((items) =>
      of(items, (list) => ({ format_version: "1.2", planned_values: {}, prior_state: shown({ resources: list }) })),
    ),
  fc
    .tuple(fc.array(pulumiResource, { minLength: 1, maxLength: 4 }), fc.constantFrom(3, 4), fc.boolean(), fc.boolean())
    .map(([items, version, pending, checkpoint]) =>
      of(items, (list) => {
        const deployment = pending
          ? { pending_operations: list.map((it) => ({ type: "creating", resource: it })) }
          : { resources: list };
        return checkpoint ? { version, checkpoint: { latest: deployment } } : { version, deployment };
      }),
    ),
);

/** Changes one place of a document: drops it, renames its key, puts something else in its place, or wraps it. */
function damaged(
  document: unknown,
  path: readonly number[],
  how: "drop" | "rename" | "junk" | "wrap",
  instead: unknown,
): unknown {
  if (typeof document !== "object" || document === null) return document;
  const keys = Object.keys(document);
  if (keys.length === 0) return document;
  const key = keys[path[0]! % keys.length]!;
  const copy = structuredClone(document) as Record<string, unknown>;
  if (path.length > 1) copy[key] = damaged(copy[key], path.slice(1), how, instead);
  else if (Array.isArray(copy))
    copy.splice(Number(key), 1, ...(how === "drop" ? [] : [how === "wrap" ? [copy[key as never]] : instead]));
  else if (how === "drop") delete copy[key];
  else if (how === "rename")
    return Object.fromEntries(Object.entries(copy).map(([name, item]) => [name === key ? `x_${name}` : name, item]));
  else copy[key] = how === "wrap" ? { value: copy[key] } : instead;
  return copy;
}

/** The snapshots of a document, or null for an error that says what is wrong. */
function kept(document: unknown): Managed | null {
  try {
    return Managed.of([
      readState(readDocument(JSON.stringify(document), { file: "s", expected: "state" }), "the state s"),
    ]);
  } catch (error) {
    expect(error).toBeInstanceOf(FleetError);
    expect((error as FleetError).summary).toMatch(/^the state s |in the state s /);
    expect((error as FleetError).detail).not.toBe("");
    return null;
  }
}

test("whatever form a state has, each of its snapshots is kept by ID and by name", () => {
  fc.assert(
    fc.property(states, ({ documents, all }) => {
      const found = kept(documents);
      expect(found).not.toBeNull();
      for (const { id, name } of all) {
        expect(found!.has({ id, name: "another" })).toBe(true);
        expect(found!.has({ id: "another", name })).toBe(true);
        expect(found!.hasSuccessor(`${name}--next-01234567`)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("whatever is changed in a state, it is an error, or each of its snapshots that is still in it is kept", () => {
  fc.assert(
    fc.property(
      states,
      fc.array(fc.nat(9), { minLength: 1, maxLength: 7 }),
      fc.constantFrom("drop", "rename", "junk", "wrap"),
      junk,
      ({ documents, all }, path, how, instead) => {
        const changed = damaged(documents, path, how, instead);
        const found = kept(changed);
        const text = JSON.stringify(changed);
        for (const { id, name } of all)
          if (found !== null && text.includes(`"${id}"`))
            expect([found.has({ id, name: "another" }), name]).toEqual([true, name]);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("a state that is cut off anywhere is an error", () => {
  fc.assert(
    fc.property(states, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ documents }, part) => {
      const text = JSON.stringify(documents);
      expect(() =>
        readDocument(text.slice(0, Math.floor(text.length * part)), { file: "s", expected: "state" }),
      ).toThrow(FleetError);
    }),
  );
});

test("whatever JSON is given, it is an error or has no snapshot to lose", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 4 }),
      planted,
      fc.constantFrom("format_version", "version", "deployment", "values", "resources"),
      (value, it, key) => {
        const found = kept({ [key]: value, novelty: { type: "daytona_snapshot", thing: it } });
        if (found !== null)
          expect([found.has({ id: it.id, name: "another" }), found.has({ id: "another", name: it.name })]).toEqual([
            true,
            true,
          ]);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("an event log that is cut off anywhere is an error", () => {
  const urn = "urn:pulumi:dev::p::daytona:index:Snapshot::label";
  const step = (op: string) => ({
    op,
    urn,
    type: "daytona:index:Snapshot",
    old: { ...pulumi({ snapshotId: "x", name: "agent" }), urn },
    new: { ...pulumi({ snapshotId: "x", name: "agent" }), urn },
  });
  const log = [
    { sequence: 0, preludeEvent: {} },
    { sequence: 1, resourcePreEvent: { metadata: step("refresh") } },
    { sequence: 2, resOutputsEvent: { metadata: step("refresh") } },
    { sequence: 3, resourcePreEvent: { metadata: step("update") } },
    { sequence: 4, summaryEvent: { result: "succeeded" } },
  ]
    .map((it) => JSON.stringify(it))
    .join("\n");
  expect(readPreview(log, "the preview").resources.map(({ address, planned }) => [address, planned?.action])).toEqual([
    ["label", "update"],
  ]);
  fc.assert(
    fc.property(fc.nat(log.length - 2), (length) =>
      expect(() => readPreview(log.slice(0, length), "the preview")).toThrow(FleetError),
    ),
  );
});

test("a stack with several resources of one name keeps them all", () => {
  const found = kept(
    stack([pulumi({ snapshotId: "a", name: "agent" }), pulumi({ snapshotId: "b", name: "agent" }, { delete: true })]),
  )!;
  expect(["a", "b"].every((id) => found.has({ id, name: "x" }))).toBe(true);
});
