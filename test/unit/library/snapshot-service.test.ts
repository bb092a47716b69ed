import { Daytona, Image, type Snapshot as OfficialSnapshot } from "@daytona/sdk";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AbortError,
  AuthenticationError,
  BuildFailedError,
  ConflictError,
  type CreateSnapshotParams,
  DaytonaError,
  InvalidArgumentError,
  NotFoundError,
  QuotaError,
  type Snapshot,
  SnapshotService,
  TimeoutError,
} from "../../../provider";
import { cliWords } from "../../../provider/cli/words";
import { type LocalApi, startLocalApi } from "../../../provider/local";

let api: LocalApi;
let snapshots: SnapshotService;
const here = process.cwd();
let folder: string;

beforeAll(
  async () =>
    void (api = await startLocalApi({
      pullSeconds: 0.05,
      buildSeconds: 0.2,
      cronSeconds: 0.02,
      activationCooldownSeconds: 0,
      snapshotQuota: 5,
    })),
);
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-library-")));
  process.chdir(folder);
  snapshots = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl });
});
afterEach(() => {
  process.chdir(here);
  rmSync(folder, { recursive: true });
  snapshots.close();
  api.control.reset();
});
afterAll(() => api.close());

async function failure<E extends DaytonaError>(kind: new (...args: never[]) => E, call: Promise<unknown>): Promise<E> {
  const error: unknown = await call.then(
    () => null,
    (it: unknown) => it,
  );
  expect(error).toBeInstanceOf(kind);
  expect((error as Error).message).not.toContain(api.apiKey);
  return error as E;
}

test("a sandbox is taken; what it decides cannot be set, and what is wrong says so in the caller's words", async () => {
  api.control.sandbox({ name: "box", cpu: 2 });
  const logs: string[] = [];
  const made = await snapshots.create({ name: "taken", sandbox: "box" }, { onLogs: (chunk) => void logs.push(chunk) });
  expect(made).toMatchObject({ name: "taken", state: "active", cpu: 2 });
  expect(logs).toContain("Creating snapshot taken (snapshotting)");
  expect(await snapshots.create({ name: "taken", sandbox: "box" }, { ifNotExists: true })).toMatchObject({
    id: made.id,
  });
  const conflict = await failure(ConflictError, snapshots.create({ name: "taken", sandbox: "box" }));
  expect(conflict.message).toContain('the name "taken" is already taken');
  // It is the same, so there is nothing to replace.
  expect(conflict.message).not.toContain("replace");
  const other = await failure(ConflictError, snapshots.create({ name: "taken", image: "ubuntu:24.04" }));
  expect(other.message).toContain(
    "\nTo replace it, call `replace()` with these parameters: the old snapshot stays until the new one is active.\n",
  );
  const wrong = { name: "other", sandbox: "box", image: "ubuntu:24.04" };
  expect((await failure(InvalidArgumentError, snapshots.create(wrong))).message).toBe(
    'creating snapshot "other": image cannot be combined with sandbox\nA snapshot of a sandbox gets these values from the sandbox. Remove image.',
  );
  const memory = { name: "other", image: "ubuntu:24.04", includeMemory: true };
  expect((await failure(InvalidArgumentError, snapshots.create(memory))).message).toContain(
    "includeMemory without a sandbox",
  );
  const gone = await failure(NotFoundError, snapshots.create({ name: "other", sandbox: "none" }));
  expect(gone.message).toContain("Set sandbox to an existing sandbox.");
  expect(api.control.snapshots().map(({ name }) => name)).toEqual(["taken"]);
});

test("an image with a digest is built, and is the same for the next call, also where a server has pulled it", async () => {
  const image = `ghcr.io/acme/agent:1@sha256:${"3".repeat(64)}`;
  const made = await snapshots.create({ name: "built", image, entrypoint: ["sh"] });
  expect(made).toMatchObject({ state: "active", imageName: "", entrypoint: ["sh"] });
  expect(api.control.contentOf("built")).toBe(`sha256:${"3".repeat(64)}`);
  const again = { name: "built", image, entrypoint: ["sh"] };
  expect((await snapshots.create(again, { ifNotExists: true })).id).toBe(made.id);
  await failure(ConflictError, snapshots.create({ ...again, entrypoint: ["ash"] }, { ifNotExists: true }));
  const id = api.control.insert({ name: "pulled", imageName: image });
  expect((await snapshots.create({ name: "pulled", image }, { ifNotExists: true })).id).toBe(id);
});

