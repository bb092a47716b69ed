import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { agent, ok, setup } from "./setup";
import { testBefore, testSince } from "./versions";

jest.setTimeout(120_000);
const { api, project } = setup();
const it12 = testSince({ terraform: 12, tofu: null });
const it14 = testSince({ terraform: 14, tofu: null });
const before14 = testBefore({ terraform: 14, tofu: null });
/** The example of the reference. */
const byName = readFileSync(resolve(__dirname, "../../../examples/docs/import-identity.tf"), "utf8");

it12("an import by identity needs the name only, and plans nothing for a program that says the same", async () => {
  const id = api().control.insert({ name: "agent" });
  const program = project(byName + agent());
  expect((await program.plan()).changes).toEqual(["import daytona_snapshot.agent"]);
  ok(await program.apply());
  expect(program.state()["daytona_snapshot.agent"]?.values["id"]).toBe(id);
  expect((await program.plan()).code).toBe(0);
});

it12("an import by identity of another organization's snapshot is refused", async () => {
  api().control.insert({ name: "agent" });
  const other = "00000000-0000-4000-8000-000000000000";
  const text = byName.replace('name = "agent"', `name = "agent"\n    organization_id = "${other}"`);
  const { code, errors } = await project(text + agent()).plan();
  expect(code).toBe(1);
  expect(errors[0]?.summary).toBe('Importing snapshot "agent": it belongs to another organization');
});

it12("a registry is imported by its UUID as the identity", async () => {
  const id = api().control.registry({ name: "images", url: "ghcr.io", username: "acme-robot", password: "theirs" });
  const program = project(
    `import {\n  to = daytona_registry.images\n  identity = {\n    id = "${id}"\n  }\n}\n` +
      'resource "daytona_registry" "images" {\n  name = "images"\n  url = "ghcr.io"\n  username = "acme-robot"\n  password = "mine"\n}\n',
  );
  ok(await program.apply());
  expect(program.state()["daytona_registry.images"]?.values["id"]).toBe(id);
});

it14("the configuration of an import says only what is needed, as the command line writes it", async () => {
  api().control.insert({ name: "agent", cpu: 2, mem: 4, disk: 10, state: "inactive" });
  const program = project(byName);
  ok(await program.plan("-generate-config-out=generated.tf"), 2);
  const written = [...program.read("generated.tf").matchAll(/^ {2}(\w+) += (?!null)(.*)$/gm)].map((line) => [
    line[1],
    line[2],
  ]);
  expect(Object.fromEntries(written)).toEqual({
    active: "false",
    cpu: "2",
    disk: "10",
    image: '"ubuntu:24.04"',
    memory: "4",
    name: '"agent"',
    region: expect.any(String),
  });
});

before14("an older tool works with a provider that offers lists, functions and ephemeral resources", async () => {
  const program = project(agent());
  ok(await program.apply());
  expect((await program.plan()).code).toBe(0);
  ok(await program.destroy());
  expect(api().control.snapshots()).toEqual([]);
});
