import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseObject } from "../../fleet/read/json";
import { readPlan } from "../../fleet/read/terraform-plan";
import { applyUnderWay, FleetError, type FleetSource } from "../../fleet/resource";
import { type Ran, runTool, withTemporaryFolder } from "./tool-process";

export interface TerraformRun {
  readonly dir: string;
  /** As the report names it. */
  readonly name: string;
  /** `terraform` or `tofu`, or a path of either. */
  readonly binary: string;
  readonly kind: "terraform" | "cdktf";
  /** Arguments of the plan, such as `-var-file=prod.tfvars`. */
  readonly args: readonly string[];
  /** The command that applies it. */
  readonly apply: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const LOCK_INFO = /^\..*\.lock\.info$/;
export const LOCKED = applyUnderWay("the state is locked");
const LOCK_FILE = ".terraform.lock.hcl";

/** Plans a root, without a lock and without writing to it, and reads the plan. @throws FleetError; the signal's reason */
export function planRoot(run: TerraformRun): Promise<FleetSource> {
  return withTemporaryFolder(async (folder) => {
    const env: NodeJS.ProcessEnv = { ...run.env, TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: run.env["CHECKPOINT_DISABLE"] ?? "1" };
    const tool: Tool = (args) => runTool(run.binary, args, { cwd: run.dir, env, signal: run.signal });
    const aside = run.env["TF_DATA_DIR"] === undefined && !existsSync(join(run.dir, ".terraform"));
    if (!aside) return plan(run, tool, folder);
    // Terraform writes the lock file beside the program; one that was not there is removed again.
    const lock = join(run.dir, LOCK_FILE);
    const had = existsSync(lock);
    try {
      env["TF_DATA_DIR"] = join(folder, "data");
      const done = await tool(["init", "-input=false", "-no-color", ...(had ? ["-lockfile=readonly"] : [])]);
      if (done.code !== 0) throw failed(run, "init", done);
      return await plan(run, tool, folder);
    } finally {
      if (!had) rmSync(lock, { force: true });
    }
  });
}

type Tool = (args: readonly string[]) => Promise<Ran>;

async function plan(run: TerraformRun, tool: Tool, folder: string): Promise<FleetSource> {
  const notes = lockedNote(run.dir);
  const file = join(folder, "plan");
  const done = await tool(["plan", "-refresh=true", "-lock=false", "-input=false", "-no-color", `-out=${file}`, ...run.args]);
  if (done.code !== 0) throw failed(run, "plan", done);
  const shown = await tool(["show", "-json", "-no-color", file]);
  if (shown.code !== 0) throw failed(run, "show", shown);
  const what = `the plan of ${run.name}`;
  const kind = run.kind === "cdktf" ? "cdktf" : /tofu(\.exe)?$/.test(run.binary) ? "opentofu" : "terraform";
  return { kind, name: run.name, apply: run.apply, notes: [...new Set([...notes, ...lockedNote(run.dir)])], ...readPlan(parseObject(shown.out, what), what) };
}

/** A local state that an apply has locked. */
function lockedNote(dir: string): string[] {
  const locked = readdirSync(dir).some((name) => LOCK_INFO.test(name));
  return locked ? [LOCKED] : [];
}

function failed(run: TerraformRun, step: string, { err, out }: Ran): FleetError {
  const text = (err.trim() || out.trim()).replace(/\u001b\[[0-9;]*m/g, "").replace(/^[╷│╵] ?/gm, "").replace(/\n{3,}/g, "\n\n").trim();
  return new FleetError(`\`${run.binary.replace(/.*[/\\]/, "")} ${step}\` failed in ${run.name}`, text);
}