test("the examples of the SDK's documentation", async () => {
  const lines: string[] = [];
  const image = Image.debianSlim("3.12").pipInstall("numpy");
  const made = await snapshots.create({ name: "my-snapshot", image }, { onLogs: (chunk) => lines.push(chunk) });
  expect(made).toMatchObject({
    name: "my-snapshot",
    state: "active",
    buildInfo: { dockerfileContent: image.dockerfile },
  });
  expect([lines[0], lines.at(-1)]).toEqual([
    "Creating snapshot my-snapshot (pending)",
    "Created snapshot my-snapshot (active)",
  ]);
  expect(lines.join("\n")).toContain("RUN python -m pip install numpy");

  const snapshot = await snapshots.get("my-snapshot");
  expect(snapshot.createdAt).toBeInstanceOf(Date);
  expect((await snapshots.list()).items.map(({ name }) => name)).toContain("my-snapshot");
  await snapshots.deactivate(snapshot);
  api.control.update("my-snapshot", { updatedAt: Date.now() - 11 * 60_000 });
  expect(await snapshots.activate("my-snapshot")).toMatchObject({ state: "active" });
  await snapshots.delete(snapshot);
  await failure(NotFoundError, snapshots.get("my-snapshot"));
});

test("what a program of the SDK creates, this one creates in the same way", async () => {
  mkdirSync("app");
  writeFileSync("app/main.txt", "hello");
  const official = new Daytona({ apiKey: api.apiKey, apiUrl: api.apiUrl }).snapshot;
  const params = (name: string): CreateSnapshotParams & Parameters<typeof official.create>[0] => ({
    name,
    image: Image.base("debian:12").addLocalDir("app", "/app"),
    resources: { cpu: 2, memory: 4, disk: 5 },
    entrypoint: ["sh", "-c", "true"],
    regionId: "us",
  });
  const bodies: unknown[] = [];
  for (const service of [official, snapshots]) {
    api.control.clearRequests();
    await service.create(params("same"));
    const {
      id: _id,
      createdAt: _c,
      updatedAt: _u,
      lastUsedAt: _l,
      buildInfo,
      ref: _r,
      ...rest
    } = api.control.snapshot("same")! as unknown as Record<string, any>;
    bodies.push({ ...rest, text: buildInfo.dockerfileContent, contexts: buildInfo.contextHashes.length });
    await snapshots.delete("same");
  }
  expect(bodies[1]).toEqual(bodies[0]);
}, 30_000);

test("a name that is taken by a build with files is decided by their hashes, which the SDK's own do not tell", async () => {
  mkdirSync("app");
  writeFileSync("app/main.txt", "hello");
  const params = (name: string) => ({ name, image: Image.base("debian:12").addLocalDir("app", "/app") });
  const found = "1 set of 1 file on this machine (app: 1 file)";
  const made = await snapshots.create(params("ours"));
  expect((await snapshots.create(params("ours"), { ifNotExists: true })).id).toBe(made.id);
  await new Daytona({ apiKey: api.apiKey, apiUrl: api.apiUrl }).snapshot.create(params("theirs"));
  await expect(snapshots.create(params("theirs"), { ifNotExists: true })).rejects.toThrow(
    `context: whether the files are those that the snapshot was built from is unknown: an SDK or the command line of Daytona built it with 1 set, whose hashes cannot be compared with those of ${found}`,
  );
  writeFileSync("app/main.txt", "changed");
  await expect(snapshots.create(params("ours"), { ifNotExists: true })).rejects.toThrow(
    `context: the files of the build context differ from those that the snapshot was built from: compared ${found} with 1 set of the snapshot; different: app`,
  );
  expect((await snapshots.replace(params("ours"))).id).not.toBe(made.id);
}, 30_000);

test("pages, and every snapshot of all pages", async () => {
  for (let i = 0; i < 250; i += 1) api.control.insert({ name: `n-${i}` });
  expect(await snapshots.list(2, 100)).toMatchObject({ page: 2, totalPages: 3, items: { length: 100 } });
  expect(await snapshots.list({ page: 3, limit: 100 })).toMatchObject({ page: 3 });
  let count = 0;
  for await (const { general } of snapshots.all()) count += general ? 0 : 1;
  expect(count).toBe(250);
});

