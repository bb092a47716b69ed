import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { version } from "../../../provider/version.gen";

// The file of a platform's npm package, compiled as a release does it, but from a copy of the sources in which every module
// tells when it is evaluated.
jest.setTimeout(300_000);

const root = join(__dirname, "../../..");
const ending = process.platform === "win32" ? ".exe" : "";
const cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
// Not by a link in its own path: the system tells the executable's path without.
const dir = mkdtempSync(join(realpathSync(tmpdir()), "daytona-iac-executable-"));
const made = join(dir, `daytona-iac-provider${ending}`);

beforeAll(() => {
  const tree = join(dir, "tree");
  for (const name of ["provider", "schema.json", "package.json", "tsconfig.json"])
    cpSync(join(root, name), join(tree, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"), "junction");
  for (const entry of readdirSync(join(tree, "provider"), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !file.endsWith(".ts") || file.endsWith(".d.ts")) continue;
    const name = relative(join(tree, "provider"), file).replaceAll("\\", "/");
    appendFileSync(file, `\nprocess.stderr.write(${JSON.stringify(`evaluated ${name}\n`)});\n`);
  }
  execFileSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `
    import { compileExecutable } from ${JSON.stringify(pathToFileURL(join(root, "scripts/build-provider.mjs")).href)};
    compileExecutable(${JSON.stringify(made)}, { source: ${JSON.stringify(join(tree, "provider/executable/main.ts"))} });
  `,
    ],
    { stdio: "pipe" },
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Ran {
  code: number | null;
  out: string;
  /** What it said on stderr, without what its modules tell. */
  err: string;
  /** The rooms whose modules were evaluated, `pulumi/native` as one. */
  rooms: string[];
}

/** What either provider leaves for after its first line; told when all that it needs has been evaluated. */
const last = /^evaluated (terraform\/provider|pulumi\/native\/service)\.ts$/m;

/** Runs it to its end, or until it has printed its first line and loaded everything. */
async function run(file: string, env: NodeJS.ProcessEnv = {}, argv0 = file): Promise<Ran> {
  const child = spawn(file, ["127.0.0.1:1"], {
    argv0,
    env: { PATH: "", TMPDIR: dir, SYSTEMROOT: process.env["SYSTEMROOT"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, text] = ["", ""];
  const look = () => {
    if (out.includes("\n") && last.test(text)) child.kill("SIGKILL");
  };
  child.stdout.on("data", (data: Buffer) => {
    out += data.toString();
    look();
  });
  child.stderr.on("data", (data: Buffer) => {
    text += data.toString();
    look();
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const modules = [...text.matchAll(/^evaluated (.*)$/gm)].map(([, name = ""]) => name);
  const rooms = [
    ...new Set(
      modules.map((name) =>
        name
          .split("/")
          .slice(0, name.startsWith("pulumi/native") ? 2 : 1)
          .join("/"),
      ),
    ),
  ];
  return { code, out, err: text.replace(/^evaluated .*\n/gm, ""), rooms };
}

/** It, under another name. */
function named(name: string): string {
  const folder = mkdtempSync(join(dir, "named-"));
  copyFileSync(made, join(folder, name));
  return join(folder, name);
}

const asTerraform = { TF_PLUGIN_MAGIC_COOKIE: cookie, PLUGIN_PROTOCOL_VERSIONS: "6" };

test.each([`terraform-provider-daytona${ending}`, `terraform-provider-daytona_v${version}${ending}`])(
  "as %s it is the Terraform provider, and loads nothing of Pulumi's",
  async (name) => {
    const { out, rooms } = await run(named(name), asTerraform);
    expect(out).toMatch(/^1\|6\|(unix|tcp)\|[^|]+\|grpc\n$/);
    expect(rooms).toEqual(expect.arrayContaining(["terraform", "executable", "process", "lifecycle"]));
    expect(rooms.filter((room) => room.startsWith("pulumi"))).toEqual([]);
  },
);

test("as pulumi-resource-daytona it is Pulumi's, and loads nothing of Terraform's", async () => {
  const { out, rooms } = await run(named(`pulumi-resource-daytona${ending}`), asTerraform);
  expect(out).toMatch(/^\d+\n$/);
  expect(rooms).toEqual(expect.arrayContaining(["pulumi/native", "pulumi", "executable", "process", "lifecycle"]));
  expect(rooms).not.toContain("terraform");
});

test("under any other name it says what it is and what to do", async () => {
  const said =
    `This file contains the Terraform provider and the native Pulumi provider of daytona-iac ${version}, but its name selects neither. ` +
    'Run "npx daytona-iac install" or "npx daytona-iac install --pulumi", which copies it to where the tool looks, under the right name.\n';
  const { rooms, ...ran } = await run(made, asTerraform);
  expect(ran).toEqual({ code: 1, out: "", err: said });
  expect(rooms).toEqual(["version.gen.ts", "executable"]);
});

// What a link is called is told by the name that it was started as; what a file is called, by the system, whatever it was started as.
test("a link is what the link is called, unless the file has a name that says it", async () => {
  const link = join(dir, "pulumi-resource-daytona");
  symlinkSync(made, link);
  expect((await run(link)).out).toMatch(/^\d+\n$/);
  const plugin = named(`pulumi-resource-daytona${ending}`);
  expect((await run(plugin, {}, "provider")).out).toMatch(/^\d+\n$/);
  rmSync(link);
  symlinkSync(plugin, link);
  renameSync(link, join(dir, "anything"));
  expect((await run(join(dir, "anything"))).out).toMatch(/^\d+\n$/);
});

test("its name is not that of the folder it lies in", async () => {
  const folder = mkdtempSync(join(dir, "pulumi-resource-daytona-"));
  copyFileSync(made, join(folder, basename(made)));
  expect((await run(join(folder, basename(made)))).code).toBe(1);
});

test("as daytona-iac it is the command line, which loads no provider, and installs itself as either", async () => {
  const file = named(`daytona-iac${ending}`);
  const home = mkdtempSync(join(dir, "home-"));
  const command = (...args: string[]): { status: number | null; out: string; rooms: string[] } => {
    const { status, stdout, stderr } = spawnSync(file, args, {
      encoding: "utf8",
      env: { PATH: "", HOME: home, APPDATA: home, SYSTEMROOT: process.env["SYSTEMROOT"] },
    });
    return {
      status,
      out: stdout,
      rooms: [...new Set([...stderr.matchAll(/^evaluated (\w+)\//gm)].map(([, room = ""]) => room))],
    };
  };
  expect(command("version")).toEqual({
    status: 0,
    out: `${version}\n`,
    rooms: expect.not.arrayContaining(["terraform", "pulumi", "lifecycle"]),
  });
  expect(command("snapshot", "--help").out).toContain("Usage: daytona-iac snapshot");
  const local = command("local", "--no-events", "--", file, "snapshot", "list", "--format", "json");
  expect({
    status: local.status,
    names: (JSON.parse(local.out) as { name: string }[]).length,
    rooms: local.rooms,
  }).toEqual({ status: 0, names: 1, rooms: expect.not.arrayContaining(["terraform", "pulumi"]) });
  expect(command("install").out).toContain("(executable):\n");
  expect(command("install", "--pulumi").out).toContain("(executable) in ");
  const plugin = join(home, ".pulumi/plugins", `resource-daytona-v${version}`, `pulumi-resource-daytona${ending}`);
  expect((await run(plugin)).out).toMatch(/^\d+\n$/);
});
