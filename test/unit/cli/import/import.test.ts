import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { parse } from "yaml";
import { programFor } from "../../../../provider/fleet/code/model";
import { inComment } from "../../../../provider/fleet/code/strings";
import type { Ran } from "../snapshot/run";
import { world } from "../world";
import { IMPORTED, oddFleet } from "./fleet";
import { importInto } from "./run";

/** The Pulumi provider is not built for this test. */
const CANNOT_FIND_MODULE = 2307;
const here = world({ cronSeconds: 60, pullSeconds: 60 });

const run = (...args: string[]): Promise<Ran> => importInto(here.api, args);

test("one snapshot as HCL with its import block", async () => {
  const id = here.api.control.insert({ name: "agent", state: "inactive" });
  expect(await run("agent", "--to", "terraform", "-q")).toEqual({
    code: 0,
    out: `# It is inactive. To activate it, remove active.\nresource "daytona_snapshot" "agent" {\n  name   = "agent"\n  image  = "ubuntu:24.04"\n  cpu    = 1\n  memory = 1\n  disk   = 3\n  region = "us"\n  active = false\n}\n\nimport {\n  to = daytona_snapshot.agent\n  id = "${id}"\n}\n`,
    err: "1 snapshot. Next: `terraform plan` shows these imports without changes; `terraform apply` imports. Then you can remove the `import` blocks.\n",
  });
  expect((await run(id, "agent", "--to", "terraform", "-q")).err).toMatch(/^1 snapshot\./);
});

test("what cannot be imported is left out, and why; what cannot be known is marked", async () => {
  oddFleet(here.api);
  const { code, out, err } = await run("--all", "--to", "terraform", "-q");
  expect(code).toBe(0);
  expect(out.match(/^resource /gm)).toHaveLength(IMPORTED);
  expect(err.split("\n").filter((line) => line.startsWith("Skipped: "))).toEqual([
    'Skipped: "agent--next-01234567": it was created by a replacement in progress. Finish the replacement, or delete it.',
    'Skipped: "build-failed": it has failed (build_failed), and would be replaced. Delete it, or declare it as a new snapshot.',
    'Skipped: "failed": it has failed (error), and would be replaced. Delete it, or declare it as a new snapshot.',
    'Skipped: "leaving": it is being deleted.',
  ]);
  expect(out).toContain(
    '# Built with files, which the API does not return. To rebuild it, set\n# context_dir to the folder that contains them. Then their hashes are compared.\nresource "daytona_snapshot" "files" {',
  );
  expect(out).toContain(
    '# Pushed from a local image, which the API does not return. To rebuild it,\n# set local_image instead of image.\nresource "daytona_snapshot" "pushed" {',
  );
  expect(new Set(out.match(/^resource .*$/gm)).size).toBe(IMPORTED);
  const general = await run("daytonaio/sandbox:0.5.0-slim", "--to", "terraform", "-q");
  expect(general).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining("it belongs to another organization, and only its owner can manage it") as string,
  });
});

test.each(["cdktf", "cdktn", "pulumi-typescript"])("%s is as prettier leaves it", async (to) => {
  oddFleet(here.api);
  const { out } = await run(
    "--all",
    "--to",
    to,
    "-q",
    ...(to.startsWith("pulumi") ? ["--import-file", "import.json"] : []),
  );
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [require.resolve("prettier/bin/prettier.cjs"), "--parser", "typescript"],
    { input: out, encoding: "utf8" },
  );
  expect([stderr, out]).toEqual(["", stdout]);
});

const black = [process.env["DAYTONA_IAC_BLACK"], "black"].find(
  (name) => name && spawnSync(name, ["--version"]).status === 0,
);
(black ? test : test.skip)(`pulumi-python is as black leaves it${black ? "" : " (not on PATH: black)"}`, async () => {
  oddFleet(here.api);
  await run("--all", "--to", "pulumi-python", "--output", "__main__.py", "-q");
  const { status, stdout, stderr } = spawnSync(black!, ["--diff", "--check", "__main__.py"], { encoding: "utf8" });
  expect([stdout, status, stderr]).toEqual(["", 0, expect.any(String)]);
});