test("errors are typed, with status, reason and request", async () => {
  await snapshots.create({ name: "taken", image: "ubuntu:24.04" });
  expect(await failure(ConflictError, snapshots.create({ name: "taken", image: "debian:12" }))).toMatchObject({
    status: 409,
    message: expect.stringContaining('image: requested "debian:12", found "ubuntu:24.04"') as string,
  });
  expect((await snapshots.create({ name: "taken", image: "ubuntu:24.04" }, { ifNotExists: true })).name).toBe("taken");
  expect(await failure(NotFoundError, snapshots.delete("nothing"))).toMatchObject({
    status: 404,
    message: 'deleting snapshot "nothing": no such snapshot',
    errorCode: "not-found",
  });
  expect(await failure(InvalidArgumentError, snapshots.create({ name: "x", image: "a:latest" }))).toMatchObject({
    status: null,
    request: null,
    errorCode: "invalid",
  });
  const other = new SnapshotService({ apiKey: "dtn_wrong", apiUrl: api.apiUrl });
  expect(await failure(AuthenticationError, other.list())).toMatchObject({ status: 401, request: "GET /snapshots" });
  other.close();

  api.control.source({ dockerfile: "RUN make", outcome: "fail", reason: "make failed" });
  const failed = await failure(
    BuildFailedError,
    snapshots.create({ name: "failing", image: Image.base("debian:12").runCommands("make") }),
  );
  expect(failed).toMatchObject({ reason: "make failed", snapshotId: api.control.snapshot("failing")!.id });
  expect(failed.logTail.join("\n")).toContain("make failed");
  expect(failed.message).toContain("The failed snapshot is kept. Fix the cause, delete it, and recreate it.");
  for (const name of ["a", "b", "c", "d"]) api.control.insert({ name });
  expect(await failure(QuotaError, snapshots.create({ name: "full", image: "debian:12" }))).toMatchObject({
    status: 400,
  });
});

test("a timeout in seconds, and a signal", async () => {
  api.control.source({ image: "debian:12", outcome: "hang" });
  await failure(TimeoutError, snapshots.create({ name: "late", image: "debian:12" }, { timeout: 0.5 }));
  api.control.source({ image: "debian:13", outcome: "hang" });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  const { message } = await failure(
    AbortError,
    snapshots.create({ name: "stopped", image: "debian:13" }, { signal: stop.signal }),
  );
  expect(message).toContain(
    `Snapshot ${api.control.snapshot("stopped")!.id} exists and may still become active. Call \`activate\` with its ID to wait for it.`,
  );
});

test("a delete that is given up says how to delete it, not how to activate it", async () => {
  api.control.insert({ name: "leaving" });
  const { id } = api.control.snapshot("leaving")!;
  api.control.fault({ kind: "delete", action: "hang-before" });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  const { message } = await failure(AbortError, snapshots.delete("leaving", { signal: stop.signal }));
  expect(message).toContain(
    `Snapshot ${id} may still exist. Call \`delete\` with its ID to delete it, or to wait until it is deleted.`,
  );
  expect(message).not.toContain("activate");
  expect(cliWords.resumes("ID", true)).toBe(
    "Snapshot ID may still exist. Run `daytona-iac snapshot delete ID` to delete it, or to wait until it is deleted.",
  );
  expect(cliWords.resumes("ID", false)).toBe(
    "Snapshot ID exists and may still become active. Run `daytona-iac snapshot activate ID` to wait for it.",
  );
});

test("without credentials, the constructor says so", () => {
  const { DAYTONA_API_KEY: _, ...env } = process.env;
  const before = process.env;
  process.env = { ...env, HOME: folder, XDG_CONFIG_HOME: folder };
  try {
    expect(() => new SnapshotService()).toThrow(InvalidArgumentError);
  } finally {
    process.env = before;
  }
});

/** Fails to compile if a type of ours does not fit where the SDK's does. Dates are the exception, on purpose. */
type Dates = "createdAt" | "updatedAt" | "lastUsedAt";
type Fits<Ours extends Theirs, Theirs> = Ours;
export type SnapshotFits = Fits<
  Omit<Snapshot, Dates | "size">,
  Pick<OfficialSnapshot, "id" | "name" | "state" | "cpu" | "gpu" | "mem" | "disk"> extends infer T
    ? { [K in keyof T]: K extends "state" ? string : T[K] }
    : never
>;
export type ParamsFit = Fits<Parameters<Daytona["snapshot"]["create"]>[0], CreateSnapshotParams>;
