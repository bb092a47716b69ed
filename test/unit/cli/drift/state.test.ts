// Longer than most: drift of one fleet in each form of a state, each report and each failure.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FORMATS } from "../../../../provider/cli/drift/flags";
import type { DriftReport } from "../../../../provider/fleet/report/report";
import { attributes, change, plan } from "../../fleet/plan";
import { world } from "../world";
import { drift } from "./run";

const here = world();

/** The attributes that a state has of a snapshot of the API. */
function known(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const dto = here.api.control.snapshot(name)!;
  return attributes(name, {
    id: dto.id,
    image: dto.imageName,
    image_name: dto.imageName,
    cpu: dto.cpu,
    memory: dto.mem,
    disk: dto.disk,
    gpu: dto.gpu,
    size: dto.size,
    ref: dto.ref,
    sandbox_class: dto.sandboxClass,
    entrypoint: dto.entrypoint,
    region: dto.regionIds![0],
    region_ids: dto.regionIds,
    organization_id: dto.organizationId,
    created_at: dto.createdAt,
    ...more,
  });
}

const raw = (...instances: { index_key?: string | number; attributes: unknown }[]) => ({
  version: 4,
  terraform_version: "1.11.4",
  serial: 1,
  resources: [
    {
      mode: "managed",
      type: "daytona_snapshot",
      name: "agent",
      provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
      instances,
    },
    {
      mode: "managed",
      type: "terraform_data",
      name: "x",
      provider: 'provider["terraform.io/builtin/terraform"]',
      instances: [{ attributes: {} }],
    },
  ],
});
const write = (file: string, content: unknown): string => {
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
};
const reportOf = async (args: string[], more = {}): Promise<DriftReport & { code: number }> => {
  const { code, out } = await drift(here.api, [...args, "--format", "json"], more);
  return { ...(JSON.parse(out) as DriftReport), code };
};

test("an untouched fleet has no drift, in every form of a state", async () => {
  const [id] = [here.api.control.insert({ name: "a" })];
  const shown = {
    format_version: "1.0",
    values: {
      root_module: {
        resources: [],
        child_modules: [
          {
            resources: [
              {
                address: "module.m.daytona_snapshot.agent",
                mode: "managed",
                type: "daytona_snapshot",
                name: "agent",
                provider_name: "registry.opentofu.org/daytona-iac/daytona",
                values: known("a"),
              },
            ],
          },
        ],
      },
    },
  };
  const stack = {
    version: 3,
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:dev::p::daytona:index:Snapshot::agent",
          type: "daytona:index:Snapshot",
          custom: true,
          id: "a",
          outputs: {
            name: "a",
            snapshotId: id,
            image: "ubuntu:24.04",
            state: "active",
            active: true,
            cpu: known("a")["cpu"],
            memory: known("a")["memory"],
            disk: known("a")["disk"],
            gpu: known("a")["gpu"],
            region: "us",
            regionIds: ["us"],
            imageName: "ubuntu:24.04",
            ref: known("a")["ref"],
            size: known("a")["size"],
            sandboxClass: known("a")["sandbox_class"],
            createdAt: known("a")["created_at"],
            organizationId: here.api.organizationId,
            replacement: "swap",
            adoptExisting: false,
          },
        },
      ],
    },
  };
  for (const [state, address] of [
    [raw({ attributes: known("a") }), "daytona_snapshot.agent"],
    [raw({ index_key: "x", attributes: known("a") }), 'daytona_snapshot.agent["x"]'],
    [shown, "module.m.daytona_snapshot.agent"],
    [stack, "agent"],
  ] as const) {
    const report = await reportOf(["--state", write("state.json", state)]);
    expect(report).toMatchObject({
      code: 0,
      verdict: "No drift in 1 snapshot.",
      snapshots: [{ address, drifted: false, driftChanges: [] }],
    });
  }
  expect(await reportOf(["--state", write("state.json", { format_version: "1.0" })])).toMatchObject({
    code: 0,
    verdict: "There are no snapshots.",
  });
});

