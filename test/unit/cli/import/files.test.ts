import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeNew } from "../../../../provider/cli/output/new-files";
import { Stop } from "../../../../provider/cli/session";
import type { Ran } from "../snapshot/run";
import { raw, resource } from "../../fleet/states";
import { world } from "../world";
import { importInto } from "./run";

const here = world({ cronSeconds: 60, pullSeconds: 60 });
const run = (...args: string[]): Promise<Ran> => importInto(here.api, args);

const PROVIDERS =
  '# Run `terraform init` in this folder first, then `terraform plan`.\nterraform {\n  required_providers {\n    daytona = {\n      source = "daytona-iac/daytona"\n    }\n  }\n}\n\nresource "daytona_snapshot" "agent" {\n';
test("the file for a folder without Terraform names the provider, and says what to run; a missing folder is made", async () => {
  here.api.control.insert({ name: "agent" });
  const ran = await run("agent", "--to", "terraform", "--output", "new/folder/main.tf", "-q");
  expect(ran).toEqual({
    code: 0,
    out: "",
    err: "1 snapshot. Next: `terraform -chdir=new/folder init`, then `terraform -chdir=new/folder plan` shows these imports without changes; `terraform -chdir=new/folder apply` imports. Then you can remove the `import` blocks.\n",
  });
  expect(readFileSync("new/folder/main.tf", "utf8").startsWith(PROVIDERS)).toBe(true);
  expect(readdirSync("new/folder")).toEqual(["main.tf"]);
});

test.each<[string, Record<string, string>, boolean, string]>([
  [
    "other providers",
    { "main.tf": 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n' },
    false,
    'Next: add `daytona = { source = "daytona-iac/daytona" }` to `required_providers`, then `terraform -chdir=infra init`, then `terraform -chdir=infra plan` shows',
  ],
  [
    "this provider",
    { "main.tf": 'terraform {\n  required_providers {\n    daytona = { source = "daytona-iac/daytona" }\n  }\n}\n' },
    false,
    "Next: `terraform -chdir=infra init`, then `terraform -chdir=infra plan` shows",
  ],
  [
    "this provider in JSON",
    { "main.tf.json": '{"terraform":{"required_providers":{"daytona":{"source":"daytona-iac/daytona"}}}}' },
    false,
    "Next: `terraform -chdir=infra init`, then",
  ],
  [
    "this provider, and an init",
    {
      "main.tf": 'terraform {\n  required_providers {\n    daytona = { source = "daytona-iac/daytona" }\n  }\n}\n',
      ".terraform/x": "",
    },
    false,
    "Next: `terraform -chdir=infra plan` shows",
  ],
  [
    "resources only, and an init",
    { "main.tf": 'resource "terraform_data" "a" {}\n', ".terraform/x": "" },
    true,
    "Next: `terraform -chdir=infra init`, then `terraform -chdir=infra plan` shows",
  ],
  [
    "OpenTofu's files",
    { "main.tofu": 'terraform {\n  required_providers {\n    daytona = { source = "daytona-iac/daytona" }\n  }\n}\n' },
    false,
    "Next: `terraform -chdir=infra init`, then",
  ],
  [
    "text that is no code",
    { "notes.md": "required_providers daytona-iac/daytona" },
    true,
    "Next: `terraform -chdir=infra init`, then",
  ],
])("the file for a folder with %s", async (_what, files, providers, message) => {
  here.api.control.insert({ name: "agent" });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join("infra", file)), { recursive: true });
    writeFileSync(join("infra", file), text);
  }
  expect((await run("agent", "--to", "terraform", "--output", "infra/imported.tf", "-q")).err).toContain(message);
  expect(readFileSync("infra/imported.tf", "utf8").startsWith(PROVIDERS)).toBe(providers);
});

test.each([
  ["here.tf", "terraform init"],
  ["./here.tf", "terraform init"],
  ["a folder/it's.tf", "terraform -chdir='a folder' init"],
  ["it's/a.tf", "terraform -chdir='it'\\''s' init"],
])("the next command is of the folder of %s", async (file, command) => {
  here.api.control.insert({ name: "agent" });
  expect((await run("agent", "--to", "terraform", "--output", file, "-q")).err).toContain(`Next: \`${command}\`, then`);
});

