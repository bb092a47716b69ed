import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { agent, ok, setup } from "./setup";
import type { Diagnostic } from "../support/terraform";

jest.setTimeout(90_000);
const { api, project } = setup();
const state = "daytona_snapshot.agent";
const provider = (body = ""): string => `provider "daytona" {\n ${body}\n}\n`;

/** The one error of an apply, as one text. */
async function failure(program: string, env: Record<string, string> = {}): Promise<Diagnostic> {
  const { errors } = await project(program, { env }).apply();
  expect(errors).toHaveLength(1);
  return errors[0]!;
}

async function serving<T>(listener: RequestListener, body: (url: string) => Promise<T>): Promise<T> {
  const server: Server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    return await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("without credentials", () => {
  const env = { DAYTONA_API_KEY: "" };
  const ways =
    "No Daytona credentials found: set `api_key` in the provider configuration, set the environment variable DAYTONA_API_KEY, or log in with the Daytona CLI (`daytona login`).";
  const blank = provider('api_key = ""\n  region = ""\n  api_url = ""');

  test.each([provider(), blank])(
    "a plan of a snapshot names the three ways to give some, in the plan: %j",
    async (block) => {
      const planned = await project(block + agent(), { env }).plan();
      expect(planned.errors).toMatchObject([
        { summary: 'Planning snapshot "agent": no Daytona credentials', detail: ways },
      ]);
    },
  );

  test("a plan of a registry and a data source say the same", async () => {
    const registry = `resource "daytona_registry" "a" {\n name = "a"\n url = "ghcr.io"\n username = "u"\n password = "p"\n}\n`;
    const planned = await project(`${registry}data "daytona_regions" "all" {}\n`, { env }).plan();
    expect(planned.errors.map(({ summary, detail }) => [summary, detail]).sort()).toEqual([
      ["Listing regions: no Daytona credentials", ways],
      ['Planning registry "a": no Daytona credentials', ways],
    ]);
  });

  test("a program without a snapshot plans and applies without an account", async () => {
    const empty = blank + agent("count = 0") + 'data "daytona_regions" "all" {\n  count = 0\n}\n';
    const without = project(empty, { env });
    ok(await without.plan());
    ok(await without.apply());
  });

  test("a snapshot in the state is not taken for gone: the refresh is the error", async () => {
    const applied = project(agent());
    ok(await applied.apply());
    const without = project(agent(), { env });
    without.write("terraform.tfstate", applied.read("terraform.tfstate"));
    expect((await without.plan()).errors).toMatchObject([
      { summary: 'Reading snapshot "agent": no Daytona credentials', detail: ways },
    ]);
    expect((await without.destroy()).errors).toHaveLength(1);
    expect(Object.keys(without.state())).toEqual([state]);
  });
});

test("empty arguments count as not set: the environment's key, address and region are used", async () => {
  const env = { DAYTONA_TARGET: "us" };
  const blank = project(
    provider('api_key = ""\n  jwt_token = ""\n  api_url = ""\n  region = " "\n  profile = ""') + agent(),
    {
      env,
    },
  );
  ok(await blank.apply());
  expect(api().control.snapshots()).toMatchObject([{ name: "agent", state: "active" }]);
  ok(await blank.plan());
});

test("a key that is wrong, or may not write", async () => {
  const wrong = await failure(agent(), { DAYTONA_API_KEY: "dtn_of_somebody_else" });
  expect(wrong.summary).toBe('Creating snapshot "agent": the API rejected the credentials');
  expect(wrong.detail).toContain("401 Unauthorized");
  expect(wrong.detail).not.toContain("dtn_of_somebody_else");
  expect(wrong.detail).toContain(`or it is not for this server, ${api().apiUrl}.`);
  expect(wrong.detail).toMatch(/\nThe credentials come from DAYTONA_API_KEY, the address from DAYTONA_API_URL\.$/);
  expect(api().control.counts().create).toBe(1);
  const weak = await failure(agent(), { DAYTONA_API_KEY: api().control.addKey("reader", []) });
  expect(weak.summary).toBe('Creating snapshot "agent": permission denied');
  expect(weak.detail).toContain("The credentials lack a permission");
  expect(weak.detail).toContain("requires the `write:snapshots` permission");
});

test("an argument of the provider is pointed at, and its value is not shown", async () => {
  const error = await failure(provider('api_url = "http://user:hunter2@127.0.0.1:1/api"') + agent());
  expect(error).toMatchObject({
    summary: "The Daytona provider cannot be configured",
    snippet: { code: expect.stringContaining("api_url =") },
  });
  expect(error.detail).toContain("contains a user name or password");
  expect(error.detail).not.toContain("hunter2");
});

test("an address that answers HTML", async () => {
  const error = await serving(
    (_request, response) => response.setHeader("content-type", "text/html").end("<html>hello</html>"),
    (url) => failure(agent(), { DAYTONA_API_URL: url }),
  );
  expect(error.summary).toBe('Creating snapshot "agent": the server is not a Daytona API');
  expect(error.detail).toContain("returned HTML");
  expect(error.detail).toContain("Check the API URL; it usually ends in /api");
});

test("an address that refuses, or never answers: an error within the timeout, and nothing in the state", async () => {
  for (const url of ["http://127.0.0.1:1/api", null]) {
    const attempt = async (address: string): Promise<void> => {
      const program = project(agent('timeouts = { create = "3s" }'), { env: { DAYTONA_API_URL: address } });
      const { errors } = await program.apply();
      expect(errors.map((error) => error.summary)).toEqual([expect.stringMatching(/^Creating snapshot "agent": /)]);
      expect(program.state()).toEqual({});
    };
    if (url !== null) await attempt(url);
    else await serving(() => undefined, attempt);
  }
});

test("a name that is taken: how to import or adopt it; adopt_existing takes over the same, never one that differs", async () => {
  api().control.seed(1, () => ({ name: "agent" }));
  const { id } = api().control.snapshot("agent")!;
  const error = await failure(agent());
  expect(error.summary).toBe('Creating snapshot "agent": the name "agent" is already taken');
  expect(error.detail).toContain(`terraform import ADDRESS ${id}`);
  expect(error.detail).toContain("`adopt_existing = true`");
  expect(error.snippet?.code).toContain('name = "agent"');
  const other = await failure(agent("cpu = 4\n adopt_existing = true"));
  expect(other.detail).toContain("cpu: requested 4, found 1");
  const program = project(agent("adopt_existing = true"));
  ok(await program.apply());
  expect(program.state()[state]?.values["id"]).toBe(id);
  expect((await program.plan()).code).toBe(0);
});

test("two resources with one name: the second is told so, and neither imports nor adopts the first one's", async () => {
  const program = project(
    agent() + agent("adopt_existing = true").replace('"agent" {', '"twin" {\n depends_on = [daytona_snapshot.agent]'),
  );
  const { errors } = await program.apply();
  expect(errors.map((error) => error.summary)).toEqual([
    'Creating snapshot "agent": the name "agent" is already taken',
  ]);
  expect(errors[0]).toMatchObject({
    address: "daytona_snapshot.twin",
    snippet: { code: expect.stringContaining('name = "agent"') },
  });
  expect(errors[0]?.detail).toContain("Another resource has the name");
  expect(errors[0]?.detail).not.toMatch(/import|adopt_existing/);
  expect(Object.keys(program.state())).toEqual([state]);
});

test("limits of the organization, with the limit and the attribute", async () => {
  const cpu = await failure(agent("cpu = 64"));
  expect(cpu.detail).toContain("CPU request 64 exceeds maximum allowed per sandbox (4)");
  expect(cpu.snippet?.code).toContain("cpu = 64");
  api().control.settings({ snapshotQuota: 0 });
  const quota = await failure(agent());
  api().control.settings({ snapshotQuota: null });
  expect(quota.detail).toContain("Snapshot quota exceeded. Maximum allowed: 0");
  const region = await failure(agent('region = "mars"'));
  expect(region.summary).toContain('the organization has no region "mars"');
  expect(region.detail).toContain(
    "Region not found.\nThe region comes from `region` of the snapshot.\nThe organization has one region: us.",
  );
  expect(region.snippet?.code).toContain('region = "mars"');
});

test("an image that cannot be pulled: tainted, and mended by the next apply once it is there", async () => {
  api().control.source({ image: "ubuntu:24.04", outcome: "not-found", times: 1 });
  const program = project(agent());
  const { errors } = await program.apply();
  expect(errors[0]).toMatchObject({
    summary: expect.stringContaining("the snapshot failed (state `error`)"),
    snippet: { code: expect.stringContaining("image = ") },
  });
  expect(errors[0]?.detail).toContain("manifest unknown");
  expect(program.state()[state]).toMatchObject({ tainted: true, values: { state: "error", name: "agent" } });
  expect(ok(await program.apply()).changes).toEqual([`replace ${state}`]);
  expect(api().control.snapshots()).toHaveLength(1);
  expect((await program.plan()).code).toBe(0);
});

test("a failing build shows the end of its log; in a swap the old snapshot stays untouched", async () => {
  const good = 'dockerfile_content = "FROM ubuntu:24.04\\nRUN true\\n"';
  const bad = 'dockerfile_content = "FROM ubuntu:24.04\\nRUN false\\n"';
  api().control.source({ dockerfile: "RUN false", outcome: "fail" });
  const program = project(agent("", bad));
  const first = await program.apply();
  expect(first.errors[0]?.summary).toContain("the build failed");
  expect(first.errors[0]?.detail).toContain("Last lines of the build log:");
  expect(first.errors[0]?.detail).toContain("RUN false");
  ok(await program.program(agent("", good)).apply());
  const before = api().control.snapshot("agent")!;
  const swap = await program.program(agent("", bad)).apply();
  expect(swap.errors[0]?.detail).toContain("RUN false");
  expect(
    api()
      .control.snapshots()
      .map(({ id, state: now }) => [id, now]),
  ).toEqual([[before.id, "active"]]);
  expect(program.state()[state]).toMatchObject({
    tainted: false,
    values: { id: before.id, dockerfile_content: "FROM ubuntu:24.04\nRUN true\n" },
  });
  expect((await program.program(agent("", good)).plan()).code).toBe(0);
});

test("a wait that outlasts its timeout: tainted, and untaint goes on waiting as the message says", async () => {
  api().control.source({ image: "ubuntu:24.04", outcome: "hang" });
  const program = project(agent('timeouts = { create = "1500ms" }'));
  const { errors } = await program.apply();
  expect(errors[0]?.summary).toBe('Creating snapshot "agent": timed out after 1.5s; last state: `pulling`');
  expect(errors[0]?.detail).toContain("\n  terraform untaint ADDRESS\n  terraform apply\n");
  expect(errors[0]?.detail).toContain(
    "The server waits for a runner to finish the pull. If there is no more progress, the job may be lost: a runner that restarts can forget it, and the server gives up on the snapshot after an hour, and on the job after two.",
  );
  expect(program.state()[state]?.tainted).toBe(true);
  const { id } = api().control.snapshot("agent")!;
  ok(await program.run(["untaint", state]));
  setTimeout(() => api().control.finishHung(), 1500);
  expect(ok(await program.apply()).changes).toEqual([`update ${state}`]);
  expect(program.state()[state]).toMatchObject({ tainted: false, values: { id, state: "active" } });
});

test("a hung job of another snapshot stands in the way: the error says what it is, until when, and how often it was tried", async () => {
  api().control.source({ image: "ubuntu:24.04", outcome: "hang" });
  await fetch(`${api().apiUrl}/snapshots`, {
    method: "POST",
    headers: { Authorization: `Bearer ${api().apiKey}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "first", imageName: "ubuntu:24.04" }),
  });
  while (api().control.snapshot("first")?.state !== "pulling") await new Promise((resolve) => setTimeout(resolve, 20));
  const program = project(agent('timeouts = { create = "12s" }'));
  const { errors } = await program.apply();
  expect(errors[0]?.summary).toContain('Creating snapshot "agent": ');
  expect(errors[0]?.detail).toContain("A runner has an unfinished job for the same source: for another snapshot");
  expect(errors[0]?.detail).toContain("or after two hours, when the server gives up on it. Run apply again later.");
  expect(errors[0]?.detail).toMatch(/This was attempt \d, \d+s after the first one began\./);
  expect(program.state()[state]).toMatchObject({ tainted: true, values: { state: "error" } });
  api().control.finishHung();
  api().control.clearSources();
  expect(ok(await program.apply()).changes).toEqual([`replace ${state}`]);
});

test("a 429 storm, lost answers and a lost delete are lived through", async () => {
  const program = project(agent());
  api().control.fault({ action: "answer", status: 429, headers: { "Retry-After-authenticated": "1" }, times: 3 });
  api().control.fault({ kind: "create", action: "drop-after" });
  ok(await program.apply());
  expect(api().control.snapshots()).toHaveLength(1);
  api().control.loseDelete("agent");
  api().control.fault({ kind: "delete", action: "drop-after" });
  ok(await program.destroy());
  expect(api().control.snapshots()).toEqual([]);
});

test.each([
  ["deleted", () => api().control.remove("agent"), /gone since the plan/],
  // The address is in the state still: an import alone would be refused.
  [
    "recreated",
    () => void api().control.recreate("agent"),
    /gone since the plan.*To manage it, import it:\n  terraform state rm ADDRESS\n  terraform import ADDRESS [0-9a-f-]{36}$/s,
  ],
])("%s between plan and apply: the apply says so, and the next plan mends it", async (_what, happen, message) => {
  const program = project(agent());
  ok(await program.apply());
  program.program(agent("cpu = 2"));
  ok(await program.plan("-out=plan"), 2);
  happen();
  const applied = await program.run(["apply", "-json", "plan"]);
  expect(applied.errors).toHaveLength(1);
  expect(`${applied.errors[0]?.summary} ${applied.errors[0]?.detail}`).toMatch(message);
  expect((await program.plan()).changes).toEqual([`create ${state}`]);
});

test("deactivated between plan and apply: the change is made all the same", async () => {
  const program = project(agent());
  ok(await program.apply());
  program.program(agent("cpu = 2"));
  ok(await program.plan("-out=plan"), 2);
  api().control.update("agent", { state: "inactive", updatedAt: Date.now() - 11 * 60_000 });
  ok(await program.run(["apply", "-json", "plan"]));
  expect(api().control.snapshot("agent")).toMatchObject({ cpu: 2, state: "active" });
});

test("a provider whose key is not known at plan: new snapshots are planned, a refresh says what is missing", async () => {
  const late = `resource "terraform_data" "key" {\n input = ${JSON.stringify(api().apiKey)}\n}\nprovider "daytona" {\n api_key = terraform_data.key.output\n}\n`;
  const program = project(late + agent(), { env: { DAYTONA_API_KEY: "" } });
  ok(await program.apply());
  program.program(late.replace("input", 'triggers_replace = "2"\n input') + agent());
  const { errors } = await program.plan("-replace=terraform_data.key");
  expect(errors[0]?.summary).toBe('Reading snapshot "agent": the provider\'s `api_key` is not known yet');
});
