// Longer than most: each thing that prune keeps, asks and refuses, over one organization.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Io } from "../../../provider/cli/io";
import { runPrune } from "../../../provider/cli/prune/command";
import { successorName } from "../../../provider/resources/snapshot/names";
import type { Ran } from "./snapshot/run";
import { world } from "./world";

const DAY = 86_400_000;
const here = world({ cronSeconds: 0.02 });

async function run(args: string[], more: Partial<Io> = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  const env = { DAYTONA_API_URL: here.api.apiUrl, DAYTONA_API_KEY: here.api.apiKey, HOME: "/nonexistent" };
  const code = await runPrune([...args, "-q"], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env,
    ...more,
  });
  return { code, out, err };
}

const old = (name: string, more: Record<string, unknown> = {}): string =>
  here.api.control.insert({
    name,
    createdAt: Date.now() - 100 * DAY,
    lastUsedAt: Date.now() - 50 * DAY,
    size: 2,
    ...more,
  });
/** A state with these snapshots. */
function stateOf(...known: [id: string, name: string][]): string {
  writeFileSync(
    "state.json",
    JSON.stringify({
      version: 4,
      terraform_version: "1.11.4",
      resources: [
        {
          mode: "managed",
          type: "daytona_snapshot",
          name: "a",
          provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
          instances: known.map(([id, name]) => ({ index_key: name, attributes: { id, name } })),
        },
      ],
    }),
  );
  return "state.json";
}
const found = ({ out }: Ran): Record<string, string> =>
  Object.fromEntries(
    (JSON.parse(out) as { candidates: { name: string; reason: string }[] }).candidates.map(({ name, reason }) => [
      name,
      reason,
    ]),
  );

/** What has to be kept, and what can go. */
function fleet(): string {
  const managed = old("managed", { state: "inactive" });
  old("made-again", { state: "inactive" });
  old("idle", { state: "inactive" });
  old("failed", { state: "error" });
  old("build-failed", { state: "build_failed", lastUsedAt: null });
  old("unused");
  old("used", { lastUsedAt: Date.now() - 13 * DAY });
  old("idle-but-used", { state: "inactive", lastUsedAt: Date.now() - 1 * DAY });
  old("never-used", { lastUsedAt: null });
  here.api.control.insert({ name: "young", state: "inactive", createdAt: Date.now() - DAY / 2, lastUsedAt: null });
  for (const state of ["pending", "pulling", "building", "removing", "some_new_state"])
    old(`in-${state}`, { state: state as never });
  old("managed--next-01234567");
  old("unfinished--next-01234567");
  old("other--next-01234567");
  return stateOf([managed, "managed"], ["gone-id", "made-again"], ["gone-too", "unfinished"]);
}
const CAN_GO = {
  idle: "inactive",
  failed: "failed",
  "build-failed": "failed",
  unused: "not used",
  "never-used": "not used",
  "managed--next-01234567": "left over from a replacement",
  "other--next-01234567": "left over from a replacement",
};

test("what nobody manages or uses; what is used, young, in flight, managed by ID or name, or all that a resource has, is kept", async () => {
  const state = fleet();
  const ran = await run(["--state", state, "--format", "json"]);
  expect([ran.code, found(ran)]).toEqual([0, CAN_GO]);
  expect(JSON.parse(ran.out)).toMatchObject({ frees: { quota: 4, gib: 14 } });
  expect(found(await run(["--state", state, "--format", "json", "--min-idle", "60d"]))).toEqual({
    "build-failed": "failed",
    "never-used": "not used",
  });
  expect(found(await run(["--state", state, "--format", "json", "--min-age", "200d"]))).toEqual({});
  expect(found(await run(["--state", state, "--format", "json", "--filter", "idle*", "--filter", "un*"]))).toEqual({
    idle: "inactive",
    unused: "not used",
  });
  expect(here.api.control.requests().every(({ method }) => method === "GET")).toBe(true);
});

