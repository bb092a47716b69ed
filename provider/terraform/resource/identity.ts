import { isUnknown } from "../../kit/unknown";
import type { TfIdentityAttribute, TfObject } from "../types";

/** The permanent identity of a snapshot: a swap changes the UUID but never the name. */
export const identitySchema: { version: number; attributes: TfIdentityAttribute[] } = {
  version: 0,
  attributes: [
    { name: "name", type: "string", description: "Name of the snapshot.", requiredForImport: true },
    {
      name: "organization_id",
      type: "string",
      description:
        "ID of the organization that owns the snapshot. In an import, defaults to the organization of the provider's credentials.",
      optionalForImport: true,
    },
  ],
};

/** The identity of a state or a plan; null if part of it is unknown or there is no name. */
export function identityOf(values: TfObject): TfObject | null {
  const name = values["name"] ?? null;
  const organization = values["organization_id"] ?? null;
  if (typeof name !== "string" || isUnknown(organization)) return null;
  return { name, organization_id: organization };
}
