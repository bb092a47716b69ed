import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  const built = (await call(first, "POST", "/snapshots", { name: "built", buildInfo: { dockerfileContent: "FROM debian:12\n" } })).body.id;
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
  while (!readFileSync(data, "utf8").includes("removing") && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  // What a kill leaves behind: the file as it is, and a lock that nobody holds.
  const left = join(folder, "left.json");
  copyFileSync(data, left);
  const second = await start({ data: left });
  await until(second, pulling, "active");
  await until(second, leaving, 404);
});

test.each([
  ["no builds", { builds: undefined }, "builds is missing"],
  ["a row without an ID", { snapshots: [{ id: "1" }, { name: "x" }] }, "snapshots[1] has no id"],
  ["a row that is no object", { builds: [7] }, "builds[0] has no snapshotRef"],
  ["no key", { apiKey: undefined }, "apiKey is missing"],
])("a file with %s is refused, and the message says what is wrong", async (_, change, wrong) => {
  const data = join(folder, "odd.json");
  writeFileSync(data, JSON.stringify({ version: 1, organizationId: "o", apiKey: "k", runnerId: "r", snapshots: [], builds: [], ...change }));
  await expect(start({ data })).rejects.toThrow(`${data} is not a data file of the local API (${wrong}). Choose another file, or delete it`);
});

test("a file of another kind is refused and left alone", async () => {
  const data = join(folder, "data.json");
  writeFileSync(data, '{"version": 4}');
  await expect(start({ data })).rejects.toThrow(`${data} is not a data file of the local API`);
  writeFileSync(data, "plain text");
  await expect(start({ data })).rejects.toThrow(`${data} is not a data file of the local API (`);
  expect(readFileSync(data, "utf8")).toBe("plain text");
});
