import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");

/** A directory with the provider as this machine's executable, made from the sources as they are. */
export function buildExecutable(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "daytona-iac-exe-"));
  const file = join(dir, `terraform-provider-daytona${process.platform === "win32" ? ".exe" : ""}`);
  const script = `import(${JSON.stringify(join(root, "scripts/build-provider.mjs"))}).then((build) => build.compileExecutable(${JSON.stringify(file)}))`;
  execFileSync(process.execPath, ["-e", script], { cwd: root, stdio: "pipe" });
  return {
    dir,
    remove() {
      // A test that found one left over has failed; nobody else would end it.
      for (const pid of processesOf(dir)) process.kill(pid, "SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Ids of the processes that run an executable of this directory (Linux; elsewhere `ps` says it). */
export function processesOf(dir: string): number[] {
  if (process.platform !== "linux") {
    const lines = execFileSync("ps", ["-axo", "pid=,command="]).toString().split("\n");
    return lines.filter((line) => line.includes(dir)).map((line) => Number.parseInt(line, 10));
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // A process that has ended and was not waited for yet has no command line.
        return readlinkSync(`/proc/${pid}/exe`).startsWith(dir) && readFileSync(`/proc/${pid}/cmdline`).length > 0;
      } catch {
        return false;
      }
    });
}

/** Waits until none of them runs any more; false: they outlived `ms`. */
export async function noneLeft(dir: string, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end;) {
    if (processesOf(dir).length === 0) return true;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  return false;
}
