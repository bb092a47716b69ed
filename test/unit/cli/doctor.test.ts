// Longer than most: each check once, in each state that a machine can be in.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doctor } from "../../../provider/cli/doctor/command";
import { impliedMirror } from "../../../provider/cli/install/mirror";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { version } from "../../../provider/version.gen";
import { json, serve } from "../api/server";
import { HOSTILE } from "../kit/text/hostile";

let api: LocalApi;
let home: string;
beforeAll(async () => void (api = await startLocalApi()));
afterAll(() => api.close());
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "doctor-"))));
afterEach(() => rmSync(home, { recursive: true }));

async function run(more: Record<string, string> = {}, args: string[] = []) {
  let [out, err] = ["", ""];
  const env = {
    PATH: home,
    HOME: home,
    XDG_CONFIG_HOME: home,
    DAYTONA_API_URL: api.apiUrl,
    DAYTONA_API_KEY: api.apiKey,
    ...more,
  };
  const code = await doctor(args, { out: (text) => void (out += text), err: (text) => void (err += text), env });
  expect(out + err).not.toContain(api.apiKey);
  return { code, err, lines: out.split("\n").map((line) => line.replace(/ {2,}/g, "  ")) };
}

test("everything good: one line each, and 0", async () => {
  mkdirSync(
    join(impliedMirror(process.platform, { HOME: home }), "registry.terraform.io/daytona-iac/daytona", version),
    { recursive: true },
  );
  // As OpenTofu 1.12 does when a configuration file of its own is missing.
  const tofu = "echo; echo 'Warning: Unable to open CLI configuration file'; echo OpenTofu v1.12.6";
  writeFileSync(join(home, "tofu"), `#!/bin/sh\n${tofu}\n`, { mode: 0o755 });
  const { code, lines } = await run();
  expect(code).toBe(0);
  expect(lines).toEqual(
    expect.arrayContaining([
      "ok  credentials  from DAYTONA_API_KEY",
      `ok  API  ${api.apiUrl} (from DAYTONA_API_URL)`,
      `ok  organization  ${api.organizationId}`,
      "ok  regions  us",
      "ok  permission  write:snapshots",
      "ok  tofu  v1.12.6",
      "-  terraform  not on PATH",
      `ok  Terraform provider  ${version} in ${home}/.terraform.d/plugins`,
      `-  Pulumi plugin  ${version} is not installed. Run \`daytona-iac install --pulumi\`. The dynamic provider does not need it.`,
    ]),
  );
});

test("what is wrong is a problem, with what to do, and 1", async () => {
  expect((await run({ DAYTONA_API_KEY: "" })).lines).toContainEqual(
    "PROBLEM  credentials  no Daytona credentials found: set the environment variable DAYTONA_API_KEY, or log in with the Daytona CLI (`daytona login`)",
  );
  const wrong = await run({ DAYTONA_API_KEY: "dtn_wrong" });
  expect([wrong.code, wrong.lines.join("\n")]).toEqual([
    1,
    expect.stringContaining("the API rejected the credentials\n"),
  ]);
  const proxy = await run({ DAYTONA_API_URL: "http://daytona.example/api", HTTP_PROXY: "http://127.0.0.1:1" });
  expect(proxy.lines).toContainEqual(
    "PROBLEM  API  http://daytona.example/api (from DAYTONA_API_URL), through the proxy 127.0.0.1:1",
  );
  expect((await run({ DOCKER_HOST: "unix:///nowhere.sock" })).lines).toContainEqual(
    "PROBLEM  engine  unix:///nowhere.sock (DOCKER_HOST) does not exist. Start the engine, or correct DOCKER_HOST.",
  );
});

