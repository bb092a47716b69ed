import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../../../..");
const KEPT_MS = 3_600_000;

/** The native plugin, compiled from the sources as they are; one that another file of tests has compiled from the same ones is used. */
function compiled(): string {
  const cache = join(process.env["DAYTONA_IAC_TOOLS"] ?? join(homedir(), ".cache/daytona-iac/tools"), "plugins");
  const folder = join(cache, digestOfSources());
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const old = join(cache, name);
    if (Date.now() - statSync(old).mtimeMs > KEPT_MS) rmSync(old, { recursive: true, force: true });
  }
  const aside = `${folder}.${process.pid}`;
  execFileSync(process.execPath, [join(root, "scripts/build-pulumi.mjs"), "--out", aside], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    renameSync(aside, folder);
  } catch {
    // Another file of tests was quicker.
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}

function digestOfSources(): string {
  const hash = createHash("sha256");
  for (const room of ["provider", "scripts"]) {
    const files = readdirSync(join(root, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files)
      hash
        .update(`${file.slice(root.length)}\0`)
        .update(readFileSync(file))
        .update("\0");
  }
  for (const file of ["package-lock.json", "schema.json"]) hash.update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 32);
}

/** Puts the plugin's files into a folder. */
export function placePlugin(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const from = compiled();
  for (const name of readdirSync(from)) {
    try {
      linkSync(join(from, name), join(folder, name));
    } catch {
      // Another disk.
      copyFileSync(join(from, name), join(folder, name));
    }
  }
}
