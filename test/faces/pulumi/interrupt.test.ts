import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { PATIENCE, quick } from "./setup";
import { type Answer, type Message, serveNative } from "./wire";

jest.setTimeout(PATIENCE);

describe("native: Ctrl-C while files are read", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-interrupt-"));
  const urn = "urn:pulumi:dev::agents::daytona:index:Snapshot::agent";
  const inputs: Message = { name: "agent", dockerfile: join(folder, "Dockerfile"), active: true, replacement: "swap" };
  let api: LocalApi;
  beforeAll(async () => {
    api = await startLocalApi(quick);
    writeFileSync(join(folder, "Dockerfile"), "FROM ubuntu:24.04\nCOPY data /data\n");
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data/large"), "");
    // Holes cost no disk, but seconds to read.
    truncateSync(join(folder, "data/large"), 24 * 2 ** 30);
  });
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const olds = {
    ...inputs,
    dockerfile: "Dockerfile",
    snapshotId: "5b3d3c3e-0000-4000-8000-000000000000",
    state: "active",
    sourceHash: "v2:0000",
  };
  test.each<[string, Message, string]>([
    ["Diff", { id: "agent", urn, olds, news: inputs }, 'comparing snapshot "agent"'],
    ["Create", { urn, properties: inputs, preview: true }, 'creating snapshot "agent"'],
    ["Create", { urn, properties: inputs }, 'creating snapshot "agent"'],
    ["Update", { id: "agent", urn, olds, news: inputs, preview: true }, 'updating snapshot "agent"'],
  ])("%s %#: one sentence, at once, and no bug", async (method, request, doing) => {
    const wire = await serveNative({
      DAYTONA_API_URL: api.apiUrl,
      DAYTONA_API_KEY: api.apiKey,
      HOME: folder,
      XDG_CACHE_HOME: join(folder, "cache"),
    });
    await wire.call("Configure", { args: {} });
    const answered = wire.call(method, request);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await wire.call("Cancel", {});
    const late = new Promise<Answer>((_, reject) =>
      setTimeout(() => reject(new Error("no answer in 5 s")), 5000).unref(),
    );
    const { error } = await Promise.race([answered, late]);
    await wire.close();
    expect(error?.message).toBe(`${doing}: interrupted\nNothing was changed.`);
    expect(api.control.snapshots()).toEqual([]);
  });
});
