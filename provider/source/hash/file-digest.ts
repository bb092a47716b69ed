import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type BigIntStats } from "node:fs";
import { open } from "node:fs/promises";
import type { ContextDigests } from "./digest-cache";
import { identityOf, isSettled, type Identity } from "./identity";

export interface FileDigest {
  readonly sha256: string;
  readonly size: number;
  readonly mode: number;
  readonly identity: Identity;
}

/** A file went on changing while it was being read. */
export class FileChanging extends Error {}

/** Read with synchronous calls up to this size, in bytes: they cost a fraction of what promises do, and take less than a millisecond. */
export const SMALL_FILE = 128 * 1024;
export const CHUNK = 1024 * 1024;
// A file may have been replaced by a link or a named pipe since it was listed.
export const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const TRIES = 3;
const scratch = Buffer.allocUnsafeSlow(SMALL_FILE + 1);

/**
 * The digest of a regular file. Taken from the digests kept, where the file is still the same.
 * @param now milliseconds since 1970
 * @throws FileChanging; errors of the file system
 */
export async function digestFile(file: string, kept: ContextDigests | undefined, now: () => number, signal?: AbortSignal): Promise<FileDigest> {
  for (let left = TRIES; left > 0; left--) {
    const before = lstatSync(file, { bigint: true });
    if (!before.isFile()) throw new FileChanging();
    const identity = identityOf(before);
    const found = { size: Number(before.size), mode: Number(before.mode), identity };
    const known = kept?.get(file, identity);
    if (known !== undefined) return { ...found, sha256: known };
    const settled = isSettled(before, now());
    const large = (): Promise<string | undefined> => readLarge(file, identity, signal);
    const sha256 = found.size <= SMALL_FILE ? readSmall(file, before) : await shared(file, identity, kept, large, signal);
    if (sha256 === undefined) continue;
    if (settled) kept?.set(file, identity, sha256);
    return { ...found, sha256 };
  }
  throw new FileChanging();
}

/** Where another who reads the same file gives it up, or fails, this one reads for itself. */
async function shared(file: string, identity: Identity, kept: ContextDigests | undefined, read: () => Promise<string | undefined>, signal?: AbortSignal): Promise<string | undefined> {
  if (kept === undefined) return read();
  try {
    return (await kept.once(file, identity, async () => (await read()) ?? "")) || undefined;
  } catch {
    signal?.throwIfAborted();
    return read();
  }
}

function readSmall(file: string, before: BigIntStats): string | undefined {
  const handle = openSync(file, OPEN_FLAGS);
  try {
    let length = 0;
    for (let read = -1; read !== 0 && length < scratch.length; length += read) read = readSync(handle, scratch, length, scratch.length - length, null);
    const same = identityOf(fstatSync(handle, { bigint: true })) === identityOf(before) && BigInt(length) === before.size;
    return same ? createHash("sha256").update(scratch.subarray(0, length)).digest("hex") : undefined;
  } finally {
    closeSync(handle);
  }
}

async function readLarge(file: string, identity: Identity, signal?: AbortSignal): Promise<string | undefined> {
  const handle = await open(file, OPEN_FLAGS);
  try {
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
    return identityOf(await handle.stat({ bigint: true })) === identity ? hash.digest("hex") : undefined;
  } finally {
    await handle.close();
  }
}
