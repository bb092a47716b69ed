import { commandLine } from "./run";

const { api, run } = commandLine();

test("the script that deleted and created: creates, then does nothing, then replaces without a hole", async () => {
  const flags = ["--image", "ubuntu:24.04", "--cpu", "2", "-q"];
  const first = await run(["replace", "agent", ...flags]);
  const made = api().control.snapshot("agent")!;
  expect(first).toEqual({ code: 0, out: `Snapshot "agent" is active.\nID: ${made.id}\n`, err: "" });
  expect((await run(["replace", "agent", ...flags])).out).toBe(
    `Snapshot "agent" already matches. Nothing was changed. It has the image ubuntu:24.04. Whether the tag has moved was not checked. To check it, add --pin.\nID: ${made.id}\n`,
  );
  const next = await run(["create", "agent", "--replace", "--image", "debian:12", "-q"]);
  const { id } = api().control.snapshot("agent")!;
  expect(next).toEqual({ code: 0, out: `Snapshot "agent" was replaced, and is active.\nID: ${id}\n`, err: "" });
  expect(id).not.toBe(made.id);
  expect(api().control.snapshots()).toMatchObject([{ name: "agent", cpu: 2, imageName: "debian:12" }]);
});

test("as JSON: the snapshot, one object; that nothing was done is on stderr", async () => {
  await run(["create", "agent", "-i", "ubuntu:24.04"]);
  const { code, out, err } = await run(["replace", "agent", "-i", "ubuntu:24.04", "--format", "json"]);
  expect({ code, object: JSON.parse(out) as unknown }).toMatchObject({ code: 0, object: { name: "agent" } });
  expect(err).toContain('Snapshot "agent" already matches');
});

test("a source that fails: 1, the reason, and the old snapshot is untouched", async () => {
  await run(["create", "agent", "-i", "ubuntu:24.04"]);
  const before = api().control.snapshot("agent");
  api().control.source({ image: "broken:1", outcome: "fail", reason: "manifest unknown" });
  const { code, err } = await run(["replace", "agent", "-i", "broken:1"]);
  expect(code).toBe(1);
  expect(err).toContain('Error: replacing snapshot "agent": the snapshot failed (state `error`)');
  expect(err).toContain("Fix the cause and run `daytona-iac snapshot replace` again.");
  expect(api().control.snapshots()).toEqual([before]);
});

test("a sandbox: whether its snapshot is the same, nothing tells, so it is refused before anything is sent", async () => {
  api().control.sandbox({ name: "box" });
  api().control.insert({ name: "agent", imageName: "" });
  api().control.clearRequests();
  const { code, err } = await run(["create", "agent", "--replace", "--from-sandbox", "box"]);
  expect({ code, err }).toEqual({
    code: 64,
    err: expect.stringContaining(
      "Error: --replace cannot be combined with --from-sandbox\n  Delete the snapshot first, or choose another name.",
    ) as string,
  });
  expect((await run(["replace", "agent", "--from-sandbox", "box"])).code).toBe(64);
  expect(api().control.requests()).toEqual([]);
});

test.each([
  ["--no-wait", "--no-wait cannot be combined with replacing a snapshot"],
  ["--if-not-exists", "--if-not-exists cannot be combined with --replace"],
])("%s says why it is refused, before anything is sent", async (flag, message) => {
  api().control.clearRequests();
  const { code, err } = await run(["create", "agent", "--replace", flag, "-i", "ubuntu:24.04"]);
  expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining(`Error: ${message}`) as string });
  expect(api().control.requests()).toEqual([]);
});