test("what a state knows and the API no longer has so", async () => {
  for (const name of ["idle", "failed", "gone", "swapped", "fine"]) here.api.control.insert({ name });
  const state = raw(
    ...["idle", "failed", "gone", "swapped", "fine"].map((name) => ({ index_key: name, attributes: known(name) })),
  );
  here.api.control.update("idle", { state: "inactive" });
  here.api.control.update("failed", { state: "error", errorReason: "no space" });
  here.api.control.remove("gone");
  here.api.control.remove("swapped");
  for (const name of ["swapped--next-01234567", "fine--next-01234567"]) here.api.control.insert({ name });
  here.api.control.insert({ name: "stray", state: "inactive" });
  here.api.control.clearRequests();
  const report = await reportOf(["--state", write("state.json", state), "--unmanaged"]);
  expect(Object.fromEntries(report.snapshots.map(({ name, happened }) => [name, happened]))).toMatchObject({
    idle: "idle",
    failed: "failed",
    gone: "gone",
    swapped: "unfinished-swap",
    fine: null,
  });
  expect(report.code).toBe(2);
  // The successor of an unfinished swap belongs to its snapshot, whether or not that is still there.
  expect(report.unmanaged!.map(({ name }) => name)).toEqual(["stray"]);
  expect(report.snapshots[0]!.since ?? report.snapshots[1]!.since).toMatch(/^\d{4}-/);
  expect(here.api.control.requests().every(({ method }) => method === "GET")).toBe(true);
});

test("a thousand snapshots take six lists: five pages, and the one on which the general ones begin", async () => {
  here.api.control.seed(1_000);
  const state = raw(...here.api.control.snapshots().map(({ name }) => ({ index_key: name, attributes: known(name) })));
  here.api.control.clearRequests();
  expect(await reportOf(["--state", write("state.json", state)])).toMatchObject({
    code: 0,
    verdict: "No drift in 1000 snapshots.",
  });
  expect(here.api.control.counts()).toEqual({ list: 6, total: 6 });
});

test("a swap that was cut off after its state took the successor's ID", async () => {
  const id = here.api.control.insert({ name: "cut--next-01234567" });
  const state = write("state.json", raw({ attributes: { ...known("cut--next-01234567"), name: "cut" } }));
  expect(await reportOf(["--state", state, "--unmanaged"])).toMatchObject({
    code: 2,
    unmanaged: [],
    snapshots: [
      {
        id,
        happened: "unfinished-swap",
        summary: "A replacement was interrupted: the successor exists, but does not have the name yet.",
        apply: "Finishes the replacement; takes about as long as pulling its image.",
      },
    ],
  });
});

test("a snapshot that a listing lacks is asked for by its ID: a deletion may have shifted the pages", async () => {
  here.api.control.insert({ name: "a" });
  const state = write("state.json", raw({ attributes: known("a") }));
  here.api.control.fault({
    kind: "list",
    action: "answer",
    status: 200,
    body: { items: [], total: 0, page: 1, totalPages: 1 },
  });
  expect(await reportOf(["--state", state])).toMatchObject({ code: 0, verdict: "No drift in 1 snapshot." });
});

test("a .daytona-iac.yaml that leads out of its folder is not read, and one that --config names is", async () => {
  here.api.control.insert({ name: "idle" });
  const state = write("state.json", raw({ attributes: known("idle") }));
  mkdirSync("sub");
  write("sub/real.yaml", "drift: {}\n");
  symlinkSync("sub/real.yaml", ".daytona-iac.yaml");
  expect(await reportOf(["--state", state])).toMatchObject({ code: 0 });
  rmSync(".daytona-iac.yaml");
  const outside = mkdtempSync(join(tmpdir(), "drift-outside-"));
  try {
    writeFileSync(join(outside, "secret"), "hunter2: [");
    symlinkSync(join(outside, "secret"), ".daytona-iac.yaml");
    expect(await drift(here.api, ["--state", state])).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        `.daytona-iac.yaml cannot be read\n  It is a link to "${join(outside, "secret")}", which is outside of the allowed folders. Put a regular file there, or specify another file with --config.\n`,
      ) as string,
    });
    writeFileSync(join(outside, "shared.yaml"), "drift: {}\n");
    expect(await reportOf(["--state", state, "--config", join(outside, "shared.yaml")])).toMatchObject({ code: 0 });
  } finally {
    rmSync(outside, { recursive: true });
  }
  expect(await drift(here.api, ["--state", state, "--config", "/dev/zero"])).toMatchObject({
    code: 1,
    err: expect.stringContaining(
      "/dev/zero cannot be read\n  It is a device, not a regular file. Put a regular file there.\n",
    ) as string,
  });
});

