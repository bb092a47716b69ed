import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DriftReport } from "../../../provider/fleet/report/report";
import { drift } from "../../unit/cli/drift/run";
import { PATIENCE, describeWithPulumi, ok, setup, type Stack } from "./setup";

jest.setTimeout(PATIENCE);

describeWithPulumi("daytona-iac drift with the real engine", ["yaml"], () => {
  const { api, stack } = setup();
  const here = process.cwd();
  afterEach(() => process.chdir(here));

  const snapshot = (name: string, more: Record<string, unknown> = {}) => ({
    type: "daytona:Snapshot",
    properties: { name, image: "ubuntu:24.04", ...more },
  });
  const files = (s: Stack): Record<string, string> =>
    Object.fromEntries(
      readdirSync(s.dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.parentPath.includes("/.pulumi/plugins"))
        .map((entry) => [
          join(entry.parentPath, entry.name),
          readFileSync(join(entry.parentPath, entry.name), "latin1"),
        ]),
    );
  const run = async (s: Stack, args: string[] = []): Promise<{ code: number; report: DriftReport; text: string }> => {
    process.chdir(s.program);
    const { code, out } = await drift(api(), [...args, "--format", "json"], { env: s.env });
    return { code, report: JSON.parse(out) as DriftReport, text: out };
  };

  test("drift and what is not applied, from one preview that saves nothing", async () => {
    const names = ["idle", "failed", "gone", "fine", "changed"];
    const s = (await stack()).yaml(Object.fromEntries(names.map((name) => [name, snapshot(name)])));
    ok(await s.up());
    expect(await run(s)).toMatchObject({
      code: 0,
      report: { verdict: "No drift in 5 snapshots.", sources: [{ kind: "pulumi", name: "." }] },
    });
    api().control.update("idle", { state: "inactive" });
    api().control.update("failed", { state: "error", errorReason: "no space" });
    api().control.remove("gone");
    s.yaml({
      ...Object.fromEntries(names.map((name) => [name, snapshot(name)])),
      changed: snapshot("changed", { cpu: 4 }),
      added: snapshot("added"),
    });
    const before = files(s);
    api().control.clearRequests();
    const { code, report } = await run(s);
    expect(code).toBe(2);
    expect(report.verdict).toBe("3 of 6 snapshots have drifted, 2 unapplied changes.");
    expect(
      Object.fromEntries(
        report.snapshots.map(({ address, happened, notApplied }) => [address, [happened, notApplied]]),
      ),
    ).toEqual({
      idle: ["idle", false],
      failed: ["failed", false],
      gone: ["gone", false],
      fine: [null, false],
      changed: [null, true],
      added: [null, true],
    });
    expect(report.snapshots[0]!.command).toBe("pulumi -C . up --refresh");
    expect(files(s)).toEqual(before);
    expect(
      api()
        .control.requests()
        .filter(({ method }) => method !== "GET"),
    ).toEqual([]);
    expect((await run(s, ["--ignore", "idle:active", "--ignore", "failed:*", "--ignore", "gone:*"])).code).toBe(3);
  });

  test("an export is compared with the API, without Pulumi", async () => {
    const s = (await stack()).yaml({ idle: snapshot("idle"), fine: snapshot("fine") });
    ok(await s.up());
    const { stdout } = await promisify(execFile)("pulumi", ["stack", "export"], { cwd: s.program, env: s.env });
    api().control.update("idle", { state: "inactive" });
    const { code, out } = await drift(api(), ["--state", "-", "--format", "json"], {
      env: { PATH: "" },
      read: () => Promise.resolve(stdout),
    });
    expect([
      code,
      (JSON.parse(out) as DriftReport).snapshots.map(({ address, happened }) => [address, happened]),
    ]).toEqual([
      2,
      [
        ["idle", "idle"],
        ["fine", null],
      ],
    ]);
  });

  test("an export with secrets, after a clean up: in order; what is secret is hidden, also where it has drifted", async () => {
    const s = (await stack()).yaml({
      hidden: {
        type: "daytona:Snapshot",
        properties: {
          name: "hidden",
          dockerfileContent: { "fn::secret": "FROM alpine:3.20\nRUN planted-text\n" },
          triggers: { token: { "fn::secret": "planted-trigger" } },
        },
      },
      fine: snapshot("fine"),
    });
    ok(await s.up());
    for (const more of [[], ["--show-secrets"]]) {
      api().control.update("hidden", { cpu: 1 });
      const { stdout } = await promisify(execFile)("pulumi", ["stack", "export", ...more], {
        cwd: s.program,
        env: s.env,
      });
      expect(stdout.includes("planted-text")).toBe(more.length > 0);
      const read = async (format: string) =>
        drift(api(), ["--state", "-", "--format", format], { env: { PATH: "" }, read: () => Promise.resolve(stdout) });
      const calm = await read("json");
      expect([
        calm.code,
        Object.fromEntries(
          (JSON.parse(calm.out) as DriftReport).snapshots.map(({ address, happened }) => [address, happened]),
        ),
      ]).toEqual([0, { hidden: null, fine: null }]);
      api().control.update("hidden", { cpu: 4 });
      const found = await read("table");
      expect(found.code).toBe(2);
      for (const { out, err } of [calm, found]) expect(out + err).not.toContain("planted");
    }
    expect((await run(s, ["--ignore", "hidden:cpu"])).code).toBe(0);
  });

  test("an up --refresh that ended halfway: what it found and did not repair is a change that is not applied", async () => {
    const s = (await stack()).yaml({ agent: snapshot("agent", { cpu: 1 }) });
    ok(await s.up());
    api().control.update("agent", { cpu: 4 });
    api().control.fault({
      method: "POST",
      path: "/snapshots",
      action: "answer",
      status: 400,
      body: { message: "no" },
      times: -1,
    });
    expect((await s.up("--refresh")).code).not.toBe(0);
    api().control.clearFaults();
    expect((await s.state())["agent"]?.outputs).toMatchObject({ cpu: 4 });
    const { code, report } = await run(s);
    expect(code).toBe(3);
    expect(report.snapshots).toMatchObject([
      { address: "agent", happened: null, notApplied: true, programChanges: [{ attribute: "cpu", from: 4, to: 1 }] },
    ]);
    expect(JSON.stringify(report)).not.toContain("did not finish");
    ok(await s.up());
    expect(api().control.snapshot("agent")).toMatchObject({ cpu: 1 });
    expect((await run(s)).code).toBe(0);
  });

  test("errors of the preview end with 1; a secret that changes is not applied, and not shown", async () => {
    const s = (await stack()).yaml(
      {
        agent: {
          type: "daytona:Snapshot",
          properties: {
            name: "agent",
            dockerfileContent: "FROM alpine:3.20\nARG TOKEN\n",
            buildArgs: { TOKEN: "${token}" },
          },
        },
      },
      { config: { token: { type: "string", secret: true } } },
    );
    ok(await s.run(["config", "set", "--secret", "token", "planted-one"]));
    ok(await s.up());
    ok(await s.run(["config", "set", "--secret", "token", "planted-two"]));
    const { code, report, text } = await run(s);
    expect(code).toBe(3);
    expect(report.snapshots[0]!.programChanges).toEqual([
      { attribute: "buildArgs", from: "(sensitive)", to: "(sensitive)" },
    ]);
    expect(text).not.toContain("planted");
    const key = s.env["DAYTONA_API_KEY"]!;
    s.env["DAYTONA_API_KEY"] = "dtn_wrong";
    expect(await run(s)).toMatchObject({
      code: 1,
      report: {
        status: "error",
        sources: [
          {
            error: {
              summary: "`pulumi preview` in . failed",
              detail: expect.stringContaining("the API rejected the credentials"),
            },
          },
        ],
      },
    });
    s.env["DAYTONA_API_KEY"] = key;
    expect(await run(s, ["--pulumi", ".", "--stack", "none"])).toMatchObject({
      code: 1,
      report: { sources: [{ name: ".", error: { detail: expect.stringContaining("no stack named 'none' found") } }] },
    });
  });
});
