import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import type { PackageFile } from "./package";

const DOS_DATE = ((2020 - 1980) << 9) | (1 << 5) | 1;
const DEFLATED = 8;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
/** A file of a package lies in no folder: nothing is written anywhere else. */
const FLAT = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * A zip archive of a few files, the same bytes for the same content (no clock in it), with Unix modes, which the `zip` of a platform may not be
 * there for.
 */
export function zip(files: readonly PackageFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, mode } of files) {
    const content = bytes();
    const packed = deflateRawSync(content, { level: 9 });
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26); // from "version needed" on, the same in both headers
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2); // names in UTF-8
    common.writeUInt16LE(DEFLATED, 4);
    common.writeUInt16LE(0, 6);
    common.writeUInt16LE(DOS_DATE, 8);
    common.writeUInt32LE(crc(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, nameBytes, packed]);
    const entry = Buffer.alloc(46);
    entry.write("PK\x01\x02", 0, "latin1");
    entry.writeUInt16LE((3 << 8) | 20, 4); // made on Unix: the mode below counts
    common.copy(entry, 6);
    entry.writeUInt32LE(((0o100000 | mode) << 16) >>> 0, 38);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, nameBytes);
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

/**
 * The files of such an archive. Their contents are read and checked when they are asked for.
 * @throws Error for anything but a plain archive of files without folders
 */
export function unzip(archive: Buffer): PackageFile[] {
  const end = archive.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== END)
    throw new Error("it is not a zip archive, or it is incomplete");
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  const files: PackageFile[] = [];
  for (let left = count; left > 0; left -= 1) {
    if (at + 46 > end || archive.readUInt32LE(at) !== ENTRY) throw new Error("its directory is damaged");
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    if (!FLAT.test(name))
      throw new Error(`it has the entry ${JSON.stringify(name)}, which is not a file of a provider`);
    const entry = Buffer.from(archive.subarray(at, at + 46));
    const mode = (entry.readUInt32LE(38) >>> 16) & 0o111 ? 0o755 : 0o644;
    files.push({ name, mode, bytes: () => contentOf(archive, entry, name) });
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

function contentOf(archive: Buffer, entry: Buffer, name: string): Buffer {
  const damaged = new Error(`its file ${name} is damaged`);
  const [method, sum, packed, size] = [
    entry.readUInt16LE(10),
    entry.readUInt32LE(16),
    entry.readUInt32LE(20),
    entry.readUInt32LE(24),
  ];
  const local = entry.readUInt32LE(42);
  if ((entry.readUInt16LE(8) & 1) !== 0 || local + 30 > archive.length || archive.readUInt32LE(local) !== LOCAL)
    throw damaged;
  const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const bytes = archive.subarray(begin, begin + packed);
  let content: Buffer;
  try {
    content = method === DEFLATED ? inflateRawSync(bytes, { maxOutputLength: size + 1 }) : bytes;
  } catch {
    throw damaged;
  }
  if ((method !== DEFLATED && method !== 0) || content.length !== size || crc(content) !== sum) throw damaged;
  return content;
}

function crc(bytes: Buffer): number {
  if ((crc32 as typeof crc32 | undefined) !== undefined) return crc32(bytes); // since Node 20.15 and 22.2
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (0xedb88320 & -(value & 1));
  }
  return ~value >>> 0;
}
