import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { exchangeFolder } from "./exchange";
import { makeFolder, protect, writeFile } from "./folders";

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

export interface Placed {
  folder: string;
  outcome: "installed" | "replaced" | "unchanged";
}

const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

/** What the folder of one version holds: file name -> content, the provider given by its path. */
interface Content {
  provider: { name: string; path: string };
  others: { [name: string]: string };
}

function isSame(folder: string, content: Content): boolean {
  if (!existsSync(folder)) return false;
  const names = [content.provider.name, ...Object.keys(content.others)].sort();
  if (readdirSync(folder).sort().join("\n") !== names.join("\n")) return false;
  for (const [name, text] of Object.entries(content.others))
    if (readFileSync(join(folder, name), "utf8") !== text) return false;
  const placed = join(folder, content.provider.name);
  // A link into a project breaks when the project is deleted.
  if (lstatSync(placed).isSymbolicLink()) return false;
  return (
    statSync(placed).size === statSync(content.provider.path).size && digest(placed) === digest(content.provider.path)
  );
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // another file system
  }
}

/**
 * Puts one version into a filesystem mirror, under each host. Each folder appears complete, by a rename, or not at all; other
 * versions stay. `version` without "v".
 */
export function placeProvider(
  mirror: string,
  provider: string,
  version: string,
  target: { os: string; arch: string },
  isScript: boolean,
): Placed[] {
  const name = `terraform-provider-daytona_v${version}${target.os === "windows" ? ".exe" : ""}`;
  // Node reads a script without extension as what the nearest package.json says, and that could be a user's "module".
  const others: { [file: string]: string } = isScript ? { "package.json": '{"type":"commonjs"}\n' } : {};
  let first: string | undefined;
  return hosts.map((host) => {
    const folder = join(mirror, host, address, version, `${target.os}_${target.arch}`);
    const placed = join(folder, name);
    if (isSame(folder, { provider: { name, path: provider }, others })) {
      first ??= placed;
      protect(folder);
      return { folder, outcome: "unchanged" };
    }
    // On the same file system, but where no tool looks for providers.
    const scratch = join(mirror, `.daytona-${randomBytes(6).toString("hex")}`);
    try {
      makeFolder(join(scratch, "new"));
      if (first === undefined) copyFileSync(provider, join(scratch, "new", name));
      else linkOrCopy(first, join(scratch, "new", name));
      chmodSync(join(scratch, "new", name), 0o755);
      for (const [file, text] of Object.entries(others)) writeFile(join(scratch, "new", file), text);
      makeFolder(dirname(folder));
      const replaced = exchangeFolder(scratch, folder);
      first ??= placed;
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
