import type { Attribute, AttributeTable } from "./attributes/attribute";

export { camelCase, snakeCase, spellDoc } from "./attributes/attribute";
export type { Attribute, AttributeTable, AttributeType, Change } from "./attributes/attribute";
export { dataSources } from "./attributes/data-sources";
export { providerTable } from "./attributes/provider";

/** How long one call may take where nobody says otherwise, in the form that users write. */
export const DEFAULT_TIMEOUTS = { create: "30m", update: "60m", delete: "10m" } as const;

const timeouts: readonly Attribute[] = [
  { name: "create", type: "string", set: "optional", doc: "Time for creating the snapshot until it is active: pull or build included. Default 30 minutes." },
  { name: "update", type: "string", set: "optional", doc: "Time for a change, over all its steps: a swap makes two snapshots. Default 60 minutes." },
  { name: "delete", type: "string", set: "optional", doc: "Time for deleting, until the API no longer knows the snapshot. Default 10 minutes." },
];

const inputs: readonly Attribute[] = [
  {
    name: "image", type: "string", set: "optional", change: "content",
    doc: "Image in a registry, with a tag or a digest, such as `ubuntu:24.04`. The tag `latest` is refused by the API. Exactly one of {image} and {dockerfileContent} must be given.",
  },
  {
    name: "dockerfileContent", type: "string", set: "optional", change: "content",
    doc: "Text of a Dockerfile that Daytona builds, always for linux/amd64, without a build context: COPY and ADD of local files find nothing. The request as a whole must stay below 100 KiB. Exactly one of {image} and {dockerfileContent} must be given.",
  },
  {
    name: "sourceHash", type: "string", set: "optional+computed", change: "content", stored: false, nullable: true,
    doc: "Digest of the source, computed at plan time, the same on every machine: `v1:` and 64 hex digits. A change makes a new snapshot. May be given by those whose build system has a digest of its own; a given one is compared literally.",
  },
  {
    name: "name", type: "string", set: "optional+computed", change: "name",
    doc: "Name, unique in the organization: letters, digits, `.`, `_`, `-`, `:` and single `/`. It is what sandboxes refer to. A change replaces the snapshot.",
  },
  {
    name: "namePrefix", type: "string", set: "optional", change: "name", stored: false, only: "terraform",
    doc: "Beginning of a generated name, which ends in 26 characters that sort by time. With `create_before_destroy` a replacement leaves no gap. A new prefix replaces the snapshot only when its name does not begin with it. Exactly one of {name} and {namePrefix} must be given.",
  },
  {
    name: "entrypoint", type: "string-list", set: "optional+computed", change: "content", nullable: true,
    doc: "Command that a sandbox starts with. Only with {image}: a Dockerfile brings its own. Where it is not written, what the API says is taken over and never compared.",
  },
  { name: "cpu", type: "integer", set: "optional+computed", change: "content", kept: true, doc: "CPU cores of a sandbox. Default: the API's, taken once and kept." },
  { name: "memory", type: "integer", set: "optional+computed", change: "content", kept: true, doc: "Memory of a sandbox in GiB. Default: the API's, taken once and kept." },
  { name: "disk", type: "integer", set: "optional+computed", change: "content", kept: true, doc: "Disk of a sandbox in GiB. Default: the API's, taken once and kept." },
  { name: "gpu", type: "integer", set: "optional+computed", change: "content", kept: true, doc: "GPU units of a sandbox, 0 or 1. Default: the API's, taken once and kept." },
  {
    name: "gpuTypes", type: "string-list", set: "optional", change: "content", stored: false,
    doc: "Preferred GPU types, in order, such as `H100`. Passed on as written: servers known today take one type, and ignore it where {gpu} is 0. Which one was given is in {gpuType}.",
  },
  {
    name: "sandboxClass", type: "string", set: "optional+computed", change: "content", kept: true, nullable: true,
    doc: "Class of sandboxes, such as `container` or `linux-vm`. Passed on as written. Default: the API's, taken once and kept.",
  },
  {
    name: "region", type: "string", set: "optional+computed", change: "content", kept: true, nullable: true,
    doc: "ID of the region. Default: the provider's region, else the organization's, for new snapshots. Compared with {regionIds}: one of them is enough.",
  },
  {
    name: "active", type: "boolean", set: "optional+computed", change: "active", default: true,
    doc: "`true`: kept ready; one found inactive (Daytona deactivates what is not used for about two weeks) is activated again. `false`: kept, but deactivated. Default `true`.",
  },
  {
    name: "replacement", type: "string", set: "optional+computed", change: "managed", stored: false, default: "swap", values: ["swap", "recreate"],
    doc: "How a change of what the snapshot is made from is carried out. `swap`: a successor is made and proven first, then the old snapshot is deleted and the name made again, in place. `recreate`: delete, then create. Default `swap`.",
  },
  {
    name: "adoptExisting", type: "boolean", set: "optional+computed", change: "managed", stored: false, default: false,
    doc: "`true`: a snapshot of this name that exists already and is the same is taken over instead of reported as an error. One that differs is never taken over. Default `false`.",
  },
  {
    name: "triggers", type: "string-map", set: "optional", change: "content", stored: false,
    doc: "Any values; a change makes a new snapshot from the same source. A Dockerfile's text then ends in one comment line with their digest. The builder may still reuse cached layers, and a runner an image of the same tag.",
  },
  {
    name: "timeouts", type: { object: timeouts, name: "SnapshotTimeouts" }, set: "optional", change: "managed", stored: false,
    doc: "How long a call may take over all its steps, as durations such as `\"45m\"`, `\"1h30m\"` or `\"90s\"`.",
  },
];

