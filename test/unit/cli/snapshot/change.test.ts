import { successorName } from "../../../../provider/resources/snapshot/names";
import { commandLine } from "./run";

const { api, run } = commandLine();
const insert = (...names: string[]): string[] =>
  names.map((name, at) => api().control.insert({ name, createdAt: Date.now() - 1_000 + at }));
const states = (): Record<string, string> =>
  Object.fromEntries(
    api()
      .control.snapshots()
      .map(({ name, state }) => [name, state]),
  );
const changing = (): string[] =>
  api()
    .control.requests()
    .filter(({ method }) => method !== "GET")
    .map(({ kind }) => kind);
const rested = (name: string): void => api().control.update(name, { updatedAt: Date.now() - 11 * 60_000 });

describe("before everything is deleted", () => {
  test.each(["yes", "y", " YES \n", "Yes"])("%j is a yes", async (answer) => {
    insert("a", "b");
    const asked: string[] = [];
    const { code, out, err } = await run(["delete", "--all"], {
      ask: async (question) => (asked.push(question), answer),
    });
    expect(asked).toEqual(['Delete 2 snapshots? Type "yes" to continue: ']);
    expect(err).toMatch(/^This deletes 2 snapshots:\n {2}a \(active\)\n {2}b \(active\)\n/);
    expect({ code, out, left: states() }).toEqual({
      code: 0,
      out: 'Snapshot "a" was deleted.\nSnapshot "b" was deleted.\n',
      left: {},
    });
  });

  test.each(["", "no", "n", "yes please", "ye", "ja"])(
    "%j is none: nothing is deleted, and the command fails",
    async (answer) => {
      insert("a");
      const { code, out, err } = await run(["delete", "-a"], { ask: async () => answer });
      expect({ code, out, left: states(), changing: changing() }).toEqual({
        code: 1,
        out: "",
        left: { a: "active" },
        changing: [],
      });
      expect(err).toBe("This deletes 1 snapshot:\n  a (active)\nNothing was deleted.\n");
    },
  );

  test("where nobody can be asked it is wrong usage, and nothing is deleted", async () => {
    insert("a");
    expect(await run(["delete", "--all"])).toMatchObject({
      code: 64,
      err: expect.stringContaining("deleting without a terminal requires --yes") as string,
    });
    expect(states()).toEqual({ a: "active" });
  });

  test("with --yes nobody is asked", async () => {
    insert("a");
    const ask = jest.fn(async () => "no");
    expect(await run(["delete", "--all", "-y", "-q"], { ask })).toMatchObject({ code: 0, err: "" });
    expect({ asked: ask.mock.calls.length, left: states() }).toEqual({ asked: 0, left: {} });
  });

  test("snapshots that are named are not asked about", async () => {
    insert("a");
    const ask = jest.fn(async () => "no");
    expect((await run(["delete", "a"], { ask })).code).toBe(0);
    expect(ask).not.toHaveBeenCalled();
  });

  test("where there are none nobody is asked", async () => {
    const ask = jest.fn(async () => "yes");
    expect(await run(["delete", "--all"], { ask })).toEqual({
      code: 0,
      out: "",
      err: "There are no snapshots to delete.\n",
    });
    expect(ask).not.toHaveBeenCalled();
  });

  test("--all with names is wrong usage, because one of them is a mistake", async () => {
    insert("a", "b");
    expect(await run(["delete", "--all", "--yes", "a"])).toEqual({
      code: 64,
      out: "",
      err: "Error: --all cannot be combined with names\n  Remove one of them.\n",
    });
    expect(changing()).toEqual([]);
  });

  test("general snapshots of other organizations are not among them", async () => {
    insert("a");
    await run(["delete", "--all", "--yes"]);
    expect(changing()).toEqual(["delete"]);
    expect((await run(["list", "--format", "json"])).out).toContain('"general": true');
  });
});

test("a delete that the API refuses is an error, and nothing is said to be deleted", async () => {
  insert("a", "b");
  api().control.fault({
    kind: "delete",
    times: -1,
    action: "answer",
    status: 403,
    body: { statusCode: 403, error: "Forbidden", message: "Access denied" },
  });
  const one = await run(["delete", "a"]);
  expect({ code: one.code, out: one.out }).toEqual({ code: 1, out: "" });
  expect(one.err).toMatch(/^Error: deleting snapshot "a": permission denied\n/);
  const both = await run(["delete", "--all", "--yes", "--format", "json"]);
  expect({ code: both.code, out: both.out, left: states() }).toEqual({
    code: 1,
    out: "[]\n",
    left: { a: "active", b: "active" },
  });
});

