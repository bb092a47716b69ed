import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { version } from "../../version.gen";
import type { Io } from "../io";

export interface ProviderFile {
  path: string;
  /** "script": requires `node` on PATH. "executable": has no requirements. */
  kind: "executable" | "script";
}

/** The executable is linked against glibc. Alpine and similar systems run the Node script. */
function isMusl(platform: NodeJS.Platform): boolean {
  if (platform !== "linux") return false;
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header !== undefined && report.header.glibcVersionRuntime === undefined;
}

/** The npm package with the executable of one platform, an optional dependency of the released package. */
export const packageOf = (platform: string, arch: string): string => `daytona-iac-${platform}-${arch}`;

/** Its file contains both providers. The name that it is copied to selects one. */
export const packagedName = "daytona-iac-provider";

/** The executable that runs, if the command line is one: it contains the providers, too. */
export function ownExecutable({ executable }: Pick<Io, "executable">, scriptOnly = false): ProviderFile | undefined {
  return executable === undefined || scriptOnly ? undefined : { path: executable, kind: "executable" };
}

/** Where that package is installed, found as Node finds it from ours: hoisted, nested, or in a store of links. */
function installedPackage(root: string, name: string): { folder: string; version: string } | undefined {
  try {
    const manifest = createRequire(join(root, "package.json")).resolve(`${name}/package.json`);
    const { version: its = "" } = JSON.parse(readFileSync(manifest, "utf8")) as { version?: string };
    return { folder: dirname(manifest), version: its };
  } catch {
    return undefined;
  }
}

/** The executable of npm's package for a platform, of this very version; undefined: it is not installed. */
export function installedExecutable(root: string, platform: NodeJS.Platform, arch: string): string | undefined {
  const installed = installedPackage(root, packageOf(platform, arch));
  if (installed?.version !== version) return undefined;
  const path = join(installed.folder, "bin", `${packagedName}${platform === "win32" ? ".exe" : ""}`);
  return existsSync(path) ? path : undefined;
}

/**
 * The provider to install, best first: the executable of an optional package for this platform
 * (`daytona-iac-<platform>-<arch>`, of this very version), the one that `npm run build` made in a checkout, the Node script
 * of this package. It is this provider under the provider's own name only, so it is copied to that. `root`: the package's
 * folder; `base`: that name without ending. Undefined where there is none that runs here.
 */
export function findProvider(
  root: string,
  platform: NodeJS.Platform,
  arch: string,
  scriptOnly = false,
  base = "terraform-provider-daytona",
  musl = isMusl(platform),
): ProviderFile | undefined {
  const ending = platform === "win32" ? ".exe" : "";
  if (!scriptOnly && !musl) {
    const installed = installedExecutable(root, platform, arch);
    const built = join(root, "build", base + ending);
    const path = installed ?? (existsSync(built) ? built : undefined);
    if (path !== undefined) return { path, kind: "executable" };
  }
  const script = join(root, "dist", "provider", base);
  // Windows starts no scripts by their first line.
  return platform !== "win32" && existsSync(script) ? { path: script, kind: "script" } : undefined;
}

/** For a machine on which `findProvider` found no executable: why, and how to come by one. Whole sentences. */
export function whyNoExecutable(
  root: string,
  platform: NodeJS.Platform,
  arch: string,
  musl = isMusl(platform),
): string {
  if (musl) return "The executable requires glibc, which this system does not have (Alpine, for example).";
  const manifest = join(root, "package.json");
  const { optionalDependencies = {} } = (existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")) : {}) as {
    optionalDependencies?: Record<string, string>;
  };
  const name = packageOf(platform, arch);
  // Only a release names the packages; "npm pack" of the repository makes a package without them.
  if (!Object.keys(optionalDependencies).some((dependency) => dependency.startsWith("daytona-iac-"))) {
    return 'This copy of the package has no executables. In a checkout, build them with "npm run build".';
  }
  if (optionalDependencies[name] === undefined) return `There are no executables for ${platform} ${arch}.`;
  const installed = installedPackage(root, name);
  const fault =
    installed === undefined
      ? 'which npm did not install (because of "--omit=optional", or a lock file or node_modules from another platform)'
      : installed.version !== version
        ? `of which version ${installed.version} is installed`
        : "from which it is missing";
  return `The executable is in the package ${name} ${version}, ${fault}. Run "npm install --no-save ${name}@${version}", then run this command again.`;
}

/** What was installed, in a word or two. */
export function kindOf(kind: ProviderFile["kind"]): string {
  return kind === "script" ? "Node script, requires node on PATH" : "executable";
}

/** The line for a user who got the script without asking for it. */
export function scriptNotice(root: string): string {
  return `An executable starts faster. ${whyNoExecutable(root, process.platform, process.arch)}\n`;
}