test("a device that does not end is no plan and no state", async () => {
  for (const flag of ["--state", "--plan"])
    expect(await drift(here.api, [flag, "/dev/zero"])).toMatchObject({
      code: 1,
      // The report has it, which is on standard output.
      out: expect.stringContaining("It is a device, not a file.") as string,
    });
});

test("--ignore, .daytona-iac.yaml and --exit-zero", async () => {
  here.api.control.insert({ name: "idle" });
  const state = write("state.json", raw({ attributes: known("idle") }));
  here.api.control.update("idle", { state: "inactive" });
  expect((await reportOf(["--state", state])).code).toBe(2);
  expect((await reportOf(["--state", state, "--exit-zero"])).code).toBe(0);
  expect((await reportOf(["--state", state, "--state", "none.json", "--exit-zero"])).code).toBe(1);
  expect(await reportOf(["--state", state, "--ignore", "id*:active"])).toMatchObject({
    code: 0,
    counts: { ignored: 2 },
  });
  write(
    ".daytona-iac.yaml",
    "drift:\n  ignore:\n    - {name: idle, attribute: active, reason: nightly, until: 2999-12-31}\n",
  );
  expect(await reportOf(["--state", state])).toMatchObject({
    code: 0,
    snapshots: [{ ignored: [{ attribute: "active", reason: "nightly", until: "2999-12-31" }, {}] }],
  });
  // Those of the flags count beside those of the file.
  write(".daytona-iac.yaml", "drift:\n  ignore:\n    - {name: idle, attribute: state}\n");
  expect((await reportOf(["--state", state])).code).toBe(2);
  expect(await reportOf(["--state", state, "--ignore", "idle:active"])).toMatchObject({
    code: 0,
    counts: { ignored: 2 },
  });
  // A rule that ignores nothing is told, whatever the format, with what there is.
  const idle = await drift(here.api, ["--state", state, "--format", "json", "-q", "--ignore", "ilde:active"]);
  expect(idle).toMatchObject({
    code: 2,
    err: 'Warning: --ignore ilde:active matches no snapshot\n  None has the name or the address "ilde". Available: idle. * matches any text, ? matches one character.\n',
  });
  write(".daytona-iac.yaml", "drift:\n  ignore:\n    - {name: idle, attribute: state, until: 2020-01-31}\n");
  expect((await drift(here.api, ["--state", state, "--format", "json", "-q"])).err).toBe(
    "Warning: drift.ignore[0] of .daytona-iac.yaml (idle) expired on 2020-01-31, and no longer ignores anything\n  Set a later date, or remove the rule.\n",
  );
  write("other.yaml", "drift: [");
  expect(await drift(here.api, ["--state", state, "--config", "other.yaml"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("other.yaml is not valid YAML") as string,
  });
  expect(await drift(here.api, ["--state", state, "--config", "none.yaml"])).toMatchObject({
    code: 64,
    err: "Error: --config none.yaml does not exist\n  Correct the path.\n",
  });
});

test("one run writes several reports; standard input", async () => {
  here.api.control.insert({ name: "a" });
  const state = JSON.stringify(raw({ attributes: known("a") }));
  const { code, out } = await drift(
    here.api,
    [
      "--state",
      "-",
      "--output",
      "html=a.html",
      "--output",
      "junit=b.xml",
      "--output",
      "sarif=c.sarif",
      "--output",
      "json=d.json",
      "--output",
      "markdown=e.md",
      "--comment-marker",
      "m",
    ],
    { read: () => Promise.resolve(state) },
  );
  expect({ code, out }).toEqual({ code: 0, out: "No drift in 1 snapshot.\nChecked: state from standard input.\n" });
  for (const [file, text] of [
    ["a.html", "<!doctype html>"],
    ["b.xml", "<?xml"],
    ["c.sarif", '"version": "2.1.0"'],
    ["d.json", '"version": 1'],
    ["e.md", "<!-- m -->\n\n### ✅"],
  ] as const)
    expect(readFileSync(file, "utf8")).toContain(text);
  expect(
    (
      await drift(here.api, ["--state", "-", "-q", "--output", "html=none/a.html"], {
        read: () => Promise.resolve(state),
      })
    ).err,
  ).toBe("Error: the report none/a.html cannot be written\n  It does not exist (ENOENT).\n");
});

test.each<[string, () => string[], number, string]>([
  ["no file", () => ["--state", "none.json"], 1, "the state none.json cannot be read\n  The file does not exist."],
  [
    "half a file",
    () => ["--state", write("half.json", '{"version": 4, "res')],
    1,
    "Was the command that wrote it interrupted?",
  ],
  ["an empty file", () => ["--plan", write("empty.json", "")], 1, "the plan empty.json cannot be read\n  It is empty."],
  [
    "a plan in Terraform's own format",
    () => ["--plan", write("plan.bin", "PK\u0003\u0004")],
    1,
    "Convert it: `terraform show -json plan.bin`.",
  ],
  [
    "a state of a newer format",
    () => ["--state", write("s.json", { version: 5, terraform_version: "2.0" })],
    1,
    "Update daytona-iac.",
  ],
  [
    "an encrypted state",
    () => ["--state", write("s.json", { encrypted_data: "x" })],
    1,
    "`tofu state pull > state.json` writes a readable state.",
  ],
  ["a plan as a state", () => ["--state", write("s.json", plan([], []))], 0, "There are no snapshots."],
  [
    "a plan that failed",
    () => ["--plan", write("p.json", plan([], [], { errored: true }))],
    1,
    "Terraform stopped with errors while creating this plan",
  ],
  ["no project", () => [], 64, "There is no project in this folder"],
  ["a folder without a project", () => (mkdirSync("x"), ["--pulumi", "x"]), 1, "--pulumi x has no Pulumi.yaml"],
  ["a wrong output", () => ["--state", "s.json", "--output", "pdf=x"], 64, "--output pdf=x is not FORMAT=FILE"],
  ["a wrong ignore", () => ["--state", "s.json", "--ignore", "x"], 64, "--ignore x is not NAME:ATTRIBUTE"],
  ["standard input twice", () => ["--state", "-", "--plan", "-"], 64, "standard input can be read only once"],
  ["a stack without Pulumi", () => ["--terraform", ".", "--stack", "dev"], 64, "--stack is for Pulumi projects"],
])("%s", async (_what, args, code, text) => {
  const ran = await drift(here.api, args());
  expect([ran.code, ran.out + ran.err]).toEqual([code, expect.stringContaining(text)]);
});

test("an API that fails, in the middle of the list too, ends with 1, never with drift", async () => {
  here.api.control.seed(450);
  const state = write(
    "state.json",
    raw(...here.api.control.snapshots().map(({ name }) => ({ index_key: name, attributes: known(name) }))),
  );
  here.api.control.fault({
    kind: "list",
    skip: 1,
    times: -1,
    action: "answer",
    status: 400,
    body: { statusCode: 400, message: "broken" },
  });
  expect(await reportOf(["--state", state])).toMatchObject({
    code: 1,
    status: "error",
    counts: { drifted: 0, errors: 1 },
  });
  here.api.control.clearFaults();
  expect(await drift(here.api, ["--state", state], { env: { DAYTONA_API_KEY: "dtn_wrong" } })).toMatchObject({
    code: 1,
    out: expect.stringContaining("the API rejected the credentials") as string,
  });
  expect(await drift(here.api, ["--state", state], { env: { DAYTONA_API_KEY: "" } })).toMatchObject({
    code: 1,
    out: expect.stringContaining("the API is not configured") as string,
  });
  const other = write("other.json", raw({ attributes: { ...known("seed-1"), organization_id: "another" } }));
  expect(await drift(here.api, ["--state", other])).toMatchObject({
    code: 1,
    out: expect.stringContaining("The state belongs to another organization") as string,
  });
});

test("a plan is complete without the API: only times are missing", async () => {
  const file = write("plan.json", plan([], [change("daytona_snapshot.agent", ["delete"], attributes("a"), null)]));
  const { code, out } = await drift(here.api, ["--plan", file], { env: { DAYTONA_API_KEY: "" } });
  expect([code, out]).toEqual([
    3,
    expect.stringMatching(/\n\nplan\.json: The times of the changes are not available: the API is not configured\.\n$/),
  ]);
  const partly = write(
    "partly.json",
    plan(
      [],
      [
        change("daytona_snapshot.agent", ["delete"], attributes("a"), null, {
          action_reason: "delete_because_no_resource_config",
        }),
      ],
      { complete: false },
    ),
  );
  expect((await reportOf(["--plan", partly], { env: { DAYTONA_API_KEY: "" } })).sources[0]!.notes).toEqual([
    expect.stringMatching(/^The plan is not complete: /),
    "The times of the changes are not available: the API is not configured.",
  ]);
  here.api.control.clearRequests();
  expect(
    await drift(here.api, [
      "--plan",
      write("clean.json", plan([], [change("daytona_snapshot.agent", ["no-op"], attributes("a"), attributes("a"))])),
    ]),
  ).toMatchObject({ code: 0, out: "No drift in 1 snapshot.\nChecked: plan clean.json.\n" });
  expect(here.api.control.requests()).toEqual([]);
  expect(await reportOf(["--plan", file, "--unmanaged"], { env: { DAYTONA_API_KEY: "" } })).toMatchObject({
    code: 1,
    status: "error",
  });
});

test("an apply that is under way is told of", async () => {
  here.api.control.insert({ name: "agent", state: "building" });
  const file = write("plan.json", plan([], [change("daytona_snapshot.agent", ["create"], null, attributes("agent"))]));
  expect((await reportOf(["--plan", file])).sources[0]!.notes).toEqual([
    'An apply may be in progress: snapshot "agent" is building. Its changes can look like drift.',
  ]);
});

test("secrets of the environment are in no report", async () => {
  here.api.control.insert({ name: "a" });
  const state = write("state.json", raw({ attributes: known("a") }));
  here.api.control.update("a", { state: "error", errorReason: `pull denied for ${here.api.apiKey}` });
  const { out } = await drift(here.api, ["--state", state, "--format", "html"]);
  expect(out).toContain("pull denied for ");
});

test("a name that a state's gone snapshot needs, and that a stranger has, is told of; one that another state manages is no stranger's", async () => {
  here.api.control.insert({ name: "agent" });
  const state = write("state.json", raw({ attributes: known("agent") }));
  const id = here.api.control.recreate("agent");
  const summary = async (...args: string[]): Promise<string> =>
    (await reportOf(["--state", state, ...args])).snapshots[0]!.summary;
  expect(await summary()).toBe(
    `It was deleted outside of Terraform or Pulumi. An unmanaged snapshot (${id}) now has its name.`,
  );
  expect(await summary("--state", write("other.json", raw({ attributes: known("agent") })))).toBe(
    "It was deleted outside of Terraform or Pulumi.",
  );
});

test.each(FORMATS)("what steers a terminal or a page is in no report: %s", async (format) => {
  here.api.control.insert({ name: "a" });
  const state = write("state.json", raw({ attributes: known("a") }));
  here.api.control.update("a", { state: "error", errorReason: "x\u001b[31m\u0085\u202ey" });
  const { code, out } = await drift(here.api, ["--state", state, "--format", format]);
  expect(code).toBe(2);
  expect(out).toMatch(/x.*y/);
  expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test("the guide says of every format what it is for", () => {
  const guide = readFileSync(join(__dirname, "../../../../docs/guides/drift.md"), "utf8");
  for (const format of FORMATS) expect(guide).toContain(`\`${format}\` `);
});

test("an interrupt while the API is read ends the check: it is not the API's error", async () => {
  const state = write("state.json", raw());
  const fault = here.api.control.fault({ kind: "list", action: "hang-before" });
  const stop = new AbortController();
  const ended = drift(here.api, ["--state", state, "-q"], { signal: stop.signal });
  await here.api.control.faultReached(fault);
  stop.abort();
  expect(await ended).toEqual({
    code: 1,
    out: "",
    err: "Error: checking for drift: interrupted\n  Nothing was changed.\n",
  });
});
