import { chmodSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PATIENCE, agent, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("the native provider under the real engine: builds with a context", ["yaml"], () => {
  const { api, stack } = setup();

  test("a build gets its files; an executable bit is one update, a time stamp is none; destroy", async () => {
    const s = (await stack()).yaml(agent({ image: undefined, dockerfile: "app/Dockerfile", buildArgs: { VERSION: "2" } }));
    mkdirSync(join(s.program, "app"));
    writeFileSync(join(s.program, "app/Dockerfile"), "ARG VERSION=1\nFROM alpine:3.20\nCOPY run.sh /\n");
    writeFileSync(join(s.program, "app/run.sh"), "#!/bin/sh\n");
    ok(await s.preview());
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({ dockerfile: "app/Dockerfile", sourceHash: expect.stringMatching(/^v2:[0-9a-f]{64}$/) });
    expect(api().control.snapshot("agent")?.buildInfo).toMatchObject({ dockerfileContent: "ARG VERSION=2\nFROM alpine:3.20\nCOPY run.sh /\n", contextHashes: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
    expect(api().control.storageKeys()).toHaveLength(1);

    utimesSync(join(s.program, "app/run.sh"), 1, 1);
    ok(await s.up("--expect-no-changes"));
    ok(await s.drift());
    chmodSync(join(s.program, "app/run.sh"), 0o755);
    expect(ok(await s.preview()).text).toMatch(/~ daytona:index:Snapshot: \(update\)/);
    ok(await s.up());
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });

  test("a Dockerfile that cannot be built fails the preview, with its line", async () => {
    const s = (await stack()).yaml(agent({ image: undefined, dockerfile: "Dockerfile" }));
    writeFileSync(join(s.program, "Dockerfile"), "FROM alpine:3.20\nCOPY nothing.txt /\n");
    const preview = await s.preview();
    expect(preview.code).not.toBe(0);
    expect(preview.text).toContain('Creating snapshot "agent": Build context not usable');
    expect(preview.text).toContain("nothing.txt");
  });
});
