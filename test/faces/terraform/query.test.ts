import { ok, setup } from "./setup";
import type { Project, Result } from "../support/terraform";
import { testSince } from "./versions";

jest.setTimeout(120_000);
const { api, project } = setup();
// OpenTofu has no `query`.
const it14 = testSince({ terraform: 14, tofu: null });
const PAGE = 200;

/** A project whose query is this; its configuration is empty. */
function query(text: string): Project {
  const program = project('provider "daytona" {}\n');
  program.write("fleet.tfquery.hcl", text);
  return program;
}

const list = (config = "", more = "", type = "daytona_snapshot"): string =>
  `list "${type}" "all" {\n  provider = daytona\n  ${more}\n  config {\n    ${config}\n  }\n}\n`;

interface Found {
  display_name: string;
  identity: Record<string, unknown>;
  resource_object?: Record<string, unknown>;
}

const found = ({ messages }: Result): Found[] =>
  messages
    .filter(({ type }) => type === "list_resource_found")
    .map((message) => message["list_resource_found"] as Found);
const names = (result: Result): string[] => found(result).map(({ display_name }) => display_name);
const listings = (): number =>
  api()
    .control.requests()
    .filter(({ kind }) => kind === "list").length;

function fill(count: number): void {
  const base = Date.now() - 100 * 86_400_000;
  for (let at = 0; at < count; at += 1)
    api().control.insert({ name: `many-${String(at).padStart(4, "0")}`, createdAt: base + at * 1000 });
}

