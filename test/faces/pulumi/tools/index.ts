import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";

/** The launcher of dynamic providers, for machines that have the engine but not the rest of its release. */
const HOSTS = join(__dirname, "bin");

/** Whether an executable is on PATH. */
export function onPath(name: string): boolean {
  try {
    execFileSync(name === "pulumi" ? "pulumi" : "sh", name === "pulumi" ? ["version"] : ["-c", `command -v ${name}`], {
      stdio: "ignore",
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1" },
    });
    return true;
  } catch {
    return false;
  }
}

/** Puts the launcher last on this process's PATH. Not on Windows. */
export function offerLauncher(): void {
  if (process.platform === "win32") return;
  const others = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== HOSTS);
  process.env["PATH"] = [...others, HOSTS].join(delimiter);
}

/** For the environment of a Node.js process that loads @pulumi/pulumi: it starts three times as fast. */
export const quickNode: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --require ${JSON.stringify(join(__dirname, "lazy.cjs"))}`.trim(),
};
