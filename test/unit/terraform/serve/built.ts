import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(__dirname, "../../../..");

/** The toy provider in both of the forms that the real one is shipped in. */
export interface Built {
  dir: string;
  executable: string;
  script: string;
  remove(): void;
}

/** Built by the same functions that build the real one. */
export function buildToy(): Built {
  const dir = mkdtempSync(join(tmpdir(), "daytona-toy-"));
  const executable = join(dir, "executable/terraform-provider-toy");
  const script = join(dir, "script/terraform-provider-toy");
  const source = JSON.stringify(join(__dirname, "toy-main.ts"));
  execFileSync(process.execPath, [
    "--input-type=module",
    "-e",
    `
    const { compileExecutable, bundleScript } = await import(${JSON.stringify(pathToFileURL(join(root, "scripts/build-provider.mjs")).href)});
    compileExecutable(${JSON.stringify(executable)}, { source: ${source} });
    bundleScript(${JSON.stringify(script)}, ${source});
  `,
  ]);
  return { dir, executable, script, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export const cookie = { TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2" };

export interface Started {
  child: ChildProcessWithoutNullStreams;
  /** The first line on stdout, or what there was until the end. */
  line: Promise<string>;
  exit: Promise<number | null>;
  stderr(): string;
  stdout(): string;
}

export function start(file: string, env: NodeJS.ProcessEnv, args: string[] = []): Started {
  const child = spawn(file, args, { env: { PATH: process.env.PATH, ...env } });
  let out = "";
  let err = "";
  child.stderr.on("data", (d: Buffer) => {
    err += d.toString();
  });
  const exit = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  const line = new Promise<string>((resolve) => {
    child.stdout.on("data", (d: Buffer) => {
      out += d.toString();
      if (out.includes("\n")) resolve(out.split("\n")[0]!);
    });
    void exit.then(() => resolve(out));
  });
  return { child, line, exit, stderr: () => err, stdout: () => out };
}

/** Whether there is a process of this number that is not a dead child waiting for its parent. */
export function isRunning(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)])
      .toString()
      .trim()
      .startsWith("Z");
  } catch {
    return false;
  }
}

export async function until(holds: () => boolean, seconds: number): Promise<boolean> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return holds();
}