const both = ["rebuild", "activate"] as const;
const rebuild = ["rebuild"] as const;

const outputs: readonly Attribute[] = [
  { name: "id", pulumiName: "snapshotId", type: "string", set: "computed", unknownAfter: rebuild, doc: "UUID of the snapshot at the API. A swap changes it; the name stays." },
  { name: "state", type: "string", set: "computed", unknownAfter: both, doc: "State at the API: `active`, `inactive`, `pending`, `pulling`, `building`, `error`, `build_failed`, `removing`, or one that a newer server has." },
  { name: "imageName", type: "string", set: "computed", unknownAfter: rebuild, nullable: true, doc: "Image that the API pulled from; empty for a build." },
  { name: "ref", type: "string", set: "computed", unknownAfter: both, nullable: true, doc: "Where the image lies in Daytona's registry. Snapshots with the same reference share one image." },
  { name: "size", type: "number", set: "computed", unknownAfter: both, nullable: true, doc: "Size of the image in GiB; null where the API did not know it when the snapshot became active." },
  { name: "regionIds", type: "string-set", set: "computed", unknownAfter: rebuild, nullable: true, doc: "IDs of the regions that have the snapshot." },
  { name: "gpuType", type: "string", set: "computed", unknownAfter: rebuild, nullable: true, doc: "GPU type that the API chose." },
  { name: "errorReason", type: "string", set: "computed", unknownAfter: both, nullable: true, doc: "Why the snapshot failed, in the API's words." },
  { name: "createdAt", type: "string", set: "computed", unknownAfter: rebuild, nullable: true, doc: "Time of creation, RFC 3339." },
  { name: "organizationId", type: "string", set: "computed", nullable: true, doc: "ID of the organization that owns the snapshot." },
];

/** Resource `Snapshot`: Terraform `daytona_snapshot`, Pulumi `daytona:index:Snapshot`. */
export const snapshotTable: AttributeTable = {
  doc: "A Daytona snapshot: the image, with its resources, that sandboxes start from. It is made from an image in a registry or from a Dockerfile, and counts as made once it is active.",
  inputs,
  outputs,
};
