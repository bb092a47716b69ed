import type { TfPrivate } from "../types";

/** Encodes private state as JSON with sorted keys; no bytes if it is empty. */
export function encodePrivate(value: TfPrivate): Buffer {
  const keys = Object.keys(value).sort();
  return keys.length === 0
    ? Buffer.alloc(0)
    : Buffer.from(JSON.stringify(Object.fromEntries(keys.map((k) => [k, value[k]]))));
}

/** Decodes private state. Missing bytes, or bytes written by another program, read as empty. */
export function decodePrivate(bytes: Uint8Array): TfPrivate {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as TfPrivate) : {};
  } catch {
    return {};
  }
}
