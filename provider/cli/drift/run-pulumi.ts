import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseObject } from "../../fleet/read/json";
import { readPreview } from "../../fleet/read/pulumi";
import { readState } from "../../fleet/read/state";
import { FleetError, type FleetSource } from "../../fleet/resource";
import { isPartial } from "./preview-arguments";
import { commandLine } from "../shell-words";
import { type Ran, runTool, withTemporaryFolder } from "./tool-process";

export interface PulumiRun {
  readonly dir: string;
  /** null: the selected one. */
  readonly stack: string | null;
  /** Whether what the stack manages beside the preview is asked for. */
  readonly unmanaged?: boolean;
  /** Arguments of the preview, such as `--config-file prod.yaml`. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** More of it for what asks the API: the preview. */
  readonly connection?: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Previews a stack with a refresh, which saves nothing, and reads the event log. @throws FleetError; the signal's reason */
export function previewStack(run: PulumiRun): Promise<FleetSource> {
  const { dir, stack, unmanaged, args, signal } = run;
  return withTemporaryFolder(async (folder) => {
    // The flag --event-log, which the Automation API uses, is one of the CLI's debugging commands.
    const env = { ...run.env, PULUMI_DEBUG_COMMANDS: "true", PULUMI_SKIP_UPDATE_CHECK: "true" };
    const log = join(folder, "events.json");
    const name = `${dir}${stack === null ? "" : ` (${stack})`}`;
    const of = stack === null ? [] : ["--stack", stack];
    // The last one counts. The exit code tells errors only.
    const undone = args.some((arg) => /^--expect-no-changes\b/.test(arg)) ? ["--expect-no-changes=false"] : [];
    const done = await runTool(
      "pulumi",
      [
        "preview",
        "--refresh",
        "--non-interactive",
        "--color",
        "never",
        "--suppress-progress",
        "--event-log",
        log,
        ...of,
        ...args,
        ...undone,
      ],
      { cwd: dir, env: { ...env, ...run.connection }, signal },
    );
    const events = existsSync(log) ? readFileSync(log, "utf8") : "";
    const what = `\`pulumi preview\` in ${name}`;
    const partial = isPartial(args);
    // Of a preview that failed, the log has the errors without the progress around them.
    const read = events.trim() === "" ? null : readPreview(events, what, partial);
    if (done.code !== 0 || read === null) throw new FleetError(`${what} failed`, saidBy(done));
    const apply = commandLine(["pulumi", "-C", dir, "up", "--refresh", ...of]);
    if (!partial || unmanaged !== true) return { kind: "pulumi", name, apply, ...read, notes: read.notes ?? [] };
    // A preview of a part does not tell what else the stack has.
    const exported = await runTool("pulumi", ["stack", "export", "--non-interactive", ...of], {
      cwd: dir,
      env,
      signal,
    });
    if (exported.code !== 0) throw new FleetError(`\`pulumi stack export\` in ${name} failed`, saidBy(exported));
    return {
      kind: "pulumi",
      name,
      apply,
      ...read,
      notes: read.notes ?? [],
      manages: readState(parseObject(exported.out, `the export of ${name}`), `the export of ${name}`),
    };
  });
}

function saidBy({ err, out }: Ran): string {
  return `${err.trim()}\n${out.trim()}`
    .trim()
    .replace(/^error: /gm, "")
    .slice(-4000);
}
