import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { SHIM } from "../../../provider/pulumi/dynamic/shim";
import { install } from "./dynamic/package";
import { normal, recorded, replay } from "./replay";
import { PATIENCE, quick } from "./setup";
import { type Message, serveDynamic, serveNative } from "./wire";

jest.setTimeout(PATIENCE);

describe("what the engine said to the dynamic provider, said again to Pulumi's host without an engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-replay-"));
  const shim = JSON.stringify(SHIM).slice(1, -1);
  const open = (line: string) => line.replaceAll("<shim>", () => shim);
  let api: LocalApi;
  beforeAll(async () => {
    install(folder);
    api = await startLocalApi(quick);
  });
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("every answer is the recorded one", async () => {
    const connection = { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey };
    const compared = await replay("dynamic", api, () => serveDynamic(folder, connection), open);
    expect(compared).toBeGreaterThan(60);
  });

  test("the native provider finds the same differences", async () => {
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
    const said = ({ changes, replaces }: Message) => ({ changes, replaces });
    let compared = 0;
    for (const { method, request, response } of recorded("dynamic", open)) {
      if (method !== "Diff") continue;
      const answer = await wire.call("Diff", request as Message);
      const [own, dynamic] = [normal(answer.response ?? {}), normal(response ?? {})];
      expect(said(own)).toEqual(said(dynamic));
      // Without a Check before, the native provider cannot know that the name stays; the name of the dynamic provider always does.
      const replaces = (own["replaces"] ?? []) as string[];
      const renamed = replaces.includes("name");
      expect(own["deletebeforereplace"] === true).toBe(replaces.length > 0 && !renamed);
      expect(dynamic["deletebeforereplace"] === true).toBe(own["changes"] === "DIFF_SOME" && !renamed);
      compared++;
    }
    await wire.close();
    expect(compared).toBeGreaterThan(10);
  });
});