test("a file that cannot be written leaves nothing behind, and says why", async () => {
  here.api.control.insert({ name: "agent" });
  writeFileSync("file", "");
  expect(await run("agent", "--to", "terraform", "--output", "file/main.tf", "-q")).toEqual({
    code: 1,
    out: "",
    err: "Error: file/main.tf cannot be written\n  file is not a folder. Choose another one.\n",
  });
  writeFileSync("import.json", "mine");
  expect(await run("agent", "--to", "pulumi-yaml", "--output", "Pulumi.yaml", "-q")).toMatchObject({
    code: 1,
    err: "Error: import.json cannot be written\n  It already exists. Choose another file, or move it away.\n",
  });
  symlinkSync("nowhere", "link.tf");
  expect(await run("agent", "--to", "terraform", "--output", "link.tf", "-q")).toMatchObject({
    code: 1,
    err: "Error: link.tf cannot be written\n  It already exists. Choose another file, or move it away.\n",
  });
  expect(await run("agent", "--to", "pulumi-yaml", "--output", "a", "--import-file", "./a", "-q")).toMatchObject({
    code: 64,
    err: "Error: --output and --import-file are the same file\n  Choose another one.\n",
  });
  expect(readdirSync(".").sort()).toEqual(["file", "import.json", "link.tf"]);
});

test("two files are written both, or none", () => {
  const long = `${"x".repeat(300)}.json`;
  expect(() =>
    writeNew([
      { file: "a.yaml", text: "a" },
      { file: long, text: "b" },
    ]),
  ).toThrow(`${long} cannot be written`);
  mkdirSync("folder");
  expect(() =>
    writeNew([
      { file: "a.yaml", text: "a" },
      { file: "folder", text: "b" },
    ]),
  ).toThrow("folder cannot be written");
  expect(readdirSync(".")).toEqual(["folder"]);
  writeNew([
    { file: "a.yaml", text: "a" },
    { file: "folder/b.json", text: "b" },
  ]);
  expect([
    readFileSync("a.yaml", "utf8"),
    readFileSync("folder/b.json", "utf8"),
    readdirSync("."),
    readdirSync("folder"),
  ]).toEqual(["a", "b", ["a.yaml", "folder"], ["b.json"]]);
});

const full = spawnSync(
  "sh",
  [
    "-c",
    "mkdir /tmp/daytona-full.$$ && mount -t tmpfs -o size=16k none /tmp/daytona-full.$$ && echo /tmp/daytona-full.$$",
  ],
  { encoding: "utf8" },
);
(full.status === 0 ? test : test.skip)(
  `a full disk leaves no empty file${full.status === 0 ? "" : " (mount is not permitted)"}`,
  () => {
    const folder = full.stdout.trim();
    try {
      expect(() => writeNew([{ file: join(folder, "main.tf"), text: "x".repeat(100_000) }])).toThrow(Stop);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      spawnSync("umount", [folder]);
      rmdirSync(folder);
    }
  },
);

test("a file that exists is told before anything is read", async () => {
  here.api.control.insert({ name: "agent" });
  writeFileSync("import.json", "mine");
  here.api.control.clearRequests();
  expect((await run("agent", "--to", "pulumi-yaml", "--output", "Pulumi.yaml", "-q")).code).toBe(1);
  expect(here.api.control.requests()).toEqual([]);
});

test("every filter counts, every state counts, and general snapshots are not of the organization", async () => {
  const ids = ["agent-1", "tool-1", "tool-2", "other"].map((name) => here.api.control.insert({ name }));
  const names = async (...args: string[]): Promise<string[]> =>
    [...(await run(...args, "--to", "terraform", "-q")).out.matchAll(/^resource "daytona_snapshot" "(.*)" \{$/gm)].map(
      ([, name]) => name!,
    );
  expect(await names("--filter", "agent-*", "--filter", "tool-*")).toEqual(["agent_1", "tool_1", "tool_2"]);
  for (const [at, id] of ids.slice(0, 2).entries())
    writeFileSync(`${at}.json`, JSON.stringify(raw(resource({ id, name: `n${at}` }))));
  expect(await names("--all", "--state", "0.json", "--state", "1.json")).toEqual(["other", "tool_2"]);
  expect((await run("--all", "--to", "terraform", "-q")).err).not.toContain("Left out");
  expect(await run("--filter", "agent-1", "--state", "0.json", "--to", "terraform", "-q")).toMatchObject({
    code: 1,
    out: "",
    err: "Error: there is nothing to import\n  All matching snapshots are already in the given states.\n",
  });
});

test("what was left out is not what does not match", async () => {
  here.api.control.insert({ name: "failed", state: "error" });
  expect(await run("--all", "--to", "terraform", "-q")).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringMatching(
      /^Skipped: "failed": it has failed \(error\), .*\nError: there is nothing to import\n {2}All matching snapshots were skipped\.\n$/,
    ) as string,
  });
});

