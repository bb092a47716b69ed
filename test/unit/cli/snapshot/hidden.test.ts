import { commandLine } from "./run";

const { api, run } = commandLine();

test("a failed snapshot that the server hides from a read by name: shown, and named by a create that meets it", async () => {
  const id = api().control.insert({ name: "agent", state: "error", errorReason: "pull failed" });
  const hide = (): number =>
    api().control.fault({
      method: "GET",
      path: "/snapshots/agent",
      action: "answer",
      status: 404,
      times: -1,
      body: {
        path: "/api/snapshots/agent",
        timestamp: new Date().toISOString(),
        statusCode: 404,
        error: "Not Found",
        message: "Snapshot agent not found",
      },
    });
  hide();
  const shown = await run(["get", "agent", "-o", "json"]);
  expect(shown.err).toBe("");
  expect({ code: shown.code, object: JSON.parse(shown.out) as unknown }).toMatchObject({ code: 0, object: { id } });
  const { code, err } = await run(["create", "agent", "-i", "ubuntu:24.04"]);
  expect(code).toBe(1);
  expect(err).toContain(`Snapshot ${id} in this organization has the name (state \`error\``);
  expect(err).toContain("To replace it, add `--replace`, as `daytona-iac snapshot replace` does");
  api().control.sandbox({ name: "box" });
  const ofSandbox = await run(["create", "agent", "--from-sandbox", "box"]);
  expect(ofSandbox.code).toBe(1);
  expect(ofSandbox.err).toContain(`Snapshot ${id} in this organization has the name (state \`error\``);
  // A replace of a sandbox's snapshot is refused.
  expect(ofSandbox.err).not.toContain("--replace");
  expect(api().control.counts()["create-from-sandbox"] ?? 0).toBe(0);
  // It has failed, so a replace deletes it and makes it again.
  const replaced = await run(["replace", "agent", "-i", "ubuntu:24.04", "-q"]);
  expect(replaced).toMatchObject({ code: 0, err: "" });
  expect(api().control.snapshots()).toMatchObject([{ name: "agent", state: "active" }]);
});
