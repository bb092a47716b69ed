import { type Attribute, snakeCase } from "../../kit/attribute";
import { snapshotTable } from "../../resources/snapshot/attributes";
import type { TfObject, TfValue } from "../types";
import { stateFromRaw } from "./convert";

/** Attributes of other providers' `daytona_snapshot`, with their names here. */
const renamed: Record<string, string> = { image_name: "image", region_id: "region" };

/** Defaults, written as in an import, so that a program that does not set them plans no change. */
const defaults: TfObject = Object.fromEntries(
  (snapshotTable.inputs as readonly Attribute[])
    .filter((attribute) => attribute.default !== undefined)
    .map((attribute) => [snakeCase(attribute.name), attribute.default ?? null]),
);

/**
 * Converts the state of another provider's snapshot; null if the type is not a snapshot. The ID or the name is enough: the refresh after a
 * move fills in what the API knows, and the mark `imported` accepts the program's other attributes without a rebuild.
 */
export function movedState(sourceType: string, raw: TfObject): TfObject | null {
  if (sourceType !== "daytona_snapshot") return null;
  const values: TfObject = { ...raw };
  for (const [theirs, ours] of Object.entries(renamed)) values[ours] ??= raw[theirs] ?? null;
  // If both are set, this is the name of an image that was built or pushed elsewhere.
  if (typeof raw["remote_image_name"] === "string") {
    values["image"] = raw["remote_image_name"];
    values["image_name"] = raw["remote_image_name"];
  }
  const build = raw["build_info"];
  if (isObject(build) && typeof build["dockerfile_content"] === "string" && build["dockerfile_content"] !== "") {
    values["dockerfile_content"] = build["dockerfile_content"];
    values["image"] = null;
  }
  // The other provider's size may be in bytes or a string, and its timeouts have another shape. The next read fills these in.
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
