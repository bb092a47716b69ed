import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { runImport } from "../../../../provider/cli/import/command";
import type { Ran } from "../snapshot/run";
import { world } from "../world";
import { IMPORTED, oddFleet } from "./fleet";

const here = world({ cronSeconds: 60, pullSeconds: 60 });

async function run(...args: string[]): Promise<Ran> {
  let [out, err] = ["", ""];
  const env = { DAYTONA_API_URL: here.api.apiUrl, DAYTONA_API_KEY: here.api.apiKey, HOME: "/nonexistent" };
  const code = await runImport(args, { out: (text) => void (out += text), err: (text) => void (err += text), env });
  return { code, out, err };
}

test("one snapshot as HCL with its import block", async () => {
  const id = here.api.control.insert({ name: "agent", state: "inactive" });
  expect(await run("agent", "--to", "terraform", "-q")).toEqual({
    code: 0,
    out: `# It is inactive. To activate it, remove active.\nresource "daytona_snapshot" "agent" {\n  name   = "agent"\n  image  = "ubuntu:24.04"\n  cpu    = 1\n  memory = 1\n  disk   = 3\n  region = "us"\n  active = false\n}\n\nimport {\n  to = daytona_snapshot.agent\n  id = "${id}"\n}\n`,
    err: "1 snapshot. Next: `terraform plan` shows the imports and no changes; `terraform apply` imports. Then the `import` blocks can go.\n",
  });
  expect((await run(id, "agent", "--to", "terraform", "-q")).err).toMatch(/^1 snapshot\./);
});

test("what cannot be imported is left out, and why; what cannot be known is marked", async () => {
  oddFleet(here.api);
  const { code, out, err } = await run("--all", "--to", "terraform", "-q");
  expect(code).toBe(0);
  expect(out.match(/^resource /gm)).toHaveLength(IMPORTED);
  expect(err.split("\n").filter((line) => line.startsWith("Left out: "))).toEqual([
    'Left out: "agent--next-01234567": a replacement in progress made it. Finish that with an apply, or delete it.',
    'Left out: "build-failed": it has failed (build_failed), and an apply would replace it. Delete it, or write it into the program as a new snapshot.',
    'Left out: "failed": it has failed (error), and an apply would replace it. Delete it, or write it into the program as a new snapshot.',
    'Left out: "leaving": it is being deleted.',
  ]);
  expect(out).toContain('# Built with files, which the API does not give back. To rebuild it, set\n# context_dir to the folder that has them.\nresource "daytona_snapshot" "files" {');
  expect(out).toContain('# Pushed from a local image, which the API does not name. To rebuild it,\n# set local_image instead of image.\nresource "daytona_snapshot" "pushed" {');
  expect(new Set(out.match(/^resource .*$/gm)).size).toBe(IMPORTED);
  const general = await run("daytonaio/sandbox:0.5.0-slim", "--to", "terraform", "-q");
  expect(general).toMatchObject({ code: 1, out: "", err: expect.stringContaining("it belongs to another organization, and only its owner can manage it") as string });
});

test.each(["cdktf", "cdktn", "pulumi-typescript"])("%s is as prettier leaves it", async (to) => {
  oddFleet(here.api);
  const { out } = await run("--all", "--to", to, "-q", ...(to.startsWith("pulumi") ? ["--import-file", "import.json"] : []));
  const { stdout, stderr } = spawnSync(process.execPath, [require.resolve("prettier/bin/prettier.cjs"), "--parser", "typescript"], { input: out, encoding: "utf8" });
  expect([stderr, out]).toEqual(["", stdout]);
});

const black = [process.env["DAYTONA_IAC_BLACK"], "black"].find((name) => name && spawnSync(name, ["--version"]).status === 0);
(black ? test : test.skip)(`pulumi-python is as black leaves it${black ? "" : " (not on PATH: black)"}`, async () => {
  oddFleet(here.api);
  await run("--all", "--to", "pulumi-python", "--output", "__main__.py", "-q");
  const { status, stdout, stderr } = spawnSync(black!, ["--diff", "--check", "__main__.py"], { encoding: "utf8" });
  expect([stdout, status, stderr]).toEqual(["", 0, expect.any(String)]);
});

