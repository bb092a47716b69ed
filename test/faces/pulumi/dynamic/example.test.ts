import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PATIENCE, Stack, fixture, ok } from "../setup";
import { root } from "./package";
import { describeDynamic } from "./setup";

jest.setTimeout(PATIENCE);

/** The package as `npm run build` made it, beside what it needs. */
function linked(folder: string): void {
  if (!existsSync(join(root, "dist/pulumi/index.js")))
    throw new Error('There is no dist/pulumi: run "npm run build" first.');
  const modules = join(folder, "node_modules");
  mkdirSync(modules, { recursive: true });
  symlinkSync(root, join(modules, "daytona-iac"), "junction");
  for (const name of ["@pulumi", "@types", "typescript"])
    symlinkSync(join(root, "node_modules", name), join(modules, name), "junction");
}

const tsc = (folder: string, ...args: string[]): Promise<string> =>
  new Promise((resolve) =>
    execFile(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", ...args],
      { cwd: folder },
      (_error, stdout) => resolve(stdout.trim()),
    ),
  );

describe("daytona-iac/pulumi, as it is installed", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-types-"));
  beforeAll(() => linked(folder));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("has types in CommonJS and in ES modules, with inputs of any kind and outputs that are typed", async () => {
    const text = `
      import * as pulumi from "@pulumi/pulumi";
      import { Snapshot, type SnapshotArgs } from "daytona-iac/pulumi";
      const args: SnapshotArgs = { image: pulumi.output("ubuntu:24.04"), cpu: pulumi.output(2), active: pulumi.output(true), entrypoint: ["sh", pulumi.output("-c")], triggers: { a: pulumi.secret("x") }, timeouts: { create: "45m" }, replacement: "recreate", memory: undefined };
      const agent = new Snapshot("agent", args, { customTimeouts: { create: "45m" } });
      new Snapshot("built", { image: { dockerfile: "FROM ubuntu:24.04", contextList: [] } });
      export const right: [pulumi.Output<string>, pulumi.Output<number>, pulumi.Output<string | undefined>, pulumi.Output<string[] | undefined>] = [agent.name, agent.cpu, agent.image, Snapshot.get("base", "base").regionIds];
      export const wrong: pulumi.Output<number> = agent.state;
      new Snapshot("b", { cpus: 2 });
    `;
    for (const file of ["a.mts", "b.cts"]) writeFileSync(join(folder, file), text);
    const output = await tsc(
      folder,
      "--strict",
      "--skipLibCheck",
      "--exactOptionalPropertyTypes",
      "--module",
      "node16",
      "--target",
      "es2022",
      "--types",
      "node",
      "a.mts",
      "b.cts",
    );
    const errors = output
      .split("\n")
      .filter((line) => /^\S/.test(line))
      .map((line) => line.replace(/\(.*?\)/, ""));
    // Exactly the two mistakes that are in there, once for each kind of module.
    expect(errors).toEqual(
      ["a.mts", "b.cts"].flatMap((file) => [
        expect.stringMatching(
          `^${file}: error TS2322: Type 'Output<string>'|^${file}: error TS2322: Type 'OutputInstance<string>`,
        ),
        expect.stringMatching(`^${file}: error TS2561: .*'cpus' does not exist in type 'SnapshotArgs'`),
      ]),
    );
  });

  test("every input and output has a docstring", async () => {
    const script = `
      const ts = require("typescript");
      const file = require("node:path").join(process.cwd(), "docs.cts");
      const program = ts.createProgram([file], { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, target: ts.ScriptTarget.ES2022, strict: true, skipLibCheck: true, types: [] });
      const checker = program.getTypeChecker();
      const documented = (name) => { const type = checker.getTypeAtLocation(program.getSourceFile(file).statements.find((s) => s.name?.text === name)); return Object.fromEntries(type.getProperties().map((p) => [p.name, ts.displayPartsToString(p.getDocumentationComment(checker)).length > 20])); };
      console.log(JSON.stringify({ args: documented("A"), outputs: documented("O") }));
    `;
    writeFileSync(
      join(folder, "docs.cts"),
      `import type { SnapshotArgs, SnapshotOutputs } from "daytona-iac/pulumi";\ntype A = SnapshotArgs;\ntype O = SnapshotOutputs;\n`,
    );
    const stdout = await new Promise<string>((resolve) =>
      execFile(process.execPath, ["-e", script], { cwd: folder }, (error, out) => resolve(error ? String(error) : out)),
    );
    const { args, outputs } = JSON.parse(stdout) as Record<"args" | "outputs", Record<string, boolean>>;
    expect(Object.keys(args)).toEqual(
      expect.arrayContaining(["image", "dockerfileContent", "name", "cpu", "triggers", "timeouts"]),
    );
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(["snapshotId", "state", "image", "createdAt"]));
    expect(Object.entries({ ...args, ...outputs }).filter(([, documented]) => !documented)).toEqual([]);
  });
});

describeDynamic("programs of the dynamic provider, as users write them", () => {
  const { api, stack } = fixture(
    () => undefined,
    (folder, env, name) => {
      const made = new Stack(folder, env, name).yaml({});
      linked(made.program);
      return made;
    },
  );

  test("examples/pulumi-typescript, in the one command of its README", async () => {
    const s = (await stack({ env: { DAYTONA_API_URL: "", DAYTONA_API_KEY: "" } })).copy(
      join(root, "examples/pulumi-typescript"),
    );
    expect(await tsc(s.program, "-p", ".")).toBe("");
    await s.init();
    const local = (...args: string[]): Promise<number> =>
      new Promise((resolve) =>
        execFile(
          process.execPath,
          [
            join(root, "dist/cli/main.js"),
            "local",
            "--data",
            "snapshots.json",
            "--pull-seconds",
            "0.1",
            "--build-seconds",
            "0.1",
            "--",
            "pulumi",
            ...args,
            "--yes",
            "--non-interactive",
          ],
          { cwd: s.program, env: s.env },
          (error) => resolve(error ? Number(error.code) : 0),
        ),
      );
    expect(await local("up")).toBe(0);
    expect(await s.state()).toMatchObject({
      agent: { id: expect.stringMatching(/^agent-[0-9a-f]{7}$/) },
      tools: { id: "tools", outputs: { state: "active", timeouts: { create: "45m" } } },
    });
    expect(await local("up", "--skip-preview", "--expect-no-changes")).toBe(0);
    expect(await local("destroy", "--skip-preview")).toBe(0);
    expect(await s.state()).toEqual({});
  });

  test("an ES module", async () => {
    const s = await stack();
    writeFileSync(
      join(s.program, "Pulumi.yaml"),
      JSON.stringify({ name: "agents", runtime: { name: "nodejs", options: { typescript: false } } }),
    );
    writeFileSync(
      join(s.program, "package.json"),
      JSON.stringify({
        name: "agents",
        type: "module",
        main: "index.js",
        dependencies: { "@pulumi/pulumi": "*", "daytona-iac": "*" },
      }),
    );
    writeFileSync(
      join(s.program, "index.js"),
      `import { Snapshot } from "daytona-iac/pulumi";\nconst agent = new Snapshot("agent", { name: "agent", image: "ubuntu:24.04" });\nexport const id = agent.id;\n`,
    );
    ok(await s.up());
    expect(api().control.snapshot("agent")).toMatchObject({ state: "active" });
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });
});
