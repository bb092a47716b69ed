import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { ContextError, reason } from "../context-error";
import { CHUNK, OPEN_FLAGS, SMALL_FILE } from "../hash/file-digest";
import { archiveHash, sortedByPath, type ContextFile } from "../hash/source-hash";
import { Pace } from "../pace";
import { lengthInTar, padding, TAR_END, tarHeader } from "./tar-header";

/** A file to pack: as it was hashed, and where its content lies on disk. */
export interface PackedFile extends ContextFile {
  readonly onDisk: string;
}

/** One tar of the context, made while it is read. The same files give the same bytes: sorted, without owners and times, modes 0755 and 0644 unless a file has one of its own. */
export interface ContextArchive {
  /** Over paths, modes as sent and contents; 64 lower-case hex digits. Known without reading the files again. */
  readonly hash: string;
  /** Bytes of the tar. */
  readonly size: number;
  readonly files: readonly ContextFile[];
  /** What names the files, for messages: `COPY src`, or a path. */
  readonly from: string;
  /**
   * The tar, from its beginning, as often as wanted. Ends with a `ContextError` that names the file when one is not what was hashed, and with the
   * signal's reason when that aborts.
   */
  open(signal?: AbortSignal): Readable;
}

/** @param from what names the files, for messages */
export function contextArchive(files: readonly PackedFile[], from = ""): ContextArchive {
  const sorted = sortedByPath(files);
  return {
    hash: archiveHash(sorted),
    size: sorted.reduce((sum, file) => sum + lengthInTar(file.path, file.size), TAR_END.length),
    files: sorted.map(contextFile),
    from,
    open: (signal) => Readable.from(tar(sorted, signal), { objectMode: false }),
  };
}

/** Without what only this machine knows. */
export function contextFile({ path, executable, mode, size, sha256 }: ContextFile): ContextFile {
  return { path, executable, ...(mode === undefined ? {} : { mode }), size, sha256 };
}

async function* tar(files: readonly PackedFile[], signal?: AbortSignal): AsyncGenerator<Buffer> {
  const pace = new Pace(signal);
  let waiting: Buffer[] = [];
  let bytes = 0;
  for (const file of files) {
    signal?.throwIfAborted();
    if (pace.due) await pace.rest();
    waiting.push(tarHeader(file.path, file.executable, file.size, file.mode));
    if (file.size <= SMALL_FILE) waiting.push(small(file));
    else {
      yield Buffer.concat(waiting);
      waiting = [];
      yield* large(file, signal);
    }
    waiting.push(padding(file.size));
    bytes = waiting.reduce((sum, { length }) => sum + length, 0);
    // Many small files make few chunks.
    if (bytes >= CHUNK / 4 || waiting.length > 300) {
      yield Buffer.concat(waiting);
      waiting = [];
    }
  }
  yield Buffer.concat([...waiting, TAR_END]);
}

function small(file: PackedFile): Buffer {
  const buffer = Buffer.allocUnsafe(file.size + 1);
  let length = 0;
  try {
    const handle = openSync(file.onDisk, OPEN_FLAGS);
    try {
      if (!fstatSync(handle).isFile()) throw changed(file, "it is no longer a regular file");
      for (let read = -1; read !== 0 && length < buffer.length; length += read)
        read = readSync(handle, buffer, length, buffer.length - length, null);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw error instanceof ContextError ? error : changed(file, reason(error));
  }
  const content = buffer.subarray(0, length);
  check(file, length, createHash("sha256").update(content).digest("hex"));
  return content;
}

async function* large(file: PackedFile, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const handle = await open(file.onDisk, OPEN_FLAGS).catch((error: unknown) => {
    throw changed(file, reason(error));
  });
  try {
    const hash = createHash("sha256");
    let length = 0;
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead, buffer } = await handle
        .read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, null)
        .catch((error: unknown) => {
          throw changed(file, reason(error));
        });
      if (bytesRead === 0) break;
      length += bytesRead;
      // Beyond the size in the header, bytes would be taken for the next file.
      if (length > file.size) throw changed(file, `it was ${file.size} bytes and is larger now`);
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      yield chunk;
    }
    check(file, length, hash.digest("hex"));
  } finally {
    await handle.close();
  }
}

function check(file: PackedFile, length: number, sha256: string): void {
  if (length !== file.size)
    throw changed(file, `it was ${file.size} bytes and is ${length > file.size ? "larger" : `${length} bytes`} now`);
  if (sha256 !== file.sha256) throw changed(file, `its SHA-256 was ${file.sha256} and is ${sha256} now`);
}

function changed(file: PackedFile, what: string): ContextError {
  return new ContextError([
    `"${file.path}" in the build context changed after it was hashed: ${what}. Nothing was built. Try again.`,
  ]);
}
