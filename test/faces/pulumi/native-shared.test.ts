import { PATIENCE, agent, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi(
  "the native provider under the real engine: snapshots that two resources came to share",
  ["yaml"],
  () => {
    const { api, stack } = setup();
    const names = Array.from({ length: 20 }, (_, index) => `agent-${index}`);
    const fleet = (prefix: string, more: Record<string, unknown> = {}) =>
      Object.fromEntries(
        names.map((name) => [
          `${prefix}-${name}`,
          { type: "daytona:Snapshot", properties: { name, image: "ubuntu:24.04", ...more } },
        ]),
      );
    const ids = () =>
      Object.fromEntries(
        api()
          .control.snapshots()
          .map(({ name, id }) => [name, id]),
      );
    const one = (
      logicalName: string,
      properties: Record<string, unknown> = {},
      options: Record<string, unknown> = {},
    ) => ({ [logicalName]: agent(properties, options)["agent"] });

    async function made() {
      const s = (await stack()).yaml(one("old"));
      ok(await s.up());
      const urn = (await s.state())["old"]?.urn as string;
      return { s, before: ids(), old: urn, new: urn.replace(/::old$/, "::new") };
    }

    test("20 are renamed with adoptExisting, another one fails in the same up: the next up leaves 20", async () => {
      const s = (await stack()).yaml(fleet("old"));
      ok(await s.up());
      const before = ids();
      expect(Object.keys(before)).toHaveLength(20);
      api().control.source({ image: "broken:1", outcome: "fail", reason: "no such image" });
      s.yaml({
        ...fleet("new", { adoptExisting: true }),
        broken: { type: "daytona:Snapshot", properties: { name: "broken", image: "broken:1" } },
      });
      const failed = await s.up();
      expect(failed.code).not.toBe(0);
      expect(failed.text).toContain("no such image");
      s.yaml(fleet("new", { adoptExisting: true }));
      expect(ok(await s.up()).text).toContain("is kept: another resource of this program manages it");
      expect(ids()).toEqual(before);
      expect(Object.keys(await s.state()).sort()).toEqual(names.map((name) => `new-${name}`).sort());
      ok(await s.up("--expect-no-changes"));
      ok(await s.destroy());
      expect(ids()).toEqual({});
    });

    test.each([false, true])(
      "renamed without an alias, then imported as the message says (protected: %s): kept",
      async (protect) => {
        const { s, before } = await made();
        s.yaml(one("new"));
        const { text } = await s.up();
        expect(text).toContain("list its old name in `aliases`");
        const [, command] = /pulumi (import daytona:index:Snapshot new [0-9a-f-]{36})/.exec(text) ?? [];
        expect(command).toBeDefined();
        ok(await s.run([...(command ?? "").split(" "), "--yes", `--protect=${String(protect)}`]));
        s.yaml(one("new", {}, protect ? { protect } : {}));
        ok(await s.up());
        expect(ids()).toEqual(before);
        expect(Object.keys(await s.state())).toEqual(["new"]);
        ok(await s.up("--expect-no-changes"));
      },
    );

    test("up --target of the new one with adoptExisting, later a plain up, with and without --refresh: kept", async () => {
      for (const more of [[], ["--refresh"]]) {
        const { s, before, new: target } = await made();
        s.yaml(one("new", { adoptExisting: true }));
        ok(await s.up("--target", target));
        expect(Object.keys(await s.state()).sort()).toEqual(["new", "old"]);
        ok(await s.up(...more));
        expect(ids()).toEqual(before);
        expect(Object.keys(await s.state())).toEqual(["new"]);
        ok(await s.destroy());
        expect(ids()).toEqual({});
      }
    });

    test("destroy --refresh of two that share one deletes it; a copy beside the original is refused in the preview", async () => {
      const { s, new: target } = await made();
      s.yaml({ ...one("old"), ...one("new", { adoptExisting: true }) });
      const refused = await s.preview();
      expect(refused.code).not.toBe(0);
      expect(refused.text).toContain('the name "agent" is already taken');
      s.yaml(one("new", { adoptExisting: true }));
      ok(await s.up("--target", target));
      ok(await s.destroy("--refresh"));
      expect([ids(), await s.state()]).toEqual([{}, {}]);
    });

    test("a resource that moves to another provider, and adopts there: kept", async () => {
      const { s, before } = await made();
      s.yaml({
        other: { type: "pulumi:providers:daytona" },
        ...one("new", { adoptExisting: true }, { provider: "${other}" }),
      });
      ok(await s.up());
      expect(ids()).toEqual(before);
      expect((await s.state())["new"]?.outputs).toMatchObject({ snapshotId: before["agent"] });
      ok(await s.up("--expect-no-changes"));
    });

    test("the import option on a resource that has the snapshot already: kept", async () => {
      const { s, before } = await made();
      s.yaml(one("old", {}, { import: before["agent"] }));
      ok(await s.up());
      expect(ids()).toEqual(before);
    });

    test("replaceOnChanges with a fixed name: deleted, then made anew; with an automatic name, the other way round", async () => {
      const options = { replaceOnChanges: ["triggers"] };
      const box = (build: string) => ({
        box: { type: "daytona:Snapshot", properties: { image: "ubuntu:24.04", triggers: { build } }, options },
      });
      const s = (await stack()).yaml({ ...agent({ triggers: { build: "1" } }, options), ...box("1") });
      ok(await s.up());
      const before = ids();
      api().control.clearRequests();
      s.yaml({ ...agent({ triggers: { build: "2" } }, options), ...box("2") });
      ok(await s.up());
      expect(ids()["agent"]).not.toBe(before["agent"]);
      expect(Object.values(ids()).filter((id) => Object.values(before).includes(id))).toEqual([]);
      const calls = api()
        .control.requests()
        .filter(({ method }) => method !== "GET")
        .map(({ method, path }) => `${method} ${path.replace(/.*\//, "")}`);
      const deleted = (name: string) => calls.indexOf(`DELETE ${before[name]}`);
      const boxes = Object.keys(before).find((name) => name !== "agent") as string;
      expect(deleted("agent")).toBeGreaterThanOrEqual(0);
      expect(deleted(boxes)).toBe(calls.length - 1);
      ok(await s.up("--expect-no-changes"));
    });
  },
);
