import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executeAndSave } from "../../../provider/local/server/unsaved";
import { call, closeAll, start, until } from "./harness";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "local-"))));
afterEach(async () => {
  await closeAll();
  rmSync(folder, { recursive: true });
});

test("snapshots, their builds, the organization and the key are there after a restart", async () => {
  const data = join(folder, "data.json");
  const first = await start({ data });
  const pulled = (await call(first, "POST", "/snapshots", { name: "pulled", imageName: "ubuntu:24.04" })).body.id;
  const built = (
    await call(first, "POST", "/snapshots", { name: "built", buildInfo: { dockerfileContent: "FROM debian:12\n" } })
  ).body.id;
  await until(first, pulled, "active");
  await until(first, built, "active");
  const before = first.control.snapshots();
  await first.close();
  expect(statSync(data).mode & 0o077).toBe(0);
  expect(readdirSync(folder)).toEqual(["data.json"]);

  const second = await start({ data });
  expect(second).toMatchObject({ organizationId: first.organizationId, apiKey: first.apiKey });
  expect(second.control.snapshots()).toEqual(before);
});

test("what was under way goes on, also after a kill", async () => {
  const data = join(folder, "data.json");
  const first = await start({ data, pullSeconds: 100, cronSeconds: 1000 });
  const pulling = (await call(first, "POST", "/snapshots", { name: "pulling", imageName: "ubuntu:24.04" })).body.id;
  const leaving = first.control.insert({ name: "leaving" });
  await call(first, "DELETE", `/snapshots/${leaving}`);
  // Nothing is asked of the first one any more: the file alone has to do.
  const deadline = Date.now() + 8000;
  while (!readFileSync(data, "utf8").includes("removing") && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 5));
  // What a kill leaves behind: the file as it is, and a lock that nobody holds.
  const left = join(folder, "left.json");
  copyFileSync(data, left);
  const second = await start({ data: left });
  await until(second, pulling, "active");
  await until(second, leaving, 404);
});

test("a build that was under way begins again", async () => {
  const data = join(folder, "data.json");
  const first = await start({ data, buildSeconds: 100 });
  const { id } = (
    await call(first, "POST", "/snapshots", { name: "built", buildInfo: { dockerfileContent: "FROM a:1\n" } })
  ).body;
  await until(first, id, "building");
  await first.close();
  const second = await start({ data, buildSeconds: 0.03 });
  await until(second, id, "active");
});

test("what was refused is no change: it does not wait for the file", async () => {
  const keeper = {
    failing: false,
    save: () => undefined,
    saved: () => Promise.reject(new Error("full")),
    stop: () => undefined,
  };
  const answer = (status: number, json: object = {}, created = false) =>
    executeAndSave(
      { file: "f", keeper, undo: (id) => void undone.push(id) },
      () => Promise.resolve({ status, json, created }),
      (message) => ({ status: 507, body: message }),
    );
  const undone: string[] = [];
  expect((await answer(409)).status).toBe(409);
  expect(await answer(200, { id: "u1" })).toEqual({
    status: 507,
    body: "The data file f cannot be written: full. The change takes effect, but is lost when the local API ends.",
  });
  expect(undone).toEqual([]);
  expect(await answer(200, { id: "u1" }, true)).toEqual({
    status: 507,
    body: "The data file f cannot be written: full. Nothing was created.",
  });
  expect(undone).toEqual(["u1"]);
});

test.each([
  ["no builds", { builds: undefined }, "builds is missing"],
  ["a row without an ID", { snapshots: [{ id: "1" }, { name: "x" }] }, "snapshots[1] has no id"],
  ["a row that is no object", { builds: [7] }, "builds[0] has no snapshotRef"],
  ["another version", { version: 2 }, "version is not 1"],
  ["no key", { apiKey: undefined }, "apiKey is missing"],
])("a file with %s is refused, and the message says what is wrong", async (_, change, wrong) => {
  const data = join(folder, "odd.json");
  writeFileSync(
    data,
    JSON.stringify({
      version: 1,
      organizationId: "o",
      apiKey: "k",
      runnerId: "r",
      snapshots: [],
      builds: [],
      ...change,
    }),
  );
  await expect(start({ data })).rejects.toThrow(
    `${data} is not a data file of the local API (${wrong}). Choose another file, or delete it`,
  );
});

test("a file of another kind is refused and left alone", async () => {
  const data = join(folder, "data.json");
  writeFileSync(data, '{"version": 4}');
  await expect(start({ data })).rejects.toThrow(`${data} is not a data file of the local API`);
  writeFileSync(data, "plain text");
  await expect(start({ data })).rejects.toThrow(`${data} is not a data file of the local API (`);
  expect(readFileSync(data, "utf8")).toBe("plain text");
});

test("a data file that cannot be read is not called damaged, and nothing says to delete it", async () => {
  await expect(start({ data: folder })).rejects.toThrow(
    `the data file ${folder} cannot be read: it is a folder (EISDIR). Choose another path, or make it a file that this user can read`,
  );
});