test("delete --all: a snapshot goes before the successor of its unfinished swap, which goes with it", async () => {
  const old = "00000000-0000-4000-8000-0000000000aa";
  const successor = api().control.insert({ name: successorName("agent", old), createdAt: Date.now() - 1_000 });
  api().control.insert({ name: "agent", id: old });
  const { code, err } = await run(["delete", "--all", "--yes", "--quiet"]);
  expect({ code, err, left: states() }).toEqual({ code: 0, err: "", left: {} });
  const deleted = api()
    .control.requests()
    .filter(({ kind }) => kind === "delete")
    .map(({ path }) => path.split("/").at(-1));
  expect([...new Set(deleted)]).toEqual([old, successor]);
});

describe("delete", () => {
  test("--no-wait ends as soon as the API has accepted it, and says so", async () => {
    insert("a");
    api().control.fault({ method: "DELETE", action: "lose-delete" });
    expect(await run(["delete", "a", "--no-wait"])).toMatchObject({ code: 0, out: 'Snapshot "a" is being deleted.\n' });
    // A command that waited would have repeated it.
    expect(changing()).toEqual(["delete"]);
  });

  test("prints what was deleted as one array with --format json, also where one of them failed", async () => {
    const [a, b] = insert("a", "b");
    const { code, out, err } = await run(["delete", "a", "none", "b", "--format", "json", "-q"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([
      { id: a, name: "a" },
      { id: b, name: "b" },
    ]);
    // Lines of progress aside, which a slow machine has.
    expect(
      err
        .trim()
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => (JSON.parse(line) as { error: { summary: string } }).error.summary),
    ).toEqual(['deleting snapshot "none": no such snapshot', "1 of 3 failed"]);
    expect(JSON.parse((await run(["delete", "--all", "--yes", "--format", "json"])).out)).toEqual([]);
  });

  test("one that fails is one error, without a count", async () => {
    expect(await run(["delete", "none"])).toMatchObject({
      code: 1,
      out: "",
      err: expect.not.stringContaining("of 1 failed") as string,
    });
  });

  test("after an interrupt nothing more is begun, and what was not is counted", async () => {
    const names = Array.from({ length: 20 }, (_, at) => `n${String(at).padStart(2, "0")}`);
    insert(...names);
    const stop = new AbortController();
    const hung = api().control.fault({ method: "DELETE", action: "hang-before", times: 16 });
    const ended = run(["delete", ...names, "-q"], { signal: stop.signal });
    // As many as requests may be under way at a time.
    await api().control.faultReached(hung, 16);
    stop.abort(new Error("interrupted"));
    api().control.releaseFault(hung);
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toMatch(/Error: 16 of 20 failed\n {2}Not started: 4\.\n$/);
    expect(changing()).toEqual(Array(16).fill("delete"));
    expect(Object.keys(states())).toEqual(expect.arrayContaining(["n16", "n17", "n18", "n19"]));
  });

  test("an interrupt before anything was begun is no success", async () => {
    insert("a", "b");
    const stop = new AbortController();
    const hung = api().control.fault({ method: "GET", action: "hang-before" });
    const ended = run(["delete", "a", "b", "-q"], { signal: stop.signal });
    await api().control.faultReached(hung);
    stop.abort(new Error("interrupted"));
    api().control.releaseFault(hung);
    expect(await ended).toEqual({ code: 1, out: "", err: "Error: 0 of 2 failed\n  Not started: 2.\n" });
    expect(changing()).toEqual([]);
  });

  test("they go side by side; what they print comes in their order, however they end", async () => {
    insert("a", "b", "c");
    const hung = api().control.fault({ method: "DELETE", action: "hang-before", times: 3 });
    const ended = run(["delete", "c", "a", "none", "b", "-q"]);
    await api().control.faultReached(hung, 3);
    api().control.releaseFault(hung);
    const { code, out, err } = await ended;
    expect({ code, out }).toEqual({
      code: 1,
      out: 'Snapshot "c" was deleted.\nSnapshot "a" was deleted.\nSnapshot "b" was deleted.\n',
    });
    expect(err).toMatch(/^Error: deleting snapshot "none": no such snapshot\n[^]*\nError: 1 of 4 failed\n$/);
  });

  test("each line of progress names its snapshot, where there are several", async () => {
    const several = insert("a", "b");
    for (const dto of several) api().control.loseDelete(dto);
    const { code, out, err } = await run(["delete", "a", "b"]);
    expect({ code, out }).toEqual({ code: 0, out: 'Snapshot "a" was deleted.\nSnapshot "b" was deleted.\n' });
    const lines = err.trimEnd().split("\n");
    expect(lines).toContain("a: active, 0 s");
    expect(lines).toContain("b: active, 0 s");
    expect(lines.filter((line) => !/^[ab]: \S/.test(line))).toEqual([]);
    insert("one");
    const alone = await run(["delete", "one"]);
    expect(alone.err).toMatch(/^(?:removing, \d+ s\n)*$/);
    expect(alone.out).toBe('Snapshot "one" was deleted.\n');
  });

  test("one that is named twice, by its name and by its ID, is deleted once", async () => {
    const [a] = insert("a", "b");
    expect(await run(["delete", "a", a!, "b", "a", "-q"])).toEqual({
      code: 0,
      out: 'Snapshot "a" was deleted.\nSnapshot "b" was deleted.\n',
      err: "",
    });
    expect(changing()).toEqual(["delete", "delete"]);
  });

  test.each([[["a", "", "b"]], [[""]]])(
    "an empty name among %j is wrong usage, and nothing is deleted",
    async (names) => {
      insert("a", "b");
      expect(await run(["delete", ...names, "-q"])).toEqual({
        code: 64,
        out: "",
        err: "Error: a name is empty\n  Nothing was changed. A shell variable in its place may be unset.\n",
      });
      expect(changing()).toEqual([]);
    },
  );

  test("a terminal has one line for all of them", async () => {
    insert("a", "b", "c");
    const { code, out, err } = await run(["delete", "a", "b", "c"], { errColumns: 60 });
    expect({ code, out }).toEqual({
      code: 0,
      out: 'Snapshot "a" was deleted.\nSnapshot "b" was deleted.\nSnapshot "c" was deleted.\n',
    });
    expect(err).toContain("0 of 3 done");
    expect(err).not.toContain("removing");
  });
});

describe("activate and deactivate", () => {
  test("go on after a failure, say how many failed, and end with 1", async () => {
    insert("a", "b");
    api().control.update("a", { state: "error", errorReason: "no space" });
    const { code, out, err } = await run(["deactivate", "a", "none", "b"]);
    expect({ code, out }).toEqual({ code: 1, out: 'Snapshot "b" is inactive.\n' });
    expect(err).toContain(
      'Error: deactivating snapshot "a": a snapshot in the state error cannot be deactivated\n  Reason: no space\n  Only an active snapshot can be deactivated. Delete and recreate it.\n',
    );
    expect(err).toContain('Error: deactivating snapshot "none": no such snapshot\n');
    expect(err).toMatch(/Error: 2 of 3 failed\n$/);
  });

  test("do nothing to one that is already so", async () => {
    insert("a", "b");
    api().control.update("b", { state: "inactive" });
    expect((await run(["activate", "a"])).out).toBe('Snapshot "a" is already active.\n');
    expect((await run(["deactivate", "b"])).out).toBe('Snapshot "b" is already inactive.\n');
    expect(changing()).toEqual([]);
  });

  test("print the API's objects as one array", async () => {
    const [a, b] = insert("a", "b");
    expect(JSON.parse((await run(["deactivate", "a", "b", "--format", "json"])).out)).toMatchObject([
      { id: a, state: "inactive" },
      { id: b, state: "inactive" },
    ]);
    ["a", "b"].forEach(rested);
    expect(JSON.parse((await run(["activate", a!, "--format", "json"])).out)).toMatchObject([
      { id: a, state: "active" },
    ]);
  });

  test("activate waits for one that is on its way", async () => {
    api().control.source({ image: "debian:12", seconds: 0.4 });
    await run(["create", "a", "--image", "debian:12", "--no-wait"]);
    expect(await run(["activate", "a"])).toMatchObject({ code: 0, out: 'Snapshot "a" is active.\n' });
    expect(changing()).toEqual(["create"]);
  });

  test("activate --no-wait ends as soon as the API has accepted it", async () => {
    insert("a");
    await run(["deactivate", "a"]);
    rested("a");
    api().control.source({ image: "ubuntu:24.04", outcome: "hang" });
    expect(await run(["activate", "a", "--no-wait"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Snapshot "a" is (pending|pulling)\.\n$/) as string,
    });
  });

  test("what the API refuses is an error that names the snapshot, and nothing is said to be done", async () => {
    insert("a");
    api().control.fault({
      kind: "deactivate",
      times: -1,
      action: "answer",
      status: 403,
      body: { statusCode: 403, error: "Forbidden", message: "Access denied" },
    });
    const { code, out, err } = await run(["deactivate", "a"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^Error: deactivating snapshot "a": permission denied\n/);
  });

  test("a general snapshot is not changed", async () => {
    const [general] = (
      JSON.parse((await run(["list", "--format", "json"])).out) as { name: string; general: boolean }[]
    ).filter((it) => it.general);
    expect(await run(["deactivate", general!.name])).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        `deactivating snapshot "${general!.name}": it belongs to another organization`,
      ) as string,
    });
    expect(changing()).toEqual([]);
  });
});
