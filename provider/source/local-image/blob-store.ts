import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ImageError } from "./image-error";
import { indexTar, type TarEntry } from "./tar-index";

/** The largest index, manifest or configuration that is read, in bytes. */
const MOST_JSON = 8 * 1024 * 1024;

/** Files of an image archive, in a folder or in a tar file. */
export interface BlobStore {
  /** Size in bytes; null: there is no such file. */
  size(name: string): Promise<number | null>;
  read(name: string): Promise<Buffer>;
  open(name: string, signal: AbortSignal): Readable;
  /** Frees what reading needed. Files can be opened again after it. */
  close(): Promise<void>;
}

export function folderStore(root: string, label: string): BlobStore {
  const size = async (name: string): Promise<number | null> => {
    try {
      const found = await stat(join(root, name));
      return found.isFile() ? found.size : null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR")
        return null;
      throw error;
    }
  };
  return {
    size,
    async read(name) {
      small(await size(name), name, label);
      return readFile(join(root, name));
    },
    open: (name, signal) => createReadStream(join(root, name), { signal }),
    close: () => Promise.resolve(),
  };
}

export async function tarStore(path: string, label: string, signal?: AbortSignal): Promise<BlobStore> {
  const entries = await indexTar(path, label, signal);
  return entriesStore(
    entries,
    (range, ending) => createReadStream(path, ending ? { ...range, signal: ending } : range),
    label,
  );
}

/**
 * Files of a tar file that has been indexed.
 * @param bytes reads a part of the tar file, both ends included
 */
export function entriesStore(
  entries: ReadonlyMap<string, TarEntry>,
  bytes: (range: { start: number; end: number }, signal?: AbortSignal) => Readable,
  label: string,
): BlobStore {
  const entry = (name: string): TarEntry | null => {
    let found = entries.get(name);
    // `docker save` of old engines writes a layer once and links to it.
    for (let links = 0; found !== undefined && found.link !== null && links < 10; links += 1) {
      found = found.link.map((target) => entries.get(target)).find((target) => target !== undefined);
    }
    return found === undefined || found.link !== null ? null : found;
  };
  const stream = ({ offset, size }: TarEntry, ending?: AbortSignal): Readable =>
    size === 0 ? Readable.from([]) : bytes({ start: offset, end: offset + size - 1 }, ending);
  return {
    size: (name) => Promise.resolve(entry(name)?.size ?? null),
    async read(name) {
      const found = entry(name);
      small(found?.size ?? null, name, label);
      const parts: Buffer[] = [];
      for await (const part of stream(found as TarEntry)) parts.push(part as Buffer);
      return Buffer.concat(parts);
    },
    open: (name, ending) => stream(entry(name) as TarEntry, ending),
    close: () => Promise.resolve(),
  };
}

function small(size: number | null, name: string, label: string): void {
  if (size === null) throw new ImageError(`${label} is incomplete: it has no ${name}. Write the archive again.`);
  if (size > MOST_JSON)
    throw new ImageError(`${label} is damaged: ${name} has ${size} bytes. Write the archive again.`);
}
