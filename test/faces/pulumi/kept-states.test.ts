import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalApiOptions } from "../../../provider/local";
import { describeDynamic, setup as setupDynamic } from "./dynamic/setup";
import { PATIENCE, type Stack, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);
/** Exports of stacks that release 0.1.0 wrote before it had a second resource, and what the API had. Never written anew. */
const kept = (kind: string, file: string): string => join(__dirname, "../../golden/states", `pulumi-${kind}`, file);
const snapshots = JSON.parse(readFileSync(kept("dynamic", "snapshots.json"), "utf8")) as Record<
  string,
  Record<string, unknown>
>;

function dataOf(kind: string): LocalApiOptions {
  const data = join(mkdtempSync(join(tmpdir(), "daytona-iac-kept-")), "api.json");
  cpSync(kept(kind, "api.json"), data);
  return { data };
}

async function load(s: Stack, kind: string): Promise<void> {
  writeFileSync(join(s.dir, "export.json"), readFileSync(kept(kind, "export.json")));
  ok(await s.run(["stack", "import", "--file", join(s.dir, "export.json")]));
}

describeWithPulumi("a stack of an earlier build, under the real engine: native", ["yaml"], () => {
  const { api, stack } = setup(dataOf("native"));
  test("plans nothing, is refreshed without a difference, and is destroyed", async () => {
    const s = await stack();
    writeFileSync(join(s.program, "Pulumi.yaml"), readFileSync(kept("native", "Pulumi.yaml")));
    await load(s, "native");
    ok(await s.up("--expect-no-changes"));
    ok(await s.refresh("--expect-no-changes"));
    expect(
      api()
        .control.requests()
        .filter(({ method }) => method !== "GET"),
    ).toEqual([]);
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });
});

describeWithPulumi(
  "a stack of an earlier build, under the real engine: from the dynamic provider to the native one",
  ["yaml"],
  () => {
    const { api, stack } = setup(dataOf("dynamic"));
    test("nothing is sent", async () => {
      const s = (await stack()).yaml(
        Object.fromEntries(
          Object.entries(snapshots).map(([name, properties]) => [
            name,
            {
              type: "daytona:Snapshot",
              properties,
              options: { aliases: [`urn:pulumi:dev::agents::pulumi-nodejs:dynamic/daytona:Snapshot::${name}`] },
            },
          ]),
        ),
      );
      await load(s, "dynamic");
      ok(await s.up());
      expect(
        api()
          .control.requests()
          .filter(({ method }) => method !== "GET"),
      ).toEqual([]);
      ok(await s.up("--expect-no-changes"));
    });
  },
);

describeDynamic("a stack of an earlier build, under the real engine: dynamic", () => {
  const { api, stack } = setupDynamic(dataOf("dynamic"));
  test("its shim still works, nothing is sent, and it is destroyed", async () => {
    const s = (await stack()).snapshots(snapshots);
    await load(s, "dynamic");
    ok(await s.up());
    expect(
      api()
        .control.requests()
        .filter(({ method }) => method !== "GET"),
    ).toEqual([]);
    await load(s, "dynamic");
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });
});
