import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildExecutable } from "../support/executable";
import { ok, setup } from "./setup";
import { testSince } from "./versions";

jest.setTimeout(120_000);
const { api, project } = setup();
const it14 = testSince({ terraform: 14, tofu: null });
let provider: ReturnType<typeof buildExecutable>;
beforeAll(() => {
  provider = buildExecutable();
});
afterAll(() => provider.remove());
const root = resolve(__dirname, "../../..");
const example = join(root, "examples/terraform-query");

it14("the example takes over a fleet, and changes nothing", async () => {
  api().control.seed(12, (at) => ({ name: `agent-${at}`, ...(at % 3 === 0 ? { state: "inactive" } : {}) }));
  api().control.insert({ name: "broken", state: "error" });
  api().control.insert({ name: "tools" });
  const before = api().control.snapshots();
  // As it is installed: what few commands use is loaded late there.
  const program = project(undefined, { executable: provider.dir });
  for (const file of readdirSync(example)) copyFileSync(join(example, file), join(program.dir, file));
  const query = (...args: string[]) => program.run(["query", "-json", ...args]);
  const count = ({ stdout }: { stdout: string }) => stdout.split('"type":"list_resource_found"').length - 1;
  expect(count(ok(await query("-var", "name_contains=agent-")))).toBe(12);
  expect(count(ok(await query("-generate-config-out=fleet.tf")))).toBe(13);
  const planned = await program.plan();
  expect(planned.errors).toEqual([]);
  expect(planned.changes).toHaveLength(13);
  expect(planned.changes.filter((change) => !change.startsWith("import "))).toEqual([]);
  ok(await program.apply());
  expect((await program.plan()).code).toBe(0);
  expect(api().control.snapshots()).toEqual(before);
});

it14("the queries of README and of the reference run", async () => {
  api().control.insert({ name: "agent-1", lastUsedAt: Date.now() - 60 * 86_400_000 });
  api().control.registry({ name: "images", url: "ghcr.io", username: "acme-robot", password: "theirs" });
  const pages = ["README.md", "docs/list-resources/snapshot.md", "docs/list-resources/registry.md"];
  for (const page of pages) {
    const [block] = [...readFileSync(join(root, page), "utf8").matchAll(/^```terraform\n(list .*?)^```/gms)];
    const program = project('provider "daytona" {}\n');
    program.write("fleet.tfquery.hcl", block?.[1] as string);
    const { stdout } = ok(await program.run(["query", "-json"]));
    expect([page, stdout.includes('"type":"list_resource_found"')]).toEqual([page, true]);
  }
});
