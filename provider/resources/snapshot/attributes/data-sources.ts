import type { Attribute, AttributeTable } from "../../../kit/attribute";
import { states } from "../states";

/** What the API reports about any snapshot, including the fields that it changes on its own. */
const found = [
  { name: "id", pulumiName: "snapshotId", type: "string", set: "computed", doc: "UUID of the snapshot." },
  { name: "name", type: "string", set: "computed", doc: "Name of the snapshot." },
  { name: "state", type: "string", set: "computed", doc: "State of the snapshot, such as `active` or `inactive`." },
  {
    name: "general",
    type: "boolean",
    set: "computed",
    doc: "Whether this is a general snapshot, which belongs to another organization but is available to everyone.",
  },
  {
    name: "imageName",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Image that the API pulled. Empty if the snapshot was built: from a Dockerfile, or from an image with a digest.",
  },
  {
    name: "dockerfileContent",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Dockerfile that the snapshot was built from. For an image with a digest, it ends in `# daytona-iac image`.",
  },
  {
    name: "entrypoint",
    type: "string-list",
    set: "computed",
    nullable: true,
    doc: "Command that sandboxes run when they start.",
  },
  { name: "cpu", type: "integer", set: "computed", doc: "CPU cores of each sandbox." },
  { name: "memory", type: "integer", set: "computed", doc: "Memory of each sandbox in GiB." },
  { name: "disk", type: "integer", set: "computed", doc: "Disk size of each sandbox in GiB." },
  { name: "gpu", type: "integer", set: "computed", doc: "Number of GPUs of each sandbox." },
  { name: "gpuType", type: "string", set: "computed", nullable: true, doc: "GPU type that the API chose." },
  {
    name: "sandboxClass",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Sandbox class, such as `container` or `linux-vm`.",
  },
  {
    name: "regionIds",
    type: "string-set",
    set: "computed",
    nullable: true,
    doc: "IDs of the regions where the snapshot is available.",
  },
  { name: "size", type: "number", set: "computed", nullable: true, doc: "Size of the image in GiB." },
  {
    name: "ref",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Reference of the image in Daytona's registry.",
  },
  {
    name: "errorReason",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Why the snapshot failed, as reported by the API.",
  },
  {
    name: "organizationId",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "ID of the organization that owns the snapshot.",
  },
  { name: "createdAt", type: "string", set: "computed", doc: "Creation time in RFC 3339 format." },
  {
    name: "updatedAt",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Time of the last change of any kind, in RFC 3339 format.",
  },
  {
    name: "lastUsedAt",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Time of the last use by a sandbox, in RFC 3339 format. Null if it has not been used yet.",
  },
  {
    name: "initialRunnerId",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "ID of the runner that created the snapshot.",
  },
] as const satisfies readonly Attribute[];

/** Terraform `daytona_snapshot`, Pulumi `getSnapshot`. */
const snapshot = {
  doc: "Reads one snapshot by ID or by name, including the fields that the API changes on its own. By name, it also finds general snapshots of other organizations.",
  inputs: [
    {
      name: "id",
      pulumiName: "snapshotId",
      type: "string",
      set: "optional+computed",
      doc: "UUID of the snapshot. Exactly one of {id} and {name} is required.",
    },
    {
      name: "name",
      type: "string",
      set: "optional+computed",
      doc: "Name of the snapshot. Exactly one of {id} and {name} is required.",
    },
  ],
  outputs: found.filter((attribute) => attribute.name !== "id" && attribute.name !== "name"),
} as const satisfies AttributeTable;

/** Terraform `daytona_snapshots`, Pulumi `getSnapshots`. */
const snapshots = {
  doc: "Lists all snapshots of the organization, oldest first. A snapshot is included if it matches all filters.",
  inputs: [
    { name: "nameContains", type: "string", set: "optional", doc: "Part of the name, case-insensitive." },
    {
      name: "states",
      type: "string-list",
      set: "optional",
      doc: `States to include: ${states.map((state) => `\`${state}\``).join(", ")}.`,
    },
    { name: "region", type: "string", set: "optional", doc: "ID of a region where the snapshot must be available." },
    {
      name: "includeGeneral",
      type: "boolean",
      set: "optional",
      doc: "Whether to include general snapshots of other organizations, listed last. Defaults to `false`.",
    },
  ],
  outputs: [
    {
      name: "snapshots",
      type: { objects: found, name: "SnapshotDetails" },
      set: "computed",
      doc: "The matching snapshots.",
    },
    {
      name: "ids",
      type: "string-list",
      set: "computed",
      doc: "UUIDs of the matching snapshots, in the same order as {snapshots}.",
    },
    {
      name: "names",
      type: "string-list",
      set: "computed",
      instead: "nameContains",
      doc: "Names of the matching snapshots, in the same order as {snapshots}.",
    },
  ],
} as const satisfies AttributeTable;

/** What programs read of snapshots that they do not manage. */
export const snapshotData = { snapshot, snapshots } as const;
