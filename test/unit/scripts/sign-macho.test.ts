import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const LIMIT = 3 * 4096 + 160; // where the signature begins: in the middle of a page
const LINKEDIT = 2 * 4096;

/** The least that the loader takes for an executable: three load commands, code, and a signature of something else. */
function executable(): Buffer {
  const bytes = Buffer.alloc(LIMIT + 48, "code ");
  bytes.fill(0, 0, 512);
  [0xfeedfacf, 0x01000007, 3, 2, 3, 72 + 72 + 16].forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  const segment = (at: number, name: string, offset: number, size: number): void => {
    [0x19, 72].forEach((value, index) => bytes.writeUInt32LE(value, at + 4 * index));
    bytes.write(name, at + 8, "latin1");
    [offset, size, offset, size].forEach((value, index) => bytes.writeBigUInt64LE(BigInt(value), at + 24 + 8 * index));
  };
  segment(32, "__TEXT", 0, LINKEDIT);
  segment(104, "__LINKEDIT", LINKEDIT, bytes.length - LINKEDIT);
  [0x1d, 16, LIMIT, 48].forEach((value, index) => bytes.writeUInt32LE(value, 176 + 4 * index));
  return bytes;
}

function sign(bytes: Buffer): Buffer {
  const dir = mkdtempSync(join(tmpdir(), "daytona-iac-sign-"));
  const file = JSON.stringify(join(dir, "file"));
  try {
    writeFileSync(JSON.parse(file) as string, bytes);
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `
      import { readFileSync, writeFileSync } from "node:fs";
      import { signMachO } from ${JSON.stringify(pathToFileURL(join(__dirname, "../../../scripts/sign-macho.mjs")).href)};
      writeFileSync(${file}, signMachO(readFileSync(${file})));
    `,
      ],
      { stdio: "pipe" },
    );
    return readFileSync(JSON.parse(file) as string);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What macOS looks at before it runs a process. */
function signatureOf(bytes: Buffer) {
  const [offset, size] = [bytes.readUInt32LE(184), bytes.readUInt32LE(188)];
  const blob = bytes.subarray(offset, offset + size);
  const directory = blob.subarray(blob.readUInt32BE(16));
  const [hashes, pages, limit] = [directory.readUInt32BE(16), directory.readUInt32BE(28), directory.readUInt32BE(32)];
  const wrong = Array.from({ length: pages }, (_, page) => page).filter((page) => {
    const code = bytes.subarray(page * 4096, Math.min(page * 4096 + 4096, limit));
    return !createHash("sha256")
      .update(code)
      .digest()
      .equals(directory.subarray(hashes + 32 * page, hashes + 32 * page + 32));
  });
  return {
    offset,
    end: offset + size,
    length: blob.readUInt32BE(4),
    flags: directory.readUInt32BE(12),
    limit,
    pages,
    wrong,
    identifier: directory.toString("latin1", directory.readUInt32BE(20), hashes),
  };
}

test("every page is signed to the end of the code, and the file ends with the signature", () => {
  const signed = sign(executable());
  expect(signatureOf(signed)).toEqual({
    offset: LIMIT,
    end: signed.length,
    length: signed.length - LIMIT,
    flags: 0x20002,
    limit: LIMIT,
    pages: 4,
    wrong: [],
    identifier: "a.out\0",
  });
  // The segment that holds it has grown with it, in memory by whole pages; all else is as it was.
  expect(Number(signed.readBigUInt64LE(104 + 48))).toBe(signed.length - LINKEDIT);
  expect(Number(signed.readBigUInt64LE(104 + 32))).toBe(16384);
  expect(signed.subarray(192, LIMIT).equals(executable().subarray(192, LIMIT))).toBe(true);
});

test("signing again changes nothing, and a changed byte shows", () => {
  const signed = sign(executable());
  expect(sign(signed).equals(signed)).toBe(true);
  signed[LIMIT - 1] = 0;
  expect(signatureOf(signed).wrong).toEqual([3]);
});

test("what is no such executable is refused", () => {
  expect(() => sign(Buffer.alloc(64))).toThrow("no 64-bit Mach-O executable");
  const without = executable();
  without.writeUInt32LE(0x1e, 176);
  expect(() => sign(without)).toThrow("no place for a signature in this Mach-O executable");
});
