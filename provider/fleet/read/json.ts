import { FleetError } from "../fleet-error";

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object in JSON. @param what such as `the plan plan.json` @throws FleetError for half a file and for anything else */
export function parseObject(text: string, what: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const cut = text.trim() === "" ? "It is empty." : `It is not complete JSON (${(error as Error).message}).`;
    throw new FleetError(`${what} cannot be read`, `${cut} Was the command that wrote it interrupted?`);
  }
  if (!isObject(value)) throw new FleetError(`${what} cannot be read`, "It is JSON, but not an object.");
  return value;
}

/** A list of objects under a key; a missing one is empty. @throws FleetError */
export function objects(from: Json, key: string, what: string): Json[] {
  const value = from[key] ?? [];
  if (!Array.isArray(value) || !value.every(isObject))
    throw new FleetError(`${what} cannot be read`, `"${key}" is not a list of objects.`);
  return value;
}