test("a rejected key: where it came from, at which address, in the API's words", async () => {
  let out = "";
  const env = {
    PATH: home,
    HOME: home,
    XDG_CONFIG_HOME: home,
    DAYTONA_API_URL: api.apiUrl,
    DAYTONA_API_KEY: "dtn_wrong",
  };
  expect(await doctor([], { out: (text) => void (out += text), err: () => undefined, env })).toBe(1);
  expect(out.slice(out.indexOf("PROBLEM"), out.indexOf("-        terraform")).replace(/ {2,}/g, "  ")).toBe(
    `PROBLEM  API  ${api.apiUrl} (from DAYTONA_API_URL)\n  the API rejected the credentials\n  Daytona API returned 401 Unauthorized for GET /regions: Invalid credentials. The API key or token is wrong, expired or revoked, or it is not for this server, ${api.apiUrl}. Create a key in the dashboard of this server: a key from https://app.daytona.io/dashboard/keys works only with the official service.\n  The credentials come from DAYTONA_API_KEY, the address from DAYTONA_API_URL.\n`,
  );
});

test("a proxy that cannot be used is a problem, and nothing is sent past it", async () => {
  api.control.clearRequests();
  const { code, lines } = await run({
    DAYTONA_API_URL: "http://daytona.example/api",
    http_proxy: "socks5://user:pa55word@p:1080",
  });
  expect(code).toBe(1);
  expect(lines.filter((line) => line.startsWith("PROBLEM"))).toEqual([
    "PROBLEM  proxy  http_proxy begins with socks5://, a kind of proxy that is not supported. Set it to the address of an HTTP proxy, such as http://proxy.example:3128, or add the host to NO_PROXY",
  ]);
  expect(lines).toContainEqual("ok  credentials  from DAYTONA_API_KEY");
  expect(api.control.requests()).toEqual([]);
});

test("an API that does not tell the organization, and an ID that would steer the terminal", async () => {
  const server = await serve((seen, response) =>
    json(
      response,
      /regions|api-keys/.test(seen.path) ? 200 : 403,
      seen.path.endsWith("/regions")
        ? [{ id: HOSTILE, name: "x" }]
        : { permissions: ["write:snapshots", "delete:snapshots"], message: "Forbidden", statusCode: 403 },
    ),
  );
  const { code, lines } = await run({ DAYTONA_API_URL: server.url }).finally(() => server.close());
  expect(code).toBe(0);
  expect(lines).toContainEqual("ok  organization  the API does not return it for these credentials");
  expect(lines.join("\n")).toContain("ok  regions  out of disk space");
  expect(lines.join("\n")).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
});

test.each([
  [
    "ssh://me@host",
    "DOCKER_HOST is ssh://me@host, and SSH addresses are not supported. Forward the socket with `ssh -L`, and set DOCKER_HOST to the forwarded socket.",
  ],
  [
    "nowhere",
    'DOCKER_HOST is "nowhere", which is not an address of an engine. Use "unix:///path" or "tcp://host:port".',
  ],
])("DOCKER_HOST=%s is a problem", async (host, text) => {
  const { code, lines } = await run({ DOCKER_HOST: host });
  expect([code, lines.filter((line) => line.startsWith("PROBLEM"))]).toEqual([1, [`PROBLEM  engine  ${text}`]]);
});

test("wrong usage", async () => {
  expect(await run({}, ["now"])).toMatchObject({
    code: 64,
    err: expect.stringContaining("too many arguments") as string,
  });
});

describe("what the credentials may do", () => {
  test.each<[string, string]>([
    ["write:snapshots", "create, activate and deactivate snapshots"],
    ["delete:snapshots", "delete snapshots"],
  ])("a key without %s is a problem, with what it is needed for", async (permission, purpose) => {
    const others = ["write:snapshots", "delete:snapshots"].filter((it) => it !== permission);
    const { code, lines } = await run({ DAYTONA_API_KEY: api.control.addKey("poor", others) });
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      `PROBLEM  permission  ${permission} is missing, and is needed to ${purpose}. Create a key with this permission.`,
    );
    expect(lines).toContainEqual(`ok  permission  ${others[0]}`);
  });

  test("credentials whose permissions the API does not tell are no problem", async () => {
    api.control.fault({
      kind: "keys",
      times: -1,
      action: "answer",
      status: 404,
      body: { statusCode: 404, error: "Not Found", message: "Not found" },
    });
    const { code, lines } = await run();
    api.control.clearFaults();
    expect(lines).toContainEqual("-  permissions  the API does not return the permissions of these credentials");
    expect(code).toBe(0);
  });

  test("an organization without a region cannot make a snapshot", async () => {
    api.control.fault({ kind: "regions", times: -1, action: "answer", status: 200, body: [] });
    const { code, lines } = await run();
    api.control.clearFaults();
    expect(lines).toContainEqual("PROBLEM  regions  none: the organization has no available regions");
    expect(code).toBe(1);
  });
});

