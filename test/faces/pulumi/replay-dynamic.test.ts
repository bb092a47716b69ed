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
    const said = ({ changes, replaces, deletebeforereplace }: Message) => ({ changes, replaces, deletebeforereplace });
    let compared = 0;
    for (const { method, request, response } of recorded("dynamic", open)) {
      if (method !== "Diff") continue;
      const answer = await wire.call("Diff", request as Message);
      expect(said(normal(answer.response ?? {}))).toEqual(said(normal(response ?? {})));
      compared++;
    }
    await wire.close();
    expect(compared).toBeGreaterThan(10);
  });
});
