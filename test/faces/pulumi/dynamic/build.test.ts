import { chmodSync, mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { PATIENCE, ok } from "../setup";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeDynamic("the dynamic provider under the real engine: builds with a context", () => {
  const { api, stack } = setup();

  test("a build gets its files; an executable bit is one update, a time stamp is none; destroy", async () => {
    const s = (await stack()).snapshots({ agent: { name: "agent", dockerfile: "app/Dockerfile", target: "base" } });
    mkdirSync(join(s.program, "app"));
    s.write("app/Dockerfile", "FROM alpine:3.20 AS base\nCOPY run.sh /\nFROM base\nCOPY nothing.txt /\n");
    s.write("app/run.sh", "#!/bin/sh\n");
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({
      dockerfile: "app/Dockerfile",
      target: "base",
      sourceHash: expect.stringMatching(/^v2:[0-9a-f]{64}$/),
    });
    expect(api().control.snapshot("agent")?.buildInfo).toMatchObject({
      dockerfileContent: "FROM alpine:3.20 AS base\nCOPY run.sh /\n",
      contextHashes: [expect.stringMatching(/^[0-9a-f]{64}$/)],
    });
    expect(api().control.storageKeys()).toHaveLength(1);

    utimesSync(join(s.program, "app/run.sh"), 1, 1);
    ok(await s.up("--expect-no-changes"));
    const before = api().control.snapshot("agent")?.id;
    chmodSync(join(s.program, "app/run.sh"), 0o755);
    ok(await s.up());
    expect(api().control.snapshot("agent")?.id).not.toBe(before);
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });
});
