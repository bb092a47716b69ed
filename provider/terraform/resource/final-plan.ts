import { openSync, closeSync, fstatSync, readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { parentCommand, type ParentCommand } from "../../process/parent-command";
import { snakeCase } from "../../kit/attribute";
import type { Notice } from "../../kit/notice";
import type { Written } from "../../resources/snapshot/record";
import { changeText } from "../../source/changed-files";
import { keyOf, PlanMemory, type RememberedSource } from "../../source/plan-memory";
import type { PreparedBuild } from "../../source/prepare";

/** The largest plan file that is looked into, in bytes. */
const MOST_PLAN = 256 * 1024 * 1024;

/**
 * Terraform plans every change once more while it applies. If the files have changed by then, it reports a bug of the provider, because no
 * plan tells the provider which plan came before. So what a plan found is remembered, to name the files that have changed since.
 */
export class FinalPlans {
  readonly #memory: PlanMemory;
  #parent: ParentCommand | undefined;

  /**
   * @param env names the cache folder
   * @param parent what Terraform is doing
   * @param pid of this process: Terraform starts another one for the apply
   */
  constructor(
    env: NodeJS.ProcessEnv,
    private readonly parent: () => ParentCommand = () => parentCommand(env),
    private readonly pid = process.pid,
    now = () => Date.now(),
  ) {
    this.#memory = new PlanMemory(env, "plans", now);
  }

  /**
   * Remembers what a plan found.
   * @param builds whether an apply of this plan builds something
   * @returns what to tell instead, if this is the plan of an apply whose own plan found another source; null: go on
   */
  check(written: Written, build: PreparedBuild, builds: boolean): Notice | null {
    if (typeof written.sourceHash === "string") return null;
    const key = keyOf(written);
    const before = this.#memory.recall(key);
    const parent = (this.#parent ??= this.parent());
    if (before !== null && before.hash !== build.source.hash && this.isFinal(parent, before, build.source.hash))
      return changed(before, build, written);
    if (builds && (before?.hash !== build.source.hash || before.run !== parent.run))
      this.#memory.remember(key, build, { run: parent.run, pid: this.pid });
    return null;
  }

  /** Whether this is surely the second plan of an apply that planned `before`. */
  private isFinal({ run, command, planFile }: ParentCommand, before: RememberedSource, hash: string): boolean {
    if (command !== null && command !== "apply") return false;
    if (planFile === null) return before.run === run && before.pid !== this.pid;
    const plan = planText(planFile);
    return plan !== null && plan.includes(before.hash) && !plan.includes(hash);
  }
}

/** The plan in a plan file of Terraform or OpenTofu; null: it cannot be read, or is encrypted. */
export function planText(path: string): Buffer | null {
  let handle: number | undefined;
  try {
    handle = openSync(path, "r");
    if (fstatSync(handle).size > MOST_PLAN) return null;
    const bytes = readFileSync(handle);
    for (let at = bytes.indexOf("PK\x03\x04"); at !== -1; at = bytes.indexOf("PK\x03\x04", at + 4)) {
      const name = bytes.readUInt16LE(at + 26);
      const start = at + 30 + name + bytes.readUInt16LE(at + 28);
      if (bytes.toString("latin1", at + 30, at + 30 + name) !== "tfplan") continue;
      return bytes.readUInt16LE(at + 8) === 0 ? bytes.subarray(start) : inflateRawSync(bytes.subarray(start));
    }
    return null;
  } catch {
    return null;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function changed(before: RememberedSource, build: PreparedBuild, written: Written): Notice {
  const attribute =
    written.localImage !== null ? "localImage" : written.dockerfile === null ? "dockerfileContent" : "dockerfile";
  const dockerfile = typeof written.dockerfile === "string" ? written.dockerfile : snakeCase("dockerfileContent");
  const name = typeof written.name === "string" ? ` of snapshot "${written.name}"` : "";
  return {
    summary: `The source${name} has changed since the plan`,
    detail: `${changeText(before, build, dockerfile)}\nThe plan has the source hash ${before.hash}; now it is ${build.source.hash}. Nothing was built. Plan and apply again. If something in this configuration writes the files, let it write them before the plan.`,
    attribute: [attribute],
  };
}
