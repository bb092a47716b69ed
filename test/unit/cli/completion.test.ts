import { commands } from "../../../provider/cli/commands";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { candidates, completion } from "../../../provider/cli/completion";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { json, serve, snapshot } from "../api/server";

let api: LocalApi;
let home: string;
beforeAll(async () => void (api = await startLocalApi()));
afterAll(() => api.close());
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "completion-"))));
afterEach(() => {
  api.control.reset();
  rmSync(home, { recursive: true });
});

const io = (more: Record<string, string> = {}) => ({
  out: () => undefined,
  err: () => undefined,
  env: { HOME: home, XDG_CACHE_HOME: home, DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, ...more },
});

test.each<[string[], string[]]>([
  [["sn"], ["snapshot"]],
  [
    ["snapshot", "de"],
    ["delete", "deactivate"],
  ],
  [["snapshot", "create", "--build"], ["--build-arg"]],
  [
    ["snapshot", "list", "--format", ""],
    ["table", "json", "yaml"],
  ],
  [["snapshot", "create", "agent", "--image", ""], []],
  [["completion", "z"], ["zsh"]],
  [["snapshot", "crate", ""], []],
  [
    ["local", "--p"],
    ["--port", "--pull-seconds"],
  ],
  [[""], commands.map(({ name }) => name)],
  [[], commands.map(({ name }) => name)],
  [["d"], ["drift", "doctor"]],
  [["bogus", ""], []],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
  [
    ["snapshot", ""],
    ["create", "replace", "list", "get", "delete", "push", "activate", "deactivate", "logs"],
  ],
  [["snapshot", "list", "-f", "j"], ["json"]],
  [["snapshot", "ls", "--st"], ["--state"]],
  [["snapshot", "create", "agent", "-e", "--"], []],
  [["completion", "bash", ""], []],
  [["snapshot", "delete", "--yes", "--fo"], ["--format"]],
  [
    ["registry", ""],
    ["list", "get", "create", "update", "delete"],
  ],
  [
    ["registry", "create", "hub", "--"],
    [
      "--url",
      "--username",
      "--project",
      "--password-stdin",
      "--timeout",
      "--api-url",
      "--api-key-file",
      "--profile",
      "--format",
      "--quiet",
      "--verbose",
    ],
  ],
  [["drift", "--form"], ["--format"]],
  [["drift", "--format", "s"], ["sarif"]],
  [["snapshot", "create", ""], []],
  [["snapshot", "push", ""], []],
])("%j", async (words, expected) => expect(await candidates(words, io(), commands)).toEqual(expected));

