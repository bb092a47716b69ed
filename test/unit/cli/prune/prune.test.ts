import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answering, DAY, found, here, names, NOW, old, run, stateOf } from "./organization";

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
    "7 snapshots can be deleted. This frees 4 slots of the snapshot quota (inactive and failed snapshots do not count) and 14.00 GiB.\nNothing was deleted. To delete them, add --delete.\n",
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
    err: expect.stringContaining("deleting without a terminal requires --yes") as string,
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
      /^Nothing to prune: "used", the only snapshot, is kept because it was created at \S+Z, less than 1d ago \(--min-age\)\.\n$/,
    ) as string,
  });
});

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

test("a snapshot created from a sandbox is kept, unless a flag asks for it", async () => {
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

test("--help says what is never deleted", async () => {
  const { out } = await run(["--help"]);
  for (const line of [
    "snapshots that a given state contains or mentions, by ID or by name",
    "created from a sandbox",
    "Nothing is deleted if a state cannot be read",
    "Before each delete, the command reads the snapshot, the one that it was created to replace, and the states again",
  ])
    expect(out).toContain(line);
  expect(out.startsWith("Never deleted:\n")).toBe(true);
  expect(readFileSync(join(__dirname, "../../../../docs/cli.md"), "utf8")).toContain(
    "\n    daytona-iac prune [options]\n\nNever deleted:\n\n- ",
  );
});

test("a filter that no snapshot has a name for is told, so that a typo does not look like an answer", async () => {
  here.api.control.insert({ name: "used" });
  const { code, err } = await run(["--filter", "usde*"]);
  expect(code).toBe(0);
  expect(err).toContain('Warning: --filter "usde*" matches no snapshot\n');
  expect((await run(["--filter", "use*"])).err).not.toContain("Warning");
});
