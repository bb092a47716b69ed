import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { posix } from "node:path";
import { ImageError } from "./image-error";

const BLOCK = 512;
/** The largest extended header that is read. */
const MOST_HEADER = 1024 * 1024;
/** Of an image with as many layers as engines allow, there are some hundreds. */
const MOST_HEADERS = 100_000;
/** Bytes that are read at a time. */
const WINDOW = 64 * 1024;
/** Bytes of a name: as many as Linux takes. */
const LONGEST_NAME = 4096;

export interface TarEntry {
  /** Where the content begins in the file. */
  readonly offset: number;
  readonly size: number;
  /** Of a link: names of the entry that it means, the first that exists. */
  readonly link: readonly string[] | null;
}

/**
 * The entries of a tar file by name, found by reading the headers only: the layers of an image are opened later, in any order and more than
 * once, which the streaming readers of the registries cannot do.
 * @throws ImageError if it is not a tar file, or is cut off; system errors
 */
export async function indexTar(path: string, label: string, signal?: AbortSignal): Promise<Map<string, TarEntry>> {
  // A named pipe that nobody writes to would never be opened.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new ImageError(`${label} is not a regular file. Write the archive to a regular file.`);
    return await indexOpenTar(file, label, signal);
  } finally {
    await file.close();
  }
}

/** The same for a file that is open already, and stays so. */
export async function indexOpenTar(
  file: FileHandle,
  label: string,
  signal?: AbortSignal,
): Promise<Map<string, TarEntry>> {
  return read(file, (await file.stat()).size, label, signal);
}

async function read(
  file: FileHandle,
  total: number,
  label: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, TarEntry>> {
  const entries = new Map<string, TarEntry>();
  const window = new Window(file, label);
  if (total < BLOCK)
    throw new ImageError(notTar(Buffer.concat([await window.read(0, total), Buffer.alloc(BLOCK)]), label));
  let told = NOTHING_TOLD;
  let headers = 0;
  for (let offset = 0; offset + BLOCK <= total;) {
    signal?.throwIfAborted();
    const header = await window.read(offset, BLOCK);
    if (header.every((byte) => byte === 0)) break;
    if (++headers > MOST_HEADERS)
      throw new ImageError(`${label} has more than ${MOST_HEADERS} entries, so it is not an image archive.`);
    refuseNoHeader(header, offset, label);
    const type = String.fromCharCode(header[156]!);
    const size: number = told.size ?? number(header, 124);
    refuseSize(size, offset, total, label);
    const content = offset + BLOCK;
    offset = content + Math.ceil(size / BLOCK) * BLOCK;
    if (type === "x" || type === "L" || type === "K") {
      if (size > MOST_HEADER)
        throw new ImageError(
          `${label} is damaged: it has an extended header of ${size} bytes. Write the archive again.`,
        );
      told = readExtended(type, (await window.read(content, size)).toString("utf8"), told);
      continue;
    }
    if (type !== "g" && type !== "5") {
      const own = ownName(header, told, label);
      entries.set(own, { offset: content, size, link: meantBy(type, own, told.link ?? field(header, 157, 100)) });
    }
    told = NOTHING_TOLD;
  }
  return entries;
}

/** Reads a piece of the file at a time: the headers of small entries follow one another. */
class Window {
  private bytes = Buffer.alloc(0);
  private begin = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly label: string,
  ) {}

  /** The bytes are valid until the next call. @throws ImageError if the file ends before them */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < this.begin || offset + length > this.begin + this.bytes.length) {
      const buffer = Buffer.allocUnsafe(Math.max(length, WINDOW));
      const { bytesRead } = await this.file.read(buffer, 0, buffer.length, offset);
      this.bytes = buffer.subarray(0, bytesRead);
      this.begin = offset;
    }
    if (offset + length > this.begin + this.bytes.length) throw cutOff(this.label);
    return this.bytes.subarray(offset - this.begin, offset - this.begin + length);
  }
}

const cutOff = (label: string): ImageError =>
  new ImageError(`${label} is cut off: it ends in the middle of an entry. Write the archive again.`);

function refuseNoHeader(header: Buffer, offset: number, label: string): void {
  if (isHeader(header)) return;
  throw new ImageError(
    offset === 0
      ? notTar(header, label)
      : `${label} is damaged: there is no valid tar header at byte ${offset}. Write the archive again.`,
  );
}

function refuseSize(size: number, offset: number, total: number, label: string): void {
  // A negative one would lead back to an entry before, for ever.
  if (!Number.isSafeInteger(size) || size < 0)
    throw new ImageError(
      `${label} is damaged: the entry at byte ${offset} has no valid size. Write the archive again.`,
    );
  if (offset + BLOCK + size > total) throw cutOff(label);
}

/** What extended headers tell of the entry that follows them; null for what its own header tells. */
interface Told {
  readonly name: string | null;
  readonly link: string | null;
  readonly size: number | null;
}

const NOTHING_TOLD: Told = { name: null, link: null, size: null };

/** @param type `L` and `K` are GNU's long names, `x` is that of POSIX */
function readExtended(type: "x" | "L" | "K", text: string, before: Told): Told {
  if (type === "L") return { ...before, name: text.replace(/\0.*$/s, "") };
  if (type === "K") return { ...before, link: text.replace(/\0.*$/s, "") };
  const values = paxValues(text);
  const size = values.get("size");
  return {
    name: values.get("path") ?? before.name,
    link: values.get("linkpath") ?? before.link,
    size: size === undefined ? null : /^\d+$/.test(size) ? Number(size) : NaN,
  };
}

/** Name of an entry from the archive's root. */
function ownName(header: Buffer, told: Told, label: string): string {
  const full = told.name ?? shortName(header);
  if (full.length > LONGEST_NAME)
    throw new ImageError(
      `${label} is damaged: the name of an entry has more than ${LONGEST_NAME} characters. Write the archive again.`,
    );
  return fromRoot(full);
}

/** The name in the header itself, which POSIX divides in two. */
function shortName(header: Buffer): string {
  const name = field(header, 0, 100);
  const posixHeader = header.toString("latin1", 257, 262) === "ustar" && header.toString("latin1", 263, 265) === "00";
  const prefix = posixHeader ? field(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** A hard link is told from the archive's root, a symbolic one from its own folder. */
function meantBy(type: string, own: string, target: string): string[] | null {
  if (type === "1") return [fromRoot(target)];
  return type === "2" ? [posix.join(posix.dirname(own), target), fromRoot(target)] : null;
}

function fromRoot(name: string): string {
  return name.replace(/^(\.?\/)+/, "");
}

function field(header: Buffer, start: number, length: number): string {
  return header.toString("utf8", start, start + length).replace(/\0.*$/s, "");
}

/** Octal text, or a binary number for what octal cannot hold. */
function number(header: Buffer, start: number): number {
  if ((header[start]! & 0x80) !== 0) return Number(header.readBigUInt64BE(start + 4));
  const text = field(header, start, 12).trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || "0", 8) : NaN;
}

function isHeader(header: Buffer): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return sum === Number.parseInt(field(header, 148, 8).trim(), 8);
}

function notTar(header: Buffer, label: string): string {
  const packed =
    header[0] === 0x1f && header[1] === 0x8b ? "gzip" : header.readUInt32BE(0) === 0x28b52ffd ? "zstd" : null;
  return packed === null
    ? `${label} is not a tar archive.`
    : `${label} is compressed with ${packed}. Decompress it first.`;
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