/** The sentence of a refusal. */
const refusal = (data: string, why: string, what: string): string =>
  `The data file ${data} cannot be written: ${why}. ${what}`;
const create = (api: Awaited<ReturnType<typeof start>>, name: string) =>
  call(api, "POST", "/snapshots", { name, imageName: "ubuntu:24.04" });

/** What a folder in the place of the file makes every write fail with, also for root. */
const obstructed = async (data: string): Promise<void> => {
  // What has happened so far is written first.
  await new Promise((resolve) => setTimeout(resolve, 100));
  rmSync(data);
  mkdirSync(join(data, "in-the-way"), { recursive: true });
};

test("what cannot be kept is refused at once, before and after it was done; when it can be again, it goes on", async () => {
  const data = join(folder, "data.json");
  const told: string[] = [];
  const api = await start({ data, onUnsaved: (error) => void told.push((error as NodeJS.ErrnoException).code!) });
  const first = await create(api, "kept");
  expect(first.status).toBe(200);
  // The answer promises that it is in the file.
  expect(readFileSync(data, "utf8")).toContain(first.body.id);
  await until(api, first.body.id, "active");
  await obstructed(data);

  const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => create(api, `lost-${at}`)));
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(507));
  expect(answers[0]!.body).toMatchObject({
    statusCode: 507,
    message: refusal(data, "it is a folder (EISDIR)", "Nothing was created."),
  });
  expect(await create(api, "lost-again")).toMatchObject({
    status: 507,
    body: { message: refusal(data, "it is a folder (EISDIR)", "Nothing was changed.") },
  });
  expect(await call(api, "DELETE", `/snapshots/${first.body.id}`)).toMatchObject({
    status: 507,
    body: { message: refusal(data, "it is a folder (EISDIR)", "Nothing was changed.") },
  });
  // What is there can be read, and nothing of what was refused is.
  expect(
    (await call(api, "GET", "/snapshots")).body.items
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => name !== "daytonaio/sandbox:0.5.0-slim"),
  ).toEqual(["kept"]);
  expect(told).toEqual(["EISDIR"]);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);

  rmSync(data, { recursive: true });
  expect((await create(api, "lost-1")).status).toBe(200);
  expect(readFileSync(data, "utf8")).toContain("lost-1");
  expect((await call(api, "DELETE", `/snapshots/${first.body.id}`)).status).toBe(200);
});

test("a change other than a create that could not be kept says that it is lost", async () => {
  const data = join(folder, "data.json");
  const api = await start({ data, cronSeconds: 1000 });
  const { id } = (await create(api, "one")).body;
  await until(api, id, "active");
  // The state of the pull is in the file as well.
  while (!readFileSync(data, "utf8").includes('"state":"active"'))
    await new Promise((resolve) => setTimeout(resolve, 5));
  await obstructed(data);
  expect(await call(api, "DELETE", `/snapshots/${id}`)).toMatchObject({
    status: 507,
    body: {
      message: refusal(
        data,
        "it is a folder (EISDIR)",
        "The change takes effect, but is lost when the local API ends.",
      ),
    },
  });
  rmSync(data, { recursive: true });
});

test("time that stands still keeps nobody waiting for the file", async () => {
  const data = join(folder, "data.json");
  const api = await start({ data });
  api.control.holdTime();
  expect((await create(api, "one")).status).toBe(200);
});

const small = join(tmpdir(), `daytona-small-${process.pid}`);
const mounted = ((): boolean => {
  mkdirSync(small, { recursive: true });
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]).status === 0;
})();
afterAll(() => {
  if (mounted) spawnSync("umount", [small]);
  rmSync(small, { recursive: true, force: true });
});

(mounted ? test : test.skip)(
  `a disk that becomes full: every answer of success is in the file${mounted ? "" : " (no tmpfs can be mounted here)"}`,
  async () => {
    const data = join(small, "data.json");
    const api = await start({ data });
    const made: string[] = [];
    const statuses: number[] = [];
    for (let at = 0; at < 200; at += 1) {
      const answer = await create(api, `one-${at}`);
      statuses.push(answer.status);
      if (answer.status === 200) made.push(answer.body.id);
      else
        expect(answer.body.message).toBe(
          refusal(
            data,
            "no space left on the device (ENOSPC)",
            statuses.at(-2) === 200
              ? "Nothing was created."
              : answer.body.message.endsWith("changed.")
                ? "Nothing was changed."
                : "Nothing was created.",
          ),
        );
    }
    expect(statuses).toContain(507);
    const text = readFileSync(data, "utf8");
    expect(made.length).toBeGreaterThan(5);
    expect(made.filter((id) => !text.includes(id))).toEqual([]);
    expect(
      api.control
        .snapshots()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...made].sort());
    rmSync(data);
  },
);
