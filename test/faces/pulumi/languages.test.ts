import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { version } from "../../../provider/version.gen";
import { type Stack, PATIENCE, describeWithPulumi, ok, setup } from "./setup";

jest.setTimeout(PATIENCE);

const examples = join(__dirname, "../../../examples");
const { api, folder: home, stack } = setup();
const outputs = async (s: Stack) =>
  JSON.parse(ok(await s.run(["stack", "output", "--json"])).stdout) as Record<string, unknown>;
/** Without what a stack of its own or an earlier run in the folder left there. */
const example = async (name: string) => {
  const s = (await stack()).copy(join(examples, name));
  for (const made of ["venv", "sdks"]) rmSync(join(s.program, made), { recursive: true, force: true });
  return s.init();
};

describeWithPulumi("the YAML example", ["yaml"], () => {
  test("up, up again, another version of the tools, drift, destroy", async () => {
    const s = await example("pulumi-yaml");
    ok(await s.up());
    expect(await outputs(s)).toEqual({
      agent: expect.stringMatching(/^agent-[0-9a-f]{7}$/) as string,
      tools: "tools",
      toolsState: "active",
      regions: expect.arrayContaining(["us"]) as string[],
    });
    ok(await s.up("--expect-no-changes"));
    const before = api().control.snapshot("tools")?.id;
    ok(await s.run(["config", "set", "toolsVersion", "2"]));
    ok(await s.up());
    expect(api().control.snapshot("tools")?.id).not.toBe(before);
    ok(await s.drift());
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });
});

/** The SDK's dependencies come from PyPI. */
function pypi(): boolean {
  try {
    execFileSync("python3", ["-m", "pip", "index", "versions", "pulumi"], { stdio: "ignore", timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

describeWithPulumi("the Python example", ["python"], () => {
  const run = pypi() ? test : test.skip;
  run("the SDK is generated, then up, up again, import, destroy", async () => {
    const s = await example("pulumi-python");
    // The stack's home is an empty one.
    s.env["PIP_CACHE_DIR"] ??= join(homedir(), ".cache/pip");
    ok(
      await s.run([
        "package",
        "add",
        join(home(), "plugins", `resource-daytona-v${version}`, "pulumi-resource-daytona"),
      ]),
    );
    expect(existsSync(join(s.program, "sdks"))).toBe(true);
    ok(await s.up());
    expect(await outputs(s)).toEqual({
      agent: expect.stringMatching(/^agent-[0-9a-f]{7}$/) as string,
      tools: "tools",
      tools_state: "active",
      regions: expect.arrayContaining(["us"]) as string[],
    });
    ok(await s.up("--expect-no-changes"));

    api().control.insert({ name: "golden", imageName: "debian:12.5", cpu: 2, mem: 4, disk: 10 });
    const imported = ok(
      await s.run(["import", "daytona:index:Snapshot", "golden", "golden", "--yes", "--protect=false"]),
    );
    const line = /^golden = [\s\S]*?\)$/m.exec(imported.stdout.replace(/^ {4}/gm, ""))?.[0] as string;
    expect(line).toContain('image="debian:12.5"');
    const program = join(s.program, "__main__.py");
    writeFileSync(program, `${readFileSync(program, "utf8")}\nimport daytona_iac_pulumi as daytona\n${line}\n`);
    ok(await s.up("--expect-no-changes"));
    ok(await s.destroy());
    expect(api().control.snapshots()).toEqual([]);
  });
});
