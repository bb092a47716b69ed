import { open, type FileHandle } from "node:fs/promises";
import { ImageError } from "./image-error";

const BLOCK = 512;
/** The largest extended header that is read. */
const MOST_HEADER = 1024 * 1024;

export interface TarEntry {
  /** Where the content begins in the file. */
  readonly offset: number;
  readonly size: number;
  /** Of a link: the entry that it means. */
  readonly link: string | null;
}

/**
 * The entries of a tar file by name, found by reading the headers only: the layers of an image are opened later, in any order and more than
 * once, which the streaming readers of the registries cannot do.
 * @throws ImageError if it is not a tar file, or is cut off; system errors
 */
export async function indexTar(path: string, label: string, signal?: AbortSignal): Promise<Map<string, TarEntry>> {
  const file = await open(path, "r");
  try {
    return await read(file, (await file.stat()).size, label, signal);
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, total: number, label: string, signal: AbortSignal | undefined): Promise<Map<string, TarEntry>> {
  const entries = new Map<string, TarEntry>();
  const at = async (offset: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    if (bytesRead < length) throw new ImageError(`${label} is cut off: it ends in the middle of an entry. Write the archive again.`);
    return buffer;
  };
  if (total < BLOCK) throw new ImageError(notTar(Buffer.concat([await at(0, total), Buffer.alloc(BLOCK)]), label));
  let name: string | null = null;
  let link: string | null = null;
  let longSize: number | null = null;
  for (let offset = 0; offset + BLOCK <= total; ) {
    signal?.throwIfAborted();
    const header = await at(offset, BLOCK);
    if (header.every((byte) => byte === 0)) break;
    if (!isHeader(header)) throw new ImageError(offset === 0 ? notTar(header, label) : `${label} is damaged: there is no valid tar header at byte ${offset}. Write the archive again.`);
    const type = String.fromCharCode(header[156]!);
    const size: number = longSize ?? number(header, 124);
    const content = offset + BLOCK;
    if (content + size > total) throw new ImageError(`${label} is cut off: it ends in the middle of an entry. Write the archive again.`);
    offset = content + Math.ceil(size / BLOCK) * BLOCK;
    if (type === "x" || type === "L" || type === "K") {
      if (size > MOST_HEADER) throw new ImageError(`${label} is damaged: it has an extended header of ${size} bytes. Write the archive again.`);
      const text = (await at(content, size)).toString("utf8");
      if (type === "L") name = text.replace(/\0.*$/s, "");
      else if (type === "K") link = text.replace(/\0.*$/s, "");
      else {
        const values = paxValues(text);
        name = values.get("path") ?? name;
        link = values.get("linkpath") ?? link;
        longSize = values.has("size") ? Number(values.get("size")) : null;
      }
      continue;
    }
    if (type !== "g" && type !== "5") {
      const prefix = header.toString("latin1", 257, 262) === "ustar" && header.toString("latin1", 263, 265) === "00" ? field(header, 345, 155) : "";
      const full = name ?? (prefix === "" ? field(header, 0, 100) : `${prefix}/${field(header, 0, 100)}`);
      const isLink = type === "1" || type === "2";
      entries.set(full.replace(/^(\.?\/)+/, ""), { offset: content, size, link: isLink ? (link ?? field(header, 157, 100)) : null });
    }
    name = link = longSize = null;
  }
  return entries;
}

function field(header: Buffer, start: number, length: number): string {
  return header.toString("utf8", start, start + length).replace(/\0.*$/s, "");
}

/** Octal text, or a binary number for what octal cannot hold. */
function number(header: Buffer, start: number): number {
  if ((header[start]! & 0x80) !== 0) return Number(header.readBigUInt64BE(start + 4));
  return Number.parseInt(field(header, start, 12).trim() || "0", 8);
}

function isHeader(header: Buffer): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return sum === Number.parseInt(field(header, 148, 8).trim(), 8);
}

function notTar(header: Buffer, label: string): string {
  const packed = header[0] === 0x1f && header[1] === 0x8b ? "gzip" : header.readUInt32BE(0) === 0x28b52ffd ? "zstd" : null;
  return packed === null ? `${label} is not a tar archive.` : `${label} is compressed with ${packed}. Decompress it first.`;
}

/** `30 path=some/name\n`, where 30 counts the whole record in bytes. */
function paxValues(text: string): Map<string, string> {
  const values = new Map<string, string>();
  let rest = Buffer.from(text, "utf8");
  while (rest.length > 0) {
    const length = Number.parseInt(rest.toString("latin1", 0, 20), 10);
    if (!(length > 0)) break;
    const [, key, value] = /^\d+ ([^=]+)=(.*)\n$/s.exec(rest.toString("utf8", 0, length)) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value);
    rest = rest.subarray(length);
  }
  return values;
}
