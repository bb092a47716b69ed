import { writeFileSync } from "node:fs";
import type { Io } from "../../../provider/cli/io";
import { runPrune } from "../../../provider/cli/prune/command";
import type { Ran } from "./snapshot/run";
import { world } from "./world";

const DAY = 86_400_000;
const here = world({ cronSeconds: 0.02 });

async function run(args: string[], more: Partial<Io> = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  const env = { DAYTONA_API_URL: here.api.apiUrl, DAYTONA_API_KEY: here.api.apiKey, HOME: "/nonexistent" };
  const code = await runPrune([...args, "-q"], { out: (text) => void (out += text), err: (text) => void (err += text), env, ...more });
  return { code, out, err };
}

const old = (name: string, more: Record<string, unknown> = {}): string => here.api.control.insert({ name, createdAt: Date.now() - 100 * DAY, lastUsedAt: Date.now() - 50 * DAY, size: 2, ...more });
/** A state with these snapshots. */
function stateOf(...known: [id: string, name: string][]): string {
  writeFileSync("state.json", JSON.stringify({ version: 4, terraform_version: "1.11.4", resources: [{ mode: "managed", type: "daytona_snapshot", name: "a", provider: 'provider["registry.terraform.io/daytona-iac/daytona"]', instances: known.map(([id, name]) => ({ index_key: name, attributes: { id, name } })) }] }));
  return "state.json";
}
const found = ({ out }: Ran): Record<string, string> => Object.fromEntries((JSON.parse(out) as { candidates: { name: string; reason: string }[] }).candidates.map(({ name, reason }) => [name, reason]));

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
  for (const state of ["pending", "pulling", "building", "removing", "some_new_state"]) old(`in-${state}`, { state: state as never });
  old("managed--next-01234567");
  old("unfinished--next-01234567");
  old("other--next-01234567");
  return stateOf([managed, "managed"], ["gone-id", "made-again"], ["gone-too", "unfinished"]);
}
const CAN_GO = { idle: "inactive", failed: "failed", "build-failed": "failed", unused: "not used", "never-used": "not used", "managed--next-01234567": "left over from a replacement", "other--next-01234567": "left over from a replacement" };

test("what nobody manages or uses; what is used, young, in flight, managed by ID or name, or all that a resource has, is kept", async () => {
  const state = fleet();
  const ran = await run(["--state", state, "--format", "json"]);
  expect([ran.code, found(ran)]).toEqual([0, CAN_GO]);
  expect(JSON.parse(ran.out)).toMatchObject({ frees: { quota: 4, gib: 14 } });
  expect(found(await run(["--state", state, "--format", "json", "--min-idle", "60d"]))).toEqual({ "build-failed": "failed", "never-used": "not used" });
  expect(found(await run(["--state", state, "--format", "json", "--min-age", "200d"]))).toEqual({});
  expect(found(await run(["--state", state, "--format", "json", "--filter", "idle*", "--filter", "un*"]))).toEqual({ idle: "inactive", unused: "not used" });
  expect(here.api.control.requests().every(({ method }) => method === "GET")).toBe(true);
});

test("a table, what it would free, and nothing deleted without --delete", async () => {
  const state = fleet();
  const before = here.api.control.snapshots().length;
  const { code, out, err } = await run(["--state", state]);
  expect(code).toBe(0);
  expect(out.split("\n")[0]).toMatch(/^REASON +NAME +STATE +SIZE +CREATED +LAST USED$/);
  expect(out).toMatch(/^inactive +idle +inactive +2\.00 GiB +3 months ago +1 month ago$/m);
  expect(err).toBe("7 snapshots can go. That frees 4 places of the snapshot quota (inactive and failed snapshots take none) and 14.00 GiB.\nNothing was deleted. To delete them, add --delete.\n");
  expect(here.api.control.snapshots()).toHaveLength(before);
  expect(Math.max(...(await run(["--state", state], { outColumns: 60 })).out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(90);
});

test("--delete asks, deletes exactly these, and goes on after a failure", async () => {
  const state = fleet();
  const kept = here.api.control.snapshots().map(({ name }) => name).filter((name) => !(name in CAN_GO));
  expect(await run(["--state", state, "--delete"], { ask: () => Promise.resolve("no") })).toMatchObject({ code: 1, err: expect.stringContaining("This deletes 7 snapshots:\n") as string });
  expect(await run(["--state", state, "--delete"])).toMatchObject({ code: 64, err: expect.stringContaining("deleting needs --yes where there is no terminal to ask on") as string });
  here.api.control.fault({ method: "DELETE", times: 1, action: "answer", status: 403 });
  const ran = await run(["--state", state, "--delete", "--yes"]);
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining("Error: 1 of 7 failed\n")]);
  expect((await run(["--state", state, "--delete", "--yes"])).code).toBe(0);
  expect(here.api.control.snapshots().map(({ name }) => name).filter((name) => !name.startsWith("in-removing")).sort()).toEqual(kept.filter((name) => name !== "in-removing").sort());
});

test("one that was used while the list was shown is kept", async () => {
  const id = old("idle", { state: "inactive" });
  old("unused");
  const ran = await run(["--no-state", "--delete"], { ask: () => {
    here.api.control.update(id, { lastUsedAt: Date.now() });
    return Promise.resolve("yes");
  } });
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('Snapshot "unused" is deleted.\n') as string, err: expect.stringContaining('Snapshot "idle" is kept: it is inactive and was last used at ') as string });
  expect(here.api.control.snapshots().map(({ name }) => name)).toEqual(["idle"]);
});

test("a state that cannot be read stops it before anything is deleted", async () => {
  fleet();
  const before = here.api.control.snapshots().length;
  writeFileSync("broken.json", '{"version": 4,');
  expect(await run(["--state", "state.json", "--state", "broken.json", "--delete", "--yes"])).toMatchObject({ code: 1, err: expect.stringMatching(/Error: pruning snapshots: the state broken\.json cannot be read\n[\s\S]*Nothing was deleted\.\n$/) as string });
  expect(here.api.control.snapshots()).toHaveLength(before);
  expect(here.api.control.requests()).toEqual([]);
});

test.each<[string[], string]>([
  [["--delete", "--yes"], "Error: --delete needs to know what is managed\n  Name every state with --state. If there is none, say so with --no-state.\n"],
  [["--yes"], "Error: --yes is for --delete\n"],
  [["--min-idle", "soon"], "Error: --min-idle soon is not a duration\n"],
])("%j is wrong usage", async (args, message) => expect(await run(args)).toMatchObject({ code: 64, err: expect.stringContaining(message) as string }));

test("nothing to prune", async () => {
  here.api.control.insert({ name: "used" });
  expect(await run([])).toEqual({ code: 0, out: "", err: "Nothing to prune: all 1 snapshots are managed, in use, young or outside of --filter.\n" });
});