test("Python reads the values that the API has", async () => {
  oddFleet(here.api);
  await run("--all", "--to", "pulumi-python", "--output", "main.py", "-q");
  writeFileSync(
    "daytona_iac_pulumi.py",
    "import json\nmade = []\nclass Snapshot:\n    def __init__(self, label, **args):\n        made.append(args)\n",
  );
  const { stdout, stderr } = spawnSync(
    "python3",
    ["-c", "import main, json, daytona_iac_pulumi as m; print(json.dumps(m.made))"],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  // A name that is assigned twice loses the first one.
  const bound = spawnSync(
    "python3",
    [
      "-c",
      "import main; print(len([name for name, value in vars(main).items() if type(value).__name__ == 'Snapshot']))",
    ],
    { encoding: "utf8" },
  );
  expect(bound.stdout).toBe(`${IMPORTED}\n`);
  for (const made of JSON.parse(stdout) as Record<string, unknown>[])
    same(made["name"], made["dockerfile_content"], made["entrypoint"]);
});

test("TypeScript declares each name once, and reads the values that the API has", async () => {
  oddFleet(here.api);
  await run("--all", "--to", "pulumi-typescript", "--output", "index.ts", "-q");
  const program = ts.createProgram(["index.ts"], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    strict: true,
    noEmit: true,
    types: [],
    lib: ["lib.es2022.d.ts"],
  });
  const problems = [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()].filter(
    ({ code }) => code !== CANNOT_FIND_MODULE,
  );
  expect(problems.map(({ messageText }) => messageText)).toEqual([]);
  const made: Record<string, unknown>[] = [];
  const stub = {
    Snapshot: class {
      constructor(_label: string, args: Record<string, unknown>) {
        made.push(args);
      }
    },
  };
  const exported: Record<string, unknown> = {};

  new Function(
    "exports",
    "require",
    "module",
    "__filename",
    "__dirname",
    ts.transpile(readFileSync("index.ts", "utf8"), { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS }),
  )(exported, () => stub, {}, "", "");
  expect([made.length, Object.values(exported).filter((it) => it instanceof stub.Snapshot).length]).toEqual([
    IMPORTED,
    IMPORTED,
  ]);
  for (const it of made) same(it["name"], it["dockerfileContent"], it["entrypoint"]);
});

test("Pulumi YAML writes quotes around what Go's parser takes for something else than text", async () => {
  oddFleet(here.api);
  await run("--all", "--to", "pulumi-yaml", "--output", "Pulumi.yaml", "-q");
  const text = readFileSync("Pulumi.yaml", "utf8");
  for (const name of [
    "2026-11-29",
    "1_000",
    "0b11",
    "0o7",
    "0x1F",
    "1e3",
    "12:30:45",
    "no",
    "on",
    "Yes",
    "TRUE",
    "inf",
    "y",
    "null",
  ])
    expect(text).toContain(`\n      name: "${name}"\n`);
  for (const item of [
    "~",
    ".inf",
    "=",
    "<<",
    "190:20:30",
    " a",
    "a ",
    "a: b",
    "- a",
    "#",
    "?",
    "@a",
    "%a",
    "\\ta",
    "a\\n",
    "a:",
    "x\\u007f",
    "x\\u0085",
    "x\\u2028",
    "x\\u202eabc",
    "x\\ufeff",
    "x\\u001b[31m",
  ])
    expect(text).toContain(`\n        - "${item}"\n`);
  for (const key of ["y", "null"]) expect(text).toContain(`\n  "${key}":\n`);
  expect(text).toContain("\n      name: agent\n      image: ubuntu:24.04\n");
  expect(text).toContain(
    "\n      dockerfileContent: |\n        FROM alpine:3.20\n        ---\n        ...\n        # x\n        - a\n        \tRUN true\n",
  );
  expect(text).toContain('\n      dockerfileContent: "  FROM alpine:3.20\\nRUN true\\n"\n');
});

test.each(["terraform", "cdktf", "pulumi-typescript", "pulumi-python", "pulumi-yaml"])(
  "no text of the API leaves its comment or its string: %s",
  async (to) => {
    oddFleet(here.api);
    const { out } = await run(
      "--all",
      "--to",
      to,
      "-q",
      ...(to.startsWith("pulumi") ? ["--import-file", "import.json"] : []),
    );
    const type = out.split("\n").filter((line) => line.includes("It has the GPU H100"));
    expect(type).toEqual([
      expect.stringMatching(
        /^ *(#|\/\/) It has the GPU H100\\u000a\}\\u000aresource "x" "y" \{\}\\u2028\*\/ --> \\u0085os\.system\(\)\. To ask for this type again, set gpu_?[tT]ypes\.$/,
      ),
    ]);

    expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\ufeff]/);
  },
);

