import type { Attribute, AttributeTable } from "../../kit/attribute";

const region = [
  { name: "id", type: "string", set: "computed", doc: "ID of the region, as used in {region}." },
  { name: "name", type: "string", set: "computed", doc: "Name of the region." },
  {
    name: "organizationId",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "ID of the organization that the region belongs to. Null if the region is shared.",
  },
  {
    name: "regionType",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Type of the region, such as `shared` or `custom`.",
  },
] as const satisfies readonly Attribute[];

/** Terraform `daytona_regions`, Pulumi `getRegions`. */
export const regionsTable = {
  doc: "Lists the regions that the organization can use.",
  inputs: [],
  outputs: [
    { name: "regions", type: { objects: region, name: "Region" }, set: "computed", doc: "The regions." },
    { name: "ids", type: "string-list", set: "computed", doc: "IDs of the regions, in the same order as {regions}." },
  ],
} as const satisfies AttributeTable;
