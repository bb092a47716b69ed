import { BuildFailedError, InvalidArgumentError, SnapshotService } from "../../../provider";
import { type LocalApi, startLocalApi } from "../../../provider/local";

let api: LocalApi;
let snapshots: SnapshotService;
beforeAll(async () => {
  api = await startLocalApi({ pullSeconds: 0.05, buildSeconds: 0.2, cronSeconds: 0.02 });
  snapshots = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl });
});
afterEach(() => api.control.reset());
afterAll(async () => {
  snapshots.close();
  await api.close();
});

test("creates, keeps, replaces: the last line of the log says which", async () => {
  const lines: string[] = [];
  const onLogs = (line: string): void => void lines.push(line);
  const first = await snapshots.replace({ name: "agent", image: "ubuntu:24.04" }, { onLogs });
  expect(lines.at(-1)).toBe("Created snapshot agent (active)");
  expect((await snapshots.replace({ name: "agent", image: "ubuntu:24.04" }, { onLogs })).id).toBe(first.id);
  expect(lines.at(-1)).toBe("Kept snapshot agent (active)");
  const next = await snapshots.replace({ name: "agent", image: "debian:12" }, { onLogs });
  expect(lines.at(-1)).toBe("Replaced snapshot agent (active)");
  expect(next).toMatchObject({ name: "agent", imageName: "debian:12", state: "active" });
  expect(next.id).not.toBe(first.id);
});

test("what fails leaves the old one, and says so", async () => {
  const before = await snapshots.create({ name: "agent", image: "ubuntu:24.04" });
  api.control.source({ image: "broken:1", outcome: "fail", reason: "manifest unknown" });
  const failing = snapshots.replace({ name: "agent", image: "broken:1" });
  await expect(failing).rejects.toThrow("Fix the cause and run `replace` again.");
  await expect(failing).rejects.toBeInstanceOf(BuildFailedError);
  expect(await snapshots.get("agent")).toEqual(before);
  await expect(snapshots.replace({ name: "agent" } as never)).rejects.toBeInstanceOf(InvalidArgumentError);
});
