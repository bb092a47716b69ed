import { FleetError } from "../fleet-error";

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object in JSON. @param what such as `the plan plan.json` @throws FleetError for half a file and for anything else */
export function parseObject(text: string, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(withoutWarnings(text));
  } catch (error) {
    const cut = text.trim() === "" ? "It is empty." : `It is not complete JSON (${(error as Error).message}).`;
    throw new FleetError(`${what} cannot be read`, `${cut} Was the command that wrote it interrupted?`);
  }
  if (!isObject(value)) throw new FleetError(`${what} cannot be read`, "It is JSON, but not an object.");
  return value;
}

/** OpenTofu 1.12 prints warnings about its own configuration on standard output, in front of a document (findings/opentofu-warnings-in-json.sh). */
export function withoutWarnings(text: string): string {
  if (!/^\s*Warning: /.test(text)) return text;
  const begin = text.search(/^\{/m);
  return begin < 0 ? text : text.slice(begin);
}

/** A list of objects under a key; a missing one is empty. @throws FleetError */
export function objects(from: Json, key: string, what: string): Json[] {
  const value = from[key] ?? [];
  if (!Array.isArray(value) || !value.every(isObject))
    throw new FleetError(`${what} cannot be read`, `"${key}" is not a list of objects.`);
  return value;
}
