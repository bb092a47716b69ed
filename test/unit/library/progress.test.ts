import { AbortError, DaytonaError, SnapshotService, TimeoutError } from "../../../provider";
import { type LocalApi, startLocalApi } from "../../../provider/local";

let api: LocalApi;
let snapshots: SnapshotService;
let logs: string[];
let progress: string[];
const heard = {
  onLogs: (chunk: string) => void logs.push(chunk),
  onProgress: (text: string) => void progress.push(text),
};

beforeAll(
  async () =>
    void (api = await startLocalApi({
      pullSeconds: 0.05,
      buildSeconds: 0.05,
      cronSeconds: 0.02,
      activationCooldownSeconds: 0,
    })),
);
beforeEach(() => {
  [logs, progress] = [[], []];
  snapshots = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl });
});
afterEach(() => {
  snapshots.close();
  api.control.reset();
});
afterAll(() => api.close());

test("a job that hangs: onProgress tells of the wait, onLogs has what the SDK's has, and the error says what the server waits for", async () => {
  api.control.source({ image: "debian:12", outcome: "hang" });
  const create = snapshots.create({ name: "late", image: "debian:12" }, { ...heard, timeout: 3 });
  const error = (await create.catch((thrown: unknown) => thrown)) as Error;
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error.message).toContain("timed out after 3s; last state: `pulling`");
  expect(error.message).toContain("The server waits for a runner to finish the pull.");
  expect(error.message).toContain("the job may be lost");
  expect(progress).toContainEqual(expect.stringMatching(/^pulling, \d+ s$/));
  expect(logs).toEqual(["Creating snapshot late (pending)", "Creating snapshot late (pulling)"]);
});

test("a job of an earlier snapshot that stands in the way: onProgress tells why it is tried again, and of each pause", async () => {
  api.control.source({ image: "debian:12", outcome: "hang" });
  await snapshots.create({ name: "first", image: "debian:12" }, { timeout: 0.5 }).catch(() => undefined);
  const stop = new AbortController();
  const waiting = "waiting for the next attempt (another operation on the same source was in progress)";
  const onProgress = (text: string): void => {
    progress.push(text);
    if (text === waiting) stop.abort();
  };
  const second = snapshots.create(
    { name: "second", image: "debian:12" },
    { ...heard, onProgress, signal: stop.signal },
  );
  expect(await second.catch((thrown: unknown) => thrown)).toBeInstanceOf(AbortError);
  expect(progress).toContain("another operation on the same source was in progress; trying again");
  expect(progress.at(-1)).toBe(waiting);
  expect(logs.every((line) => line.startsWith("Creating snapshot second ("))).toBe(true);
});

test("delete, deactivate and activate tell of their waits, too", async () => {
  await snapshots.create({ name: "agent", image: "ubuntu:24.04" });
  await snapshots.deactivate("agent", heard);
  expect(progress.splice(0)).toContainEqual(expect.stringMatching(/^inactive, \d+ s$/));
  api.control.update("agent", { updatedAt: Date.now() - 11 * 60_000 });
  await snapshots.activate("agent", heard);
  expect(progress.splice(0)).toContainEqual(expect.stringMatching(/^active, \d+ s$/));
  // Otherwise it may be gone before anything is told.
  api.control.loseDelete("agent");
  await snapshots.delete("agent", heard);
  expect(progress).toContainEqual(expect.stringMatching(/^active, \d+ s$/));
  expect(logs).toEqual([]);
});

test("what a server says steers no terminal, and a call without the callback says nothing", async () => {
  api.control.source({ image: "debian:12", outcome: "hang" });
  const create = snapshots.create(
    { name: "late", image: "debian:12" },
    { onProgress: heard.onProgress, onLogs: () => api.control.setState("late", "\u001b[31mred"), timeout: 3 },
  );
  await create.catch(() => undefined);
  expect(progress.join("\n")).toMatch(/red/);
  expect(progress.join("\n")).not.toContain("\u001b");
  await snapshots.create({ name: "quiet", image: "ubuntu:24.04" });
});

test("a callback that throws ends the call with its own error, which is no bug of ours, and the ID of the snapshot", async () => {
  const broken = (): never => {
    throw new Error("planted");
  };
  for (const [name, options] of [
    ["onProgress", { onProgress: broken }],
    ["onLogs", { onLogs: broken }],
  ] as const) {
    const error = (await snapshots
      .create({ name, image: "debian:12" }, options)
      .catch((thrown: unknown) => thrown)) as Error;
    const { id } = await snapshots.get(name);
    expect(error).toBeInstanceOf(DaytonaError);
    expect(error.message).toBe(
      `creating snapshot "${name}": ${name} threw an error: planted\nYour program passed this function, and its error ended the call. Catch errors inside the function.\nThe snapshot's ID is ${id}.`,
    );
  }
});
