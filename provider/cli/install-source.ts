import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface ProviderFile {
  path: string;
  /** "script": runs with the `node` on PATH; "executable": needs nothing. */
  kind: "executable" | "script";
}

/** Of the machine that it is installed for, in Go's words, which Terraform uses for folders. */
export function terraformPlatform(platform: NodeJS.Platform, arch: string): { os: string; arch: string } {
  return { os: platform === "win32" ? "windows" : platform, arch: arch === "x64" ? "amd64" : arch === "ia32" ? "386" : arch };
}

/** Executables are linked against glibc; Alpine and its like run the Node script. */
function isMusl(platform: NodeJS.Platform): boolean {
  if (platform !== "linux") return false;
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header !== undefined && report.header.glibcVersionRuntime === undefined;
}

/**
 * The provider to install, best first: the executable of an optional package for this platform
 * (`daytona-iac-<platform>-<arch>`), the one that `npm run build` made in a checkout, the Node script of this package.
 * `root`: the package's folder; `base`: the provider's name without ending. Undefined where there is none that runs here.
 */
export function findProvider(root: string, platform: NodeJS.Platform, arch: string, scriptOnly = false, base = "terraform-provider-daytona"): ProviderFile | undefined {
  const name = platform === "win32" ? `${base}.exe` : base;
  if (!scriptOnly && !isMusl(platform)) {
    const candidates = [join(root, "build", name)];
    try {
      const manifest = createRequire(join(root, "package.json")).resolve(`daytona-iac-${platform}-${arch}/package.json`);
      candidates.unshift(join(dirname(manifest), "bin", name));
    } catch {
      // not installed
    }
    const path = candidates.find((candidate) => existsSync(candidate));
    if (path !== undefined) return { path, kind: "executable" };
  }
  const script = join(root, "dist", "provider", base);
  // Windows starts no scripts by their first line.
  return platform !== "win32" && existsSync(script) ? { path: script, kind: "script" } : undefined;
}
