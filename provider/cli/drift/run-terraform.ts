import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Json, parseObject } from "../../fleet/read/json";
import { readPlannedState } from "../../fleet/read/planned-state";
import type { ReadPlan } from "../../fleet/read/plan-reader";
import { readPlan } from "../../fleet/read/terraform-plan";
import { applyUnderWay, FleetError, type FleetResource, type FleetSource } from "../../fleet/resource";
import { planInFile } from "./content";
import { assertPlanEnvironment, planArguments } from "./plan-arguments";
import { type Ran, runTool, withCleanup, withTemporaryFolder } from "./tool-process";
import { assertWorkspace, shownWorkspace, workspaceOf } from "./workspace";

export interface TerraformRun {
  readonly dir: string;
  /** As the report names it. */
  readonly name: string;
  /** Of CDKTF; null: it is a root. */
  readonly stack?: string | null;
  /** `terraform` or `tofu`, or a path of either. */
  readonly binary: string;
  readonly kind: "terraform" | "cdktf";
  /** Whether what the state manages beside the plan is asked for. */
  readonly unmanaged?: boolean;
  /** Arguments of the plan, such as `-var-file=prod.tfvars`. */
  readonly args: readonly string[];
  /** The command that applies it. */
  readonly apply: string;
  readonly env: NodeJS.ProcessEnv;
  /** More of it for what asks the API: the plan. */
  readonly connection?: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const LOCK_INFO = /^\..*\.lock\.info$/;
export const LOCKED = applyUnderWay("the state is locked");
const LOCK_FILE = ".terraform.lock.hcl";

/** Plans a root, without a lock and without writing to it, and reads the plan. @throws FleetError; the signal's reason */
export function planRoot(run: TerraformRun): Promise<FleetSource> {
  assertPlanEnvironment(run.env);
  return withTemporaryFolder(async (folder) => {
    const env: NodeJS.ProcessEnv = {
      ...run.env,
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
      CHECKPOINT_DISABLE: run.env["CHECKPOINT_DISABLE"] ?? "1",
    };
    // A path is meant from where this command runs, not from the root.
    const binary = /[/\\]/.test(run.binary) ? resolve(run.binary) : run.binary;
    const tool: Tool = (args, more = {}, outFile) =>
      runTool(binary, args, {
        cwd: run.dir,
        env: { ...env, ...more },
        signal: run.signal,
        ...(outFile === undefined ? {} : { outFile }),
      });
    const workspace = workspaceOf(run.dir, run.env);
    const checked = (): Promise<void> =>
      assertWorkspace(workspace, run.name, () =>
        tool(["workspace", "list"], { TF_WORKSPACE: undefined, TF_CLI_ARGS: undefined }),
      );
    const aside = run.env["TF_DATA_DIR"] === undefined && !existsSync(join(run.dir, ".terraform"));
    if (!aside) {
      await checked();
      return plan(run, tool, folder, workspace);
    }
    // Terraform writes the lock file beside the program; one that was not there is removed again.
    const lock = join(run.dir, LOCK_FILE);
    const had = existsSync(lock);
    return withCleanup(had ? () => undefined : () => rmSync(lock, { force: true }), async () => {
      env["TF_DATA_DIR"] = join(folder, "data");
      const init = ["init", "-input=false", "-no-color", ...(had ? ["-lockfile=readonly"] : [])];
      // `init` makes the workspace that TF_WORKSPACE names, so it is tried without. A backend may have no default workspace.
      let done = await tool(init, { TF_WORKSPACE: undefined });
      if (done.code !== 0 && env["TF_WORKSPACE"]) done = await tool(init);
      if (done.code !== 0) throw stepFailure(run, "init", done);
      await checked();
      return plan(run, tool, folder, workspace);
    });
  });
}

type Tool = (args: readonly string[], env?: NodeJS.ProcessEnv, outFile?: string) => Promise<Ran>;

async function plan(run: TerraformRun, tool: Tool, folder: string, workspace: string): Promise<FleetSource> {
  const notes = lockedNote(run.dir);
  const read = await makePlan(run, tool, join(folder, "plan"), []);
  const resources = read.resources.some(isGone)
    ? withForced(
        read.resources,
        (await makePlan(run, tool, join(folder, "plan-of-state"), ["-refresh=false"])).resources,
      )
    : read.resources;
  const kind = run.kind === "cdktf" ? "cdktf" : /tofu[^/\\]*$/.test(run.binary) ? "opentofu" : "terraform";
  return {
    kind,
    name: run.name,
    stack: run.stack ?? null,
    workspace: shownWorkspace(workspace),
    apply: run.apply,
    ...read,
    resources,
    notes: [...new Set([...notes, ...lockedNote(run.dir), ...(read.notes ?? [])])],
  };
}

/** @param last arguments that win over all others */
async function makePlan(
  run: TerraformRun,
  tool: Tool,
  file: string,
  last: readonly string[],
): Promise<ReadPlan & Pick<FleetSource, "manages">> {
  // Terraform writes into a file that is there with its mode: a plan may hold secrets.
  writeFileSync(file, "", { mode: 0o600, flag: "wx" });
  const done = await tool([...planArguments(run.args, run.env, file), ...last], run.connection);
  if (done.code !== 0) throw stepFailure(run, "plan", done);
  const json = `${file}.json`;
  const shown = await tool(
    ["show", "-json", "-no-color", file],
    { TF_CLI_ARGS: undefined, TF_CLI_ARGS_show: undefined },
    json,
  );
  if (shown.code !== 0) throw stepFailure(run, "show", { ...shown, out: saidIn(json) });
  const what = `the plan of ${run.name}`;
  const whole = (): Json => parseObject(readFileSync(json, "utf8"), what);
  if (run.unmanaged !== true) return planInFile(json, what, () => readPlan(whole(), what));
  // What else a state mentions can be anywhere in the plan.
  const all = whole();
  return { ...readPlan(all, what), manages: readPlannedState(all, what) };
}

/** One that a plan makes anew because it is gone. Such a plan does not say whether it is tainted, or would be replaced on request. */
function isGone({ state, seen, planned: change }: FleetResource): boolean {
  return state !== null && seen === null && change?.action === "create" && !change.forcedBy;
}

/** What a plan without a refresh says of snapshots that are gone: why it makes them anew, whether or not they are there. */
function withForced(resources: readonly FleetResource[], unrefreshed: readonly FleetResource[]): FleetResource[] {
  const others = new Map(unrefreshed.map((resource) => [resource.address, resource.planned?.forcedBy ?? null]));
  return resources.map((resource) =>
    isGone(resource)
      ? { ...resource, planned: { ...resource.planned!, forcedBy: others.get(resource.address) ?? null } }
      : resource,
  );
}

/** A local state that an apply has locked. */
function lockedNote(dir: string): string[] {
  const locked = readdirSync(dir).some((name) => LOCK_INFO.test(name));
  return locked ? [LOCKED] : [];
}

/** What a tool said in place of a plan. A part of a plan is not shown: it may hold secrets. */
function saidIn(file: string): string {
  const text = readFileSync(file, "utf8").trim();
  return text.startsWith("{") ? "" : text.slice(0, 4000);
}

function stepFailure(run: TerraformRun, step: string, { err, out }: Ran): FleetError {
  const text = (err.trim() || out.trim())
    .replace(/\u001b\[[0-9;]*m/g, "")
    .replace(/^[╷│╵] ?/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  const hint = isNotInstalled(text)
    ? `\nIf the provider is not installed on this machine, run \`daytona-iac install\`.`
    : "";
  return new FleetError(`\`${run.binary.replace(/.*[/\\]/, "")} ${step}\` failed in ${run.name}`, `${text}${hint}`);
}

/** Whether Terraform looked for our provider in a registry and has not found it. */
function isNotInstalled(text: string): boolean {
  return (
    text.includes("daytona-iac/daytona") &&
    /Failed to (query|resolve) (available )?provider|could not connect to registry|does not have a provider named/i.test(
      text,
    )
  );
}
