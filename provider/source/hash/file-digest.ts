import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type BigIntStats } from "node:fs";
import { open } from "node:fs/promises";
import type { ContextDigests } from "./digest-cache";
import { identityOf, isSettled, type Identity } from "./identity";
import { HEAD_BYTES, isToolsOwn } from "./tools-own";

export interface FileDigest {
  readonly sha256: string;
  readonly size: number;
  readonly mode: number;
  readonly identity: Identity;
  /** Whether it is a file that Terraform or the local API keeps for itself, under whatever name. */
  readonly toolsOwn: boolean;
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
 * The digest of a regular file. That of a tool's own file is never kept, so that it is looked at each time. Taken from the digests kept, where the file is still the same.
 * @param now milliseconds since 1970
 * @param onBytes told of the bytes of the file, in all its size; a large one is told of in parts while it is read
 * @throws FileChanging; errors of the file system
 */
export async function digestFile(
  file: string,
  kept: ContextDigests | undefined,
  now: () => number,
  signal?: AbortSignal,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<FileDigest> {
  for (let left = TRIES; left > 0; left--) {
    const before = lstatSync(file, { bigint: true });
    if (!before.isFile()) throw new FileChanging();
    const identity = identityOf(before);
    const found = { size: Number(before.size), mode: Number(before.mode), identity };
    const known = kept?.get(file, identity);
    if (known !== undefined) {
      onBytes(found.size);
      return { ...found, sha256: known, toolsOwn: false };
    }
    const settled = isSettled(before, now());
    let told = 0;
    const large = (): Promise<string | undefined> =>
      readLarge(file, identity, signal, (bytes) => {
        told += bytes;
        onBytes(bytes);
      });
    const small = found.size <= SMALL_FILE;
    const sha256 = small ? readSmall(file, before) : await readShared(file, identity, kept, large, signal);
    onBytes(found.size - told);
    if (sha256 === undefined) continue;
    const toolsOwn = isToolsOwn(small ? scratch.subarray(0, found.size) : readHead(file));
    if (settled && !toolsOwn) kept?.set(file, identity, sha256);
    return { ...found, sha256, toolsOwn };
  }
  throw new FileChanging();
}

/** Where another who reads the same file gives it up, or fails, this one reads for itself. */
async function readShared(
  file: string,
  identity: Identity,
  kept: ContextDigests | undefined,
  read: () => Promise<string | undefined>,
  signal?: AbortSignal,
): Promise<string | undefined> {
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
    for (let read = -1; read !== 0 && length < scratch.length; length += read)
      read = readSync(handle, scratch, length, scratch.length - length, null);
    const same =
      identityOf(fstatSync(handle, { bigint: true })) === identityOf(before) && BigInt(length) === before.size;
    return same ? createHash("sha256").update(scratch.subarray(0, length)).digest("hex") : undefined;
  } finally {
    closeSync(handle);
  }
}

function readHead(file: string): Buffer {
  const handle = openSync(file, OPEN_FLAGS);
  try {
    return scratch.subarray(0, readSync(handle, scratch, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(handle);
  }
}

async function readLarge(
  file: string,
  identity: Identity,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): Promise<string | undefined> {
  const handle = await open(file, OPEN_FLAGS);
  try {
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      onBytes(bytesRead);
    }
    return identityOf(await handle.stat({ bigint: true })) === identity ? hash.digest("hex") : undefined;
  } finally {
    await handle.close();
  }
}
