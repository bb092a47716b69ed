import { createHash, randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, linkSync, lstatSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { exchangeFolder } from "./exchange";
import { makeFolder, protect, writeFile } from "./folders";
import type { PackageFile } from "./package";
import { nameOf, type Platform } from "./platforms";

/** For the same source address, Terraform and OpenTofu each look under the name of their own registry. */
export const hosts = ["registry.terraform.io", "registry.opentofu.org"] as const;
export const address = "daytona-iac/daytona";

/**
 * The folder that both tools search without being told to (an "implied local mirror"). Terraform also knows others, but this
 * one is searched by either tool on each system, whatever the XDG variables say.
 */
export function impliedMirror(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  if (platform === "win32") return join(env.APPDATA || join(homedir(), "AppData", "Roaming"), "terraform.d", "plugins");
  return join(env.HOME || homedir(), ".terraform.d", "plugins");
}

const EXECUTABLE = 0o755;

export interface Placed {
  folder: string;
  outcome: "installed" | "replaced" | "unchanged";
}

const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** @param sums of the files, by their names */
function isSame(folder: string, sums: ReadonlyMap<string, string>): boolean {
  if (!existsSync(folder)) return false;
  if (readdirSync(folder).sort().join("\n") !== [...sums.keys()].sort().join("\n")) return false;
  // A link into a project breaks when the project is deleted.
  return [...sums].every(
    ([name, sum]) => lstatSync(join(folder, name)).isFile() && digest(readFileSync(join(folder, name))) === sum,
  );
}

/** A second name for a file, or a copy on another file system. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // another file system
  }
}

/**
 * Puts the package of one version and platform into a filesystem mirror, under each host. Each folder appears complete, by a rename, or not at
 * all; other versions and platforms stay. `version` without "v". @throws Error of the file system
 */
export function placeProvider(
  mirror: string,
  files: readonly PackageFile[],
  version: string,
  platform: Platform,
): Placed[] {
  const contents = files.map((file) => ({ ...file, content: file.bytes() }));
  const sums = new Map(contents.map(({ name, content }) => [name, digest(content)]));
  let first: string | undefined;
  return hosts.map((host) => {
    const folder = join(mirror, host, address, version, nameOf(platform));
    if (isSame(folder, sums)) {
      first ??= folder;
      protect(folder);
      return { folder, outcome: "unchanged" };
    }
    // On the same file system, but where no tool looks for providers.
    const scratch = join(mirror, `.daytona-${randomBytes(6).toString("hex")}`);
    try {
      makeFolder(join(scratch, "new"));
      for (const { name, mode, content } of contents) {
        const path = join(scratch, "new", name);
        if (first === undefined || mode !== EXECUTABLE) writeFile(path, content);
        else linkOrCopy(join(first, name), path);
        chmodSync(path, mode);
      }
      makeFolder(dirname(folder));
      const replaced = exchangeFolder(scratch, folder);
      first ??= folder;
      return { folder, outcome: replaced ? "replaced" : "installed" };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}

/** Other versions in the mirror. They are kept, because lock files of other projects may name them. */
export function otherVersions(mirror: string, version: string): string[] {
  const found = hosts.flatMap((host) => {
    const folder = join(mirror, host, address);
    return existsSync(folder) ? readdirSync(folder) : [];
  });
  return [...new Set(found)].filter((name) => name !== version && /^\d/.test(name)).sort();
}
