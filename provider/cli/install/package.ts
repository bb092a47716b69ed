import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { license } from "./license.gen";
import type { Platform } from "./platforms";

/** One file of a provider package. */
export interface PackageFile {
  readonly name: string;
  /** Unix mode: 0o755 or 0o644. */
  readonly mode: number;
  /** Reads the content. @throws Error of the file system */
  readonly bytes: () => Buffer;
}

/**
 * What a package of one platform holds, as a folder of a filesystem mirror and as the zip of a release alike: a lock file has one `h1:` checksum
 * for both, because that is made of names and contents alone.
 * @param path the executable, or the script
 */
export function packageFiles(path: string, version: string, platform: Platform, isScript: boolean): PackageFile[] {
  const text = (name: string, content: string): PackageFile => ({
    name,
    mode: 0o644,
    bytes: () => Buffer.from(content),
  });
  return [
    text("LICENSE", license),
    // Node reads a script without extension as what the nearest package.json says, and that could be a user's "module".
    ...(isScript ? [text("package.json", '{"type":"commonjs"}\n')] : []),
    { name: executableName(version, platform), mode: 0o755, bytes: () => readFileSync(path) },
  ];
}

/** The name under which both tools look for the provider in its package. */
export function executableName(version: string, platform: Platform): string {
  return `terraform-provider-daytona_v${version}${platform.os === "windows" ? ".exe" : ""}`;
}

/** The name of a package as a zip, in a release and in a mirror. */
export function zipName(version: string, { os, arch }: Platform): string {
  return `terraform-provider-daytona_${version}_${os}_${arch}.zip`;
}

/** The checksum of a package in a lock file: Go's `dirhash.Hash1` over its files, as `h1:…`. */
export function h1Of(files: readonly Pick<PackageFile, "name" | "bytes">[]): string {
  const lines = [...files]
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    .map(({ name, bytes }) => `${createHash("sha256").update(bytes()).digest("hex")}  ${name}\n`);
  return `h1:${createHash("sha256").update(lines.join("")).digest("base64")}`;
}

/** The same of a folder, with the folders in it. @throws Error of the file system */
export function h1OfFolder(folder: string): string {
  const files = (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => !lstatSync(join(folder, name)).isDirectory())
    .map((name) => ({ name: name.replaceAll("\\", "/"), bytes: () => readFileSync(join(folder, name)) }));
  return h1Of(files);
}
