import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PATIENCE, ok } from "../setup";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeDynamic("the dynamic provider under the real engine: secrets", () => {
  const { api, stack } = setup();
  const PLANTED = "planted-in-a-program";
  const dockerfile = (word: string) => ({ secret: `FROM ubuntu:24.04\nRUN use ${PLANTED}-${word}` });

  test("a secret input is in no state and no message in plaintext: create, change, refresh, partial failure in create and in update", async () => {
    const s = await stack();
    const texts: string[] = [];
    const step = async (run: Promise<{ code: number | null; text: string }>, code = 0): Promise<void> => {
      const result = await run;
      ok(result as never, code);
      texts.push(result.text, await s.exported());
      expect(texts.join("\n")).not.toContain(PLANTED);
    };
    const declare = (word: string, more: Record<string, unknown> = {}) =>
      s.snapshots({
        agent: {
          name: "agent",
          dockerfileContent: dockerfile(word),
          triggers: { token: { secret: `${PLANTED}-trigger` } },
          ...more,
        },
      });
    const reason = (word: string) => `process "/bin/sh -c use ${PLANTED}-${word}" did not complete successfully`;

    api().control.source({ dockerfile: `${PLANTED}-one`, outcome: "fail", reason: reason("one") });
    declare("one");
    await step(s.up(), 1);
    expect((await s.state())["agent"]).toMatchObject({
      outputs: { state: "error" },
      initErrors: [expect.stringContaining("[secret]")],
    });

    api().control.clearSources();
    await step(s.up());
    await step(s.refresh());
    await step(s.drift());
    await step(s.up("--expect-no-changes"));

    // The successor stands, the old one is gone, and the name cannot be made again: an update that fails half way.
    api().control.source({ dockerfile: `${PLANTED}-two`, name: "agent", outcome: "fail", reason: reason("two") });
    declare("two");
    await step(s.up(), 1);
    const half = (await s.state())["agent"];
    expect(half).toMatchObject({ id: "agent", outputs: { __marks: ["successor"] } });
    for (const output of ["dockerfileContent", "triggers", "sourceHash"])
      expect(half?.outputs?.[output]).toHaveProperty("ciphertext");

    api().control.clearSources();
    await step(s.up());
    expect(api().control.snapshots()).toMatchObject([{ name: "agent", state: "active" }]);
    await step(s.destroy());
  });

  test("nothing of the environment, of a profile, or of the stack's secret configuration is in the state", async () => {
    const exported: string[] = [];
    const { apiKey, apiUrl } = api();
    const agent = { agent: { name: "agent", image: "ubuntu:24.04" } };
    const byEnvironment = (await stack()).snapshots(agent);
    ok(await byEnvironment.up());
    exported.push(await byEnvironment.exported());
    ok(await byEnvironment.destroy());

    const byProfile = (await stack({ env: { DAYTONA_API_KEY: "", DAYTONA_API_URL: "" } })).snapshots(agent);
    mkdirSync(join(byProfile.dir, ".config/daytona"), { recursive: true });
    writeFileSync(
      join(byProfile.dir, ".config/daytona/config.json"),
      JSON.stringify({
        activeProfile: "p",
        profiles: [{ id: "p", name: "planted-profile", api: { url: apiUrl, key: apiKey } }],
      }),
    );
    ok(await byProfile.up());
    exported.push(await byProfile.exported());
    ok(await byProfile.destroy());

    const byConfiguration = (await stack({ env: { DAYTONA_API_KEY: "", DAYTONA_API_URL: "" } })).snapshots(agent);
    ok(await byConfiguration.run(["config", "set", "--secret", "daytona:apiKey", apiKey]));
    ok(await byConfiguration.run(["config", "set", "--secret", "daytona:apiUrl", apiUrl]));
    ok(await byConfiguration.up());
    exported.push(await byConfiguration.exported());

    for (const state of exported) {
      expect(state).toContain('"snapshotId"');
      for (const planted of [apiKey, Buffer.from(apiKey).toString("base64"), apiUrl, "planted-profile"])
        expect(state).not.toContain(planted);
    }
    ok(await byConfiguration.destroy());
  });
});