test("a GPU type of any length and kind is one short comment", () => {
  expect(inComment("x".repeat(300))).toBe(`${"x".repeat(200)}…`);
  expect([inComment(["a\nb"]), inComment(undefined), inComment("\ud800")]).toEqual(['["a\\nb"]', "", "\\ud800"]);
});

test("text that is not Unicode is left out, as no program can have it", () => {
  const dto = {
    id: "i",
    name: "a",
    state: "active",
    cpu: 1,
    gpu: 0,
    mem: 1,
    disk: 3,
    createdAt: "",
    imageName: "ubuntu:24.04",
    entrypoint: ["\ud800"],
  };
  expect(programFor([dto], (name) => name)).toEqual({
    snapshots: [],
    leftOut: [{ name: "a", why: "it has text that is not Unicode, which no configuration can contain" }],
  });
  expect(programFor([{ ...dto, entrypoint: ["\u{1f600}"] }], (name) => name).leftOut).toEqual([]);
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
  const { resources } = parse(readFileSync("Pulumi.yaml", "utf8")) as {
    resources: Record<
      string,
      { name?: string; properties: { name: string; dockerfileContent?: string; entrypoint?: string[] } }
    >;
  };
  const plain = (text: string): string => text.replaceAll("$$", "$");
  for (const { properties: it } of Object.values(resources))
    same(
      it.name,
      it.dockerfileContent === undefined ? undefined : plain(it.dockerfileContent),
      it.entrypoint?.map(plain),
    );
  const file = JSON.parse(readFileSync("import.json", "utf8")) as {
    resources: { type: string; name: string; id: string }[];
  };
  expect(file.resources.map(({ name }) => name)).toEqual(
    Object.entries(resources).map(([key, { name }]) => name ?? key),
  );
  // What the stack knows of itself has this key.
  expect(Object.keys(resources)).not.toContain("pulumi");
  expect(resources["pulumi_snapshot"]).toMatchObject({ name: "pulumi", properties: { name: "pulumi" } });
  expect(
    file.resources.every(({ type, id }) => type === "daytona:index:Snapshot" && here.api.control.snapshot(id) !== null),
  ).toBe(true);
});

test("--filter, --state and files that exist", async () => {
  const id = here.api.control.insert({ name: "agent-1" });
  here.api.control.insert({ name: "agent-2" });
  here.api.control.insert({ name: "other" });
  const names = ({ out }: Ran): string[] => [...out.matchAll(/^ {2}name +=.*"(.*)"$/gm)].map(([, name]) => name!);
  expect(names(await run("--filter", "agent-*", "--to", "terraform", "-q"))).toEqual(["agent-1", "agent-2"]);
  writeFileSync(
    "state.json",
    JSON.stringify({
      version: 3,
      deployment: {
        resources: [
          {
            urn: "urn:pulumi:dev::p::daytona:index:Snapshot::a",
            type: "daytona:index:Snapshot",
            id: "agent-1",
            outputs: { snapshotId: id },
          },
        ],
      },
    }),
  );
  expect(names(await run("--all", "--state", "state.json", "--to", "terraform", "-q"))).toEqual(["agent-2", "other"]);
  writeFileSync("mine.tf", "# mine\n");
  expect(await run("--all", "--to", "terraform", "--output", "mine.tf", "-q")).toMatchObject({
    code: 1,
    err: "Error: mine.tf cannot be written\n  It already exists. Choose another file, or move it away.\n",
  });
  expect(readFileSync("mine.tf", "utf8")).toBe("# mine\n");
  expect(await run("--all", "--state", "none.json", "--to", "terraform", "-q")).toMatchObject({
    code: 1,
    err: expect.stringContaining("the state none.json cannot be read") as string,
  });
});

