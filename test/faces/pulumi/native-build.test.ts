import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startLocalApi } from "../../../provider/local";
import { startRegistry } from "../../unit/lifecycle/publish/image/real";
import { ociFiles, writeFolder } from "../../unit/source/local-image/images";
import { PATIENCE, agent, describeWithPulumi, ok, quick, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("the native provider under the real engine: builds with a context", ["yaml"], () => {
  const { api, stack } = setup();

  test("a build gets its files; an executable bit is one update, a time stamp is none; destroy", async () => {
    const s = (await stack()).yaml(
      agent({ image: undefined, dockerfile: "app/Dockerfile", buildArgs: { VERSION: "2" } }),
    );
    mkdirSync(join(s.program, "app"));
    writeFileSync(join(s.program, "app/Dockerfile"), "ARG VERSION=1\nFROM alpine:3.20\nCOPY run.sh /\n");
    writeFileSync(join(s.program, "app/run.sh"), "#!/bin/sh\n");
    ok(await s.preview());
    ok(await s.up());
    expect((await s.state())["agent"]?.outputs).toMatchObject({
      dockerfile: "app/Dockerfile",
      sourceHash: expect.stringMatching(/^v2:[0-9a-f]{64}$/),
    });
    expect(api().control.snapshot("agent")?.buildInfo).toMatchObject({
      dockerfileContent: "ARG VERSION=2\nFROM alpine:3.20\nCOPY run.sh /\n",
      contextHashes: [expect.stringMatching(/^[0-9a-f]{64}$/)],
    });
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

  test("a state beside the Dockerfile (`file://.`) is not sent: after an update nothing is left to do", async () => {
    const s = (await stack({ env: { PULUMI_BACKEND_URL: "file://." }, name: "beside" })).yaml(
      agent({ image: undefined, dockerfile: "Dockerfile" }),
    );
    writeFileSync(join(s.program, "Dockerfile"), "FROM alpine:3.20\nCOPY . .\n");
    ok(await s.run(["stack", "select", "--create", "beside"]));
    expect(readdirSync(s.program)).toContain(".pulumi");
    const preview = ok(await s.preview());
    expect(preview.text).toContain('local API are not sent: ".pulumi".');
    ok(await s.up());
    expect(api().control.storageKeys()).toHaveLength(1);
    ok(await s.up("--expect-no-changes"));
    ok(await s.drift());
    writeFileSync(join(s.program, "app.py"), "print()");
    expect(ok(await s.preview()).text).toMatch(/~ daytona:index:Snapshot: \(update\)/);
    ok(await s.up());
    ok(await s.up("--expect-no-changes"));
  });

  test("examples/dockerfile-context/pulumi", async () => {
    const s = await stack();
    cpSync(join(__dirname, "../../../examples/dockerfile-context"), join(s.program, ".."), { recursive: true });
    cpSync(join(s.program, "../pulumi"), s.program, { recursive: true });
    await s.init();
    ok(await s.up());
    expect(api().control.snapshot("agent")).toMatchObject({
      state: "active",
      buildInfo: { dockerfileContent: expect.stringContaining("ARG PYTHON=3.13\n") },
    });
    expect(api().control.snapshot("agent")?.buildInfo?.contextHashes).toHaveLength(3);
    ok(await s.up("--expect-no-changes"));
  });

  test("a local image from an archive is pushed; without the archive a preview says so", async () => {
    const registry = await startRegistry().catch(() => null);
    if (registry === null) return expect(spawnSync("sh", ["-c", "command -v docker-registry"]).status).not.toBe(0);
    const own = await startLocalApi({
      ...quick,
      registry: { url: registry.host, username: "robot", secret: "planted-secret" },
    });
    try {
      const s = (await stack({ env: { DAYTONA_API_URL: own.apiUrl, DAYTONA_API_KEY: own.apiKey } })).yaml(
        agent({ image: undefined, localImage: "oci:image" }),
      );
      writeFolder(join(s.program, "image"), ociFiles([{}]));
      ok(await s.up());
      expect(own.control.snapshot("agent")).toMatchObject({
        state: "active",
        imageName: expect.stringContaining(`${registry.host}/daytona/image-`),
      });
      ok(await s.up("--expect-no-changes"));
      expect(JSON.stringify(await s.state())).not.toContain("planted-secret");
      rmSync(join(s.program, "image"), { recursive: true });
      const preview = await s.preview();
      expect(preview.text).toContain('The image archive "image"');
      ok(await s.destroy());
    } finally {
      await own.close();
      await registry.stop();
    }
  });

  test("a Dockerfile that cannot be built fails the preview, with its line", async () => {
    const s = (await stack()).yaml(agent({ image: undefined, dockerfile: "Dockerfile" }));
    writeFileSync(join(s.program, "Dockerfile"), "FROM alpine:3.20\nCOPY nothing.txt /\n");
    const preview = await s.preview();
    expect(preview.code).not.toBe(0);
    expect(preview.text).toContain('creating snapshot "agent": build context not usable');
    expect(preview.text).toContain("nothing.txt");
  });
});
