import { ImageError } from "./image-error";

type Json = Readonly<Record<string, unknown>>;

/** Whether a value of a JSON document is an object, and no list. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A list of objects of a JSON document. Missing and null are an empty list, as programs in Go write it.
 * @param where for messages: `"manifests" in index.json`
 * @throws ImageError for anything else
 */
export function objectsOf<T>(value: unknown, where: string, label: string): readonly T[] {
  const list = value ?? [];
  if (Array.isArray(list) && list.every(isObject)) return list as unknown as readonly T[];
  throw new ImageError(`${label} is damaged: ${where} is not a list of objects. Write the archive again.`);
}

/** The same for a list of texts. @throws ImageError */
export function textsOf(value: unknown, where: string, label: string): readonly string[] {
  const list = value ?? [];
  if (Array.isArray(list) && list.every((item) => typeof item === "string")) return list as readonly string[];
  throw new ImageError(`${label} is damaged: ${where} is not a list of strings. Write the archive again.`);
}