test("a table, what it would free, and nothing deleted without --delete", async () => {
  const state = fleet();
  const before = here.api.control.snapshots().length;
  const { code, out, err } = await run(["--state", state]);
  expect(code).toBe(0);
  expect(out.split("\n")[0]).toMatch(/^REASON +NAME +STATE +SIZE +CREATED +LAST USED$/);
  expect(out).toMatch(/^inactive +idle +inactive +2\.00 GiB +3 months ago +1 month ago$/m);
  expect(err).toBe(
    "7 snapshots can be deleted. This frees 4 places of the snapshot quota (inactive and failed snapshots do not count) and 14.00 GiB.\nNothing was deleted. To delete them, add --delete.\n",
  );
  expect(here.api.control.snapshots()).toHaveLength(before);
  expect(
    Math.max(...(await run(["--state", state], { outColumns: 60 })).out.split("\n").map((line) => line.length)),
  ).toBeLessThanOrEqual(90);
});

test("--delete asks, deletes exactly these, and goes on after a failure", async () => {
  const state = fleet();
  const kept = here.api.control
    .snapshots()
    .map(({ name }) => name)
    .filter((name) => !(name in CAN_GO));
  expect(await run(["--state", state, "--delete"], { ask: () => Promise.resolve("no") })).toMatchObject({
    code: 1,
    err: expect.stringContaining("This deletes 7 snapshots:\n") as string,
  });
  expect(await run(["--state", state, "--delete"])).toMatchObject({
    code: 64,
    err: expect.stringContaining("deleting without a terminal needs --yes") as string,
  });
  here.api.control.fault({ method: "DELETE", times: 1, action: "answer", status: 403 });
  const ran = await run(["--state", state, "--delete", "--yes"]);
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining("Error: 1 of 7 failed\n")]);
  expect((await run(["--state", state, "--delete", "--yes"])).code).toBe(0);
  expect(
    here.api.control
      .snapshots()
      .map(({ name }) => name)
      .filter((name) => !name.startsWith("in-removing"))
      .sort(),
  ).toEqual(kept.filter((name) => name !== "in-removing").sort());
});

test("one that was used while the list was shown is kept", async () => {
  const id = old("idle", { state: "inactive" });
  old("unused");
  const ran = await run(["--no-state", "--delete"], {
    ask: () => {
      here.api.control.update(id, { lastUsedAt: Date.now() });
      return Promise.resolve("yes");
    },
  });
  expect(ran).toMatchObject({
    code: 0,
    out: expect.stringContaining('Snapshot "unused" was deleted.\n') as string,
    err: expect.stringContaining('Snapshot "idle" is kept: it is inactive and was last used at ') as string,
  });
  expect(here.api.control.snapshots().map(({ name }) => name)).toEqual(["idle"]);
});

test("a state that cannot be read stops it before anything is deleted", async () => {
  fleet();
  const before = here.api.control.snapshots().length;
  writeFileSync("broken.json", '{"version": 4,');
  expect(await run(["--state", "state.json", "--state", "broken.json", "--delete", "--yes"])).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /Error: pruning snapshots: the state broken\.json cannot be read\n[\s\S]*Nothing was deleted\.\n$/,
    ) as string,
  });
  expect(here.api.control.snapshots()).toHaveLength(before);
  expect(here.api.control.requests()).toEqual([]);
});

test.each<[string[], string]>([
  [
    ["--delete", "--yes"],
    "Error: --delete needs to know which snapshots are managed\n  Pass every state with --state. If there is none, confirm that with --no-state.\n",
  ],
  [["--yes"], "Error: --yes requires --delete\n"],
  [["--min-idle", "soon"], "Error: --min-idle soon is not a duration\n"],
])("%j is wrong usage", async (args, message) =>
  expect(await run(args)).toMatchObject({ code: 64, err: expect.stringContaining(message) as string }),
);

