import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Everybody may read and run what is installed, and only its owner may change it: somebody else's provider would get the credentials. */
const FOLDER = 0o755;
const FILE = 0o644;

/** Makes a folder and those above it. Those that it makes are of this mode, whatever the umask is. @throws Error of the file system */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: FOLDER });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) chmodSync(made, FOLDER);
}

/** Writes a file. @throws Error of the file system */
export function writeFile(path: string, content: string | Buffer): void {
  writeFileSync(path, content, { mode: FILE });
  chmodSync(path, FILE);
}

/** Takes from others the right to change what an earlier installation left in a folder. */
export function protect(folder: string): void {
  for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) {
    const mode = statSync(path).mode & 0o777;
    if ((mode & 0o022) !== 0) chmodSync(path, mode & ~0o022);
  }
}
