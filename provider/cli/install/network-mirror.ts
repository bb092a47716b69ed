import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packageInZip } from "./archives";
import { makeFolder, writeFile } from "./folders";
import { address, hosts, linkOrCopy } from "./mirror";
import type { Obtained } from "./obtain";
import { h1Of, zipName } from "./package";
import { platformNamed } from "./platforms";
import { zip } from "./zip";

/** A zip in the mirror. */
export interface Archived {
  readonly path: string;
  readonly outcome: "written" | "replaced" | "unchanged";
}

/**
 * Adds packages of one version to a folder that any web server can serve as a network mirror (Terraform's provider network mirror protocol), and
 * that is a filesystem mirror as it is. What is there of other platforms and versions stays. The index comes last, so that a
 * server never offers what is not there yet. @throws Error of the file system, or for a zip that cannot be read
 */
export function writeNetworkMirror(mirror: string, packages: readonly Obtained[], version: string): Archived[] {
  const done: Archived[] = [];
  for (const one of packages) {
    const bytes = one.zip ?? zip(one.files);
    const name = zipName(version, one.platform);
    let first: string | undefined;
    for (const host of hosts) {
      const path = join(mirror, host, address, name);
      const outcome = !existsSync(path) ? "written" : readFileSync(path).equals(bytes) ? "unchanged" : "replaced";
      if (outcome !== "unchanged")
        aside(path, (made) => (first === undefined ? writeFile(made, bytes) : linkOrCopy(first, made)));
      first ??= path;
      done.push({ path, outcome });
    }
  }
  for (const host of hosts) writeIndexes(join(mirror, host, address), version);
  return done;
}

/** Writes `<version>.json` of all zips of the version in a folder, then `index.json` of all versions. */
function writeIndexes(folder: string, version: string): void {
  const begin = `terraform-provider-daytona_${version}_`;
  const names = readdirSync(folder).sort();
  const archives = names.flatMap((name) => {
    const platform = name.startsWith(begin) && name.endsWith(".zip") ? name.slice(begin.length, -4) : "";
    if (platformNamed(platform) === undefined) return [];
    const path = join(folder, name);
    return [[platform, { url: name, hashes: [h1Of(packageInZip(path, readFileSync(path)))] }] as const];
  });
  writeJson(join(folder, `${version}.json`), { archives: Object.fromEntries(archives) });
  const versions = readdirSync(folder).flatMap((name) => /^(\d.*)\.json$/.exec(name)?.[1] ?? []);
  writeJson(join(folder, "index.json"), { versions: Object.fromEntries(versions.sort().map((one) => [one, {}])) });
}

function writeJson(path: string, value: unknown): void {
  aside(path, (made) => writeFile(made, `${JSON.stringify(value, null, 2)}\n`));
}

/** Makes a file under another name and renames it: a server sees the old one or the new one. */
function aside(path: string, make: (path: string) => void): void {
  makeFolder(join(path, ".."));
  const made = join(path, "..", `.daytona-${randomBytes(6).toString("hex")}`);
  try {
    make(made);
    renameSync(made, path);
  } finally {
    rmSync(made, { force: true });
  }
}