it14(
  "finds this organization's snapshots with identity and name, and the whole resource where it is asked for",
  async () => {
    api().control.insert({ name: "agent", cpu: 2, mem: 4, disk: 10 });
    api().control.insert({ name: "everyones", general: true });
    const plain = ok(await query(list()).run(["query", "-json"]));
    expect(names(plain)).toEqual(["agent"]);
    expect(found(plain)[0]).toMatchObject({
      identity: { name: "agent", organization_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(found(plain)[0]).not.toHaveProperty("resource_object");
    const whole = ok(await query(list("", "include_resource = true")).run(["query", "-json"]));
    expect(found(whole)[0]?.resource_object).toMatchObject({
      name: "agent",
      cpu: 2,
      memory: 4,
      disk: 10,
      active: true,
    });
  },
);

it14("every filter leaves out what does not match", async () => {
  const day = 86_400_000;
  const now = Date.now();
  const old = { createdAt: now - 60 * day, updatedAt: now - 60 * day };
  api().control.insert({ name: "Agent-old", state: "inactive", ...old, lastUsedAt: now - 40 * day });
  api().control.insert({ name: "agent-used", ...old, lastUsedAt: now - day });
  api().control.insert({ name: "agent-new", createdAt: now - day });
  api().control.insert({ name: "never-used", ...old, lastUsedAt: null });
  const all = ["Agent-old", "agent-used", "never-used", "agent-new"];
  const ask = async (config: string): Promise<string[]> =>
    names(ok(await query(list(config)).run(["query", "-json"]))).sort();
  const month = 'timeadd(plantimestamp(), "-720h")';
  expect(await ask("")).toEqual([...all].sort());
  expect(await ask('name_contains = "AGENT"')).toEqual(["Agent-old", "agent-new", "agent-used"]);
  expect(await ask('states = ["inactive"]')).toEqual(["Agent-old"]);
  expect(await ask('region = "nowhere"')).toEqual([]);
  expect(await ask(`created_before = "${new Date(now - 30 * day).toISOString()}"`)).toEqual([
    "Agent-old",
    "agent-used",
    "never-used",
  ]);
  expect(await ask(`used_before = "${new Date(now - 30 * day).toISOString()}"`)).toEqual(["Agent-old", "never-used"]);
  expect(await ask(`used_before = ${month}`)).toEqual(["Agent-old", "never-used"]);
});

it14.each([
  ['used_before = "30 days"', "Invalid time"],
  ["states = [null]", "Invalid state"],
])("%s is an error", async (config, summary) => {
  const result = await query(list(config)).run(["query", "-json"]);
  expect(result.code).toBe(1);
  expect(result.errors.map((error) => error.summary)).toContain(summary);
});

it14("a limit ends the reading: no page beyond it is read", async () => {
  fill(2 * PAGE + 5);
  api().control.clearRequests();
  expect(names(ok(await query(list("", "limit = 5")).run(["query", "-json"])))).toHaveLength(5);
  expect(listings()).toBe(1);
  api().control.clearRequests();
  // What Terraform asks for where a program sets no limit.
  expect(names(ok(await query(list()).run(["query", "-json"])))).toHaveLength(100);
  expect(listings()).toBe(1);
  api().control.clearRequests();
  const all = names(ok(await query(list("", "limit = 10000")).run(["query", "-json"])));
  expect(new Set(all).size).toBe(2 * PAGE + 5);
  expect(listings()).toBe(3);
});

it14("a failure of the API is an error of the query", async () => {
  api().control.insert({ name: "agent" });
  const other = project('provider "daytona" {}\n', { env: { DAYTONA_API_KEY: "wrong" } });
  other.write("fleet.tfquery.hcl", list());
  const failed = await other.run(["query", "-json"]);
  expect(failed.code).toBe(1);
  expect(failed.errors.map(({ summary }) => summary).join()).toMatch(/Listing snapshots/);
});

it14("the generated configuration imports everything that it found, and plans no change", async () => {
  const image = `ubuntu@sha256:${"cd".repeat(32)}`;
  api().control.insert({ name: "agent", cpu: 2, mem: 4, disk: 10 });
  api().control.insert({ name: "slow", state: "inactive" });
  const seed = project(
    [
      ["built", 'dockerfile_content = "FROM ubuntu:24.04\\nRUN echo $${HOME}\\n"'],
      ["pinned", `image = "${image}"`],
      ["started", 'image = "ubuntu:24.04"\n  entrypoint = ["sleep", "infinity"]'],
    ]
      .map(([name, source]) => `resource "daytona_snapshot" "${name}" {\n  name = "${name}"\n  ${source}\n}\n`)
      .join(""),
  );
  ok(await seed.apply());
  const before = api().control.snapshots();
  const program = query(list());
  const queried = ok(await program.run(["query", "-json", "-generate-config-out=generated.tf"]));
  // Terraform drops what a generation warns of, so the list says it.
  expect(queried.warnings.map(({ detail }) => detail)).toEqual([
    'Snapshot "slow": It is inactive. To activate it, remove `active`.',
  ]);
  const text = program.read("generated.tf");
  expect(text.match(/^resource /gm)).toHaveLength(5);
  expect(text.match(/^import /gm)).toHaveLength(5);
  const plan = await program.plan();
  expect(plan.errors).toEqual([]);
  expect(plan.changes.sort()).toEqual([0, 1, 2, 3, 4].map((at) => `import daytona_snapshot.all_${at}`));
  ok(await program.apply());
  expect((await program.plan()).code).toBe(0);
  expect(api().control.snapshots()).toEqual(before);
});

it14("registries are found as well, and say which secret is missing", async () => {
  const id = api().control.registry({ name: "images", url: "ghcr.io", username: "acme-robot", password: "theirs" });
  api().control.registry({ name: "other", url: "ghcr.io", username: "acme-robot", password: "theirs" });
  const program = query(list('name_contains = "IMA"', "", "daytona_registry"));
  const result = ok(await program.run(["query", "-json", "-generate-config-out=generated.tf"]));
  expect(found(result)).toMatchObject([{ display_name: "images", identity: { id } }]);
  expect(result.warnings.map(({ summary, detail }) => `${summary}: ${detail}`)).toEqual([
    expect.stringMatching(
      /^The configuration of a registry needs a secret: Registry "images": the API never returns `password`/,
    ),
  ]);
  expect(program.read("generated.tf")).toMatch(/username +=  ?"acme-robot"/);
  expect(program.everything()).not.toContain("theirs");
});
