import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { packageInZip } from "./archives";
import { configFiles, configuredInstallation, configuredMirrors } from "./config";
import { type Locked, readLockFile } from "./lock-file";
import { address, hosts, impliedMirror } from "./mirror";
import { h1Of, h1OfFolder, zipName } from "./package";
import { nameOf, type Platform, terraformPlatform } from "./platforms";
import { lockCommand } from "./texts";

/** What a comparison found. `missing`: it is no fault, but worth knowing. */
export interface LockCheck {
  readonly kind: "ok" | "problem" | "missing";
  readonly text: string;
  /** What to do, if something has to be done and `text` does not say it. */
  readonly action?: string;
}

/** A package as it is installed. */
interface Installed {
  readonly path: string;
  /** The folder that is searched, for the command that locks its packages. */
  readonly mirror: string;
  /** All checksums that a lock file may have of it, `h1:` first. */
  readonly hashes: readonly string[];
}

/**
 * Compares `.terraform.lock.hcl` of a Terraform root with what is installed on this machine: in the mirrors that the tools search, and in the working
 * directory of the last `init`. Nothing where there is no lock file, or none of this provider.
 */
export function compareLock(root: string, env: NodeJS.ProcessEnv): LockCheck[] {
  const file = join(root, ".terraform.lock.hcl");
  if (!existsSync(file)) return [];
  try {
    const platform = terraformPlatform(process.platform, process.arch);
    const mirrors = searchedMirrors(env);
    return readLockFile(file).flatMap((locked) => [
      inMirrors(file, locked, mirrors, platform),
      ...inWorkingDirectory(file, locked, resolve(root, env.TF_DATA_DIR || ".terraform"), platform),
    ]);
  } catch (error) {
    return [{ kind: "problem", text: `${file}: ${(error as Error).message}` }];
  }
}

function searchedMirrors(env: NodeJS.ProcessEnv): string[] {
  const config = configuredInstallation(configFiles(process.platform, env));
  return config === undefined ? [impliedMirror(process.platform, env)] : configuredMirrors(config);
}

function inMirrors(file: string, locked: Locked, mirrors: readonly string[], platform: Platform): LockCheck {
  const { host, version } = locked;
  const provider = `${host}/${address}`;
  const found = mirrors.flatMap((mirror) => installedIn(mirror, host, version, platform));
  if (found.length > 0) return compared(file, locked, found[0] as Installed, platform);
  const others = [...new Set(mirrors.flatMap((mirror) => versionsIn(mirror, host)))].sort();
  if (others.length === 0)
    return {
      kind: "missing",
      text: `${file} locks ${provider} ${version}, which is not in any mirror on this machine. "init" downloads it from a registry or a network mirror.`,
    };
  return {
    kind: "problem",
    text: `${file} locks ${provider} ${version}, but ${others.includes(version) ? `on this machine it is installed only for platforms other than ${nameOf(platform)}` : `these versions are installed on this machine: ${others.join(", ")}`}`,
    action: `\nAn installed version hides the registry, so "init" fails. Install the locked version with "npx daytona-iac@${version} install", or lock the installed version with "init -upgrade".`,
  };
}

function compared(file: string, locked: Locked, installed: Installed, platform: Platform): LockCheck {
  const provider = `${locked.host}/${address} ${locked.version}`;
  const same = installed.hashes.find((hash) => locked.hashes.includes(hash));
  if (same !== undefined) return { kind: "ok", text: `${file}: ${provider} matches the installed provider (${same})` };
  const tool = locked.host === hosts[0] ? "terraform" : "tofu";
  return {
    kind: "problem",
    text: [
      `${file} does not contain the checksum of ${provider} in ${installed.path}`,
      `installed: ${installed.hashes[0]}`,
      `locked: ${locked.hashes.filter((hash) => hash.startsWith("h1:")).join(", ") || "none that begins with h1:"}`,
    ].join("\n"),
    action: [
      `If the installed provider is the right one (another platform, or the Node script instead of the executable), add its checksum and commit the file:`,
      `  ${lockCommand(tool, installed.mirror, [platform])}`,
      `If the whole team uses the same kind of package, reinstall it with "npx daytona-iac@${locked.version} install".`,
    ].join("\n"),
  };
}

/** What `init` has put into the working directory. It may be older than the lock file. */
function inWorkingDirectory(file: string, locked: Locked, data: string, platform: Platform): LockCheck[] {
  const versions = join(data, "providers", locked.host, address);
  const folder = join(versions, locked.version, nameOf(platform));
  if (!existsSync(versions)) return [];
  if (existsSync(folder) && locked.hashes.includes(h1OfFolder(folder))) return [];
  return [
    {
      kind: "problem",
      text: `${versions} does not contain the version that ${file} locks (${locked.version}).`,
      action: 'Run "init" again in this folder.',
    },
  ];
}

function installedIn(mirror: string, host: string, version: string, platform: Platform): Installed[] {
  const folder = join(mirror, host, address);
  const unpacked = join(folder, version, nameOf(platform));
  if (existsSync(unpacked) && statSync(unpacked).isDirectory())
    return [{ path: unpacked, mirror, hashes: [h1OfFolder(unpacked)] }];
  const packed = join(folder, zipName(version, platform));
  if (!existsSync(packed)) return [];
  const zip = readFileSync(packed);
  const zh = `zh:${createHash("sha256").update(zip).digest("hex")}`;
  return [{ path: packed, mirror, hashes: [h1Of(packageInZip(packed, zip)), zh] }];
}

/** Versions in a mirror, of any platform. */
function versionsIn(mirror: string, host: string): string[] {
  const folder = join(mirror, host, address);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const version = /^terraform-provider-daytona_(\d.*?)_\w+_\w+\.zip$/.exec(name)?.[1] ?? name;
    return /^\d/.test(version) && !version.endsWith(".json") ? [version] : [];
  });
}
