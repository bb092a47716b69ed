import { mkdirSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { commands } from "../../../provider/cli/commands";
import type { Io } from "../../../provider/cli/io";
import { main } from "../../../provider/cli/main";
import { world } from "./world";

const here = world({ pullSeconds: 0.05, buildSeconds: 0.1, cronSeconds: 0.02, activationCooldownSeconds: 0 });

/** Commands that ask no API of Daytona, and why. */
const ASK_NOTHING: Readonly<Record<string, string>> = {
  "image resolve": "asks registries of images",
  local: "is the API",
  install: "copies files",
};
/** A call of every other command that asks the API. A new command needs one. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  "snapshot create": ["made", "--image", "ubuntu:24.04", "--no-wait"],
  "snapshot replace": ["agent", "--image", "ubuntu:24.04"],
  "snapshot list": [],
  "snapshot get": ["agent"],
  "snapshot delete": ["agent"],
  "snapshot push": ["docker-archive:image.tar", "--name", "pushed"],
  "snapshot activate": ["agent"],
  "snapshot deactivate": ["agent"],
  "snapshot logs": ["agent"],
  "registry list": [],
  "registry get": ["hub"],
  "registry create": ["hub", "--url", "docker.io", "--username", "me"],
  "registry update": ["hub", "--username", "me"],
  "registry delete": ["hub", "--yes"],
  drift: ["--state", "state.json"],
  import: ["agent", "--to", "terraform"],
  prune: [],
  doctor: [],
};
/** Commands whose call asks for something else first, which this test does not give. */
const ELSEWHERE = ["snapshot push"];
/** `-o` of `import` is its file. */
const FILE = ["import"];

const io = (more: Partial<Io> = {}): Io => ({ out: () => undefined, err: () => undefined, env: {}, ...more });

/** Every command that does something, with its definition. */
function leaves(command: Command, path: string): [string, Command][] {
  return command.commands.length === 0
    ? [[path, command]]
    : command.commands.flatMap((it) => leaves(it, `${path} ${it.name()}`));
}
const all = commands.flatMap(({ name, command }) =>
  command === undefined
    ? []
    : leaves(
        command()(io(), () => undefined),
        name,
      ),
);
const asking = all.filter(([path]) => !Object.hasOwn(ASK_NOTHING, path));
const longs = (command: Command): (string | undefined)[] => command.options.map(({ long, short }) => long ?? short);

test("every command that asks the API has a call here, and nothing else has", () => {
  expect(asking.map(([path]) => path).sort()).toEqual(Object.keys(CALLS).sort());
});

test.each(asking)("%s takes the connection and the format as flags", (path, command) => {
  expect(longs(command)).toEqual(expect.arrayContaining(["--api-url", "--api-key-file", "--profile", "--format"]));
  if (!FILE.includes(path)) expect(longs(command)).toContain("-o");
});

test.each(all.filter(([path]) => Object.hasOwn(ASK_NOTHING, path)))("%s has no flag of a connection", (_, command) => {
  expect(longs(command)).not.toContain("--api-key-file");
});

describe("the flags are what a command asks with, whatever the environment has", () => {
  async function run(path: string, connection: readonly string[], env: NodeJS.ProcessEnv) {
    const { api } = here;
    api.control.insert({ name: "agent" });
    writeFileSync("state.json", JSON.stringify({ version: 4, serial: 1, lineage: "x", resources: [] }));
    api.control.clearRequests();
    let [out, err] = ["", ""];
    await main(
      [...path.split(" "), ...CALLS[path]!, ...connection, ...(path === "drift" ? ["--unmanaged"] : [])],
      io({
        out: (text) => void (out += text),
        err: (text) => void (err += text),
        env: { DAYTONA_API_URL: "http://127.0.0.1:1/api", DAYTONA_RESOLVE_TAGS: "false", ...env },
        askSecret: () => Promise.resolve("registry-password"),
      }),
    );
    expect(out + err).not.toContain(api.apiKey);
    const asked = api.control.requests();
    expect({ path, out, err, statuses: asked.map(({ status }) => status) }).toMatchObject({
      statuses: expect.not.arrayContaining([401]) as number[],
    });
    return asked;
  }
  const paths = asking.map(([path]) => path).filter((path) => !ELSEWHERE.includes(path));

  test.each(paths)("%s: --api-url and --api-key-file", async (path) => {
    writeFileSync("key", `${here.api.apiKey}\n`);
    const flags = ["--api-url", here.api.apiUrl, "--api-key-file", "key"];
    expect((await run(path, flags, { DAYTONA_API_KEY: "dtn_of_the_environment" })).length).toBeGreaterThan(0);
  });

  test.each(paths)("%s: --profile", async (path) => {
    mkdirSync("config");
    const { apiUrl: url, apiKey: key } = here.api;
    writeFileSync("config/config.json", JSON.stringify({ profiles: [{ id: "1", name: "work", api: { url, key } }] }));
    const env = { DAYTONA_API_KEY: "dtn_of_the_environment", DAYTONA_CONFIG_DIR: "config" };
    expect((await run(path, ["--profile", "work"], env)).length).toBeGreaterThan(0);
  });
});

test.each([
  [["snapshot", "list", "--format", "json", "-o", "yaml"], "'-f, --format <format>' and '-o <format>' are the same"],
  [["drift", "-o", "json", "--format", "table"], "'-o <format>' and '--format <format>' are the same"],
  [["prune", "-o", "json", "-o", "json"], "'-o <format>' is given twice"],
])("%j would lose one of two formats", async (argv, message) => {
  let err = "";
  const code = await main(argv, io({ err: (text) => void (err += text) }));
  expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining(message) as string });
});

test.each<[string[], string]>([
  [
    ["snapshot", "list", "--api-url", "nonsense"],
    "`--api-url` is not a URL: it does not begin with https:// or http://; expected a URL such as https://app.daytona.io/api",
  ],
  [
    ["drift", "--terraform", ".", "--profile", "nobody"],
    'The Daytona CLI has no profile "nobody" (set by `--profile`); run `daytona login` to create one',
  ],
])("%j names the flag as it is written", async (argv, message) => {
  let err = "";
  const env = { HOME: "/nonexistent", DAYTONA_API_KEY: "dtn_x" };
  const code = await main(argv, io({ err: (text) => void (err += text), env }));
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(message) as string });
});

test.each(all.filter(([path]) => path !== "local"))("after a wrong flag, %s names its own help", async (path) => {
  let err = "";
  const code = await main([...path.split(" "), "--no-such-flag"], io({ err: (text) => void (err += text) }));
  expect({ code, err }).toEqual({
    code: 64,
    err: expect.stringMatching(new RegExp(`^Error: .*Run "daytona-iac ${path} --help" for help\\.\n$`, "s")) as string,
  });
});