describe("the registries", () => {
  const add = (body: object): Promise<Response> =>
    fetch(`${api.apiUrl}/docker-registry`, {
      method: "POST",
      headers: { authorization: `Bearer ${api.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ password: "planted-password", ...body }),
    });
  const told = async (more: Record<string, string> = {}) => {
    const { code, lines } = await run(more);
    const at = lines.findIndex((line) => line.includes("  registries  "));
    expect(lines.join("\n")).not.toContain("planted");
    return {
      code,
      lines: lines
        .slice(
          at,
          lines.findIndex((line) => line.includes("  terraform  ")),
        )
        .map((line) => line.trim()),
    };
  };
  const answer = (status: number, message: string): void =>
    void api.control.fault({
      method: "GET",
      path: "/docker-registry",
      times: -1,
      action: "answer",
      status,
      body: { statusCode: status, error: "Error", message },
    });
  afterEach(() => api.control.reset());

  test("are counted, and each is named with its address and its user", async () => {
    await add({ name: "hub", url: "docker.io", username: "robot" });
    await add({ name: "git\u202ehub", url: "ghcr.io", username: "acme", project: "team" });
    expect(await told()).toEqual({
      code: 0,
      lines: ["ok  registries  2", "git\ufffdhub: ghcr.io, acme, team", "hub: docker.io, robot"],
    });
  });

  test("are none: how to set one up", async () => {
    expect(await told()).toEqual({
      code: 0,
      lines: ["-  registries  none is configured. To create one, run `daytona-iac registry create`."],
    });
  });

  test("that the key may not read are no problem, nor is any other answer", async () => {
    answer(403, "Access denied");
    expect(await told()).toEqual({ code: 0, lines: ["-  registries  the key does not have permission to read them"] });
    api.control.clearFaults();
    answer(400, "No");
    const { code, lines } = await told();
    expect({ code, first: lines[0] }).toEqual({
      code: 0,
      first: "-  registries  they cannot be read: the API rejected the request",
    });
  });

  test("are asked for also where the API does not tell the permissions", async () => {
    api.control.fault({
      kind: "keys",
      times: -1,
      action: "answer",
      status: 404,
      body: { statusCode: 404, error: "Not Found", message: "Not found" },
    });
    expect((await told()).lines).toHaveLength(1);
  });
});

describe("the tools", () => {
  const tool = (name: string, script: string): void =>
    writeFileSync(join(home, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  test("are shown with their own version, and no update is looked up", async () => {
    tool("terraform", 'echo "Terraform v1.11.4 $CHECKPOINT_DISABLE"; echo on linux_amd64');
    tool("pulumi", 'echo "v3.200.0 $PULUMI_SKIP_UPDATE_CHECK"');
    const { lines } = await run();
    expect(lines).toEqual(
      expect.arrayContaining(["ok  terraform  v1.11.4 1", "ok  pulumi  v3.200.0 1", "-  tofu  not on PATH"]),
    );
  });

  test("run in the environment of the command line, not in that of the process", async () => {
    process.env["PLANTED_IN_PROCESS"] = "planted";
    tool("terraform", 'echo "Terraform v1 ${PLANTED_IN_PROCESS:-none} ${PLANTED:-none}"');
    try {
      expect((await run({ PLANTED: "given" })).lines).toContainEqual("ok  terraform  v1 none given");
    } finally {
      delete process.env["PLANTED_IN_PROCESS"];
    }
  });

  test("that cannot be run are not there", async () => {
    tool("tofu", "exit 3");
    expect((await run()).lines).toContainEqual("-  tofu  not on PATH");
  });

  test("an engine is needed for local images only; its socket is named with where that comes from", async () => {
    expect((await run({ DOCKER_HOST: "tcp://127.0.0.1:2375" })).lines).toContainEqual(
      "ok  engine  tcp://127.0.0.1:2375 (DOCKER_HOST)",
    );
    writeFileSync(join(home, "engine.sock"), "");
    expect((await run({ DOCKER_HOST: `unix://${home}/engine.sock` })).lines).toContainEqual(
      `ok  engine  unix://${home}/engine.sock (DOCKER_HOST)`,
    );
  });
});

