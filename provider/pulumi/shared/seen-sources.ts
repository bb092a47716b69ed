import { readFileSync } from "node:fs";
import { pulumiRun, type PulumiRun } from "../../process/parent-command";
import type { Written } from "../../resources/snapshot/record";
import { changeText, foundSourceOf, type FoundSource } from "../../source/changed-files";
import { keyOf, PlanMemory, type RememberedSource } from "../../source/plan-memory";
import type { PreparedBuild } from "../../source/prepare";
import { Refused } from "./refused";

/**
 * What this run of Pulumi has read as the sources of the program. An update runs in other processes than the preview before it, and reads
 * the files again: if they differ by then, the user is told which, because what was shown is not what is done.
 */
export class SeenSources {
  readonly #memory: PlanMemory;
  readonly #mine = new Map<string, FoundSource>();
  #run: PulumiRun | null | undefined;

  /**
   * @param env names the cache folder
   * @param run the run of Pulumi that this process belongs to
   * @param pid of this process
   */
  constructor(
    env: Readonly<Record<string, string | undefined>>,
    private readonly run: () => PulumiRun | null = pulumiRun,
    private readonly pid = process.pid,
    now = () => Date.now(),
  ) {
    this.#memory = new PlanMemory(env, "previews", now);
  }

  /**
   * Remembers a source as it is now.
   * @param doing begins the message of an error
   * @returns which files have changed since this run read them before; null: none, as far as is known
   * @throws Refused if the update is held to a saved plan that has another source
   */
  look(written: Written, build: PreparedBuild, doing: string): string | null {
    if (typeof written.sourceHash === "string") return null;
    const key = keyOf(written);
    const run = this.#run === undefined ? (this.#run = this.run()) : this.#run;
    const mine = this.#mine.get(key);
    this.#mine.set(key, foundSourceOf(build));
    const previewed = run === null ? null : this.#compareWithPreview(run, key, written, build, doing);
    const before = mine ?? previewed;
    if (before === null || before.hash === build.source.hash) return null;
    return `${doing}: the source has changed since ${mine === undefined ? "the preview" : "this run first read it"}\n${changeText(before, build, dockerfileOf(written))}\nThe files are used as they are now.`;
  }

  /** Remembers a source for the processes of this run. Returns what its preview has read before; null: nothing. @throws Refused as `look` does */
  #compareWithPreview(
    run: PulumiRun,
    key: string,
    written: Written,
    build: PreparedBuild,
    doing: string,
  ): RememberedSource | null {
    const kept = this.#memory.recall(key);
    if (kept !== null) assertAsPlanned(run, kept, written, build, doing);
    if (kept?.hash !== build.source.hash || kept.run !== run.run)
      this.#memory.remember(key, build, { run: run.run, pid: this.pid });
    // A saved plan comes from a preview of another run.
    const isPreviewed = kept !== null && kept.pid !== this.pid && (kept.run === run.run || run.planFile !== null);
    return isPreviewed ? kept : null;
  }
}

/** @throws Refused if the update is held to a saved plan that has another source */
function assertAsPlanned(
  { planFile }: PulumiRun,
  kept: RememberedSource,
  written: Written,
  build: PreparedBuild,
  doing: string,
): void {
  const { hash } = build.source;
  if (!planFile || !isOfPlan(planFile, kept.hash, hash)) return;
  throw new Refused(
    `${doing}: the source has changed since the preview\n${changeText(kept, build, dockerfileOf(written))}\nThe plan in ${planFile} has the source hash ${kept.hash}; now it is ${hash}. Nothing was built. Save the plan again. If something in this program writes the files, let it write them before the preview.`,
  );
}

function dockerfileOf(written: Written): string {
  return typeof written.dockerfile === "string" ? written.dockerfile : "dockerfileContent";
}

/** Whether a saved plan surely has the one source and not the other. */
function isOfPlan(planFile: string, before: string, now: string): boolean {
  if (before === now) return false;
  try {
    const plan = readFileSync(planFile, "utf8");
    return plan.includes(before) && !plan.includes(now);
  } catch {
    return false;
  }
}
