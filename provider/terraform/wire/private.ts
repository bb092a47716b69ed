import type { TfPrivate } from "../types";

/** Private state as Terraform keeps it: JSON with sorted keys; nothing for an empty one. */
export function encodePrivate(value: TfPrivate): Buffer {
  const keys = Object.keys(value).sort();
  return keys.length === 0 ? Buffer.alloc(0) : Buffer.from(JSON.stringify(Object.fromEntries(keys.map((k) => [k, value[k]]))));
}

/** Bytes of another program (or none) are read as empty: private state only ever helps. */
export function decodePrivate(bytes: Uint8Array): TfPrivate {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as TfPrivate) : {};
  } catch {
    return {};
  }
}
