import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { successorName } from "../../../../provider/resources/snapshot/names";
import type { Ran } from "../snapshot/run";
import { DAY, found, here, names, old, run, stateOf } from "./organization";
import { raw, resource } from "../../fleet/states";

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
  const state = JSON.stringify(raw(resource({ id: "x", name: "x" })));
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
    err: expect.stringContaining("deleting without a terminal requires --yes") as string,
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
