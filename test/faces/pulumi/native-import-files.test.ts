import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PATIENCE, agent, describeWithPulumi, ok, setup } from "./setup";
import type { Stack } from "./stack";

jest.setTimeout(PATIENCE);

const DOCKERFILE = "FROM alpine:3.20\nCOPY src /app\nCOPY run.sh /\n";

describeWithPulumi("the native provider under the real engine: an import of a build with files", ["yaml"], () => {
  const { api, stack } = setup();
  const id = (): string | undefined => api().control.snapshot("golden")?.id;
  const program = agent({ name: "golden", image: undefined, dockerfile: "app/Dockerfile" });

  /** A stack that has the snapshot by an import, and the files beside the program. */
  async function imported(name: string): Promise<Stack> {
    const s = await stack({ name });
    mkdirSync(join(s.program, "app/src"), { recursive: true });
    for (const [file, text] of Object.entries({
      Dockerfile: DOCKERFILE,
      "src/main.py": "print(1)\n",
      "run.sh": "#!/bin/sh\n",
    }))
      writeFileSync(join(s.program, "app", file), text);
    if (id() === undefined) {
      ok(await s.yaml(program).up());
      ok(await s.run(["state", "delete", "--yes", (await s.state())["agent"]!.urn]));
    }
    ok(await s.run(["import", "daytona:index:Snapshot", "agent", "golden", "--yes", "--protect=false"]));
    return s.yaml(program);
  }

  test("the same files are recorded, other files replace the snapshot, and what cannot be known is said", async () => {
    const s = await imported("same");
    const before = id();
    expect((await s.state())["agent"]?.outputs?.["__marks"]).toEqual([
      "imported",
      expect.stringMatching(/^builtWith:[0-9a-f]{64},[0-9a-f]{64}$/),
    ]);
    const same = ok(await s.up());
    expect([id(), same.text.includes("warning")]).toEqual([before, false]);
    ok(await s.up("--expect-no-changes"));

    const other = await imported("other");
    writeFileSync(join(other.program, "app/run.sh"), "#!/bin/bash\n");
    const said =
      /compared 2 sets of 2 files on this machine \(COPY src: 1 file, COPY run\.sh: 1 file\) with 2 sets of the snapshot; different: COPY\s+run\.sh/;
    const preview = ok(await other.preview()).text;
    expect(preview).toContain('The files are not those that snapshot "golden" was built from');
    expect(preview.replace(/\s+/g, " ")).toMatch(said);
    expect(id()).toBe(before);
    ok(await other.up());
    expect(id()).not.toBe(before);
    ok(await other.up("--expect-no-changes"));
  });

  test("what another client has built is kept, and a program without a place for files is told where they belong", async () => {
    const before = api().control.insert({
      name: "golden",
      dockerfileContent: DOCKERFILE,
      contextHashes: ["0".repeat(32)],
    });
    const s = await imported("foreign");
    s.yaml(agent({ name: "golden", image: undefined, dockerfileContent: DOCKERFILE }));
    const unnamed = ok(await s.up("--expect-no-changes"));
    expect(unnamed.text).toContain('The files that snapshot "golden" was built from are not configured');
    s.yaml(program);
    const kept = ok(await s.up());
    expect(kept.text).toContain('It is unknown whether the files are those that snapshot "golden" was built from');
    expect(id()).toBe(before);
    ok(await s.up("--expect-no-changes"));
  });
});
