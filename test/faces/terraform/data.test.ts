import { cpSync } from "node:fs";
import { join, resolve } from "node:path";
import { ok, setup } from "./setup";

jest.setTimeout(60_000);
const { api, project } = setup();

interface Outputs {
  values: { outputs: Record<string, { value: unknown }> };
}

test("a data source fills a resource: a build with triggers, and an image, are made again as they are", async () => {
  const source = 'dockerfile_content = "FROM ubuntu:24.04\\nRUN true\\n"\n  triggers = { release = "2" }';
  const copy = (name: string): string => `
data "daytona_snapshot" "${name}" {
  name       = daytona_snapshot.${name}.name
}
resource "daytona_snapshot" "copy_of_${name}" {
  name               = "copy-of-${name}"
  image              = data.daytona_snapshot.${name}.dockerfile_content == null ? data.daytona_snapshot.${name}.image_name : null
  dockerfile_content = data.daytona_snapshot.${name}.dockerfile_content
  cpu                = data.daytona_snapshot.${name}.cpu
}
`;
  const resource = (name: string, text: string): string =>
    `resource "daytona_snapshot" "${name}" {\n  name = "${name}"\n  ${text}\n}\n${copy(name)}`;
  const program = project(resource("built", source) + resource("pulled", 'image = "ubuntu:24.04"'));
  ok(await program.apply());
  const sent = (name: string): unknown => api().control.snapshot(name)?.buildInfo?.dockerfileContent ?? null;
  expect(String(sent("built"))).toContain("# daytona-iac triggers ");
  expect([sent("copy-of-built"), sent("copy-of-pulled")]).toEqual(["FROM ubuntu:24.04\nRUN true\n", null]);
  expect(ok(await program.plan()).changes).toEqual([]);
});

test("data sources: one by name and by id, all by filters, regions", async () => {
  const [first, second] = api().control.seed(2, (i) => ({
    name: `web-${i}`,
    state: i === 2 ? "inactive" : "active",
    lastUsedAt: Date.parse("2026-03-01T00:00:00Z"),
  }));
  api().control.seed(1, () => ({ name: "api-1" }));
  const program = project(`
data "daytona_snapshot" "by_name" { name = "web-1" }
data "daytona_snapshot" "by_id" { id = "${second}" }
data "daytona_snapshot" "general" { name = "daytonaio/sandbox:0.5.0-slim" }
data "daytona_snapshots" "all" {}
data "daytona_snapshots" "web" { name_contains = "WEB" }
data "daytona_snapshots" "idle" { states = ["inactive", "error"] }
data "daytona_snapshots" "elsewhere" { region = "mars" }
data "daytona_snapshots" "with_general" { include_general = true }
data "daytona_regions" "here" {}
output "by_name" { value = data.daytona_snapshot.by_name }
output "by_id" { value = data.daytona_snapshot.by_id.name }
output "general" { value = data.daytona_snapshot.general.general }
output "all" { value = data.daytona_snapshots.all.names }
output "web" { value = data.daytona_snapshots.web.ids }
output "idle" { value = data.daytona_snapshots.idle.snapshots[*].name }
output "elsewhere" { value = data.daytona_snapshots.elsewhere.names }
output "with_general" { value = length(data.daytona_snapshots.with_general.names) }
output "regions" { value = data.daytona_regions.here.ids }
`);
  ok(await program.apply());
  const shown = JSON.parse((await program.run(["show", "-json"])).stdout) as Outputs;
  const output = (name: string): unknown => shown.values.outputs[name]?.value;
  expect(output("by_name")).toMatchObject({
    id: first,
    state: "active",
    image_name: "ubuntu:24.04",
    last_used_at: "2026-03-01T00:00:00.000Z",
    region_ids: ["us"],
    general: false,
  });
  expect(output("by_id")).toBe("web-2");
  expect(output("general")).toBe(true);
  expect(output("all")).toEqual(["web-1", "web-2", "api-1"]);
  expect(output("web")).toEqual([first, second]);
  expect(output("idle")).toEqual(["web-2"]);
  expect(output("elsewhere")).toEqual([]);
  expect(output("with_general")).toBeGreaterThan(3);
  expect(output("regions")).toEqual(["us"]);
  expect((await program.plan()).code).toBe(0);
});

test("a snapshot that is not there, and an API that does not answer", async () => {
  const missing = await project(`data "daytona_snapshot" "x" { name = "nothing" }`).plan();
  expect(missing.errors).toHaveLength(1);
  expect(missing.errors[0]).toMatchObject({
    summary: 'No snapshot with the name "nothing"',
    snippet: { code: expect.stringContaining('name = "nothing"') },
  });
  const wrong = await project(`data "daytona_regions" "x" {}`, { env: { DAYTONA_API_KEY: "dtn_wrong" } }).plan();
  expect(wrong.errors[0]).toMatchObject({
    summary: "Listing regions: the API rejected the credentials",
    detail: expect.stringMatching(
      /401.*\nThe credentials come from DAYTONA_API_KEY, the address from DAYTONA_API_URL\.$/s,
    ),
  });
  const away = await project(`data "daytona_snapshots" "x" {}`, {
    env: { DAYTONA_API_URL: "http://127.0.0.1:1/api" },
  }).plan();
  expect(away.errors[0]?.summary).toBe("Listing snapshots: cannot reach the API");
  expect(away.errors[0]?.detail).toMatch(
    /connection refused\. Check the API URL and that the server is running\.\nThe address comes from DAYTONA_API_URL\.$/,
  );
});

test("the example runs as it is written", async () => {
  const program = project();
  cpSync(resolve(__dirname, "../../../examples/terraform"), program.dir, {
    recursive: true,
    filter: (from) => !from.includes(".terraform"),
  });
  program.write("versions.tf", "");
  ok(await program.apply());
  const shown = JSON.parse((await program.run(["show", "-json"])).stdout) as Outputs;
  expect(shown.values.outputs["snapshot"]?.value).toBe("agent");
  expect(shown.values.outputs["active"]?.value).toEqual(
    expect.arrayContaining(["agent", expect.stringMatching(/^tools-[0-9a-z]{26}$/)]),
  );
  expect((await program.plan()).code).toBe(0);
  program.write("Dockerfile", `${program.read(join("Dockerfile"))}# changed\n`);
  expect(ok(await program.apply()).changes).toContain("replace daytona_snapshot.tools");
  ok(await program.destroy());
  expect(api().control.snapshots()).toEqual([]);
});

test("many of one source, one after the other, and both ways to write a list of them", async () => {
  const program = project(
    `resource "daytona_snapshot" "many" {\n count = 6\n name = "many-\${count.index}"\n dockerfile_content = "FROM ubuntu:24.04\\nRUN true\\n"\n}\n`,
  );
  ok(await program.apply());
  expect(
    api()
      .control.snapshots()
      .map(({ state }) => state),
  ).toEqual(Array(6).fill("active"));
  expect((await program.plan()).code).toBe(0);
  ok(await program.destroy());
  expect(api().control.snapshots()).toEqual([]);
});
