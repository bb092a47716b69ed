import { execFile, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { setup } from "../setup";
import { binary, ground, head } from "./drift-project";

jest.setTimeout(240_000);

const { api } = setup();
const here = ground(api);
const exec = promisify(execFile);
const root = resolve(__dirname, "../../../..");
const program = `${head}resource "daytona_snapshot" "a" {\n  name  = "a"\n  image = "ubuntu:24.04"\n}\n`;

/** A Terraform that tells with which umask it runs, and hangs after `init` if asked to. */
function wrapper(dir: string): string {
  mkdirSync(join(dir, "tools"), { recursive: true });
  const file = join(dir, "tools/terraform");
  const real = binary.includes("/") ? resolve(binary) : binary;
  writeFileSync(
    file,
    `#!/bin/sh\numask > "${dir}/umask"\nPATH="${process.env["PATH"]}" "${real}" "$@"\ncode=$?\nif [ "$1" = init ] && [ -n "$HANG" ]; then trap "" INT; : > "${dir}/hangs"; sleep 60; fi\nexit $code\n`,
  );
  chmodSync(file, 0o755);
  return "./tools/terraform";
}

test("Terraform has the umask of the user: a shared cache of plugins stays readable to others; --binary is meant from here", async () => {
  const { dir, env, run } = here();
  writeFileSync("main.tf", program);
  mkdirSync("infra");
  writeFileSync("infra/main.tf", program);
  mkdirSync("cache");
  env["TF_PLUGIN_CACHE_DIR"] = join(dir, "cache");
  const mask = process.umask(0o022);
  try {
    expect((await run("--terraform", "infra", "--binary", wrapper(dir))).code).toBe(3);
  } finally {
    process.umask(mask);
  }
  expect(readFileSync("umask", "utf8").trim()).toMatch(/^0*22$/);
  for (const entry of readdirSync("cache", { recursive: true, withFileTypes: true }))
    expect([entry.name, (statSync(join(entry.parentPath, entry.name)).mode & 0o044) === 0o044]).toEqual([
      entry.name,
      true,
    ]);
});

test.each<[string, NodeJS.Signals[]]>([
  ["a hangup", ["SIGHUP"]],
  ["a second Ctrl-C", ["SIGINT", "SIGINT"]],
  ["a hangup after Ctrl-C", ["SIGINT", "SIGHUP"]],
])("after %s, nothing of ours stays: no lock file, no folder, no process", async (_what, signals) => {
  const { dir, env } = here();
  writeFileSync("main.tf", program);
  // Of its own: other tests make such folders as well.
  const temporary = join(dir, "temporary");
  mkdirSync(temporary);
  const main = join(root, "dist/cli/main.js");
  const child = spawn(process.execPath, [main, "drift", "--binary", wrapper(dir)], {
    cwd: dir,
    env: { ...env, HANG: "1", TMPDIR: temporary },
    stdio: "ignore",
  });
  const ended = new Promise<number | null>((resume) => child.once("close", resume));
  while (!existsSync(join(dir, "hangs"))) await new Promise((resume) => setTimeout(resume, 20));
  expect(existsSync(".terraform.lock.hcl")).toBe(true);
  const ours = (): string[] => readdirSync(temporary).filter((name) => name.startsWith("daytona-iac-"));
  expect(ours()).not.toEqual([]);
  for (const signal of signals) {
    child.kill(signal);
    await new Promise((resume) => setTimeout(resume, 100));
  }
  expect(await ended).toBe(1);
  expect(existsSync(".terraform.lock.hcl")).toBe(false);
  expect(ours()).toEqual([]);
  await expect(exec("pgrep", ["-f", join(dir, "tools/terraform")])).rejects.toMatchObject({ code: 1 });
});

test("CDKTF: a stack that the program has no more is not checked, one that cannot be read is an error of its own, a program that writes nothing is one", async () => {
  const { run, env, dir } = here();
  mkdirSync("node_modules");
  for (const name of ["cdktf", "constructs"])
    symlinkSync(join(root, "node_modules", name), join("node_modules", name), "junction");
  symlinkSync(root, "node_modules/daytona-iac", "junction");
  writeFileSync("cdktf.json", JSON.stringify({ language: "typescript", app: "node main.js" }));
  const main = (names: string[]): void =>
    writeFileSync(
      "main.js",
      `
const { App, TerraformStack } = require("cdktf");
const { DaytonaProvider, Snapshot } = require("daytona-iac/cdktf");
const app = new App();
for (const name of ${JSON.stringify(names)}) {
  const stack = new TerraformStack(app, name);
  new DaytonaProvider(stack, "daytona");
  new Snapshot(stack, "agent", { name: "agent-" + name, image: "ubuntu:24.04" });
}
app.synth();
`,
    );
  main(["one", "two"]);
  await exec(process.execPath, ["main.js"], { env });
  main(["two"]);
  const { report } = await run("--cdktf", ".");
  expect(report.sources).toMatchObject([{ name: ". (two)", stack: "two", error: null }]);
  expect(existsSync(join(dir, "cdktf.out/stacks/one"))).toBe(true);
  // A root that is none is an error of its own.
  mkdirSync("empty");
  const both = await run("--cdktf", ".", "--terraform", "empty", "--no-synth");
  expect([both.code, both.report.sources.map(({ name, error }) => [name, error?.summary ?? null])]).toEqual([
    1,
    [
      ["empty", "--terraform empty has no Terraform files (*.tf, *.tf.json)"],
      [". (two)", null],
    ],
  ]);
  writeFileSync("main.js", "");
  expect((await run("--cdktf", ".")).report.sources).toMatchObject([
    { error: { summary: "`node main.js` synthesized nothing in ." } },
  ]);
  for (const [content, text] of [
    ["{", "cdktf.out/manifest.json cannot be read"],
    ["{}", "cdktf.out/manifest.json cannot be read"],
    ['{"stacks":{"x":{}}}', "cdktf.out/manifest.json cannot be read"],
    ['{"stacks":{}}', "cdktf.out has no synthesized stacks"],
  ] as const) {
    writeFileSync("cdktf.out/manifest.json", content);
    expect([content, (await run("--cdktf", ".", "--no-synth")).report.sources]).toMatchObject([
      content,
      [{ error: { summary: text } }],
    ]);
  }
});