describe("names of snapshots", () => {
  const complete = (words: string[], more = {}): Promise<string[]> =>
    candidates(["snapshot", ...words], io(more), commands);
  const cache = (): string => join(home, "daytona-iac/names", readdirSync(join(home, "daytona-iac/names"))[0]!);
  const asked = (): number => api.control.requests().length;
  beforeEach(() => void api.control.insert({ name: "agent" }));

  test.each(["get", "info", "delete", "rm", "activate", "deactivate", "logs", "log"])(
    "complete `snapshot %s`",
    async (command) => expect(await complete([command, "ag"])).toEqual(["agent"]),
  );

  test("are those of the organization, not general ones", async () => {
    api.control.addGeneral("another");
    expect(await complete(["delete", ""])).toEqual(["agent"]);
    expect(await complete(["delete", "x"])).toEqual([]);
  });

  test("are not offered where a name is a new one, or where a flag is being written", async () => {
    expect(await complete(["list", ""])).toEqual([]);
    expect(await complete(["delete", "--"])).not.toContain("agent");
    expect(asked()).toBe(0);
  });

  test("complete every argument of several", async () =>
    expect(await complete(["delete", "first", "a"])).toEqual(["agent"]));

  test("are asked for once in 15 seconds", async () => {
    await complete(["get", ""]);
    api.control.clearRequests();
    const ago = (seconds: number): void => utimesSync(cache(), new Date(), new Date(Date.now() - seconds * 1000));
    ago(13);
    expect({ names: await complete(["rm", ""]), asked: asked() }).toEqual({ names: ["agent"], asked: 0 });
    api.control.insert({ name: "newer" });
    ago(16);
    expect(await complete(["rm", "n"])).toEqual(["newer"]);
  });

  test("are kept for the user alone, and the cache holds no key", async () => {
    await complete(["get", ""]);
    expect([statSync(cache()).mode & 0o777, statSync(join(home, "daytona-iac/names")).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    // Long enough that no two organizations share one.
    expect(readdirSync(join(home, "daytona-iac/names"))).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(cache() + readFileSync(cache(), "utf8")).not.toContain(api.apiKey);
  });

  test("of one organization are never offered in another", async () => {
    await complete(["get", ""]);
    const other = await startLocalApi();
    try {
      other.control.insert({ name: "theirs" });
      expect(await complete(["get", ""], { DAYTONA_API_URL: other.apiUrl, DAYTONA_API_KEY: other.apiKey })).toEqual([
        "theirs",
      ]);
    } finally {
      await other.close();
    }
    const reader = api.control.addKey("another", []);
    api.control.clearRequests();
    await complete(["get", ""], { DAYTONA_API_KEY: reader });
    expect(asked()).toBeGreaterThan(0);
    expect(readdirSync(join(home, "daytona-iac/names"))).toHaveLength(3);
  });

  test("of one login are those of the organization that it names, at the API that it names", async () => {
    const asking: string[] = [];
    const answering = (name: string) =>
      serve((seen, response) => {
        const { "x-daytona-organization-id": organization = "" } = seen.headers;
        asking.push(`${name} ${String(organization)}`);
        json(response, 200, {
          items: [
            snapshot("00000000-0000-4000-8000-00000000000a", {
              name: `${name}-${String(organization)}`,
              organizationId: organization,
            }),
          ],
          total: 1,
          page: 1,
          totalPages: 1,
        });
      });
    const [one, two] = [await answering("one"), await answering("two")];
    const names = (server: { url: string }, organization: string): Promise<string[]> =>
      complete(["get", ""], {
        DAYTONA_API_KEY: "",
        DAYTONA_JWT_TOKEN: "planted.jwt.token",
        DAYTONA_ORGANIZATION_ID: organization,
        DAYTONA_API_URL: server.url,
      });
    try {
      expect([await names(one, "a"), await names(one, "b"), await names(two, "a"), await names(one, "a")]).toEqual([
        ["one-a"],
        ["one-b"],
        ["two-a"],
        ["one-a"],
      ]);
      expect(asking).toEqual(["one a", "one b", "two a"]);
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });

  test("that a shell would take for more than a word are not offered: it puts them into the line unquoted", async () => {
    for (const name of ["agent:1.0/x@y+z-_", "agent $(touch x)", "agent;ls", "agent'", "ag*", "agent\nx"])
      api.control.insert({ name });
    expect((await complete(["delete", "ag"])).sort()).toEqual(["agent", "agent:1.0/x@y+z-_"]);
  });

  test.each(["", "[", "{}", "[1]", '"agent"'])("are asked for again where the cache is damaged: %j", async (text) => {
    await complete(["get", ""]);
    writeFileSync(cache(), text);
    expect(await complete(["get", ""])).toEqual(["agent"]);
  });

  test("are none without an API, without credentials, and from one that does not answer in 3 seconds", async () => {
    expect(await complete(["get", ""], { DAYTONA_API_URL: "http://127.0.0.1:1/api" })).toEqual([]);
    expect(await complete(["get", ""], { DAYTONA_API_KEY: "" })).toEqual([]);
    api.control.fault({ kind: "list", times: -1, action: "hang-before" });
    const begun = Date.now();
    expect(await complete(["get", ""])).toEqual([]);
    expect(Date.now() - begun).toBeLessThan(6_000);
    api.control.clearFaults();
  });

  test("need no folder for caches", async () => {
    expect(await complete(["get", ""], { XDG_CACHE_HOME: "", HOME: "/nonexistent" })).toEqual(["agent"]);
  });
});

describe("names of registries", () => {
  const complete = (words: string[]): Promise<string[]> => candidates(["registry", ...words], io(), commands);
  const add = async (name: string): Promise<string> => {
    const response = await fetch(`${api.apiUrl}/docker-registry`, {
      method: "POST",
      headers: { authorization: `Bearer ${api.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ name, url: "docker.io", username: "robot", password: "planted" }),
    });
    return ((await response.json()) as { id: string }).id;
  };

  test.each(["get", "info", "update", "delete", "rm"])(
    "complete `registry %s`, and no snapshots do",
    async (command) => {
      api.control.insert({ name: "agent" });
      await add("hub");
      expect(await complete([command, ""])).toEqual(["hub"]);
      expect(await candidates(["snapshot", "get", ""], io(), commands)).toEqual(["agent"]);
    },
  );

  test("that several have are offered as their UUIDs", async () => {
    const [one, two] = [await add("hub"), await add("hub")];
    await add("other");
    expect(await complete(["delete", ""])).toEqual(["other", two, one]);
  });

  test("are not offered for a new one, nor in a list", async () => {
    await add("hub");
    expect([await complete(["create", ""]), await complete(["list", ""])]).toEqual([[], []]);
  });
});

test("a shell asks with --words, and gets a word a line, or nothing", async () => {
  const words = async (...given: string[]): Promise<[number, string]> => {
    let text = "";
    const code = await completion(["--words", ...given], { ...io(), out: (more) => void (text += more) }, commands);
    return [code, text];
  };
  expect(await words("snapshot", "de")).toEqual([0, "delete\ndeactivate\n"]);
  expect(await words("snapshot", "zzz")).toEqual([0, ""]);
});

test.each([
  [
    "zsh",
    [
      '"${(@f)$(daytona-iac completion --words "${(@)words[2,CURRENT]}" 2>/dev/null)}"',
      "compadd -a found || _files",
      "\ncompdef _daytona_iac daytona-iac\n",
    ],
  ],
  [
    "fish",
    [
      "complete -c daytona-iac -a '(daytona-iac completion --words (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'\n",
    ],
  ],
])(
  "%s gives all words after the command, the one that is being written last, and shows no error",
  async (shell, parts) => {
    let text = "";
    await completion([shell], { ...io(), out: (more) => void (text += more) }, commands);
    for (const part of parts) expect(text).toContain(part);
  },
);

test.each(["bash", "zsh", "fish"])("the script for %s is one that the shell reads, where it is here", async (shell) => {
  let text = "";
  expect(await completion([shell], { ...io(), out: (more) => void (text += more) }, commands)).toBe(0);
  expect(text).toContain("daytona-iac completion --words");
  const { error, status, stderr } = spawnSync(shell, ["-n"], { input: text, encoding: "utf8" });
  if (!error) expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(await completion(["tcsh"], io(), commands)).toBe(64);
});

test("in bash, a word becomes what the command line says, a name with a space in it one word", () => {
  let script = "";
  void completion(["bash"], { ...io(), out: (more) => void (script += more) }, commands);
  // Stands in for the command line: what it is asked, on file 3, and what it answers.
  const asked = `daytona-iac() { printf '[%s]' "$@" >&3; printf 'agent\\nother one\\n'; }`;
  const line =
    "COMP_WORDS=(daytona-iac snapshot get ag later); COMP_CWORD=3; _daytona_iac; printf '<%s>' \"${COMPREPLY[@]}\"; complete -p daytona-iac";
  const { stdout, stderr, error } = spawnSync("bash", ["--norc", "-c", `exec 3>&2\n${asked}\n${script}\n${line}`], {
    encoding: "utf8",
  });
  if (error) return;
  expect(stdout).toBe("<agent><other one>complete -o default -F _daytona_iac daytona-iac\n");
  expect(stderr).toBe("[completion][--words][snapshot][get][ag]");
});
