import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { install } from "./dynamic/package";
import { NodeStack } from "./dynamic/setup";
import { PATIENCE, describeWithPulumi, fixture, installPlugin, ok } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("resource options of the engine, with the native provider", ["nodejs"], () => {
  const { api, stack } = fixture(
    (folder) => {
      install(folder);
      installPlugin(folder);
    },
    (folder, env, name) => new NodeStack(folder, env, join(folder, "node_modules"), name),
  );

  /** A snapshot `agent` with these arguments and options, as texts of a program that has `fs`, `pulumi` and `log`, which writes a line of JSON. */
  const agent = (args: string, options: string): string => `
    const fs = require("node:fs");
    const pulumi = require("@pulumi/pulumi");
    const { Snapshot } = require("daytona-iac/pulumi/native");
    const log = (...line) => fs.appendFileSync("hooks.log", JSON.stringify(line) + "\\n");
    exports.id = new Snapshot("agent", { image: "ubuntu:24.04", ${args} }, { ${options} }).snapshotId;
  `;
  const images = (): [string, string][] =>
    api()
      .control.snapshots()
      .map(({ name, imageName }) => [name, imageName!]);

  test("hooks: after a create and an update the snapshot is active; a swap is one update, and runs no hook of a delete", async () => {
    const s = await stack();
    const hooks = `hooks: {
      beforeCreate: [(args) => log("before create", args.newInputs.name, pulumi.Output.isInstance(args.newInputs.triggers))],
      afterCreate: [(args) => log("after create", args.newOutputs.name, args.newOutputs.state, args.newOutputs.snapshotId)],
      afterUpdate: [(args) => log("after update", args.oldOutputs.image, args.newOutputs.image, args.newOutputs.state, args.newOutputs.snapshotId)],
      beforeDelete: [new pulumi.ResourceHook("gone", (args) => log("before delete", args.oldOutputs.name))],
    }`;
    const lines = (): unknown[] => {
      const file = join(s.program, "hooks.log");
      if (!existsSync(file)) return [];
      return readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
    };
    s.write("index.js", agent('name: "agent", triggers: { token: pulumi.secret("planted") }', hooks));
    ok(await s.preview());
    expect(lines()).toEqual([]);
    ok(await s.up());
    const first = api().control.snapshot("agent")!.id;
    expect(lines()).toEqual([
      ["before create", "agent", true],
      ["after create", "agent", "active", first],
    ]);
    s.write(
      "index.js",
      agent('name: "agent", image: "debian:12.5", triggers: { token: pulumi.secret("planted") }', hooks),
    );
    ok(await s.up());
    const second = api().control.snapshot("agent")!.id;
    expect(second).not.toBe(first);
    expect(lines().slice(2)).toEqual([["after update", "ubuntu:24.04", "debian:12.5", "active", second]]);
    ok(await s.destroy("--run-program"));
    expect(lines().slice(3)).toEqual([["before delete", "agent"]]);
    expect(api().control.snapshots()).toEqual([]);
  });

  test("a hook before a create that fails: nothing is created", async () => {
    const s = await stack();
    s.write("index.js", agent('name: "agent"', 'hooks: { beforeCreate: [() => { throw new Error("not today"); }] }'));
    const result = await s.up();
    expect(result.code).not.toBe(0);
    expect(result.text).toContain("not today");
    expect(api().control.counts().create ?? 0).toBe(0);
  });

  test("hideDiffs: the change is planned and made, and not shown", async () => {
    const s = await stack();
    const program = (commit: string) =>
      agent(`name: "agent", triggers: { commit: "${commit}" }`, 'hideDiffs: ["triggers"]');
    s.write("index.js", program("abc1"));
    ok(await s.up());
    const before = api().control.snapshot("agent")!.id;
    s.write("index.js", program("abc2"));
    const { text } = ok(await s.preview());
    expect(text).toMatch(/1 to update/);
    expect(text).not.toContain("abc2");
    expect(text).toContain("Changing triggers creates a new snapshot");
    ok(await s.up());
    expect(api().control.snapshot("agent")!.id).not.toBe(before);
    expect((await s.state())["agent"]?.outputs).toMatchObject({ triggers: { commit: "abc2" } });
  });

  test("replacementTrigger with an automatic name: the new snapshot is there before the old one goes", async () => {
    const s = await stack();
    const program = (value: string) => agent("", `replacementTrigger: "${value}"`);
    s.write("index.js", program("first"));
    ok(await s.up());
    const [[before]] = images() as [[string, string]];
    ok(await s.up("--expect-no-changes"));
    s.write("index.js", program("second"));
    expect(ok(await s.preview()).text).toMatch(/1 to replace/);
    api().control.clearRequests();
    ok(await s.up());
    const [[after], ...others] = images() as [[string, string]];
    expect(others).toEqual([]);
    expect(after).not.toBe(before);
    expect(
      api()
        .control.requests()
        .map(({ method }) => method)
        .filter((method) => method !== "GET"),
    ).toEqual(["POST", "DELETE"]);
  });

  test("replacementTrigger with a fixed name: an error before anything is touched, unless the old one is deleted first", async () => {
    const s = await stack();
    const program = (value: string, more = "") => agent('name: "agent"', `replacementTrigger: "${value}"${more}`);
    s.write("index.js", program("first"));
    ok(await s.up());
    const before = api().control.snapshot("agent")!.id;
    s.write("index.js", program("second"));
    const refused = await s.up();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain("deleteBeforeReplace");
    expect(api().control.snapshot("agent")!.id).toBe(before);
    s.write("index.js", program("second", ", deleteBeforeReplace: true"));
    ok(await s.up());
    expect(api().control.snapshot("agent")!.id).not.toBe(before);
    expect(images()).toEqual([["agent", "ubuntu:24.04"]]);
  });
});