test.each<[string, string[], string, string]>([
  [
    "cdktf",
    [],
    'import { TerraformStack } from "cdktf";',
    "2 snapshots. Next: add the stack to your app. Its first deployment imports the snapshots. Then you can remove the calls to importFrom.\n",
  ],
  [
    "cdktn",
    [],
    'import { TerraformStack } from "cdktn";',
    "2 snapshots. Next: add the stack to your app. Its first deployment imports the snapshots. Then you can remove the calls to importFrom.\n",
  ],
  [
    "pulumi-yaml",
    ["--import-file", "i.json"],
    "name: snapshots",
    "2 snapshots. Next: `pulumi import --file i.json --generate-code=false --protect=false`, then `pulumi preview` shows no changes.\n",
  ],
  [
    "pulumi-python",
    ["--import-file", "i.json"],
    '"""Imported Daytona snapshots."""',
    "2 snapshots. Next: `pulumi import --file i.json --generate-code=false --protect=false`, then `pulumi preview` shows no changes.\n",
  ],
])("%s: what is written, and what to do next", async (to, args, first, said) => {
  for (const name of ["a", "b"])
    here.api.control.insert({
      name,
      state: "inactive",
      gpu: 1,
      gpuType: "H100",
      imageName: "harbor.example.com/daytona/agent:20261127093000",
    });
  const { code, out, err } = await run("--all", "--to", to, ...args, "-q");
  expect([code, out.split("\n")[0], err]).toEqual([0, first, said]);
  // Comments spell attributes as the program does.
  const python = to === "pulumi-python";
  expect(out).toContain(`set ${python ? "gpu_types" : "gpuTypes"}.`);
  expect(out).toContain(`set ${python ? "local_image" : "localImage"} instead of image.`);
  if (args.length > 0)
    expect((JSON.parse(readFileSync("i.json", "utf8")) as { resources: unknown[] }).resources).toHaveLength(2);
});

test("the import file is beside the program, unless it is named", async () => {
  here.api.control.insert({ name: "agent" });
  expect((await run("agent", "--to", "pulumi-yaml", "--output", "infra/Pulumi.yaml", "-q")).err).toContain(
    "`pulumi import --file infra/import.json ",
  );
  expect(readdirSync("infra").sort()).toEqual(["Pulumi.yaml", "import.json"]);
  expect(
    (await run("agent", "--to", "pulumi-yaml", "--output", "other/Pulumi.yaml", "--import-file", "mine.json", "-q"))
      .code,
  ).toBe(0);
  expect([readdirSync("other"), readdirSync(".").sort()]).toEqual([["Pulumi.yaml"], ["infra", "mine.json", "other"]]);
});

test("standard output has the code alone; a file that names other providers only is told to add this one", async () => {
  here.api.control.insert({ name: "agent" });
  mkdirSync("infra/.terraform", { recursive: true });
  writeFileSync("infra/main.tf.json", '{"terraform":{"required_providers":{"aws":{"source":"hashicorp/aws"}}}}');
  expect((await run("agent", "--to", "terraform", "--output", "infra/a.tf", "-q")).err).toBe(
    '1 snapshot. Next: add `daytona = { source = "daytona-iac/daytona" }` to `required_providers`, then `terraform -chdir=infra init`, then `terraform -chdir=infra plan` shows these imports without changes; `terraform -chdir=infra apply` imports. Then you can remove the `import` blocks.\n',
  );
  expect(
    (await run("agent", "--to", "terraform", "-q")).out.startsWith('resource "daytona_snapshot" "agent" {\n'),
  ).toBe(true);
});

test("a file that came to be in the meantime is not replaced, and the one before it is taken back", () => {
  const made = { file: "b", text: "ours" };
  // Its text is written when its turn comes: after the check, before it is placed.
  const late = {
    file: "a",
    get text() {
      writeFileSync("b", "theirs");
      return "ours";
    },
  };
  expect(() => writeNew([late, made])).toThrow("b cannot be written");
  expect([readdirSync("."), readFileSync("b", "utf8")]).toEqual([["b"], "theirs"]);
});
