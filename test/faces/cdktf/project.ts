import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const root = join(__dirname, "../../..");

export interface Ran {
  code: number;
  output: string;
}

/** Runs a command to its end; never throws. A child process, not a blocking call: the local API may live in this one. */
export function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26, timeout: 240_000 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
    );
  });
}

/** As `run`, of a program in node_modules/. */
export function runNode(script: string, args: string[], cwd: string, env?: NodeJS.ProcessEnv): Promise<Ran> {
  return run(process.execPath, [join(root, "node_modules", script), ...args], cwd, env);
}

/**
 * A folder with a copy of the examples, and with node_modules as an installation leaves it: the constructs compiled by their
 * tsconfig (the package's own build is tried where the packed package is), everything else linked into the repository.
 */
export class Projects {
  readonly folder = mkdtempSync(join(tmpdir(), "daytona-iac-projects-"));

  async install(): Promise<Ran> {
    const modules = join(this.folder, "node_modules");
    mkdirSync(join(modules, "daytona-iac"), { recursive: true });
    for (const name of readdirSync(join(root, "node_modules"))) {
      if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name), "junction");
    }
    const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const entry = (file: string) => ({ types: `./dist/cdktf/${file}.d.ts`, default: `./dist/cdktf/${file}.js` });
    const exports = { "./cdktf": entry("cdktf"), "./cdktn": entry("cdktn") };
    writeFileSync(join(modules, "daytona-iac/package.json"), JSON.stringify({ name, version, exports }));
    const outDir = join(modules, "daytona-iac/dist");
    return runNode("typescript/bin/tsc", ["-p", "provider/cdktf/tsconfig.json", "--outDir", outDir], root);
  }

  /** Copies one example; answers its folder. */
  copy(example: string): string {
    const folder = join(this.folder, example);
    const isOurs = (path: string) => !/[/\\](node_modules|compiled|cdktf\.out)$/.test(path);
    cpSync(join(root, "examples", example), folder, { recursive: true, filter: isOurs });
    return folder;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
