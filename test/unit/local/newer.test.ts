import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type StateEvent } from "../../../provider/api";
import { resolveConnection } from "../../../provider/config";
import { classify } from "../../../provider/resources/snapshot/states";
import { call, closeAll, start } from "./harness";

afterEach(closeAll);

const SANDBOX = "5a0d6f0e-0000-4000-8000-000000000000";

async function eventually(what: () => boolean) {
  const deadline = Date.now() + 10_000;
  while (!what() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(what()).toBe(true);
}

test("a known field of another type is shown as it was set, and refused by our client: it must not read as if there were none", async () => {
  const local = await start();
  local.control.settings({ newFields: { size: "unknown" } });
  const id = local.control.insert({ name: "odd" });
  expect((await call(local, "GET", `/snapshots/${id}`)).body).toMatchObject({ id, size: "unknown" });
  const api = createClient(resolveConnection({ args: { apiKey: local.apiKey, apiUrl: local.apiUrl }, env: {} }), {
    log: { debug: () => undefined },
  });
  await expect(api.get("odd")).rejects.toThrow(`cannot be used: the "size" of snapshot ${id} is not a number`);
  api.close();
});

test("states and fields of a newer release are shown as they were set, and understood by our client", async () => {
  const local = await start();
  local.control.settings({ newFields: { sourceSandboxId: null, capabilities: { gpus: ["H200"] } } });
  const id = local.control.insert({
    name: "made-from-sandbox",
    state: "snapshotting",
    gpuType: "RTX-5090",
    extra: { sourceSandboxId: SANDBOX },
  });
  const shown = {
    id,
    state: "snapshotting",
    gpuType: "RTX-5090",
    sourceSandboxId: SANDBOX,
    capabilities: { gpus: ["H200"] },
  };
  expect((await call(local, "GET", `/snapshots/${id}`)).body).toMatchObject(shown);
  const from = async (sandbox: string): Promise<unknown> =>
    (await call(local, "GET", `/snapshots?name=made-from&sourceSandboxId=${sandbox}`)).body.items;
  expect(await from(SANDBOX)).toMatchObject([shown]);
  expect(await from(id)).toEqual([]);

  const api = createClient(resolveConnection({ args: { apiKey: local.apiKey, apiUrl: local.apiUrl }, env: {} }), {
    log: { debug: () => undefined },
  });
  const heard: StateEvent[] = [];
  api.events.subscribe((event) => heard.push(event));
  expect(await api.events.ready(10_000)).toBe(true);
  expect(await api.read(id)).toMatchObject(shown);
  expect((await api.list({ limit: 10 })).items).toMatchObject([shown, { general: true, sourceSandboxId: null }]);
  expect(classify((await api.get("made-from-sandbox"))!.state)).toBe("settling");

  local.control.setState(id, "archived");
  local.control.setState(id, "active");
  await eventually(() => heard.filter((event) => event.kind === "state").length >= 2);
  expect(heard.filter((event) => event.kind === "state")).toMatchObject([
    { id, state: "archived", dto: { sourceSandboxId: SANDBOX } },
    { id, state: "active" },
  ]);
  api.close();
});

test("what a newer release adds survives a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "newer-"));
  const data = join(folder, "data.json");
  const first = await start({ data });
  const id = first.control.insert({ name: "kept", state: "snapshotting", extra: { sourceSandboxId: SANDBOX } });
  await first.close();
  const second = await start({ data });
  expect((await call(second, "GET", `/snapshots/${id}`)).body).toMatchObject({
    state: "snapshotting",
    sourceSandboxId: SANDBOX,
  });
  await closeAll();
  rmSync(folder, { recursive: true });
});
