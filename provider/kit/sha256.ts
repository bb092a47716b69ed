/** SHA-256 in hexadecimal. `node:crypto` is loaded with the first call: starting without it is faster. */
export function sha256(data: string | Uint8Array): string {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(data).digest("hex");
}
