import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commands } from "../../../provider/cli/commands";
import { main } from "../../../provider/cli/main";
import { type LocalApi, startLocalApi } from "../../../provider/local";

// What `npm run build` makes of the command line: a few files in place of two hundred. It has to do what the sources do.
jest.setTimeout(120_000);

const root = join(__dirname, "../../..");
const bundled = join(root, "dist/cli/bundled");
const folder = mkdtempSync(join(tmpdir(), "daytona-iac-bundled-"));
let api: LocalApi;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  api = await startLocalApi();
  env = {
    PATH: "",
    HOME: folder,
    DAYTONA_API_URL: api.apiUrl,
    DAYTONA_API_KEY: api.apiKey,
    DAYTONA_RESOLVE_TAGS: "false",
  };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
});

async function fromSources(argv: string[]) {
  let [out, err] = ["", ""];
  const status = await main(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env,
  });
  return { status, out, err };
}

/** The API is in this process, so that nothing may block it. */
function fromBundle(argv: string[], options: { cli?: string; node?: string[]; env?: NodeJS.ProcessEnv } = {}) {
  const cli = options.cli ?? join(root, "dist/cli/main.js");
  return new Promise<{ status: number; out: string; err: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [...(options.node ?? []), cli, ...argv],
      { encoding: "utf8", env: options.env ?? env },
      (error, out, err) => resolve({ status: error === null ? 0 : Number(error.code), out, err }),
    );
    child.stdin?.end();
  });
}

test.each(commands.map(({ name }) => [name]))("%s: the same help", async (name) => {
  const help = await fromBundle([name, "--help"]);
  expect(help).toEqual(await fromSources([name, "--help"]));
  expect(help.out).toContain(`Usage: daytona-iac ${name}`);
});

// An error is of a class that one file has and another one asks for: of two such classes, it would be an error that nobody knows.
test.each([
  ["an unknown command", ["snapshto"], 64],
  ["a wrong value", ["snapshot", "list", "--limit", "many"], 64],
  ["a wrong value of a command that is loaded late", ["registry", "list", "--format", "xml"], 64],
  ["flags that exclude each other", ["snapshot", "list", "--all-pages", "--page", "2"], 64],
  ["a snapshot that is not there", ["snapshot", "get", "nobody"], 1],
  ["one to delete, by what is loaded last", ["snapshot", "delete", "nobody", "--yes"], 1],
  ["a registry that is not there", ["registry", "get", "nobody"], 1],
  ["a file that is not there", ["drift", "--state", "/nonexistent/terraform.tfstate"], 1],
  ["as JSON", ["snapshot", "get", "nobody", "--format", "json"], 1],
  ["a source that is wrong", ["snapshot", "create", "it", "--image", "not an image"], 64],
])("the same error: %s", async (_what, argv, status) => {
  const found = await fromBundle(argv);
  expect(found).toEqual(await fromSources(argv));
  expect(found.status).toBe(status);
  expect(found.out + found.err).toMatch(/error/i);
});

test.each([
  ["a list", ["snapshot", "list"]],
  ["a list as YAML", ["snapshot", "list", "--format", "yaml"]],
  ["names that a shell completes", ["completion", "--words", "snapshot", "get", ""]],
  ["flags of a command that is loaded late", ["completion", "--words", "drift", "--"]],
  ["registries", ["registry", "list"]],
])("the same output: %s", async (_what, argv) => {
  const found = await fromBundle(argv);
  expect(found).toEqual(await fromSources(argv));
  expect(found.status).toBe(0);
});

test("a snapshot is created, listed and deleted", async () => {
  expect((await fromBundle(["snapshot", "create", "bundled", "--image", "ubuntu:24.04", "--quiet"])).status).toBe(0);
  expect(api.control.snapshots().map(({ name }) => name)).toContain("bundled");
  expect((await fromBundle(["snapshot", "delete", "bundled", "--yes"])).status).toBe(0);
  expect(api.control.snapshots().map(({ name }) => name)).not.toContain("bundled");
});

test("an API that is not there is named with its address", async () => {
  const { status, err } = await fromBundle(["snapshot", "list"], {
    env: { ...env, DAYTONA_API_URL: "http://127.0.0.1:9/api" },
  });
  expect(status).toBe(1);
  expect(err).toContain("127.0.0.1:9");
  expect(err).toContain("connection refused");
});

/** What a program loads, of Node and of ours. */
async function loaded(argv: string[]): Promise<string[]> {
  const told = join(folder, "told.cjs");
  writeFileSync(
    told,
    `process.on("exit", () => process.stderr.write(JSON.stringify([...process.moduleLoadList, ...Object.keys(require.cache)])));`,
  );
  const { err } = await fromBundle(argv, { node: ["--require", told] });
  return JSON.parse(err) as string[];
}

test("a list without TLS loads neither TLS, nor Node's own fetch, nor what other commands need", async () => {
  const names = await loaded(["snapshot", "list"]);
  expect(names.filter((name) => name.endsWith(".js") && name.includes("bundled"))).toEqual([join(bundled, "core.js")]);
  for (const name of ["_tls_wrap", "https", "http2", "child_process", "crypto", "internal/deps/undici/undici"])
    expect(names).not.toContain(`NativeModule ${name}`);
  expect(names).toContain("NativeModule http");
});

test("the version loads no HTTP", async () => {
  expect(await loaded(["version"])).not.toContain("NativeModule http");
});

test("what is bundled knows nothing of the folder that it was built in, and works in another one", async () => {
  for (const name of readdirSync(bundled)) expect(readFileSync(join(bundled, name), "utf8")).not.toContain(root);
  const moved = join(folder, "moved");
  mkdirSync(join(moved, "dist"), { recursive: true });
  cpSync(join(root, "dist/cli"), join(moved, "dist/cli"), { recursive: true });
  cpSync(join(root, "package.json"), join(moved, "package.json"));
  const cli = join(moved, "dist/cli/main.js");
  expect(await fromBundle(["snapshot", "list"], { cli })).toEqual(await fromBundle(["snapshot", "list"]));
  // It takes the provider from the package that it is in now.
  mkdirSync(join(moved, "dist/provider"));
  writeFileSync(join(moved, "dist/provider/terraform-provider-daytona"), "#!/bin/sh\n: moved\n", { mode: 0o755 });
  const mirror = join(folder, "mirror");
  expect(await fromBundle(["install", "--script", "--dir", mirror], { cli })).toMatchObject({ status: 0 });
  const [installed] = readdirSync(mirror, { recursive: true, encoding: "utf8" }).filter((file) =>
    /terraform-provider-daytona_v[\d.]+$/.test(file),
  );
  expect(readFileSync(join(mirror, installed!), "utf8")).toContain(": moved");
});

test("an old Node.js is refused before it reads what it may not understand", async () => {
  const old = join(folder, "old.cjs");
  writeFileSync(
    old,
    `Object.defineProperty(process.versions, "node", { value: "18.20.4" });
process.on("exit", () => process.stdout.write(Object.keys(require.cache).filter((file) => file.endsWith("core.js")).join()));`,
  );
  const { status, out, err } = await fromBundle(["--version"], { node: ["--require", old] });
  expect({ status, out }).toEqual({ status: 1, out: "" });
  expect(err).toMatch(/^Error: daytona-iac requires Node\.js 20\.19 or later; this is 18\.20\.4/);
});
