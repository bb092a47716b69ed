import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { relative, isAbsolute, sep } from "node:path";

/** Not for what may take its place between the look and the reading: a link, or a named pipe that nobody writes to. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const MIB = 2 ** 20;
const PIECE = 64 * 1024;

/** A file that is not read, whatever is in it. The message goes on from the file's name: `is a named pipe, not a regular file`. */
export class UnsafeFile extends Error {
  override readonly name = "UnsafeFile";
}

/**
 * Reads a file that is there under a name that a repository gives it. A repository can put anything there: a link to a file of the machine, whose first wrong line
 * would be quoted in a log; a device that never ends; a named pipe that nobody writes to.
 * @param most bytes that the file may have
 * @param inside folders, in one of which the file has to lie when links are followed; default: anywhere
 * @throws UnsafeFile for what is not read; errors of the system, with their code
 */
export function readNamedFile(path: string, most: number, inside?: readonly string[]): Buffer {
  const real = realpathSync(path);
  if (inside !== undefined && !inside.some((folder) => isWithin(folder, real)))
    throw new UnsafeFile(
      `is a link to ${JSON.stringify(targetOf(path, real))}, which is outside of the allowed folders`,
    );
  // Without opening it: that alone can do something to a device.
  refuseOthers(lstatSync(real));
  const handle = openSync(real, OPEN_FLAGS);
  try {
    refuseOthers(fstatSync(handle));
    const large = (): UnsafeFile =>
      new UnsafeFile(`is larger than ${most < MIB ? `${most} bytes` : `${most / MIB} MiB`}, the limit`);
    // Its size is not asked: it may grow while it is read, and files of /proc say that they are empty.
    const parts: Buffer[] = [];
    for (let left = most; ;) {
      const part = Buffer.allocUnsafe(Math.min(left + 1, PIECE));
      const read = readSync(handle, part, 0, part.length, null);
      if (read === 0) return Buffer.concat(parts);
      if ((left -= read) < 0) throw large();
      parts.push(part.subarray(0, read));
    }
  } finally {
    closeSync(handle);
  }
}

function refuseOthers(stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  const kind = stats.isFIFO() ? "named pipe" : stats.isSocket() ? "socket" : "device";
  throw new UnsafeFile(`is a ${kind}, not a regular file`);
}

function isWithin(folder: string, real: string): boolean {
  let root: string;
  try {
    root = realpathSync(folder);
  } catch {
    return false;
  }
  const path = relative(root, real);
  return path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

/** What a link says, or where the file is, if a folder above it is the link. */
function targetOf(path: string, real: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return real;
  }
}