test("what is missing is no problem: 0", async () => {
  const { code, lines } = await run();
  expect(code).toBe(0);
  expect(lines).toEqual(
    expect.arrayContaining([
      "-  terraform  not on PATH",
      "-  pulumi  not on PATH",
      `-  Terraform provider  ${version} is not installed. Run \`daytona-iac install\`, or let \`terraform init\` download it from a registry.`,
    ]),
  );
});

test("an installed plugin is named with its folder", async () => {
  mkdirSync(join(home, `.pulumi/plugins/resource-daytona-v${version}`), { recursive: true });
  expect((await run()).lines).toContainEqual(
    `ok  Pulumi plugin  ${version} in ${home}/.pulumi/plugins/resource-daytona-v${version}`,
  );
});

test("another version, or another host's folder, is not this provider", async () => {
  mkdirSync(join(impliedMirror(process.platform, { HOME: home }), "registry.terraform.io/daytona-iac/daytona/0.0.1"), {
    recursive: true,
  });
  expect((await run()).lines).toContainEqual(expect.stringMatching(/^- {2}Terraform provider/));
});

test("lines are aligned, also those that follow in one check; nothing is written to stderr", async () => {
  let out = "";
  const env = {
    PATH: home,
    HOME: home,
    XDG_CONFIG_HOME: home,
    DAYTONA_API_URL: "http://daytona.example/api",
    DAYTONA_API_KEY: "dtn_wrong",
    HTTP_PROXY: "http://127.0.0.1:1",
  };
  const err: string[] = [];
  expect(await doctor([], { out: (text) => void (out += text), err: (text) => void err.push(text), env })).toBe(1);
  const [first, second] = out.split("\n").filter((line) => line !== "");
  const column = first!.indexOf(version);
  expect(second!.indexOf("from DAYTONA_API_KEY")).toBe(column);
  const [api_, ...rest] = out.slice(out.indexOf("PROBLEM  API")).split("\n");
  expect(api_!.indexOf("http://daytona.example")).toBe(column);
  expect(rest[0]!.search(/\S/)).toBe(column);
  expect(err).toEqual([]);
});

test("the line about ourselves says whether Node or an executable runs", async () => {
  expect((await run()).lines[0]).toBe(`ok  daytona-iac  ${version}, Node ${process.versions.node}`);
  let out = "";
  await doctor([], {
    out: (text) => void (out += text),
    err: () => undefined,
    env: { PATH: home, HOME: home, DAYTONA_API_KEY: "" },
    executable: "/opt/daytona-iac",
  });
  expect(out.split("\n")[0]).toMatch(new RegExp(`^ok +daytona-iac +${version}, executable /opt/daytona-iac$`));
});

test("an organization that is named beside the key of another one is a problem, one of its own is none", async () => {
  const own = api.organizationId;
  const { code, lines } = await run({ DAYTONA_ORGANIZATION_ID: "my-org" });
  expect(code).toBe(1);
  expect(lines).toContain(
    `PROBLEM  organization  DAYTONA_ORGANIZATION_ID is my-org, but the key from DAYTONA_API_KEY belongs to ${own}. With both, nothing is created, changed, deleted or imported. DAYTONA_ORGANIZATION_ID is not used with an API key, which belongs to one organization. Use a key of my-org, or unset the variable.`,
  );
  expect((await run({ DAYTONA_ORGANIZATION_ID: own })).lines.join("\n")).not.toContain("DAYTONA_ORGANIZATION_ID");
});

