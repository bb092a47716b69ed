// A string, or a number; strings are matched so that digits inside them are left alone.
const stringOrNumber = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

const manyDigits = /\d{16}/;

/** JSON.parse that keeps integers above 2^53 as strings of their digits instead of rounding them. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (!manyDigits.test(text)) return JSON.parse(text);
  return JSON.parse(text.replace(stringOrNumber, (token) => {
    if (token.startsWith('"') || !/^-?\d{16,}$/.test(token)) return token;
    return Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
  }));
}
