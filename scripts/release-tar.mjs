// A gzipped tar archive of a few files, the same bytes for the same content (no clock, no user in it), with Unix modes.
import { gzipSync } from "node:zlib";

const BLOCK = 512;
const octal = (value, length) => `${value.toString(8).padStart(length - 1, "0")}\0`;

function header({ name, bytes, mode }) {
  if (Buffer.byteLength(name) > 100) throw new Error(`"${name}" is too long for a tar header`);
  const block = Buffer.alloc(BLOCK);
  const fields = [
    [0, name],
    [100, octal(mode, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(bytes.length, 12)],
    [136, octal(0, 12)],
    [156, "0"],
    [257, "ustar\x0000"],
  ];
  for (const [offset, text] of fields) block.write(text, offset);
  // The sum is taken with blanks in its own place.
  block.fill(" ", 148, 156);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return block;
}

/** `files`: `{ name, bytes, mode }`. */
export function tarGz(files, level = 9) {
  const parts = files.flatMap((file) => [
    header(file),
    file.bytes,
    Buffer.alloc((BLOCK - (file.bytes.length % BLOCK)) % BLOCK),
  ]);
  const packed = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level });
  packed[9] = 255; // the system that it was made on: not told
  return packed;
}
