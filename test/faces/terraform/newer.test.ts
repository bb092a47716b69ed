import { agent, ok, setup } from "./setup";
import { testSince } from "./versions";

/** A server that is newer than this release: a state and a class that nobody here has heard of, and a field that nobody reads. */

jest.setTimeout(120_000);
const { api, project } = setup();
const state = "daytona_snapshot.agent";
const data = `
data "daytona_snapshot" "one" { name = "other" }
data "daytona_snapshots" "all" {}
data "daytona_snapshots" "active" { states = ["active"] }
output "one" { value = [data.daytona_snapshot.one.state, data.daytona_snapshot.one.sandbox_class] }
output "all" { value = data.daytona_snapshots.all.snapshots[*].state }
output "active" { value = data.daytona_snapshots.active.names }
`;

/** From now on, a list says of every snapshot what nobody reads. */
function listWithAltitude(): void {
  const items = api()
    .control.snapshots()
    .map((dto) => ({ ...dto, altitude: { meters: 3 } }));
  const body = { items, page: 1, totalPages: 1, total: items.length };
  api().control.fault({ kind: "list", action: "answer", status: 200, body, times: -1 });
}

test("a resource is refreshed and not changed, data sources show it, a destroy deletes it", async () => {
  api().control.insert({ name: "other", state: "levitating", sandboxClass: "quantum" });
  const program = project(agent() + data);
  ok(await program.apply());
  api().control.setState("agent", "levitating");
  listWithAltitude();
  const refreshed = ok(await program.apply("-refresh-only"));
  expect(refreshed.warnings).toEqual([]);
  // Neither gone nor inactive.
  expect(program.state()[state]?.values).toMatchObject({ name: "agent", state: "levitating", active: true });
  const shown = JSON.parse((await program.run(["show", "-json"])).stdout) as {
    values: { outputs: Record<string, { value: unknown }> };
  };
  const output = (name: string): unknown => shown.values.outputs[name]?.value;
  expect(output("one")).toEqual(["levitating", "quantum"]);
  expect(output("all")).toEqual(["levitating", "levitating"]);
  expect(output("active")).toEqual([]);
  expect((await program.plan()).code).toBe(0);
  expect(
    api()
      .control.requests()
      .filter(({ kind }) => kind === "delete" || kind === "activate"),
  ).toEqual([]);
  api().control.clearFaults();
  ok(await program.destroy());
  expect(
    api()
      .control.snapshots()
      .map(({ name, state: left }) => [name, left]),
  ).toEqual([["other", "levitating"]]);
});

const list = (config: string): string =>
  `list "daytona_snapshot" "all" {\n  provider = daytona\n  include_resource = true\n  config {\n    ${config}\n  }\n}\n`;

// OpenTofu has no `query`.
const it14 = testSince({ terraform: 14, tofu: null });

it14(
  "a query finds it with its state and class, filters by them, and writes code that imports it as it is",
  async () => {
    api().control.insert({ name: "other", state: "levitating", sandboxClass: "quantum" });
    api().control.insert({ name: "usual" });
    listWithAltitude();
    const before = api().control.snapshots();
    const ask = async (config: string) => {
      const program = project('provider "daytona" {}\n');
      program.write("fleet.tfquery.hcl", list(config));
      const result = await program.run(["query", "-json", "-generate-config-out=generated.tf"]);
      const found = result.messages
        .filter(({ type }) => type === "list_resource_found")
        .map((message) => message["list_resource_found"] as { display_name: string; resource_object: object });
      return { program, result, found };
    };
    const { program, result, found } = await ask("");
    ok(result);
    expect(found.map(({ display_name: name }) => name).sort()).toEqual(["other", "usual"]);
    expect(found.find(({ display_name: name }) => name === "other")?.resource_object).toMatchObject({
      state: "levitating",
      sandbox_class: "quantum",
      active: true,
    });
    expect(result.warnings.map(({ detail }) => detail)).toEqual([
      'Snapshot "other": No configuration can match it: it is levitating, a state that this release does not know. Import it when it is active.',
    ]);
    const generated = program.read("generated.tf");
    expect(generated.match(/^resource /gm)).toHaveLength(2);
    expect(generated).toMatch(/sandbox_class += "quantum"/);
    expect(generated).not.toContain("altitude");
    const only = await ask('states = ["levitating"]');
    expect(ok(only.result).warnings.map(({ summary }) => summary)).toContain('Unknown state "levitating"');
    expect(only.found.map(({ display_name: name }) => name)).toEqual(["other"]);
    expect((await program.plan()).changes.sort()).toEqual([
      "import daytona_snapshot.all_0",
      "import daytona_snapshot.all_1",
    ]);
    ok(await program.apply());
    expect((await program.plan()).code).toBe(0);
    expect(api().control.snapshots()).toEqual(before);
  },
);
