import { inputAttributes, pulumiName } from "../../../provider/pulumi/shared/properties";
import { PATIENCE, agent, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

const hidden = "hunter2-do-not-store";

describeWithPulumi("the native provider under the real engine: secrets and unknowns", ["yaml"], () => {
  const { api, stack } = setup();
  const secret = (value: string) => ({ "fn::secret": value });

  test("nothing of the environment is in the state, with the default provider or an explicit one", async () => {
    const s = (await stack()).yaml(agent());
    ok(await s.up());
    expect(await s.exported()).not.toContain(api().apiKey);

    const explicit = (await stack()).yaml({
      daytona: { type: "pulumi:providers:daytona", properties: {} },
      box: {
        type: "daytona:Snapshot",
        properties: { name: "box", image: "ubuntu:24.04" },
        options: { provider: "${daytona}" },
      },
    });
    ok(await explicit.up());
    const text = await explicit.exported();
    expect(text).not.toContain(api().apiKey);
    expect(text).not.toContain(api().apiUrl);
  });

  test("secrets of the stack configuration, and arguments of an explicit provider, are ciphertext", async () => {
    const s = (await stack({ env: { DAYTONA_API_KEY: "" } })).yaml(agent());
    ok(await s.run(["config", "set", "--secret", "daytona:apiKey", api().apiKey]));
    ok(await s.run(["config", "set", "daytona:maxConcurrency", "4"]));
    ok(await s.up());
    ok(await s.up("--expect-no-changes"));
    expect(await s.exported()).not.toContain(api().apiKey);
    ok(await s.destroy());

    const explicit = (await stack({ env: { DAYTONA_API_KEY: "" } })).yaml({
      daytona: { type: "pulumi:providers:daytona", properties: { apiKey: api().apiKey, apiUrl: api().apiUrl } },
      box: {
        type: "daytona:Snapshot",
        properties: { name: "box", image: "ubuntu:24.04" },
        options: { provider: "${daytona}" },
      },
    });
    ok(await explicit.up());
    expect(api().control.snapshot("box")?.state).toBe("active");
    expect(await explicit.exported()).not.toContain(api().apiKey);
    // Another key is another connection, not another fleet.
    api().control.clearRequests();
    explicit.yaml({
      daytona: {
        type: "pulumi:providers:daytona",
        properties: {
          apiKey: api().control.addKey("second", ["write:snapshots", "delete:snapshots"]),
          apiUrl: api().apiUrl,
        },
      },
      box: {
        type: "daytona:Snapshot",
        properties: { name: "box", image: "ubuntu:24.04" },
        options: { provider: "${daytona}" },
      },
    });
    ok(await explicit.up());
    expect(
      api()
        .control.requests()
        .filter((request) => request.method !== "GET"),
    ).toEqual([]);
  });

  test("a secret input is stored as ciphertext: after create, refresh, update, and failures in both", async () => {
    const program = (extra: string) =>
      agent({ image: undefined, dockerfileContent: secret(`FROM ubuntu:24.04\nRUN echo ${hidden}\n${extra}`) });
    const s = (await stack()).yaml(program(""));
    const up = ok(await s.up());
    expect(up.text).not.toContain(hidden);
    expect(await s.exported()).not.toContain(hidden);
    expect((await s.state())["agent"]?.outputs?.["sourceHash"]).toMatchObject({
      ciphertext: expect.any(String) as string,
    });
    ok(await s.refresh());
    expect(await s.exported()).not.toContain(hidden);
    ok(await s.up("--expect-no-changes"));

    api().control.setState("agent", "error", `exit code 1: echo ${hidden}`);
    ok(await s.refresh());
    expect(await s.exported()).not.toContain(hidden);
    api().control.source({ dockerfile: "RUN false", outcome: "fail", reason: `RUN echo ${hidden} failed` });
    s.yaml(program("RUN false\n"));
    const failed = await s.up();
    expect(failed.code).not.toBe(0);
    expect(failed.text).not.toContain(hidden);
    expect(failed.text).toContain("[secret]");
    expect(await s.exported()).not.toContain(hidden);
    expect((await s.state())["agent"]).toMatchObject({ initErrors: [expect.any(String)] });
  });

  test("a partial failure in create keeps secrets secret", async () => {
    api().control.source({ dockerfile: hidden, outcome: "fail", reason: `echo ${hidden} failed` });
    const s = (await stack()).yaml(
      agent({
        image: undefined,
        dockerfileContent: secret(`FROM ubuntu:24.04\nRUN echo ${hidden}\n`),
        triggers: { token: secret(`${hidden}-2`) },
      }),
    );
    const failed = await s.up();
    expect(failed.code).not.toBe(0);
    expect(failed.text).not.toContain(hidden);
    expect((await s.state())["agent"]?.id).toBe("agent");
    expect(await s.exported()).not.toContain(hidden);
  });

  test("a secret name is refused", async () => {
    const s = (await stack()).yaml(agent({ name: secret("agent") }));
    const refused = await s.preview();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain("The name is a secret, but it is also the resource's ID");
  });

  test("unknown values in a preview, for every input at once and for the provider", async () => {
    const s = (await stack()).yaml({
      first: { type: "daytona:Snapshot", properties: { name: "first", image: "ubuntu:24.04" } },
      second: {
        type: "daytona:Snapshot",
        properties: {
          name: "second-${first.snapshotId}",
          image: "ubuntu:${first.snapshotId}",
          region: "${first.region}",
          cpu: "${first.cpu}",
          memory: "${first.memory}",
          active: "${first.active}",
          triggers: { id: "${first.snapshotId}" },
          entrypoint: ["sleep", "${first.size}"],
        },
      },
      daytona: {
        type: "pulumi:providers:daytona",
        properties: { apiUrl: api().apiUrl, apiKey: api().apiKey, region: "${first.region}" },
      },
      third: {
        type: "daytona:Snapshot",
        properties: { name: "third", image: "ubuntu:24.04" },
        options: { provider: "${daytona}" },
      },
    });
    const preview = ok(await s.preview());
    expect(preview.text).toContain("5 to create");
    expect(api().control.snapshots()).toEqual([]);
    const up = ok(await s.up());
    expect(up.code).toBe(0);
    expect(
      api()
        .control.snapshots()
        .map((dto) => dto.name)
        .sort(),
    ).toEqual(["first", expect.stringMatching(/^second-/), "third"]);
  });

  test("every input may be unknown in a preview, of a new snapshot and of one that is there", async () => {
    const unknown: Record<string, unknown> = {
      image: "ubuntu:${first.snapshotId}",
      name: "box-${first.snapshotId}",
      sourceHash: "${first.snapshotId}",
      entrypoint: "${first.entrypoint}",
      cpu: "${first.cpu}",
      memory: "${first.memory}",
      disk: "${first.disk}",
      gpu: "${first.gpu}",
      gpuTypes: ["${first.snapshotId}"],
      sandboxClass: "${first.sandboxClass}",
      region: "${first.region}",
      active: "${first.active}",
      replacement: "${first.replacement}",
      adoptExisting: "${first.adoptExisting}",
      pinDigest: "${first.pinDigest}",
      trackTag: "${first.trackTag}",
      triggers: { id: "${first.snapshotId}" },
      timeouts: { create: "${first.snapshotId}" },
    };
    // What a build, a local image or a sandbox has instead of `image`.
    const text = "FROM ubuntu:24.04\nRUN echo 1\n";
    const builds: Record<string, Record<string, unknown>> = {
      dockerfile: { dockerfile: "${first.snapshotId}/Dockerfile" },
      localImage: { localImage: "${first.snapshotId}:1" },
      sourceSandbox: { sourceSandbox: "${first.snapshotId}" },
      includeMemory: { sourceSandbox: "prepared", includeMemory: "${first.active}" },
      contextDir: { dockerfileContent: text, contextDir: "${first.snapshotId}" },
      context: { dockerfileContent: text, contextDir: ".", context: ["${first.snapshotId}"] },
      buildArgs: { dockerfileContent: text, buildArgs: { A: "${first.snapshotId}" } },
      target: { dockerfileContent: text, target: "${first.snapshotId}" },
    };
    expect(
      Object.keys(unknown)
        .concat("dockerfileContent", ...Object.keys(builds))
        .sort(),
    ).toEqual([...inputAttributes.map(pulumiName)].sort());
    const first = { type: "daytona:Snapshot", properties: { name: "first", image: "ubuntu:24.04" } };
    const of = (properties: Record<string, unknown>) => ({
      type: "daytona:Snapshot",
      properties: { image: "ubuntu:24.04", ...properties },
    });
    const one = (name: string) => [`box-${name}`, of({ name: `box-${name}`, [name]: unknown[name] })] as const;
    const boxes = {
      ...Object.fromEntries(Object.keys(unknown).map(one)),
      ...Object.fromEntries(
        Object.entries(builds).map(([name, properties]) => [
          `box-${name}`,
          { type: "daytona:Snapshot", properties: { name: `box-${name}`, ...properties } },
        ]),
      ),
      "box-dockerfileContent": {
        type: "daytona:Snapshot",
        properties: {
          name: "box-dockerfileContent",
          dockerfileContent: "FROM ubuntu:24.04\nRUN echo ${first.snapshotId}\n",
        },
      },
    };
    const s = (await stack()).yaml({ first, ...boxes });
    expect(ok(await s.preview()).text).toContain(`${Object.keys(boxes).length + 2} to create`);

    s.yaml({ first, ...Object.fromEntries(Object.keys(boxes).map((box) => [box, of({ name: box })])) });
    ok(await s.up());
    const before = api().control.snapshots();
    api().control.clearRequests();
    // Unknown once more: another trigger gives the first one another UUID.
    s.yaml({ first: { ...first, properties: { ...first.properties, triggers: { t: "1" } } }, ...boxes });
    const preview = ok(await s.preview());
    expect(preview.text).toMatch(
      /~ image\s*: "ubuntu:24.04" => \[unknown\]|~ image\s*: "ubuntu:24.04" => output<string>/,
    );
    expect(
      api()
        .control.requests()
        .filter((request) => request.method !== "GET"),
    ).toEqual([]);
    expect(api().control.snapshots()).toEqual(before);
  });

  test("a secret image that cannot be pulled is in no message and no state", async () => {
    const image = `registry.test/${hidden}:1`;
    api().control.source({ image, outcome: "not-found" });
    const s = (await stack()).yaml(agent({ image: secret(image) }));
    const failed = await s.up();
    expect(failed.code).not.toBe(0);
    expect(failed.text).toContain(`creating snapshot "agent": the snapshot failed (state \`error\`)`);
    for (const text of [failed.text, await s.exported()]) expect(text).not.toContain(hidden);
    api().control.clearSources();
    for (const run of [() => s.preview(), () => s.up(), () => s.refresh()])
      expect(ok(await run()).text + (await s.exported())).not.toContain(hidden);
    expect(api().control.snapshot("agent")).toMatchObject({ imageName: image, state: "active" });
  });
});
