// Gives a macOS executable an ad hoc signature, as linkers do, on any machine. `bun build --compile` renews the one of arm64 only;
// for x64 that of Bun's own runtime stays, which no longer fits: macOS ends such a process at its start.
import { createHash } from "node:crypto";

const PAGE = 4096; // of the signature
const MEMORY_PAGE = 16384; // the larger one, of arm64
const SEGMENT_64 = 0x19;
const CODE_SIGNATURE = 0x1d;
const IDENTIFIER = "a.out\0"; // what linkers write; nothing reads it

/** Offsets in `bytes` of the load commands that a signature concerns. */
function loadCommands(bytes) {
  if (bytes.readUInt32LE(0) !== 0xfeedfacf) throw new Error("no 64-bit Mach-O executable");
  const found = {};
  for (let at = 32, left = bytes.readUInt32LE(16); left > 0; left--, at += bytes.readUInt32LE(at + 4)) {
    const command = bytes.readUInt32LE(at);
    if (command === CODE_SIGNATURE) found.signature = at;
    if (command === SEGMENT_64) found[bytes.toString("latin1", at + 8, at + 24).replace(/\0+$/, "")] = at;
  }
  const { signature, __TEXT: text, __LINKEDIT: linkedit } = found;
  if (signature === undefined || text === undefined || linkedit === undefined)
    throw new Error("no place for a signature in this Mach-O executable");
  return { signature, text, linkedit };
}

/** The same executable with a signature that fits, in place of the one that ends the file. */
export function signMachO(unsigned) {
  const { signature, text, linkedit } = loadCommands(unsigned);
  const limit = unsigned.readUInt32LE(signature + 8);
  const pages = Math.ceil(limit / PAGE);
  const hashes = 88 + IDENTIFIER.length; // of the directory's beginning
  const directory = Buffer.alloc(hashes + 32 * pages);
  const blob = Buffer.alloc(20);

  // The load commands are signed as well, so they say first how long the signature is.
  const code = Buffer.from(unsigned.subarray(0, limit));
  const size = blob.length + directory.length;
  const edited = limit + size - Number(code.readBigUInt64LE(linkedit + 40));
  code.writeUInt32LE(size, signature + 12);
  code.writeBigUInt64LE(BigInt(Math.ceil(edited / MEMORY_PAGE) * MEMORY_PAGE), linkedit + 32);
  code.writeBigUInt64LE(BigInt(edited), linkedit + 48);

  // A blob of one entry, 0: the code directory. Big-endian, other than everything before it.
  [0xfade0cc0, size, 1, 0, blob.length].forEach((value, index) => blob.writeUInt32BE(value, 4 * index));
  // Version 2.4; ad hoc and by a linker; where the hashes and the identifier begin; no special slots.
  [0xfade0c02, directory.length, 0x20400, 0x20002, hashes, 88, 0, pages, limit].forEach((value, index) =>
    directory.writeUInt32BE(value, 4 * index),
  );
  directory.set([32, 2, 0, Math.log2(PAGE)], 36); // SHA-256
  directory.writeBigUInt64BE(code.readBigUInt64LE(text + 40), 64);
  directory.writeBigUInt64BE(code.readBigUInt64LE(text + 48), 72);
  directory.writeBigUInt64BE(1n, 80); // a main program
  directory.write(IDENTIFIER, 88, "latin1");
  for (let page = 0; page < pages; page++) {
    // The last one ends with the code: it is not filled up.
    const digest = createHash("sha256")
      .update(code.subarray(page * PAGE, Math.min((page + 1) * PAGE, limit)))
      .digest();
    digest.copy(directory, hashes + 32 * page);
  }
  return Buffer.concat([code, blob, directory]);
}
