import { parse } from "yaml";
import { commandLine } from "./run";

const { api, run } = commandLine();
const insert = (...names: string[]) => names.map((name) => api().control.insert({ name, cpu: 1, mem: 2, disk: 3 }));

test("list: a table, sorted as the official one, that fits the terminal", async () => {
  insert("old");
  api().control.insert({ name: "failed", state: "error", createdAt: Date.now() - 86_400_000 * 3 });
  api().control.insert({ name: "n".repeat(60) });
  const wide = await run(["list"]);
  expect(wide.code).toBe(0);
  const [head, first] = wide.out.split("\n");
  expect(head).toMatch(/^NAME +STATE +SIZE +CPU\/MEM\/DISK +REGION +CREATED +LAST USED$/);
  expect(first).toMatch(/^failed +error .* 3 days ago/);
  const narrow = await run(["list"], { outColumns: 50, env: { NO_COLOR: "1" } });
  expect(Math.max(...narrow.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(50);
  expect(narrow.out).toContain("…");
  expect(narrow.out).not.toContain("\u001b");
  expect((await run(["list"], { outColumns: 120 })).out).toContain("\u001b[31merror\u001b[39m");
  expect((await run(["list", "--columns", "name,id", "--no-headers"])).out.split("\n")[0]).toMatch(
    /^failed {2,}[0-9a-f-]{36}$/,
  );
});

test("list: pages, filters, JSON and YAML", async () => {
  insert("a-1", "a-2", "b_1");
  api().control.update("a-2", { state: "build_failed" });
  const json = JSON.parse((await run(["list", "--format", "json"])).out) as { name: string }[];
  expect(json.map(({ name }) => name)).toEqual(expect.arrayContaining(["a-1", "a-2", "b_1"]));
  expect(parse((await run(["list", "-f", "yaml"])).out)).toEqual(json);
  expect(JSON.parse((await run(["list", "--state", "build_failed", "--format", "json"])).out)).toMatchObject([
    { name: "a-2" },
  ]);
  expect(JSON.parse((await run(["list", "--name", "b_", "--all-pages", "--format", "json"])).out)).toMatchObject([
    { name: "b_1" },
  ]);
  const paged = await run(["list", "--limit", "2"]);
  expect(paged.err).toBe("Page 1 of 2. Use --page 2 for the next one, or --all-pages.\n");
  expect(await run(["list", "--limit", "0"])).toMatchObject({
    code: 64,
    err: expect.stringContaining("It must be a whole number, at least 1.") as string,
  });
  expect(await run(["list", "--page", "9"])).toMatchObject({
    code: 0,
    out: "",
    err: "Page 9 is empty. There is 1 page.\n",
  });
  expect(await run(["list", "--columns", "x"])).toMatchObject({ code: 64 });
});

test("get: by name and by ID, and what does not exist", async () => {
  const [id] = insert("agent") as [string];
  for (const by of ["agent", id])
    expect((await run(["get", by])).out).toMatch(new RegExp(`^Name +agent\\nID +${id}\\nState +active\\n`));
  expect(JSON.parse((await run(["inspect", "agent", "--format", "json"])).out)).toMatchObject({ id, mem: 2 });
  const missing = await run(["get", "nothing"]);
  expect(missing).toEqual({
    code: 1,
    out: "",
    err: 'Error: reading snapshot "nothing": no such snapshot\n  No snapshot in this organization has this name or ID. Names are case-sensitive. Run `daytona-iac snapshot list` to see them.\n',
  });
});

test("delete: waits until they are gone, repeats a lost delete, goes on after a failure", async () => {
  insert("a", "b");
  api().control.fault({ method: "DELETE", action: "lose-delete" });
  const { code, out, err } = await run(["delete", "a", "nothing", "b"]);
  expect({ code, out }).toEqual({ code: 1, out: 'Snapshot "a" was deleted.\nSnapshot "b" was deleted.\n' });
  expect(err).toContain('deleting snapshot "nothing": no such snapshot');
  expect(err).toContain("Error: 1 of 3 failed\n");
  expect(api().control.snapshots()).toEqual([]);
  // As the official command line: its help.
  api().control.clearRequests();
  expect(await run(["delete"])).toEqual({
    code: 0,
    out: expect.stringContaining("Delete snapshots, and wait until they are deleted") as string,
    err: "",
  });
  expect(api().control.requests()).toEqual([]);
});

test("delete --all asks, showing what goes; without a terminal it needs --yes; general snapshots stay", async () => {
  insert("a", "b");
  expect(await run(["delete", "--all"])).toMatchObject({
    code: 64,
    err: expect.stringMatching(
      /^This deletes 2 snapshots:\n( {2}[ab] \(active\)\n){2}Error: deleting without a terminal requires --yes\n$/,
    ) as string,
  });
  expect(await run(["delete", "--all"], { ask: async () => "no" })).toMatchObject({
    code: 1,
    err: expect.stringContaining("Nothing was deleted.\n") as string,
  });
  expect(api().control.snapshots()).toHaveLength(2);
  expect((await run(["delete", "--all"], { ask: async () => "yes" })).code).toBe(0);
  expect(api().control.snapshots()).toEqual([]);
  expect((await run(["delete", "--all", "--yes"])).err).toBe("There are no snapshots to delete.\n");
  const general = (
    JSON.parse((await run(["list", "--format", "json"])).out) as { name: string; general: boolean }[]
  ).find((it) => it.general)!;
  expect(await run(["rm", general.name])).toMatchObject({
    code: 1,
    err: expect.stringContaining("it belongs to another organization") as string,
  });
});

test("activate and deactivate wait, do nothing twice, and refuse what has failed", async () => {
  insert("a");
  expect(await run(["deactivate", "a"])).toMatchObject({ code: 0, out: 'Snapshot "a" is inactive.\n' });
  expect(await run(["deactivate", "a"])).toMatchObject({ code: 0, out: 'Snapshot "a" is already inactive.\n' });
  api().control.update("a", { updatedAt: Date.now() - 11 * 60_000 });
  expect(await run(["activate", "a"])).toMatchObject({ code: 0, out: 'Snapshot "a" is active.\n' });
  api().control.update("a", { state: "error", errorReason: "no space" });
  expect(await run(["activate", "a"])).toMatchObject({
    code: 1,
    err: 'Error: activating snapshot "a": a snapshot in the state error cannot be activated\n  Reason: no space\n  Only an inactive snapshot can be activated. Delete and recreate it.\n',
  });
});

test("logs: the log of a build on stdout; an image has none", async () => {
  insert("image");
  api().control.source({ dockerfile: "RUN make", outcome: "fail" });
  await run(["create", "x", "--image", "ubuntu:24.04", "-q"]);
  expect(await run(["logs", "image"])).toMatchObject({
    code: 1,
    err: expect.stringContaining(
      "was not built from a Dockerfile: it was created from the image ubuntu:24.04.",
    ) as string,
  });
});

test("logs --follow ends with a build that fails, whose log the server does not end", async () => {
  api().control.source({ dockerfile: "RUN make", outcome: "fail", reason: "planted", seconds: 1 });
  await fetch(`${api().apiUrl}/snapshots`, {
    method: "POST",
    headers: { authorization: `Bearer ${api().apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "failing", buildInfo: { dockerfileContent: "FROM a:1\nRUN make\n" } }),
  });
  const building = await run(["logs", "failing", "--follow"]);
  expect([building.code, building.out.trimEnd().split("\n").at(-1)]).toEqual([0, "ERROR: planted"]);
  expect(api().control.snapshot("failing")?.state).toBe("error");
  expect((await run(["logs", "failing", "--follow"])).out).toBe(building.out);
}, 30_000);

test("progress where there is no terminal: a line for each state; --verbose shows requests, without secrets", async () => {
  const { err } = await run(["create", "agent", "-i", "ubuntu:24.04", "--verbose"]);
  expect(err).toContain("POST /snapshots: 200\n");
  expect(
    (await run(["create", "agent2", "-i", "debian:12"])).err.split("\n").filter((line) => line.startsWith("pulling"))
      .length,
  ).toBeLessThanOrEqual(1);
});

test("help of every command has two examples, that of create one more, of a sandbox, and ends with 0", async () => {
  for (const command of ["create", "list", "get", "delete", "push", "activate", "deactivate", "logs"]) {
    const { code, out } = await run([command, "--help"]);
    expect([command, code, out.match(/^ {2}daytona-iac snapshot /gm)?.length]).toEqual([
      command,
      0,
      command === "create" ? 3 : 2,
    ]);
  }
  expect((await run([])).code).toBe(64);
});

test("all pages are printed one by one: an object is written before the next page is asked for", async () => {
  for (let at = 0; at < 1_000; at += 1) api().control.insert({ name: `s${at}` });
  const seen: number[] = [];
  let printed = 0;
  const { code, out } = await run(["list", "--all-pages", "--format", "json"], {
    drained: async () =>
      void seen.push(
        (printed = api()
          .control.requests()
          .filter(({ kind }) => kind === "list").length),
      ),
  });
  expect({ code, names: (JSON.parse(out) as { name: string }[]).length }).toEqual({ code: 0, names: 1_001 });
  expect({ seen, printed }).toEqual({ seen: [1, 2, 3, 4, 5, 6], printed: 6 });
});

test("a table of many pages is one table", async () => {
  api().control.seed(450, { name: "s" });
  const lines = (await run(["list", "--all-pages"])).out.trimEnd().split("\n");
  expect(lines).toHaveLength(452);
  expect(new Set(lines.map((line) => line.indexOf(/^NAME/.test(line) ? "STATE" : "active"))).size).toBe(1);
});