describe("for scripts", () => {
  const read = async (args: string[], more: Record<string, string> = {}) => {
    let [out, err] = ["", ""];
    const code = await doctor(args, {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      env: {
        PATH: home,
        HOME: home,
        XDG_CONFIG_HOME: home,
        DAYTONA_API_URL: api.apiUrl,
        DAYTONA_API_KEY: api.apiKey,
        ...more,
      },
    });
    expect(out + err).not.toContain(api.apiKey);
    return { code, out, err };
  };
  interface Report {
    checks: { id: string; status: string; subject: string; text: string; action: string | null }[];
  }
  const of = ({ out }: { out: string }, id: string) => (JSON.parse(out) as Report).checks.find((it) => it.id === id);

  test("every check by its id, with what to do; the exit code is that of the text", async () => {
    const ran = await read(["--format", "json"]);
    const { checks, ...rest } = JSON.parse(ran.out) as Report;
    expect({ code: ran.code, err: ran.err, ...rest }).toEqual({
      code: 0,
      err: "",
      version: 1,
      generator: `daytona-iac ${version}`,
      ok: true,
      exitCode: 0,
    });
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "daytona-iac ok",
      "credentials ok",
      "api ok",
      "organization ok",
      "regions ok",
      "permission:write:snapshots ok",
      "permission:delete:snapshots ok",
      "registries skipped",
      "terraform skipped",
      "tofu skipped",
      "pulumi skipped",
      expect.stringMatching(/^engine (ok|skipped)$/),
      "terraform-provider skipped",
      "pulumi-plugin skipped",
    ]);
    expect(of(ran, "registries")).toEqual({
      id: "registries",
      status: "skipped",
      subject: "registries",
      text: "none is configured.",
      action: "To create one, run `daytona-iac registry create`.",
    });
  });

  test("what a failure kept from being checked is skipped, and in no line for people", async () => {
    const ran = await read(["-o", "json"], { DAYTONA_API_KEY: "dtn_wrong_key" });
    expect(JSON.parse(ran.out)).toMatchObject({ ok: false, exitCode: 1 });
    expect([ran.code, ran.out]).toEqual([1, expect.not.stringContaining("dtn_wrong_key")]);
    expect(of(ran, "api")).toMatchObject({
      status: "failed",
      text: `${api.apiUrl} (from DAYTONA_API_URL)\nthe API rejected the credentials`,
      action: expect.stringContaining("Create a key in the dashboard") as string,
    });
    for (const id of ["organization", "regions", "permission:write:snapshots", "registries"])
      expect(of(ran, id)).toMatchObject({
        status: "skipped",
        text: "not checked, because an earlier check failed",
      });
    expect((await read([], { DAYTONA_API_KEY: "dtn_wrong_key" })).out).not.toContain("not checked");
  });

  test("a permission that is missing, and a lock file that is not there, with what to do", async () => {
    const poor = api.control.addKey("poor", ["write:snapshots"]);
    const ran = await read(["--format", "json", "--terraform", home], { DAYTONA_API_KEY: poor });
    expect(ran.out).not.toContain(poor);
    expect([ran.code, of(ran, "permission:delete:snapshots"), of(ran, "lock-file")]).toMatchObject([
      1,
      { status: "failed", action: "Create a key with this permission." },
      { status: "failed", action: 'Run "terraform init" in the folder, and commit the file.' },
    ]);
  });

  test("as YAML, and for the connection of the flags", async () => {
    writeFileSync(join(home, "key"), api.apiKey);
    const { code, out } = await read(["-o", "yaml", "--api-key-file", join(home, "key")], { DAYTONA_API_KEY: "" });
    expect([code, out]).toEqual([0, expect.stringContaining("  - id: credentials\n    status: ok\n")]);
    expect(out).toContain("    text: from `--api-key-file`\n");
    expect(await read(["--api-key-file", join(home, "none"), "-o", "json"])).toMatchObject({ code: 64, out: "" });
  });
});
