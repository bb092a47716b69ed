import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNamedFile } from "./text/named-file";
import { isAlive, type Owner, type Place, thisPlace, thisProcess } from "./process-owner";

/** Says in a temporary folder whose it is. */
const OWNER = ".owner.json";
/** Bytes that it may have. */
const MOST = 4096;

/**
 * Makes a temporary folder that only this user can read, and that says which process it belongs to: one that is killed cannot remove it, and
 * `removeLeftOver` can. Whoever makes it removes it.
 * @param prefix of its name, such as `daytona-iac-local-` @returns its path @throws Error of the file system
 */
export function makeOwnFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  writeFileSync(join(folder, OWNER), JSON.stringify({ ...thisProcess(), ...thisPlace() }), { flag: "wx", mode: 0o600 });
  return folder;
}

/**
 * Removes the temporary folders of this user that processes have left which are gone for certain: they ran on this machine since it started, in this
 * container, and do not run any more. Whatever cannot be told, or cannot be removed, stays.
 */
export function removeLeftOver(prefix: string): void {
  let names: string[];
  try {
    names = readdirSync(tmpdir());
  } catch {
    return;
  }
  for (const name of names) {
    const folder = join(tmpdir(), name);
    try {
      if (name.startsWith(prefix) && isOurs(folder) && isGone(folder)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody else has removed it meanwhile, or nobody can.
    }
  }
}

/** A folder, no link to one, that this user has made. */
function isOurs(folder: string): boolean {
  const stats = lstatSync(folder);
  return stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid());
}

function isGone(folder: string): boolean {
  const owner = JSON.parse(readNamedFile(join(folder, OWNER), MOST, [folder]).toString("utf8")) as Partial<
    Owner & Place
  >;
  const { pid, started = null } = owner;
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid <= 0) return false;
  const here = thisPlace();
  const same = owner.host === here.host && owner.boot === here.boot && owner.namespace === here.namespace;
  return same && !isAlive({ pid, started });
}