test("nothing to prune", async () => {
  here.api.control.insert({ name: "used" });
  expect(await run([])).toEqual({
    code: 0,
    out: "",
    err: expect.stringMatching(
      /^Nothing to prune: "used", the only snapshot, is kept because it was created at \S+Z, less than --min-age ago\.\n$/,
    ) as string,
  });
});

const UUIDS = ["11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"] as const;
const write = (file: string, content: unknown): string => {
  writeFileSync(file, JSON.stringify(content));
  return file;
};
const names = (): string[] =>
  here.api.control
    .snapshots()
    .map(({ name }) => name)
    .sort();
const NOW = ["--min-age", "0", "--min-idle", "0"];

test("what is new and not used yet is kept for --min-idle; a failed one is of no use to anybody", async () => {
  const made = (name: string, days: number, more = {}): unknown =>
    here.api.control.insert({ name, createdAt: Date.now() - days * DAY, lastUsedAt: null, ...more });
  made("two-days", 2);
  made("two-days-idle", 2, { state: "inactive" });
  made("two-days-failed", 2, { state: "error" });
  made("thirteen-days", 13);
  made("fifteen-days", 15);
  made("made-after-use", 2, { lastUsedAt: Date.now() - 90 * DAY });
  made("of-a-replacement--next-01234567", 2);
  expect(found(await run(["--format", "json"]))).toEqual({
    "two-days-failed": "failed",
    "fifteen-days": "not used",
    "of-a-replacement--next-01234567": "left over from a replacement",
  });
  expect(found(await run(["--format", "json", "--min-idle", "1d"]))).toMatchObject({
    "two-days": "not used",
    "two-days-idle": "inactive",
    "made-after-use": "not used",
  });
});

/** The API answers with these fields instead of its own. */
function answering(name: string, more: Record<string, unknown>): void {
  const items = here.api.control.snapshots().map((dto) => (dto.name === name ? { ...dto, ...more } : dto));
  const changed = items.find((dto) => dto.name === name)!;
  here.api.control.fault({ method: "GET", path: changed.id, times: -1, action: "answer", status: 200, body: changed });
  here.api.control.fault({
    kind: "list",
    times: -1,
    action: "answer",
    status: 200,
    body: { items, total: items.length, page: 1, totalPages: 1 },
  });
}

test("a date that is not even a text is an answer of something else: nothing is deleted", async () => {
  old("dated");
  answering("dated", { createdAt: 1_700_000_000_000 });
  expect(await run(["--no-state", "--delete", "--yes", ...NOW])).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining('the "createdAt" of snapshot') as string,
  });
  expect(here.api.control.snapshots().map(({ name }) => name)).toContain("dated");
});

test.each([
  { createdAt: "yesterday" },
  { createdAt: "1" },
  { createdAt: null },
  { createdAt: "2026-01-01" },
  { createdAt: "0001-01-01T00:00:00Z" },
  { createdAt: "2026-13-01T00:00:00Z" },
  { lastUsedAt: "soon" },
  { lastUsedAt: "" },
  { lastUsedAt: "0001-01-01T00:00:00Z" },
])("with the date %j, nothing is deleted", async (date) => {
  old("dated");
  old("other");
  answering("dated", date);
  const shown = await run(["--no-state"]);
  expect(shown).toMatchObject({
    code: 0,
    err: expect.stringContaining(
      `Kept: "dated": the date ${JSON.stringify(Object.values(date)[0])} cannot be read.\n`,
    ) as string,
  });
  expect(shown.out).not.toContain("dated");
  expect(found(await run(["--format", "json", ...NOW]))).toEqual({ other: "not used" });
  expect(await run(["--no-state", "--delete", "--yes"])).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringMatching(
      /^Error: pruning snapshots: some of the API's dates cannot be read\n {2}Snapshot "dated": the date .* cannot be read\.\n {2}Update daytona-iac, or exclude it with --filter\.\n {2}Nothing was deleted\.\n$/,
    ) as string,
  });
  expect(names()).toEqual(["dated", "other"]);
});

