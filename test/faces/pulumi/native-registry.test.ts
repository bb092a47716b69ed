import { PATIENCE, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("the native provider under the real engine: a registry", ["yaml"], () => {
  const { api, stack } = setup();
  const PLANTED = "planted-pull-token";
  const registry = (properties: Record<string, unknown> = {}, options: Record<string, unknown> = {}) => ({
    images: {
      type: "daytona:Registry",
      properties: {
        name: "images",
        url: "https://index.docker.io/v1/",
        username: "robot",
        password: PLANTED,
        ...properties,
      },
      options,
    },
  });
  const rows = () => api().control.registries();

  test("create, no change, change in place, drift, destroy; the password is a secret although the program does not say so", async () => {
    const s = (await stack()).yaml(registry());
    const texts: string[] = [];
    const step = async (run: Promise<{ code: number | null; text: string }>): Promise<void> => {
      const result = await run;
      ok(result as never);
      texts.push(result.text, await s.exported());
    };
    await step(s.preview());
    await step(s.up());
    const [row] = rows();
    expect(row).toMatchObject({ name: "images", url: "docker.io", username: "robot", project: "", password: PLANTED });
    expect((await s.state())["images"]).toMatchObject({
      id: row!.id,
      outputs: { registryId: row!.id, url: "https://index.docker.io/v1/", registryType: "organization" },
    });
    await step(s.up("--expect-no-changes"));
    await step(s.refresh("--expect-no-changes"));

    s.yaml(registry({ username: "robot-2", project: "team" }));
    await step(s.up());
    expect(rows()).toMatchObject([{ id: row!.id, username: "robot-2", project: "team", password: PLANTED }]);
    s.yaml(registry({ username: "robot-2", password: `${PLANTED}-2` }));
    await step(s.up());
    expect(rows()).toMatchObject([{ id: row!.id, project: "", password: `${PLANTED}-2` }]);
    await step(s.up("--expect-no-changes"));

    await fetch(`${api().apiUrl}/docker-registry/${row!.id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${api().apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "images", url: "ghcr.io", username: "somebody" }),
    });
    await step(s.refresh());
    expect((await s.state())["images"]?.outputs).toMatchObject({ url: "ghcr.io", username: "somebody" });
    await step(s.up());
    expect(rows()).toMatchObject([{ url: "docker.io", username: "robot-2" }]);
    await step(s.run(["destroy", "--yes", "--skip-preview"]));
    expect(rows()).toEqual([]);
    expect(texts.join("\n")).not.toContain(PLANTED);
  });

  test("import by name and by UUID differs from no program; a password that the program changes later is sent", async () => {
    ok(await (await stack()).yaml(registry()).up());
    const { id } = rows()[0]!;
    for (const asked of ["images", id]) {
      const s = (await stack()).yaml(registry({}, { import: asked }));
      ok(await s.up());
      expect((await s.state())["images"]).toMatchObject({ id, outputs: { registryId: id } });
      s.yaml(registry());
      ok(await s.up("--expect-no-changes"));
      s.yaml(registry({ password: `${PLANTED}-${asked}` }));
      ok(await s.up());
      expect(rows()).toMatchObject([{ password: `${PLANTED}-${asked}` }]);
      ok(await s.up("--expect-no-changes"));
    }
  });

  test("a deleted one is created again, mistakes stand at their property, and the list has no passwords", async () => {
    const s = (await stack()).yaml(registry());
    ok(await s.up());
    api().control.removeRegistries();
    ok(await s.refresh());
    ok(await s.up());
    expect(rows()).toHaveLength(1);
    s.yaml(registry({ url: "https://hub.docker.com" }));
    const wrong = await s.up();
    expect(wrong.code).not.toBe(0);
    expect(wrong.text).toContain("Invalid registry URL: The address of Docker Hub is `docker.io`.");
    expect(wrong.text).not.toContain(PLANTED);
    s.yaml(registry(), {
      variables: { all: { "fn::invoke": { function: "daytona:getRegistries" } } },
      outputs: { all: "${all}" },
    });
    ok(await s.up());
    const shown = JSON.parse((await s.run(["stack", "output", "--json"])).stdout) as {
      all: { ids: string[]; registries: Record<string, unknown>[] };
    };
    expect(shown.all).toMatchObject({
      ids: [rows()[0]!.id],
      registries: [{ registryId: rows()[0]!.id, name: "images", url: "docker.io", username: "robot" }],
    });
    expect(JSON.stringify(shown)).not.toContain(PLANTED);
  });
});
