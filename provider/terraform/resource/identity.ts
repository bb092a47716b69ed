import { isUnknown } from "../../snapshot/unknown";
import type { TfIdentityAttribute, TfObject } from "../types";

/** What tells one snapshot from another for good: a swap changes the UUID, never the name. */
export const identitySchema: { version: number; attributes: TfIdentityAttribute[] } = {
  version: 0,
  attributes: [
    { name: "name", type: "string", description: "Name of the snapshot.", requiredForImport: true },
    { name: "organization_id", type: "string", description: "ID of the organization that owns the snapshot. In an import: default the organization of the provider's credentials.", optionalForImport: true },
  ],
};

/** The identity of a state or a plan; null while a part of it is unknown, or where there is no name. */
export function identityOf(values: TfObject): TfObject | null {
  const name = values["name"] ?? null;
  const organization = values["organization_id"] ?? null;
  if (typeof name !== "string" || isUnknown(organization)) return null;
  return { name, organization_id: organization };
}
