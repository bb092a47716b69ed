import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { PackageFile } from "./package";
import { unzip } from "./zip";

const BLOCK = 512;

/** The files of a zip; every error, also that of a content, names the archive. @param path for messages @throws Error */
export function packageInZip(path: string, archive: Buffer): PackageFile[] {
  const named = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw new Error(`${path} cannot be used: ${(error as Error).message}. Download it again`, { cause: error });
    }
  };
  return named(() => unzip(archive)).map((file) => ({ ...file, bytes: () => named(file.bytes) }));
}

/** A file of npm's tarball. @throws Error if it is not in it, or the tarball cannot be read */
export function fileInTarball(path: string, name: string): Buffer {
  let tar: Buffer;
  try {
    tar = gunzipSync(readFileSync(path));
  } catch (error) {
    throw new Error(`${path} cannot be used: ${(error as Error).message}. Download it again`, { cause: error });
  }
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const text = (from: number, length: number): string =>
      (tar.toString("utf8", at + from, at + from + length).split("\0")[0] ?? "").trim();
    const size = parseInt(text(124, 12), 8);
    if (!Number.isSafeInteger(size)) break;
    const [begin, end] = [at + BLOCK, at + BLOCK + size];
    if (text(0, 100) === name && end <= tar.length) return tar.subarray(begin, end);
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error(`${path} does not contain ${name}. Download it again`);
}
