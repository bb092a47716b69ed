import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DriftReport } from "../../../../provider/fleet/report/report";
import { attributes, change, drifted, plan, planned } from "../../fleet/plan";
import { world } from "../world";
import { drift } from "./run";
import { calls, path, script, terraform } from "./tools";

const here = world();
const A = "daytona_snapshot.agent";
const state = attributes("agent");
const clean = plan([], [change(A, ["no-op"], state, state)]);
const put = (file: string, content: unknown): void =>
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));

beforeEach(() => {
  put("main.tf", "");
  put("plan.json", clean);
});

async function run(
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<{ code: number; report: DriftReport }> {
  const at = args.indexOf("--");
  const { code, out, err } = await drift(
    here.api,
    [...(at < 0 ? args : args.slice(0, at)), "--format", "json", ...(at < 0 ? [] : args.slice(at))],
    { env: { PATH: path(), ...env } },
  );
  if (out === "") throw new Error(err);
  return { code, report: JSON.parse(out) as DriftReport };
}
const errorOf = async (args: string[], env: Record<string, string>): Promise<unknown> =>
  (await run(args, env)).report.sources[0]!.error;
const PLAN = "plan [-refresh=true -lock=false -input=false -no-color -out=PLAN]";
const SHOW = "show [-json -no-color PLAN]";

test("a root without .terraform is set up aside, and nothing of it stays", async () => {
  terraform();
  expect(await run()).toMatchObject({
    code: 0,
    report: { verdict: "No drift in 1 snapshot.", sources: [{ kind: "terraform", name: ".", error: null }] },
  });
  expect(calls()).toEqual([
    `init [-input=false -no-color] workspace=none args=none data=own`,
    `${PLAN} workspace=none args=none data=own`,
    `${SHOW} workspace=none args=none data=own`,
  ]);
  expect(readdirSync(".").sort()).toEqual(["bin", "calls", "main.tf", "modes", "plan.json"]);
  expect(readFileSync("modes", "utf8")).toBe("600 ");
});

test("a lock file that is there stays as it is", async () => {
  terraform();
  put(".terraform.lock.hcl", "mine");
  await run();
  expect(calls()[0]).toBe("init [-input=false -no-color -lockfile=readonly] workspace=none args=none data=own");
  expect(existsSync(".terraform.lock.hcl")).toBe(true);
});

test.each<[string, Record<string, string>, boolean]>([
  [".terraform", {}, true],
  ["TF_DATA_DIR", { TF_DATA_DIR: "elsewhere" }, false],
])("a root with %s is used as it is", async (_what, env, made) => {
  terraform();
  if (made) mkdirSync(".terraform");
  await run([], { ...env, TF_CLI_ARGS: "-no-color" });
  expect(calls()).toEqual([
    `${PLAN} workspace=none args=-no-color data=${made ? "" : "own"}`,
    `${SHOW} workspace=none args=none data=${made ? "" : "own"}`,
  ]);
});

test("a step that fails is the root's error, without the tool's frame, and what it left goes", async () => {
  terraform();
  const failed = (step: string, detail: string) => ({ summary: `\`terraform ${step}\` failed in .`, detail });
  expect(await errorOf([], { INIT: "1" })).toEqual(failed("init", "init failed"));
  expect(existsSync(".terraform.lock.hcl")).toBe(false);
  expect(await errorOf([], { PLAN: "1" })).toEqual(failed("plan", "Error: no"));
  put("plan.json", "what it says");
  expect(await errorOf([], { SHOW: "1" })).toEqual(failed("show", "what it saysshow failed"));
  expect(existsSync(".terraform.lock.hcl")).toBe(false);
});

test("a provider that no registry has may not be installed here: the error says how to install it", async () => {
  const said =
    "Error: Failed to query available provider packages\nCould not retrieve the list of available versions for provider daytona-iac/daytona";
  for (const [text, hint] of [
    [`${said}: could not connect to registry.terraform.io`, true],
    [
      `${said}: provider registry registry.terraform.io does not have a provider named registry.terraform.io/daytona-iac/daytona`,
      true,
    ],
    [said.replace("daytona-iac/daytona", "hashicorp/time"), false],
    ["Error: Unsupported argument, daytona-iac/daytona", false],
  ] as const) {
    script("terraform", `printf '%b' '${text.replaceAll("\n", "\\n")}' >&2; exit 1`);
    const detail = `${text}${hint ? "\nIf the provider is not installed on this machine, run `daytona-iac install`." : ""}`;
    expect(await errorOf([], {})).toEqual({ summary: "`terraform init` failed in .", detail });
  }
});

describe("workspaces", () => {
  const missing = {
    summary: 'workspace "typo" of . does not exist',
    detail:
      "Existing workspaces: default, prod. Correct TF_WORKSPACE, or select another workspace. A workspace that does not exist would be planned as an empty one.",
  };
  test.each([true, false])(
    "one that is not there is an error, and no plan is made (.terraform: %s)",
    async (initialized) => {
      terraform();
      if (initialized) mkdirSync(".terraform");
      expect(await errorOf([], { TF_WORKSPACE: "typo" })).toEqual(missing);
      expect(calls()).toEqual([
        ...(initialized ? [] : ["init [-input=false -no-color] workspace=none args=none data=own"]),
        `workspace [list] workspace=none args=none data=${initialized ? "" : "own"}`,
      ]);
    },
  );
  test("one that is there is planned and named", async () => {
    terraform();
    expect((await run([], { TF_WORKSPACE: "prod" })).report.sources).toMatchObject([
      { workspace: "prod", error: null },
    ]);
    expect(calls().map((line) => line.split(" [")[0] + /workspace=\S+/.exec(line)![0])).toEqual([
      "initworkspace=none",
      "workspaceworkspace=none",
      "planworkspace=prod",
      "showworkspace=prod",
    ]);
  });
  test("a backend without a default workspace is set up in the one that is asked for", async () => {
    terraform();
    expect((await run([], { TF_WORKSPACE: "prod", INIT_ONLY_IN: "prod" })).code).toBe(0);
    expect(
      calls()
        .slice(0, 2)
        .map((line) => /workspace=\S+/.exec(line)![0]),
    ).toEqual(["workspace=none", "workspace=prod"]);
    expect(await errorOf([], { INIT_ONLY_IN: "prod" })).toMatchObject({
      summary: "`terraform init` failed in .",
      detail: "no such workspace",
    });
  });
  test("the selected one is read where the tool's data is", async () => {
    terraform();
    mkdirSync(".terraform");
    put(".terraform/environment", "typo\n");
    expect(await errorOf([], {})).toEqual(missing);
    put(".terraform/environment", "\n");
    expect((await run()).report.sources[0]).toMatchObject({ error: null });
    expect((await run()).report.sources[0]).not.toHaveProperty("workspace");
    mkdirSync("elsewhere");
    rmSync(".terraform/environment");
    put("secret", "hunter2");
    symlinkSync("../secret", ".terraform/environment");
    expect(await errorOf([], {})).toEqual({
      summary: "the selected workspace of . cannot be read",
      detail: `${join(process.cwd(), ".terraform/environment")} is a link to "../secret", which is outside of the allowed folders. Remove it, and select the workspace again.`,
    });
    rmSync(".terraform/environment");
    put("elsewhere/environment", "typo");
    expect(await errorOf([], { TF_DATA_DIR: "elsewhere" })).toEqual(missing);
  });
  test("a list that fails is an error, unless the backend has none", async () => {
    terraform();
    expect(await errorOf([], { TF_WORKSPACE: "prod", LIST: "no access" })).toEqual({
      summary: "the workspaces of . cannot be listed",
      detail: "no access",
    });
    expect(await errorOf([], { TF_WORKSPACE: "typo", LIST: "workspaces not supported" })).toBeNull();
  });
});

test("a snapshot that is gone is planned from the state alone as well: whether it is tainted is seen there only", async () => {
  terraform();
  put("plan.json", plan([drifted(A, state, null)], [change(A, ["create"], null, planned(state))]));
  put(
    "plan-of-state.json",
    plan([], [change(A, ["delete", "create"], state, planned(state), { action_reason: "replace_because_tainted" })]),
  );
  const { report } = await run();
  expect(report.snapshots[0]).toMatchObject({
    drifted: true,
    notApplied: true,
    happened: "gone",
    summary: "It was deleted outside of Terraform. It is tainted, so the next apply recreates it.",
  });
  expect(calls()[3]).toBe(
    "plan [-refresh=true -lock=false -input=false -no-color -out=PLAN-of-state -refresh=false] workspace=none args=none data=own",
  );
  expect(readFileSync("modes", "utf8")).toBe("600 600 ");
  put("plan-of-state.json", clean);
  expect((await run()).report.snapshots[0]).toMatchObject({
    drifted: true,
    notApplied: false,
    summary: "It was deleted outside of Terraform.",
  });
});

test("a plan that says itself why it makes a snapshot anew is made once", async () => {
  terraform();
  put(
    "plan.json",
    plan(
      [drifted(A, state, null)],
      [change(A, ["create"], null, planned(state), { action_reason: "replace_because_tainted" })],
    ),
  );
  expect((await run()).report.snapshots[0]).toMatchObject({
    happened: "gone",
    notApplied: true,
    summary: "It was deleted outside of Terraform. It is tainted, so the next apply recreates it.",
  });
  expect(calls().filter((line) => line.startsWith("plan "))).toHaveLength(1);
});

test("what the environment adds to every plan is refused by the variable's name, before anything runs", async () => {
  terraform();
  expect(await errorOf([], { TF_CLI_ARGS_plan: "-destroy" })).toEqual({
    summary: "drift cannot plan with -destroy",
    detail: "A plan with -destroy shows neither drift nor unapplied changes. Remove it from TF_CLI_ARGS_plan.",
  });
  expect(calls()).toEqual([]);
});

test("a state that is locked before or after the plan is told of once, and nothing else of an apply", async () => {
  terraform();
  here.api.control.insert({ name: "agent", state: "building" });
  put("plan.json", plan([], [change(A, ["update"], state, planned({ ...state, cpu: 4 }))]));
  const notes = async (env: Record<string, string>): Promise<unknown> => (await run([], env)).report.sources[0]!.notes;
  expect(await notes({})).toEqual([
    'An apply may be in progress: snapshot "agent" is building. Its changes can look like drift.',
  ]);
  const locked = ["An apply may be in progress: the state is locked. Its changes can look like drift."];
  expect(await notes({ LOCK: "1" })).toEqual(locked);
  expect(await notes({})).toEqual(locked);
  rmSync(".x.lock.info");
  put("x.lock.info", "");
  expect(await notes({})).toHaveLength(1);
});

test("which tool: the flag, then the environment, then Terraform, then OpenTofu; the report names it", async () => {
  const tofu = terraform("tofu");
  const kind = async (args: string[], env: Record<string, string> = {}): Promise<string> =>
    (await run(args, { PATH: `${tofu.slice(0, -5)}:/usr/bin:/bin`, ...env })).report.sources[0]!.kind;
  expect(await kind([])).toBe("opentofu");
  terraform();
  expect([
    await kind([]),
    await kind([], { TERRAFORM_BINARY_NAME: "tofu" }),
    await kind(["--binary", "terraform"], { TERRAFORM_BINARY_NAME: "tofu" }),
    await kind(["--binary", "bin/tofu"]),
  ]).toEqual(["terraform", "opentofu", "terraform", "opentofu"]);
  expect(await errorOf([], { PATH: "/nowhere" })).toEqual({
    summary: "terraform was not found",
    detail: "Install it, or put it on PATH, or specify another one with --binary.",
  });
});

test("the command of a report can be pasted, without values of variables", async () => {
  terraform("my tool");
  mkdirSync("my infra");
  put("my infra/main.tf", "");
  put("plan.json", plan([], [change(A, ["create"], null, planned(state))]));
  const { report } = await run(["--terraform", "my infra", "--binary", "bin/my tool", "--", "-var", "token=planted"]);
  expect(report.snapshots[0]!.command).toBe(`'my tool' '-chdir=my infra' apply -var "token=\${token:?}"`);
  expect(JSON.stringify(report)).not.toContain("planted");
});

test("what a root could not tell hides nothing: the others are checked, and nothing is called unmanaged", async () => {
  terraform();
  here.api.control.insert({ name: "stray" });
  const { code, report } = await run(["--terraform", "none", "--terraform", ".", "--unmanaged"]);
  expect([code, report.unmanaged, report.counts.unmanaged]).toEqual([1, null, null]);
  expect(report.sources.map(({ name, error }) => [name, error?.summary ?? null])).toEqual([
    ["none", "--terraform none does not exist"],
    [".", null],
  ]);
  expect((await run(["--terraform", ".", "--unmanaged"])).report.unmanaged).toMatchObject([{ name: "stray" }]);
});

test("what a plan covers a part of, its state still manages", async () => {
  terraform();
  const id = here.api.control.insert({ name: "outside" });
  here.api.control.insert({ name: "stray" });
  const prior = {
    format_version: "1.0",
    values: {
      root_module: {
        resources: [
          {
            address: "daytona_snapshot.outside",
            mode: "managed",
            type: "daytona_snapshot",
            name: "outside",
            provider_name: "registry.terraform.io/daytona-iac/daytona",
            values: attributes("outside", { id }),
          },
        ],
      },
    },
  };
  put("plan.json", plan([], [change(A, ["no-op"], state, state)], { complete: false, prior_state: prior }));
  expect((await run(["--unmanaged"])).report.unmanaged!.map(({ name }) => name)).toEqual(["stray"]);
  // One that the plan compares is managed by its name, too: its ID can be an older one.
  here.api.control.insert({ name: "agent" });
  expect((await run(["--unmanaged"])).report.unmanaged!.map(({ name }) => name)).toEqual(["stray"]);
  // So is one that a plan took for gone, if the API has it after all.
  const back = here.api.control.insert({ name: "back" });
  const lost = attributes("lost", { id: back });
  put("plan.json", plan([drifted(A, lost, null)], [change(A, ["create"], null, planned(lost))]));
  put("plan-of-state.json", clean);
  expect((await run(["--unmanaged"])).report.unmanaged!.map(({ name }) => name).sort()).toEqual(["outside", "stray"]);
});
