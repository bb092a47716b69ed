// Longer than most: a row for each shape of a state that is known or has to be refused.
import { Managed } from "../../../provider/fleet/read/managed";
import { readState } from "../../../provider/fleet/read/state";
import { ciphertext, plaintext, pulumi, raw, resource, SECRET, shown, SIGNATURE, stack, value } from "./states";

const ID = "cfdcf70a-dd97-45e8-9dc7-734d28777320";
const OTHER = "11111111-2222-4333-8444-555555555555";
const both = { id: ID, name: "agent" };
const read = (document: object) => readState(document as Record<string, unknown>, "the state s");
const known = (document: object) =>
  read(document).known.map(({ address, record }) => [address, record.id, record.name]);
const managed = (document: object) => Managed.of([read(document)]);

test.each<[string, object, string]>([
  ["a state of Terraform", raw(resource(both)), "daytona_snapshot.label"],
  ["a state with for_each", raw(resource(both, {}, { index_key: "x" })), 'daytona_snapshot.label["x"]'],
  [
    "a state with count",
    raw(resource(both, { module: "module.m[0]" }, { index_key: 1 })),
    "module.m[0].daytona_snapshot.label[1]",
  ],
  ["a deposed object", raw(resource(both, {}, { deposed: "1234abcd" })), "daytona_snapshot.label (deposed 1234abcd)"],
  ["a tainted object", raw(resource(both, {}, { status: "tainted" })), "daytona_snapshot.label"],
  [
    "OpenTofu's provider with for_each",
    raw(
      resource(
        both,
        { provider: undefined },
        { index_key: "x", provider: 'provider["registry.opentofu.org/daytona-iac/daytona"].org["prod"]' },
      ),
    ),
    'daytona_snapshot.label["x"]',
  ],
  [
    "a provider in a module with keys",
    raw(resource(both, { provider: 'module.fleet["prod"].provider["registry.terraform.io/daytona-iac/daytona"].org' })),
    "daytona_snapshot.label",
  ],
  ["a mode of the future", raw(resource(both, { mode: "ephemeral" })), "daytona_snapshot.label"],
  ["show -json", shown({ resources: [value(both)] }), "daytona_snapshot.label"],
  [
    "show -json with modules",
    shown({
      child_modules: [
        { child_modules: [{ resources: [value(both, { address: "module.a.module.b.daytona_snapshot.label" })] }] },
      ],
    }),
    "module.a.module.b.daytona_snapshot.label",
  ],
  [
    "show -json with a deposed object",
    shown({ resources: [value(both, { deposed_key: "ab" })] }),
    "daytona_snapshot.label (deposed ab)",
  ],
  [
    "a plan, as it has the state before",
    {
      format_version: "1.2",
      planned_values: {},
      prior_state: shown({ resources: [value(both)] }),
      resource_changes: [],
    },
    "daytona_snapshot.label",
  ],
  ["Pulumi", stack([pulumi({ snapshotId: ID, name: "agent" })]), "label"],
  [
    "Pulumi's dynamic provider",
    stack([pulumi({ snapshotId: ID, name: "agent" }, { type: "pulumi-nodejs:dynamic/daytona:Snapshot" })]),
    "label",
  ],
  ["Pulumi's bridge", stack([pulumi({ name: "agent" }, { type: "daytona:index/snapshot:Snapshot", id: ID })]), "label"],
  [
    "Pulumi in version 4",
    stack([pulumi({ snapshotId: ID, name: "agent" })], { version: 4, features: ["hooks", "taint"] }),
    "label",
  ],
  [
    "Pulumi's import, which our mark of a read stays in",
    stack([pulumi({ snapshotId: ID, name: "agent", __external: true })]),
    "label",
  ],
  [
    "a replacement that is pending",
    stack([pulumi({ snapshotId: ID, name: "agent" }, { pendingReplacement: true })]),
    "label",
  ],
  [
    "a component's child",
    stack([
      pulumi(
        { snapshotId: ID, name: "agent" },
        { urn: "urn:pulumi:dev::p::my:index:Fleet$daytona:index:Snapshot::label" },
      ),
    ]),
    "label",
  ],
  ["secrets in plaintext", stack([pulumi({ snapshotId: plaintext(ID), name: plaintext("agent") })]), "label"],
  [
    "outputs of a newer engine",
    stack([
      pulumi({
        snapshotId: { [SIGNATURE]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", value: ID, dependencies: [] },
        name: { [SIGNATURE]: SECRET, value: "agent" },
      }),
    ]),
    "label",
  ],
  [
    "a checkpoint of Pulumi's backend",
    {
      version: 3,
      checkpoint: { stack: "organization/p/dev", latest: { resources: [pulumi({ snapshotId: ID, name: "agent" })] } },
    },
    "label",
  ],
])("%s: what is compared with the API", (_what, document, address) => {
  expect(known(document)).toEqual([[address, ID, "agent"]]);
  expect(managed(document).has({ id: ID, name: "x" })).toBe(true);
  expect(managed(document).has({ id: OTHER, name: "agent" })).toBe(true);
  expect(managed(document).has({ id: OTHER, name: "other" })).toBe(false);
});

const elsewhere = { provider: 'provider["registry.example.com/acme/daytona"]' };
test.each<[string, object]>([
  ["a private mirror", raw(resource(both, elsewhere))],
  ["536tech", raw(resource(both, { provider: 'provider["registry.terraform.io/536tech/daytona"]' }))],
  [
    "another type of a provider that is called so",
    raw(resource(both, { type: "dt_snapshot", provider: 'provider["registry.terraform.io/geldata/daytona"]' })),
  ],
  ["a provider that is named in an old way", raw(resource(both, { provider: "provider.daytona" }))],
  ["no provider", raw(resource(both, { provider: undefined }))],
  ["attributes of an older Terraform", raw(resource({}, elsewhere, { attributes: undefined, attributes_flat: both }))],
  ["a data source", raw(resource(both, { mode: "data" }))],
  [
    "a data source that lists",
    raw(resource({ snapshots: [both], ids: [ID], names: ["agent"] }, { mode: "data", type: "daytona_snapshots" })),
  ],
  [
    "another provider in show -json",
    shown({ resources: [value(both, { provider_name: "registry.example.com/acme/daytona" })] }),
  ],
  [
    "a data source in show -json",
    shown({ resources: [value(both, { mode: "data", address: "data.daytona_snapshot.label" })] }),
  ],
  ["a reference by Snapshot.get", stack([pulumi({ snapshotId: ID, name: "agent" }, { external: true })])],
  ["one that waits for its deletion", stack([pulumi({ snapshotId: ID, name: "agent" }, { delete: true })])],
  [
    "another type of Pulumi",
    stack([pulumi({ snapshotId: ID, name: "agent" }, { type: "pulumi-python:dynamic/daytona:SnapshotResource" })]),
  ],
  [
    "an operation under way",
    stack([], {}, { pending_operations: [{ type: "updating", resource: pulumi({ snapshotId: ID, name: "agent" }) }] }),
  ],
  [
    "an attribute with a mention in JSON",
    raw({
      mode: "managed",
      type: "terraform_data",
      name: "x",
      provider: 'provider["terraform.io/builtin/terraform"]',
      instances: [{ attributes: { input: { value: JSON.stringify({ id: ID }) }, snapshot_name: "agent" } }],
    }),
  ],
  ["an output", { ...raw(), outputs: { agent_snapshot: { value: { id: ID, name: "agent" }, type: "dynamic" } } }],
  [
    "a plan's resource to create",
    {
      format_version: "1.2",
      resource_changes: [
        {
          ...value({}),
          values: undefined,
          change: { actions: ["create"], before: null, after: { id: ID, name: "agent" } },
        },
      ],
    },
  ],
])("%s: not compared, but kept by ID and by name", (_what, document) => {
  expect(known(document)).toEqual([]);
  expect(managed(document).has({ id: ID, name: "x" })).toBe(true);
  expect(managed(document).has({ id: OTHER, name: "agent" })).toBe(true);
  expect(managed(document).has({ id: OTHER, name: "other" })).toBe(false);
});

test("a create under way is kept by the name that it was given", () => {
  const document = stack(
    [],
    {},
    {
      pending_operations: [
        {
          type: "creating",
          resource: {
            urn: "urn:pulumi:dev::p::daytona:index:Snapshot::label",
            custom: true,
            type: "daytona:index:Snapshot",
            inputs: { name: "agent" },
          },
        },
      ],
    },
  );
  expect(managed(document).has({ id: OTHER, name: "agent" })).toBe(true);
  expect(managed(document).hasSuccessor("agent--next-01234567")).toBe(true);
  expect(managed(document).hasSuccessor("other--next-01234567")).toBe(false);
});

test("values of a snapshot that is understood are no names: an image, a label, a key", () => {
  const own = managed(
    raw(resource({ ...both, image: "acme/agent:1", region: "us", state: "active" }, {}, { index_key: "key" })),
  );
  for (const name of ["acme/agent:1", "us", "active", "label", "key", "daytona_snapshot", "managed"])
    expect(own.has({ id: OTHER, name })).toBe(false);
  expect(
    managed(stack([pulumi({ snapshotId: ID, name: "agent", image: "acme/agent:1" })])).has({
      id: OTHER,
      name: "acme/agent:1",
    }),
  ).toBe(false);
});

test("the state that a plan was made from is the one before its refresh", () => {
  const plan = {
    format_version: "1.2",
    planned_values: {},
    prior_state: shown({ resources: [value({ ...both, state: "inactive", active: false })] }),
    resource_drift: [
      {
        ...value({}),
        values: undefined,
        change: {
          actions: ["update"],
          before: { ...both, state: "active", active: true },
          after: { ...both, active: false },
        },
      },
      {
        ...value({}, { address: "daytona_snapshot.gone" }),
        values: undefined,
        change: { actions: ["delete"], before: { id: OTHER, name: "gone" }, after: null },
      },
    ],
    resource_changes: [
      {
        ...value({}, { address: "daytona_snapshot.imported" }),
        change: { actions: ["no-op"], importing: { id: "i" }, before: { id: "i", name: "imported" }, after: {} },
      },
    ],
  };
  expect(read(plan).known.map(({ record }) => [record.name, record.active])).toEqual([
    ["agent", true],
    ["gone", null],
  ]);
  expect(managed(plan).has({ id: "i", name: "imported" })).toBe(true);
  expect(
    known({
      format_version: "1.2",
      resource_changes: [{ ...value({}), change: { actions: ["no-op"], before: both, after: both } }],
    }),
  ).toEqual([["daytona_snapshot.label", ID, "agent"]]);
});

test("an empty state is empty in every form", () => {
  for (const document of [
    raw(),
    { ...raw(), resources: null },
    { format_version: "1.0" },
    { format_version: "1.0", terraform_version: "1.11.4", values: { root_module: {} } },
    { format_version: "1.0", values: { outputs: {} } },
    stack([]),
    { version: 3, deployment: { manifest: {} } },
    { version: 3, checkpoint: { stack: "s", latest: null } },
    { version: 3, checkpoint: { stack: "s" } },
  ]) {
    expect([known(document), read(document).managed]).toEqual([[], []]);
  }
});

test("what another provider has is said, as it is not compared", () => {
  expect(read(raw(resource(both, elsewhere), resource(both))).notes).toEqual([
    "1 snapshot of the provider registry.example.com/acme/daytona is managed, but not compared. Only snapshots of daytona-iac/daytona are compared.",
  ]);
  expect(
    read(raw(resource(both, { ...elsewhere, instances: [{ attributes: both }, { attributes: both }] }))).notes[0],
  ).toContain("2 snapshots of the provider registry.example.com/acme/daytona are managed");
  expect([
    ...read(
      raw(resource(both), {
        mode: "data",
        type: "aws_ami",
        name: "x",
        provider: 'provider["a/b/c"]',
        instances: [{ attributes: {} }],
      }),
    ).holds,
  ]).toEqual([
    ["daytona_snapshot", 1],
    ["data.aws_ami", 1],
  ]);
});

test("sensitive attributes of a state are told", () => {
  const marked = (sensitive_attributes: unknown) =>
    read(raw(resource(both, {}, { sensitive_attributes }))).known[0]!.sensitive;
  expect(marked([[{ type: "get_attr", value: "build_args" }], [{ type: "get_attr", value: "name" }]])).toEqual([
    "buildArgs",
    "name",
  ]);
  expect(marked([])).toEqual([]);
  expect(marked([[]])).toContain("image");
  expect(
    read(shown({ resources: [value(both, { sensitive_values: { image: true, region_ids: [false] } })] })).known[0]!
      .sensitive,
  ).toEqual(["image"]);
});

test("what is encrypted is not compared, and said once; what is secret is not printed", () => {
  const {
    known: [one],
    notes,
  } = read(
    stack([
      pulumi(
        { snapshotId: ID, name: "agent", image: ciphertext, dockerfileContent: plaintext("FROM a") },
        { inputs: { target: plaintext("x") } },
      ),
    ]),
  );
  expect(one).toMatchObject({
    record: { image: null, dockerfileContent: "FROM a" },
    sensitive: ["image", "dockerfileContent", "target"],
    unreadable: ["image"],
  });
  expect(notes).toEqual([
    "Not compared, because it is encrypted in the state: image of label. To compare it, export the stack with `pulumi stack export --show-secrets`.",
  ]);
  expect(read(stack([pulumi({ snapshotId: ID, name: "agent" })])).notes).toEqual([]);
});

test.each<[string, object, string]>([
  [
    "an encrypted ID and name",
    pulumi({ snapshotId: ciphertext, name: ciphertext }, { id: "label" }),
    "the state s hides which snapshot label is\nIt has its ID and its name encrypted. Export the stack with its secrets: `pulumi stack export --show-secrets`.",
  ],
  ["an encrypted name", pulumi({ snapshotId: ID, name: ciphertext }, { id: ID }), "It has its name encrypted."],
  ["a name that is not shown", pulumi({ snapshotId: ID, name: "[secret]" }, { id: ID }), "It has its name encrypted."],
  [
    "plaintext that is no JSON",
    pulumi({ snapshotId: ID, name: { [SIGNATURE]: SECRET, plaintext: "agent" } }, { id: ID }),
    "It has its name encrypted.",
  ],
  [
    "neither an ID nor a name",
    {
      urn: "urn:pulumi:dev::p::daytona:index:Snapshot::label",
      custom: true,
      type: "daytona:index:Snapshot",
      inputs: {},
    },
    "the state s does not say which snapshot label is\nIt has neither an ID nor a name.",
  ],
  [
    "a reference that is encrypted",
    pulumi({ snapshotId: ciphertext, name: ciphertext }, { external: true, id: undefined }),
    "It has its ID and its name encrypted.",
  ],
])("%s: nobody can say that others are unmanaged", (_what, one, message) => {
  expect(() => managed(stack([one]))).toThrow(message);
  expect(() => managed(stack([], {}, { pending_operations: [{ type: "creating", resource: one }] }))).toThrow(message);
});

test("an encrypted name beside one that is readable, and a component that is called so, are none", () => {
  expect(
    managed(stack([pulumi({ snapshotId: ID, name: ciphertext }, { inputs: { name: "agent" } })])).has({
      id: OTHER,
      name: "agent",
    }),
  ).toBe(true);
  expect(
    managed(
      stack([{ urn: "urn:pulumi:dev::p::my:daytona:Snapshots::all", custom: false, type: "my:daytona:Snapshots" }]),
    ).has({ id: OTHER, name: "all" }),
  ).toBe(false);
  expect(() => managed(raw(resource({}, elsewhere)))).toThrow(
    "the state s does not say which snapshot daytona_snapshot.label is\n",
  );
});

test.each<[string, object, string]>([
  [
    "a newer state",
    { ...raw(), version: 5 },
    "the state s has an unknown format\nIts version is 5; this release of daytona-iac reads states of version 4. Update daytona-iac.",
  ],
  [
    "a state of Terraform 0.11",
    {
      version: 3,
      terraform_version: "0.11.14",
      modules: [{ path: ["root"], resources: { "daytona_snapshot.a": {} } }],
    },
    "Its version is 3; this release of daytona-iac reads states of version 4. Any command of a current Terraform release that writes the state updates its format.",
  ],
  [
    "the note of the backend",
    { version: 3, terraform_version: "1.11.4", backend: { type: "s3" } },
    "It is the file in .terraform that says where the state is stored.",
  ],
  ["a version that is no number", { ...raw(), version: "4" }, 'Its version is "4"'],
  [
    "no list of resources",
    { version: 4, terraform_version: "1.11.4" },
    'the state s cannot be read\nIt has no list "resources".',
  ],
  ["resources that are no list", { ...raw(), resources: {} }, '"resources" is not a list of objects.'],
  ["resources that are no objects", { ...raw(), resources: [null] }, '"resources" is not a list of objects.'],
  ["a resource without a type", raw({ mode: "managed", name: "x", instances: [] }), "A resource has no type: {"],
  [
    "a resource without instances",
    raw(resource(both, { instances: undefined })),
    'daytona_snapshot.label in the state s cannot be read\nIt has no list "instances".',
  ],
  [
    "a snapshot without attributes",
    raw(resource(both, {}, { attributes: null })),
    "daytona_snapshot.label has no attributes.",
  ],
  [
    "a snapshot without ID and name",
    raw(resource({ id: null, name: "" })),
    "daytona_snapshot.label has neither an ID nor a name.",
  ],
  ["an ID that is a number", raw(resource({ id: 7, name: "x" })), '"id" of daytona_snapshot.label is not a string.'],
  [
    "an encrypted state",
    { serial: 1, lineage: "x", meta: {}, encrypted_data: "x", encryption_version: "v0" },
    "the state s is encrypted\nIt is encrypted by OpenTofu. Decrypt it first: `tofu state pull > state.json` writes a readable state.",
  ],
  [
    "providers schema -json",
    { format_version: "1.0", provider_schemas: {} },
    "the state s is not a state\nIt is the output of `terraform providers schema -json`.",
  ],
  [
    "validate -json",
    { format_version: "1.0", valid: true, error_count: 0, warning_count: 0, diagnostics: [] },
    "the state s is not a state\nIt is the output of `terraform validate -json`.",
  ],
  [
    "a format that nobody knows",
    { format_version: "1.0", novelty: {} },
    'the state s is not a state\nIts keys are "format_version", "novelty".',
  ],
  [
    "a newer show -json",
    { format_version: "2.0", values: {} },
    "the state s has a newer format\nIts format version is 2.0; this release of daytona-iac reads 1.x. Update daytona-iac.",
  ],
  [
    "an older show -json",
    { format_version: "0.2", values: {} },
    "the state s has an older format\nIts format version is 0.2; this release of daytona-iac reads 1.x. Write it again with Terraform 1.1 or later.",
  ],
  [
    "a format version that is none",
    { format_version: 1, values: {} },
    "the state s has an unknown format\nIts format version is 1;",
  ],
  ["an older plan", { format_version: "0.2", planned_values: {} }, "has an older format"],
  ["values that are none", { format_version: "1.0", values: [] }, '"values" is not an object.'],
  [
    "a root module that is none",
    { format_version: "1.0", values: { root_module: [] } },
    '"root_module" is not an object.',
  ],
  ["values in another form", { format_version: "1.0", values: { modules: {} } }, '"modules" in its values is unknown.'],
  [
    "a shown resource without a type",
    shown({ resources: [value(both, { type: 1 })] }),
    "daytona_snapshot.label has no type.",
  ],
  [
    "a plan that failed",
    { format_version: "1.2", errored: true, planned_values: {} },
    "the state s failed\nIt is a plan, and Terraform stopped with errors",
  ],
  [
    "a plan without changes in its changes",
    { format_version: "1.2", resource_changes: [{ address: "a", type: "daytona_snapshot" }] },
    '"resource_changes" has a without a type or a change.',
  ],
  [
    "a prior state that is none",
    { format_version: "1.2", planned_values: {}, prior_state: "x" },
    '"prior_state" is not an object.',
  ],
  [
    "an export of version 5",
    stack([], { version: 5 }),
    "Its version is 5; this release of daytona-iac reads exports of version 3 and 4. Update daytona-iac.",
  ],
  [
    "an export of version 2",
    stack([], { version: 2 }),
    "Export it again with a current Pulumi: `pulumi stack export`.",
  ],
  ["an export without a version", { deployment: {} }, "Its version is null;"],
  [
    "a feature of the future",
    stack([], { version: 4, features: ["hooks", "time-travel"] }),
    'It uses "time-travel", which this release of daytona-iac does not know. Update daytona-iac.',
  ],
  ["features that are no list", stack([], { version: 4, features: "hooks" }), 'It uses "hooks"'],
  ["a resource without a URN", stack([{ type: "daytona:index:Snapshot" }]), "A resource has no type or no URN: {"],
  [
    "an operation without a resource",
    stack([], {}, { pending_operations: [{ type: "creating" }] }),
    "An operation under way has no resource.",
  ],
  [
    "a checkpoint that is none",
    { version: 3, checkpoint: { latest: [] } },
    '"latest" of its checkpoint is not an object.',
  ],
  [
    "the inner part of an export",
    { manifest: {}, resources: [pulumi({ snapshotId: ID })] },
    "It is the inner part of the state of a Pulumi stack, without its version.",
  ],
  ["an export without a deployment", { version: 3, deployment: null }, "the state s is not a state\n"],
  [
    "the lock of a state",
    { ID: "x", Operation: "apply" },
    'the state s is not a state\nIts keys are "ID", "Operation".',
  ],
])("%s is an error", (_what, document, message) => expect(() => read(document)).toThrow(message));

test("names and IDs are told apart, and one name can be of several", () => {
  const all = Managed.of([
    read(raw(resource(both))),
    read(raw(resource({ id: OTHER, name: "agent" }), resource({ id: "x", name: "b" }))),
  ]);
  expect([all.idsOf("agent"), all.idsOf("b"), all.idsOf("none")]).toEqual([[ID, OTHER], ["x"], []]);
  expect([all.hasName("b"), all.hasName("agent"), all.hasSuccessor("agent")]).toEqual([true, true, false]);
  expect(managed(raw(resource({ id: ID.toUpperCase(), name: "agent" }))).has({ id: ID, name: "x" })).toBe(true);
});
