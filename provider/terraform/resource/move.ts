import { type Attribute, snakeCase, snapshotTable } from "../../snapshot/attributes";
import type { TfObject, TfValue } from "../types";
import { stateFromRaw } from "./convert";

/** Attributes of other providers' `daytona_snapshot`, and what they are called here. */
const renamed: Record<string, string> = { image_name: "image", region_id: "region" };

/** What an import writes too, so that a program that says nothing about them plans no change. */
const defaults: TfObject = Object.fromEntries(
  (snapshotTable.inputs as readonly Attribute[]).filter((attribute) => attribute.default !== undefined).map((attribute) => [snakeCase(attribute.name), attribute.default ?? null]),
);

/**
 * What another provider's state of a snapshot says, in our attributes; null where that type is no snapshot.
 * The `id` (or the name) is enough: the refresh that follows a move fills in what the API knows, the mark
 * `imported` lets the program's other attributes in without a rebuild.
 */
export function movedState(sourceType: string, raw: TfObject): TfObject | null {
  if (sourceType !== "daytona_snapshot") return null;
  const values: TfObject = { ...raw };
  for (const [theirs, ours] of Object.entries(renamed)) values[ours] ??= raw[theirs] ?? null;
  // Where both are kept, an image that was built or pushed from elsewhere stands in a name of its own.
  if (typeof raw["remote_image_name"] === "string") {
    values["image"] = raw["remote_image_name"];
    values["image_name"] = raw["remote_image_name"];
  }
  const build = raw["build_info"];
  if (isObject(build) && typeof build["dockerfile_content"] === "string" && build["dockerfile_content"] !== "") {
    values["dockerfile_content"] = build["dockerfile_content"];
    values["image"] = null;
  }
  // Another provider's size may be in bytes or a string; times of its own are not ours. The next read fills them in.
  for (const name of ["size", "source_hash", "name_prefix", "timeouts", "triggers"]) values[name] = null;
  const state = stateFromRaw(values);
  if (state["image"] === "") state["image"] = null;
  Object.assign(state, defaults);
  return filled(state["id"]) || filled(state["name"]) ? state : null;
}

function filled(value: TfValue | undefined): boolean {
  return typeof value === "string" && value !== "";
}

function isObject(value: TfValue | undefined): value is TfObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
