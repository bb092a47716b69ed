// Matches a string or a number. Strings are matched so that digits inside them are skipped.
const stringOrNumber = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

const manyDigits = /\d{16}/;

/** JSON.parse, but integers above 2^53 become strings of digits instead of being rounded. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (!manyDigits.test(text)) return JSON.parse(text);
  return JSON.parse(
    text.replace(stringOrNumber, (token) => {
      if (token.startsWith('"') || !/^-?\d{16,}$/.test(token)) return token;
      return Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
    }),
  );
}
