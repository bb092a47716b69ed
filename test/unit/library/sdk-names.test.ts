import { DaytonaConflictError, DaytonaNotFoundError, InvalidArgumentError, SnapshotService } from "../../../provider";
import { startLocalApi } from "../../../provider/local";

test("a program written for the SDK finds its errors, by class and by field, and its region", async () => {
  const api = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.02 });
  const snapshots = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl, target: "us" });
  try {
    const missing = snapshots.get("none");
    await expect(missing).rejects.toBeInstanceOf(DaytonaNotFoundError);
    await expect(missing).rejects.toMatchObject({ statusCode: 404 });
    expect(await snapshots.create({ name: "agent", image: "ubuntu:24.04" })).toMatchObject({ regionIds: ["us"] });
    const taken = snapshots.create({ name: "agent", image: "debian:12" });
    await expect(taken).rejects.toBeInstanceOf(DaytonaConflictError);
    await expect(taken).rejects.toMatchObject({ statusCode: 409, errorCode: "conflict" });
  } finally {
    snapshots.close();
    await api.close();
  }
}, 20_000);

test("an option that it does not have is refused, as are two regions", () => {
  expect(() => new SnapshotService({ apikey: "x" } as never)).toThrow("SnapshotService has no option apikey");
  expect(() => new SnapshotService({ apiKey: "x", target: "us", region: "eu" })).toThrow(InvalidArgumentError);
});
