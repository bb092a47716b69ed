import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { FleetError } from "../../fleet/resource";
import { cdktfConfig, manifestOf, stacksIn } from "./projects";
import { runTool } from "./tool-process";

export interface CdktfRun {
  readonly dir: string;
  readonly synth: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Synthesizes a CDKTF project by its own command, as `cdktf synth` does, and returns its stacks. @throws FleetError; the signal's reason */
export async function synthesize({ dir, synth, env, signal }: CdktfRun): Promise<{ name: string; dir: string }[]> {
  const { app, output } = cdktfConfig(dir);
  if (synth) {
    const manifest = manifestOf(dir, output);
    const written = (): number => (existsSync(manifest) ? statSync(manifest).mtimeMs : 0);
    const before = written();
    const [shell, flag] = process.platform === "win32" ? [env["ComSpec"] ?? "cmd.exe", "/c"] : ["/bin/sh", "-c"];
    const done = await runTool(shell, [flag, app], {
      cwd: dir,
      env: { ...env, CDKTF_OUTDIR: resolve(dir, output) },
      signal,
    });
    if (done.code !== 0)
      throw new FleetError(
        `\`${app}\` failed in ${dir}`,
        `${(done.err.trim() || done.out.trim()).slice(-4000)}\nThis is the "app" command of cdktf.json. To check the already synthesized stacks, pass --no-synth.`,
      );
    if (written() === before)
      throw new FleetError(
        `\`${app}\` synthesized nothing in ${dir}`,
        `It did not change ${manifest}. This is the "app" command of cdktf.json, and it has to call \`app.synth()\`. To check the already synthesized stacks, pass --no-synth.`,
      );
  }
  return stacksIn(dir, output);
}