test("snapshots created from a sandbox is kept, unless a flag asks for it", async () => {
  old("taken");
  answering("taken", { sourceSandboxId: "sandbox-1" });
  expect(await run(["--no-state", "--delete", "--yes"])).toEqual({
    code: 0,
    out: "",
    err: 'Kept: 1 snapshot that was created from a sandbox, which cannot be recreated. To include it, add --include-sandbox-snapshots.\nNothing to prune: "taken", the only snapshot, is kept because it was created from a sandbox, and cannot be recreated.\n',
  });
  expect(names()).toEqual(["taken"]);
  expect(found(await run(["--format", "json", "--include-sandbox-snapshots"]))).toEqual({ taken: "not used" });
});

test.each<[string, string, string]>([
  [
    "Terraform's",
    '{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{},"resources":[]}',
    "It contains no resources.",
  ],
  [
    "one of other resources",
    JSON.stringify({
      version: 4,
      terraform_version: "1.11.4",
      resources: [
        {
          mode: "managed",
          type: "aws_instance",
          name: "a",
          provider: 'provider["a/b/aws"]',
          instances: [{ attributes: {} }, { attributes: {} }],
        },
        { mode: "data", type: "aws_ami", name: "a", provider: 'provider["a/b/aws"]', instances: [{ attributes: {} }] },
      ],
    }),
    "It contains 3 other resources: 2 aws_instance, 1 data.aws_ami.",
  ],
  [
    "Pulumi's",
    JSON.stringify({
      version: 3,
      deployment: { resources: [{ urn: "urn:pulumi:dev::p::pulumi:pulumi:Stack::p", type: "pulumi:pulumi:Stack" }] },
    }),
    "It contains 1 other resource: 1 pulumi:pulumi:Stack.",
  ],
])("a state without any snapshot does not do for --delete: %s", async (_what, content, holds) => {
  old("unused");
  writeFileSync("empty.json", content);
  const ran = await run(["--state", "empty.json", "--delete", "--yes"]);
  expect(ran).toEqual({
    code: 1,
    out: "",
    err: `Error: pruning snapshots: the state empty.json contains no snapshots\n  ${holds} Is it the right state, from the right workspace or stack? If it is, remove it from the command. If there is no state to keep, confirm that with --no-state.\n  Nothing was deleted.\n`,
  });
  expect(await run(["--state", stateOf(["x", "y"]), "--state", "empty.json", "--delete", "--yes"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("the state empty.json contains no snapshots") as string,
  });
  expect(names()).toEqual(["unused"]);
  expect(await run(["--state", "empty.json"])).toMatchObject({
    code: 0,
    err: expect.stringContaining(`Note: the state empty.json contains no snapshots. ${holds}`) as string,
  });
  expect(await run(["--state", "empty.json", "--no-state", "--delete", "--yes"])).toMatchObject({ code: 0 });
  expect(names()).toEqual([]);
});

test("--no-state beside --state takes nothing from the state, in whichever order they are", async () => {
  const state = stateOf([old("managed"), "managed"]);
  for (const args of [
    ["--state", state, "--no-state"],
    ["--no-state", "--state", state],
  ])
    expect(await run([...args, "--delete", "--yes", ...NOW])).toMatchObject({ code: 0 });
  expect(names()).toEqual(["managed"]);
});

test("a state of another organization is refused; one that is of several counts", async () => {
  old("unused");
  const of = (...organizations: string[]): string =>
    write("org.json", {
      version: 4,
      terraform_version: "1.11.4",
      resources: [
        {
          mode: "managed",
          type: "daytona_snapshot",
          name: "a",
          provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
          instances: organizations.map((organization_id, at) => ({
            index_key: at,
            attributes: { id: `x${at}`, name: `x${at}`, organization_id },
          })),
        },
      ],
    });
  const ran = await run(["--state", of("another"), "--delete", "--yes"]);
  expect(ran).toEqual({
    code: 1,
    out: "",
    err: `Error: pruning snapshots: the state org.json belongs to another organization\n  daytona_snapshot.a[0] belongs to organization another, but the credentials are for ${here.api.organizationId}. Use credentials of that organization, or another state.\n  Nothing was deleted.\n`,
  });
  expect((await run(["--state", of("another")])).code).toBe(1);
  expect(names()).toEqual(["unused"]);
  expect(found(await run(["--state", of("another", here.api.organizationId), "--format", "json"]))).toEqual({
    unused: "not used",
  });
  here.api.control.reset();
  expect(await run(["--state", of("another")])).toMatchObject({
    code: 1,
    err: expect.stringContaining("belongs to another organization") as string,
  });
});

test("where the API does not tell the organization, a state that has one is no proof", async () => {
  const state = write("org.json", {
    version: 4,
    terraform_version: "1.11.4",
    resources: [
      {
        mode: "managed",
        type: "daytona_snapshot",
        name: "a",
        provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
        instances: [{ attributes: { id: "x", name: "x", organization_id: "o" } }],
      },
    ],
  });
  here.api.control.fault({
    path: "/object-storage/push-access",
    times: -1,
    action: "answer",
    status: 403,
    body: { statusCode: 403, message: "no" },
  });
  expect(await run(["--state", state])).toMatchObject({
    code: 1,
    err: expect.stringContaining("the state org.json may belong to another organization") as string,
  });
});

test("the successor of a replacement that goes on while the confirmation waits is kept", async () => {
  const id = old("agent");
  const state = stateOf([id, "agent"]);
  for (const step of [
    (): void => here.api.control.remove(id),
    (): void => void here.api.control.update(id, { state: "removing" }),
    (): void => void here.api.control.update(id, { state: "error" }),
  ]) {
    here.api.control.reset();
    here.api.control.insert({ id, name: "agent", createdAt: Date.now() - 100 * DAY });
    old("agent--next-01234567");
    const ran = await run(["--state", state, "--delete"], { ask: () => (step(), Promise.resolve("yes")) });
    expect(ran).toMatchObject({
      code: 0,
      err: expect.stringContaining(
        'Snapshot "agent--next-01234567" is kept: it is the only snapshot that the unfinished replacement of "agent" has.\n',
      ) as string,
    });
    expect(names()).toContain("agent--next-01234567");
  }
});

test("what a delete would take with it is not deleted either: the successor of an unfinished replacement", async () => {
  const id = old("agent");
  const successor = successorName("agent", id);
  old(successor, { lastUsedAt: Date.now() });
  expect(found(await run(["--format", "json"]))).toEqual({});
  const ran = await run(["--no-state", "--delete", "--min-idle", "1d"], { ask: () => Promise.resolve("yes") });
  expect([ran.code, names()]).toEqual([0, ["agent", successor]]);
  here.api.control.update(successor, { lastUsedAt: Date.now() - 50 * DAY });
  // It is made while the confirmation waits.
  here.api.control.remove(successor);
  const late = await run(["--no-state", "--delete"], {
    ask: () => {
      here.api.control.insert({ name: successor });
      return Promise.resolve("yes");
    },
  });
  expect(late.err).toMatch(
    new RegExp(
      `Snapshot "agent" is kept: deleting it would also delete "${successor}", which is kept: it was created at `,
    ),
  );
  expect(names()).toEqual(["agent", successor]);
});

test("a state that changes while the confirmation waits is read again, and standard input is kept", async () => {
  const id = old("agent");
  old("other");
  const state = stateOf(["x", "y"]);
  const taking = (): Promise<string> => {
    stateOf([id, "agent"]);
    return Promise.resolve("yes");
  };
  expect(
    await run(["--state", state, "--state", "-", "--delete"], {
      ask: taking,
      read: () => Promise.resolve(readFileSync(state)),
    }),
  ).toMatchObject({
    code: 0,
    err: expect.stringContaining('Snapshot "agent" is kept: it is in a given state.\n') as string,
  });
  expect(names()).toEqual(["agent"]);
  old("more");
  const breaking = (): Promise<string> => {
    writeFileSync(state, "{");
    return Promise.resolve("yes");
  };
  stateOf(["x", "y"]);
  expect(await run(["--state", state, "--delete"], { ask: breaking })).toMatchObject({
    code: 1,
    err: expect.stringContaining("the state state.json cannot be read") as string,
  });
  const removing = (): Promise<string> => {
    rmSync(state);
    return Promise.resolve("yes");
  };
  stateOf(["x", "y"]);
  expect(await run(["--state", state, "--delete"], { ask: removing })).toMatchObject({
    code: 1,
    err: expect.stringContaining("The file does not exist.") as string,
  });
  expect(names()).toEqual(["agent", "more"]);
});

test("the question goes to the terminal itself where standard input is the state", async () => {
  old("unused");
  const asked: string[] = [];
  const asking = (where: string, answer: string) => (): Promise<string> => (asked.push(where), Promise.resolve(answer));
  const state = JSON.stringify({
    version: 4,
    terraform_version: "1.11.4",
    resources: [
      {
        mode: "managed",
        type: "daytona_snapshot",
        name: "a",
        provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
        instances: [{ attributes: { id: "x", name: "x" } }],
      },
    ],
  });
  const read = (): Promise<string> => Promise.resolve(state);
  expect(
    (
      await run(["--state", "-", "--delete"], {
        read,
        ask: asking("stdin", "no"),
        askTerminal: asking("terminal", "no"),
      })
    ).code,
  ).toBe(1);
  expect(
    (await run(["--no-state", "--delete"], { read, ask: asking("stdin", "no"), askTerminal: asking("terminal", "no") }))
      .code,
  ).toBe(1);
  expect(await run(["--state", "-", "--delete"], { read })).toMatchObject({
    code: 64,
    err: expect.stringContaining("deleting without a terminal needs --yes") as string,
  });
  expect([asked, names()]).toEqual([["terminal", "stdin"], ["unused"]]);
  expect(await run(["--state", "-", "--state", "-", "--delete"], { read })).toMatchObject({
    code: 64,
    err: expect.stringContaining("standard input can be read only once") as string,
  });
});

test("--format json tells what became of each: deleted, gone, kept, failed, or nothing", async () => {
  const [first, second, third] = [old("a"), old("b"), old("c")];
  old("d");
  const parsed = ({ out }: Ran) => JSON.parse(out) as Record<string, unknown>;
  expect(
    parsed(await run(["--no-state", "--delete", "--format", "json"], { ask: () => Promise.resolve("no") })),
  ).toMatchObject({ candidates: [{}, {}, {}, {}], deleted: [], gone: [], kept: [], failed: [] });
  here.api.control.fault({
    method: "DELETE",
    path: third,
    times: -1,
    action: "answer",
    status: 403,
    body: { statusCode: 403, message: "not yours" },
  });
  const ran = await run(["--no-state", "--delete", "--format", "json"], {
    ask: () => {
      here.api.control.remove(first);
      here.api.control.update(second, { lastUsedAt: Date.now() });
      return Promise.resolve("yes");
    },
  });
  expect(ran.code).toBe(1);
  expect(parsed(ran)).toMatchObject({
    deleted: [{ name: "d" }],
    gone: [{ name: "a", id: first }],
    kept: [{ name: "b", id: second, why: expect.stringMatching(/^it is active and was last used at /) as string }],
    failed: [{ name: "c", id: third, why: expect.stringContaining("c") as string }],
  });
  expect(parsed(await run(["--no-state", "--delete", "--yes", "--format", "json", "--filter", "none"]))).toMatchObject({
    candidates: [],
    deleted: [],
  });
  expect(parsed(await run(["--format", "json"]))).not.toHaveProperty("deleted");
  expect(names()).toEqual(["b", "c"]);
});

test.each<[string, unknown]>([
  [
    "a plan",
    {
      format_version: "1.2",
      planned_values: {},
      prior_state: {
        format_version: "1.0",
        values: {
          root_module: {
            resources: [
              {
                address: "daytona_snapshot.a",
                mode: "managed",
                type: "daytona_snapshot",
                name: "a",
                provider_name: "registry.terraform.io/daytona-iac/daytona",
                values: { id: UUIDS[0], name: "agent" },
              },
            ],
          },
        },
      },
    },
  ],
  [
    "OpenTofu's provider at the instance",
    {
      version: 4,
      terraform_version: "1.12.6",
      resources: [
        {
          mode: "managed",
          type: "daytona_snapshot",
          name: "a",
          instances: [
            {
              index_key: "x",
              provider: 'provider["registry.opentofu.org/daytona-iac/daytona"].org["prod"]',
              attributes: { id: UUIDS[0], name: "agent" },
            },
          ],
        },
      ],
    },
  ],
  [
    "a data source",
    {
      version: 4,
      terraform_version: "1.11.4",
      resources: [
        {
          mode: "data",
          type: "daytona_snapshot",
          name: "a",
          provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
          instances: [{ attributes: { id: UUIDS[0], name: "agent" } }],
        },
      ],
    },
  ],
  [
    "Pulumi's bridge",
    {
      version: 4,
      features: ["taint"],
      deployment: {
        resources: [
          {
            urn: "urn:pulumi:dev::p::daytona:index/snapshot:Snapshot::a",
            type: "daytona:index/snapshot:Snapshot",
            custom: true,
            id: UUIDS[0],
            outputs: { name: "agent" },
          },
        ],
      },
    },
  ],
])("what %s has is kept, and the rest deleted", async (_what, state) => {
  here.api.control.insert({ id: UUIDS[0], name: "renamed", createdAt: Date.now() - 100 * DAY });
  old("agent");
  old("agent--next-01234567");
  old("stray");
  expect(await run(["--state", write("s.json", state), "--delete", "--yes", ...NOW])).toMatchObject({ code: 0 });
  expect(names()).toEqual(["agent", "renamed"]);
});

test("a name that a state encrypts stops it", async () => {
  old("agent");
  const state = write("s.json", {
    version: 3,
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:dev::p::daytona:index:Snapshot::a",
          type: "daytona:index:Snapshot",
          custom: true,
          id: UUIDS[1],
          outputs: {
            name: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" },
          },
        },
      ],
    },
  });
  expect(await run(["--state", state, "--delete", "--yes"])).toEqual({
    code: 1,
    out: "",
    err: "Error: pruning snapshots: the state s.json hides which snapshot a is\n  It has its name encrypted. Export the stack with its secrets: `pulumi stack export --show-secrets`.\n  Nothing was deleted.\n",
  });
  expect(names()).toEqual(["agent"]);
});

test("--help says what is never deleted", async () => {
  const { out } = await run(["--help"]);
  for (const line of [
    "snapshots that a given state contains or mentions, by ID or by name",
    "created from a sandbox",
    "Nothing is deleted if a state cannot be read",
    "Before each delete, the command reads the snapshot, the one that it should replace, and the states again",
  ])
    expect(out).toContain(line);
  expect(out.startsWith("Never deleted:\n")).toBe(true);
  expect(readFileSync(join(__dirname, "../../../docs/cli.md"), "utf8")).toContain("\n## prune\n\nNever deleted:\n\n- ");
});

test("a filter that no snapshot has a name for is told, so that a typo does not look like an answer", async () => {
  here.api.control.insert({ name: "used" });
  const { code, err } = await run(["--filter", "usde*"]);
  expect(code).toBe(0);
  expect(err).toContain('Warning: --filter "usde*" matches no snapshot\n');
  expect((await run(["--filter", "use*"])).err).not.toContain("Warning");
});