test("--state leaves out what any state has, says what it only refers to, and refuses another organization's", async () => {
  const id = here.api.control.insert({ name: "read" });
  here.api.control.insert({ name: "made-again" });
  here.api.control.insert({ name: "new" });
  const state = (...resources: object[]): void =>
    writeFileSync("s.json", JSON.stringify({ version: 4, terraform_version: "1.11.4", resources }));
  const one = (attributes: object, more: object = {}): object => ({
    mode: "managed",
    type: "daytona_snapshot",
    name: "a",
    provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
    instances: [{ attributes }],
    ...more,
  });
  state(one({ id, name: "read" }, { mode: "data" }), one({ id: "older", name: "made-again" }));
  const ran = await run("--all", "--state", "s.json", "--to", "terraform", "-q");
  expect([ran.code, ran.out.match(/^resource .*$/gm), ran.err.split("\n")[0]]).toEqual([
    0,
    ['resource "daytona_snapshot" "new" {'],
    'Skipped: "read": a given state refers to it without managing it.',
  ]);
  state(one({ id: "x", name: "x", organization_id: "another" }));
  expect(await run("--all", "--state", "s.json", "--to", "terraform", "-q")).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining("the state s.json belongs to another organization") as string,
  });
  expect(await run("daytonaio/sandbox:0.5.0-slim", "--state", "s.json", "--to", "terraform", "-q")).toMatchObject({
    code: 1,
    err: expect.stringContaining("belongs to another organization") as string,
  });
});

test.each<[string[], string]>([
  [["--to", "terraform"], "Error: nothing to import\n  Specify snapshots, or use --all or --filter.\n"],
  [["a", "--all", "--to", "terraform"], "Error: names cannot be combined with --all or --filter\n"],
  [["a", "--filter", "a*", "--to", "terraform"], "Error: names cannot be combined with --all or --filter\n"],
  [["a"], "Error: required option '--to <target>' not specified\n"],
  [
    ["a", "--to", "ansible"],
    "Allowed choices are terraform, cdktf, cdktn, pulumi-typescript, pulumi-python, pulumi-yaml.",
  ],
  [
    ["a", "--to", "pulumi-yaml"],
    "Error: a Pulumi program needs an import file next to it\n  Set --output, or --import-file.\n",
  ],
  [["a", "--to", "terraform", "--import-file", "x"], "Error: --import-file is for Pulumi\n"],
])("%j is wrong usage", async (args, message) =>
  expect(await run(...args)).toMatchObject({ code: 64, out: "", err: expect.stringContaining(message) as string }),
);

test("a name that is not there", async () => {
  expect(await run("none", "--to", "terraform")).toMatchObject({
    code: 1,
    err: expect.stringContaining('importing snapshot "none": no such snapshot') as string,
  });
  expect(await run("--filter", "none-*", "--to", "terraform", "-q")).toMatchObject({
    code: 1,
    err: "Error: there is nothing to import\n  The organization has no snapshots.\n",
  });
  here.api.control.insert({ name: "agent" });
  here.api.control.insert({ name: "tools" });
  expect(await run("--filter", "none-*", "--filter", "agnet", "--to", "terraform", "-q")).toMatchObject({
    code: 1,
    err: 'Error: there is nothing to import\n  No snapshot has a name that matches --filter "none-*" or --filter "agnet". Available: agent and tools.\n',
  });
  expect((await run("--filter", "agent", "--filter", "agnet", "--to", "terraform", "-q")).err).toContain(
    'Warning: --filter "agnet" matches no snapshot\n  Available: agent and tools. * matches',
  );
});

test.each(["json", "yaml"])("what was written, as %s", async (format) => {
  const id = here.api.control.insert({ name: "agent" });
  here.api.control.insert({ name: "failed", state: "error" });
  expect(await run("--all", "--to", "terraform", "--format", format)).toMatchObject({
    code: 64,
    out: "",
    err: expect.stringContaining(`--format ${format} requires --output`) as string,
  });
  const { code, out, err } = await run("--all", "--to", "terraform", "-o", `${format}.tf`, "--format", format, "-q");
  expect({ code, err, report: parse(out) as unknown }).toEqual({
    code: 0,
    err: "",
    report: {
      files: [`${format}.tf`],
      snapshots: [{ name: "agent", id }],
      leftOut: [{ name: "failed", why: expect.stringContaining("it has failed (error)") as string }],
      next: expect.stringContaining("`terraform plan` shows these imports without changes") as string,
    },
  });
  const failed = await run("failed", "--to", "terraform", "-o", "none.tf", "--format", "json", "-q");
  expect([failed.out, JSON.parse(failed.err)]).toEqual([
    "",
    {
      error: expect.objectContaining({ detail: expect.stringContaining('"failed": it has failed (error)') as string }),
    },
  ]);
});
