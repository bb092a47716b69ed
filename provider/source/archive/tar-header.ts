const BLOCK = 512;
const LARGEST_OCTAL = 0o77777777777;
const NOT_ASCII = /[^\0-\x7f]/;

/**
 * What comes before a file's content in a tar: a header with nothing in it but path, mode and size, and a PAX record before that where the path is longer
 * than 100 bytes or not ASCII, or the size is above 8 GiB.
 * @param mode default: 0755 of an executable file, 0644 of another
 */
export function tarHeader(path: string, executable: boolean, size: number, mode?: number): Buffer {
  const records = paxRecords(path, size);
  const header = block(
    records.includes(" path=") ? "file" : path,
    mode ?? (executable ? 0o755 : 0o644),
    Math.min(size, LARGEST_OCTAL),
    "0",
  );
  if (records === "") return header;
  const body = Buffer.from(records);
  return Buffer.concat([block("PaxHeader", 0o644, body.length, "x"), body, padding(body.length), header]);
}

/** The length of a file in a tar, with its header, in bytes. */
export function lengthInTar(path: string, size: number): number {
  const records = Buffer.byteLength(paxRecords(path, size));
  return BLOCK + (records > 0 ? BLOCK + whole(records) : 0) + whole(size);
}

function paxRecords(path: string, size: number): string {
  // The header's own field is bytes without an encoding, so only ASCII means the same to every reader.
  const plain = path.length <= 100 && !NOT_ASCII.test(path);
  return `${plain ? "" : record("path", path)}${size > LARGEST_OCTAL ? record("size", String(size)) : ""}`;
}

/** What fills the content of so many bytes up to a whole block. */
export function padding(size: number): Buffer {
  return Buffer.alloc(whole(size) - size);
}

const whole = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

/** The end of a tar. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

function block(name: string, mode: number, size: number, type: string): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, "latin1");
  const octal = (value: number, at: number, width: number): void =>
    void header.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  header.fill(" ", 148, 156);
  header.write(type, 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
    "latin1",
  );
  return header;
}

/** A PAX record begins with its own length. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
