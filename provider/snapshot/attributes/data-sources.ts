import type { Attribute, AttributeTable } from "./attribute";
import { states } from "../states";

/** What the API says about any snapshot, our own or a general one, the fields that change by themselves included. */
const found: readonly Attribute[] = [
  { name: "id", pulumiName: "snapshotId", type: "string", set: "computed", doc: "UUID of the snapshot." },
  { name: "name", type: "string", set: "computed", doc: "Name of the snapshot." },
  { name: "state", type: "string", set: "computed", doc: "State at the API, such as `active` or `inactive`." },
  { name: "general", type: "boolean", set: "computed", doc: "`true`: a snapshot of another organization that everybody may use." },
  { name: "imageName", type: "string", set: "computed", nullable: true, doc: "Image that the API pulled from; empty for a build." },
  { name: "dockerfileContent", type: "string", set: "computed", nullable: true, doc: "Dockerfile of a build." },
  { name: "entrypoint", type: "string-list", set: "computed", nullable: true, doc: "Command that a sandbox starts with." },
  { name: "cpu", type: "integer", set: "computed", doc: "CPU cores of a sandbox." },
  { name: "memory", type: "integer", set: "computed", doc: "Memory of a sandbox in GiB." },
  { name: "disk", type: "integer", set: "computed", doc: "Disk of a sandbox in GiB." },
  { name: "gpu", type: "integer", set: "computed", doc: "GPU units of a sandbox." },
  { name: "gpuType", type: "string", set: "computed", nullable: true, doc: "GPU type that the API chose." },
  { name: "sandboxClass", type: "string", set: "computed", nullable: true, doc: "Class of sandboxes, such as `container` or `linux-vm`." },
  { name: "regionIds", type: "string-set", set: "computed", nullable: true, doc: "IDs of the regions that have the snapshot." },
  { name: "size", type: "number", set: "computed", nullable: true, doc: "Size of the image in GiB." },
  { name: "ref", type: "string", set: "computed", nullable: true, doc: "Where the image lies in Daytona's registry." },
  { name: "errorReason", type: "string", set: "computed", nullable: true, doc: "Why the snapshot failed, in the API's words." },
  { name: "organizationId", type: "string", set: "computed", nullable: true, doc: "ID of the organization that owns the snapshot." },
  { name: "createdAt", type: "string", set: "computed", doc: "Time of creation, RFC 3339." },
  { name: "updatedAt", type: "string", set: "computed", nullable: true, doc: "Time of the last change of any kind, RFC 3339." },
  { name: "lastUsedAt", type: "string", set: "computed", nullable: true, doc: "Time of the last use by a sandbox, RFC 3339; null before the first." },
  { name: "initialRunnerId", type: "string", set: "computed", nullable: true, doc: "ID of the runner that made the snapshot." },
];

const region: readonly Attribute[] = [
  { name: "id", type: "string", set: "computed", doc: "ID of the region, as {region} takes it." },
  { name: "name", type: "string", set: "computed", doc: "Name of the region." },
  { name: "organizationId", type: "string", set: "computed", nullable: true, doc: "ID of the organization that the region belongs to; null for a shared one." },
  { name: "regionType", type: "string", set: "computed", nullable: true, doc: "Type of the region, such as `shared` or `custom`." },
];

/** Terraform `daytona_snapshot`, Pulumi `getSnapshot`. */
const snapshot: AttributeTable = {
  doc: "One snapshot, by its ID or by its name, with the fields that change by themselves. By name it also finds a general snapshot of another organization.",
  inputs: [
    { name: "id", pulumiName: "snapshotId", type: "string", set: "optional+computed", doc: "UUID of the snapshot. Exactly one of {id} and {name} must be given." },
    { name: "name", type: "string", set: "optional+computed", doc: "Name of the snapshot. Exactly one of {id} and {name} must be given." },
  ],
  outputs: found.filter((attribute) => attribute.name !== "id" && attribute.name !== "name"),
};

/** Terraform `daytona_snapshots`, Pulumi `getSnapshots`. */
const snapshots: AttributeTable = {
  doc: "The organization's snapshots, oldest first, all pages of them. All filters given must hold.",
  inputs: [
    { name: "nameContains", type: "string", set: "optional", doc: "Part of the name, in any case." },
    { name: "states", type: "string-list", set: "optional", doc: `States, one of which a snapshot must be in: ${states.map((state) => `\`${state}\``).join(", ")}.` },
    { name: "region", type: "string", set: "optional", doc: "ID of a region that must have the snapshot." },
    { name: "includeGeneral", type: "boolean", set: "optional", doc: "`true`: also the general snapshots of other organizations, listed last. Default `false`." },
  ],
  outputs: [
    { name: "snapshots", type: { objects: found, name: "SnapshotDetails" }, set: "computed", doc: "The snapshots." },
    { name: "ids", type: "string-list", set: "computed", doc: "Their UUIDs, in the same order." },
    { name: "names", type: "string-list", set: "computed", doc: "Their names, in the same order." },
  ],
};

/** Terraform `daytona_regions`, Pulumi `getRegions`. */
const regions: AttributeTable = {
  doc: "The regions that the organization can use.",
  inputs: [],
  outputs: [
    { name: "regions", type: { objects: region, name: "Region" }, set: "computed", doc: "The regions." },
    { name: "ids", type: "string-list", set: "computed", doc: "Their IDs, in the same order." },
  ],
};

export const dataSources = { snapshot, snapshots, regions } as const;
