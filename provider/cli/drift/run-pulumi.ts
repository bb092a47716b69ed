import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readPreview } from "../../fleet/read/pulumi";
import { FleetError, type FleetSource } from "../../fleet/resource";
import { runTool, withTemporaryFolder } from "./tool-process";

export interface PulumiRun {
  readonly dir: string;
  /** null: the selected one. */
  readonly stack: string | null;
  /** Arguments of the preview, such as `--config-file prod.yaml`. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Previews a stack with a refresh, which saves nothing, and reads the event log. @throws FleetError; the signal's reason */
export function previewStack({ dir, stack, args, env: given, signal }: PulumiRun): Promise<FleetSource> {
  return withTemporaryFolder(async (folder) => {
    // The flag --event-log, which the Automation API uses, is one of the CLI's debugging commands.
    const env = { ...given, PULUMI_DEBUG_COMMANDS: "true", PULUMI_SKIP_UPDATE_CHECK: "true" };
    const log = join(folder, "events.json");
    const name = `${dir}${stack === null ? "" : ` (${stack})`}`;
    const done = await runTool("pulumi", ["preview", "--refresh", "--non-interactive", "--color", "never", "--suppress-progress", "--event-log", log, ...(stack === null ? [] : ["--stack", stack]), ...args], { cwd: dir, env, signal });
    const events = existsSync(log) ? readFileSync(log, "utf8") : "";
    const what = `\`pulumi preview\` in ${name}`;
    // Of a preview that failed, the log has the errors without the progress around them.
    const read = events.trim() === "" ? null : readPreview(events, what);
    if (done.code !== 0 || read === null) {
      const text = `${done.err.trim()}\n${done.out.trim()}`.trim();
      throw new FleetError(`${what} failed`, text.replace(/^error: /gm, "").slice(-4000));
    }
    return { kind: "pulumi", name, apply: `pulumi -C ${dir} up --refresh${stack === null ? "" : ` --stack ${stack}`}`, notes: [], ...read };
  });
}
