import { constants, createReadStream } from "node:fs";
import { mkdtemp, open, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { reason } from "../context-error";
import { type BlobStore, entriesStore, tarStore } from "./blob-store";
import { ImageError } from "./image-error";
import { compressionOf, HEAD_BYTES, unpacker } from "./layer/compression";
import { indexOpenTar } from "./tar-index";

/** An archive may become so many times larger, and these bytes, when it is unpacked. Archives of images grow three to ten times. */
const MOST_GROWTH = 200;
const GROWTH_BYTES = 64 * 2 ** 20;

/** The command that unpacks, for messages. */
const COMMANDS = { gzip: "gzip -d", zstd: "zstd -d", bzip2: "bzip2 -d", xz: "xz -d" } as const;

/**
 * The files of a tar file that may be compressed, as `docker load` takes it. A compressed one is unpacked into the folder for temporary
 * files while it is read, and again when its layers are sent.
 * @throws system errors, ImageError for a compression that cannot be unpacked, and for content that grows beyond measure
 */
export async function archiveStore(archive: PackedFile, signal?: AbortSignal): Promise<BlobStore> {
  const { path, label } = archive;
  const compression = compressionOf(await headOf(path, label));
  if (compression === "none") return tarStore(path, label, signal);
  const command = `Unpack it first with \`${COMMANDS[compression]}\``;
  const unpack = async (ending?: AbortSignal): Promise<Unpacked> => {
    const stream = unpacker(compression);
    if (stream === null)
      throw new ImageError(
        compression === "zstd"
          ? `${label} is compressed with zstd, which Node.js ${process.version} cannot unpack. ${command}, or use Node.js 22.15 or later.`
          : `${label} is compressed with ${compression}, and only gzip and zstd can be unpacked. ${command}.`,
      );
    return unpacked(archive, stream, command, ending);
  };
  return packedStore(unpack, label, signal);
}

/** A file that may be compressed. */
export interface PackedFile {
  readonly path: string;
  /** For messages: `The image archive "x"`. */
  readonly label: string;
  /** Where it is unpacked, if it has to be. */
  readonly temporary: string;
}

interface Unpacked {
  readonly store: BlobStore;
  close(): Promise<void>;
}

/** Unpacks when it is used, and keeps that until it is closed. */
async function packedStore(
  unpack: (signal?: AbortSignal) => Promise<Unpacked>,
  label: string,
  signal?: AbortSignal,
): Promise<BlobStore> {
  let current: Promise<Unpacked> | null = unpack(signal);
  await current;
  const get = async (ending?: AbortSignal): Promise<BlobStore> => {
    current ??= unpack(ending);
    try {
      return (await current).store;
    } catch (error) {
      current = null;
      throw error;
    }
  };
  return {
    size: async (name) => (await get()).size(name),
    read: async (name) => (await get()).read(name),
    open: (name, ending) =>
      Readable.from(
        (async function* (): AsyncGenerator<Buffer> {
          const store = await get(ending);
          if ((await store.size(name)) === null)
            throw new ImageError(`${label} has changed since it was read: ${name} no longer exists. Try again.`);
          yield* store.open(name, ending) as AsyncIterable<Buffer>;
        })(),
        { objectMode: false },
      ),
    async close() {
      const before = current;
      current = null;
      await (await before?.catch(() => null))?.close();
    },
  };
}

async function unpacked(
  { path, label, temporary }: PackedFile,
  stream: Transform,
  command: string,
  signal?: AbortSignal,
): Promise<Unpacked> {
  const most = (await stat(path)).size * MOST_GROWTH + GROWTH_BYTES;
  const folder = await mkdtemp(join(temporary, "daytona-image-")).catch((error: unknown) => {
    throw new ImageError(
      `${label} cannot be unpacked into ${temporary}: ${reason(error)}. Set TMPDIR to a writable folder.`,
    );
  });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  let tooLarge: ImageError | null = null;
  let file: FileHandle | null = null;
  try {
    const target = join(folder, "image.tar");
    file = await open(target, "w+", 0o600);
    // Where the system allows it, the file has no name from here on, and is gone with the process, however that ends.
    if (process.platform !== "win32") await remove();
    const open_ = file;
    const write = async (parts: AsyncIterable<Buffer>): Promise<void> => {
      let size = 0;
      for await (const part of parts) {
        size += part.length;
        if (size > most)
          throw (tooLarge = new ImageError(
            `${label} becomes more than ${MOST_GROWTH} times as large when it is unpacked, which no image does. ${command} if the archive is correct.`,
          ));
        await open_.appendFile(part);
      }
    };
    await pipeline(createReadStream(path), stream, write, signal ? { signal } : {});
    const entries = await indexOpenTar(open_, label, signal);
    const bytes = (range: { start: number; end: number }, ending?: AbortSignal): Readable =>
      Readable.from(partOf(open_, range, ending), { objectMode: false });
    return {
      store: entriesStore(entries, bytes, label),
      async close() {
        await open_.close();
        await remove();
      },
    };
  } catch (error) {
    await file?.close().catch(() => undefined);
    await remove();
    signal?.throwIfAborted();
    throw tooLarge ?? explained(error, { label, temporary }, command);
  }
}

/** Reads by position: a stream on the file handle would close it, and several may read at a time. */
async function* partOf(
  file: FileHandle,
  { start, end }: { start: number; end: number },
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let at = start; at <= end;) {
    signal?.throwIfAborted();
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(256 * 1024, end + 1 - at)), 0, null, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function explained(
  error: unknown,
  { label, temporary }: Pick<PackedFile, "label" | "temporary">,
  command: string,
): unknown {
  if (error instanceof ImageError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new ImageError(
      `${label} cannot be unpacked: ${temporary} has no space left. ${command}, or set TMPDIR to a folder with more space.`,
    );
  if (code?.startsWith("Z_") === true || code?.startsWith("ZSTD_") === true)
    return new ImageError(`${label} is damaged: it cannot be unpacked (${message}). Write the archive again.`);
  return error;
}

/** @throws ImageError for what is no regular file: opening a pipe would wait for a writer */
async function headOf(path: string, label: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile())
      throw new ImageError(`${label} is not a regular file. Write the archive to a regular file.`);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