test("Python reads the values that the API has", async () => {
  oddFleet(here.api);
  await run("--all", "--to", "pulumi-python", "--output", "main.py", "-q");
  writeFileSync("daytona_iac_pulumi.py", "import json\nmade = []\nclass Snapshot:\n    def __init__(self, label, **args):\n        made.append(args)\n");
  const { stdout, stderr } = spawnSync("python3", ["-c", "import main, json, daytona_iac_pulumi as m; print(json.dumps(m.made))"], { encoding: "utf8" });
  expect(stderr).toBe("");
  for (const made of JSON.parse(stdout) as Record<string, unknown>[]) same(made["name"], made["dockerfile_content"], made["entrypoint"]);
});

/** The source that code has, as the API has it. */
function same(name: unknown, dockerfile: unknown, entrypoint: unknown): void {
  const dto = here.api.control.snapshot(name as string)!;
  expect([name, dockerfile ?? null]).toEqual([name, dto.buildInfo?.dockerfileContent ?? null]);
  if (entrypoint !== undefined) expect(entrypoint).toEqual(dto.entrypoint);
}

test("Pulumi YAML has them too, and the import file names every resource", async () => {
  oddFleet(here.api);
  await run("--all", "--to", "pulumi-yaml", "--output", "Pulumi.yaml", "-q");
  const { resources } = parse(readFileSync("Pulumi.yaml", "utf8")) as { resources: Record<string, { properties: { name: string; dockerfileContent?: string; entrypoint?: string[] } }> };
  const plain = (text: string): string => text.replaceAll("$$", "$");
  for (const { properties: it } of Object.values(resources)) same(it.name, it.dockerfileContent === undefined ? undefined : plain(it.dockerfileContent), it.entrypoint?.map(plain));
  const file = JSON.parse(readFileSync("import.json", "utf8")) as { resources: { type: string; name: string; id: string }[] };
  expect(file.resources.map(({ name }) => name)).toEqual(Object.keys(resources));
  expect(file.resources.every(({ type, id }) => type === "daytona:index:Snapshot" && here.api.control.snapshot(id) !== null)).toBe(true);
});

test("--filter, --state and files that exist", async () => {
  const id = here.api.control.insert({ name: "agent-1" });
  here.api.control.insert({ name: "agent-2" });
  here.api.control.insert({ name: "other" });
  const names = ({ out }: Ran): string[] => [...out.matchAll(/^ {2}name +=.*"(.*)"$/gm)].map(([, name]) => name!);
  expect(names(await run("--filter", "agent-*", "--to", "terraform", "-q"))).toEqual(["agent-1", "agent-2"]);
  writeFileSync("state.json", JSON.stringify({ version: 3, deployment: { resources: [{ urn: "urn:pulumi:dev::p::daytona:index:Snapshot::a", type: "daytona:index:Snapshot", id: "agent-1", outputs: { snapshotId: id } }] } }));
  expect(names(await run("--all", "--state", "state.json", "--to", "terraform", "-q"))).toEqual(["agent-2", "other"]);
  writeFileSync("mine.tf", "# mine\n");
  expect(await run("--all", "--to", "terraform", "--output", "mine.tf", "-q")).toMatchObject({ code: 1, err: "Error: mine.tf cannot be written\n  It exists already. Choose another file, or move it away.\n" });
  expect(readFileSync("mine.tf", "utf8")).toBe("# mine\n");
  expect(await run("--all", "--state", "none.json", "--to", "terraform", "-q")).toMatchObject({ code: 1, err: expect.stringContaining("the state none.json cannot be read") as string });
});

test.each<[string[], string]>([
  [["--to", "terraform"], "Error: nothing to import\n  Name snapshots, or use --all or --filter.\n"],
  [["a", "--all", "--to", "terraform"], "Error: names cannot be combined with --all or --filter\n"],
  [["a"], "error: required option '--to <target>' not specified\n"],
  [["a", "--to", "ansible"], "Allowed choices are terraform, cdktf, cdktn, pulumi-typescript, pulumi-python, pulumi-yaml."],
  [["a", "--to", "pulumi-yaml"], "Error: a Pulumi program needs an import file beside it\n  Set --output, or --import-file.\n"],
  [["a", "--to", "terraform", "--import-file", "x"], "Error: --import-file is for Pulumi\n"],
])("%j is wrong usage", async (args, message) => expect(await run(...args)).toMatchObject({ code: 64, out: "", err: expect.stringContaining(message) as string }));

test("a name that is not there", async () => {
  expect(await run("none", "--to", "terraform")).toMatchObject({ code: 1, err: expect.stringContaining('importing snapshot "none": no such snapshot') as string });
  expect(await run("--filter", "none-*", "--to", "terraform", "-q")).toMatchObject({ code: 1, err: "Error: there is nothing to import\n  No snapshot matches, or the given states have all of them.\n" });
});
