import type { Attribute, AttributeTable } from "./attributes/attribute";

export { camelCase, snakeCase, spellDoc } from "./attributes/attribute";
export type { Attribute, AttributeTable, AttributeType, Change } from "./attributes/attribute";
export { dataSources } from "./attributes/data-sources";
export { providerTable } from "./attributes/provider";

/** Default time limits, as users write them. */
export const DEFAULT_TIMEOUTS = { create: "30m", update: "60m", delete: "10m" } as const;

const timeouts: readonly Attribute[] = [
  { name: "create", type: "string", set: "optional", doc: "Time limit for creating the snapshot, including the pull or build. Defaults to 30 minutes." },
  { name: "update", type: "string", set: "optional", doc: "Time limit for a change, including all its steps (a swap creates two snapshots). Defaults to 60 minutes." },
  { name: "delete", type: "string", set: "optional", doc: "Time limit for deleting the snapshot, until it is gone from the API. Defaults to 10 minutes." },
];

const inputs: readonly Attribute[] = [
  {
    name: "image", type: "string", set: "optional", change: "content",
    doc: "Image in a registry, with a tag or a digest, such as `ubuntu:24.04`. The API does not accept the tag `latest`. Exactly one of {image}, {dockerfile}, {dockerfileContent} and {localImage} is required.",
  },
  {
    name: "dockerfile", type: "string", set: "optional", change: "source", stored: false,
    doc: "Path of a Dockerfile that Daytona builds for linux/amd64. It is read at plan time, together with the files that COPY, ADD and RUN --mount=type=bind take from the build context. `<Dockerfile>.dockerignore`, or else `.dockerignore`, is honored. Exactly one of {image}, {dockerfile}, {dockerfileContent} and {localImage} is required.",
  },
  {
    name: "dockerfileContent", type: "string", set: "optional", change: "source",
    doc: "Text of a Dockerfile that Daytona builds for linux/amd64. Set {contextDir} if it copies local files. The whole request must be smaller than 100 KiB. Exactly one of {image}, {dockerfile}, {dockerfileContent} and {localImage} is required.",
  },
  {
    name: "localImage", type: "string", set: "optional", change: "source", stored: false,
    doc: "Image for linux/amd64 in the local Docker engine, such as `agent:dev`, or an archive: `oci-archive:FILE`, `oci:FOLDER` or `docker-archive:FILE`, with `:TAG` at the end if it has several images. It is read at plan time and pushed to Daytona's registry when the snapshot is created. Exactly one of {image}, {dockerfile}, {dockerfileContent} and {localImage} is required.",
  },
  {
    name: "contextDir", type: "string", set: "optional", change: "source", stored: false,
    doc: "Path of the folder that is the root of the build context. Defaults to the folder of {dockerfile}. With {dockerfileContent}, there is no build context unless this is set.",
  },
  {
    name: "context", type: "string-list", set: "optional", change: "source", stored: false,
    doc: "Files and folders inside {contextDir} to send to the builder. Defaults to those that the Dockerfile uses. Set this if they cannot be determined, for example because of a variable that only the base image sets.",
  },
  {
    name: "buildArgs", type: "string-map", set: "optional", change: "source", stored: false, sensitive: true,
    doc: "Values for the Dockerfile's ARG instructions. They become defaults in the Dockerfile that is sent, so do not use them for secrets: the snapshot's Dockerfile contains them.",
  },
  {
    name: "target", type: "string", set: "optional", change: "source", stored: false,
    doc: "Build stage to stop at. Defaults to the last stage. The stages after it are removed from the Dockerfile that is sent.",
  },
  {
    name: "sourceHash", type: "string", set: "optional+computed", change: "content", stored: false, nullable: true,
    doc: "Digest of the source: `v1:`, or `v2:` for a build with files, followed by 64 hex digits. Computed at plan time, and the same on every machine. A change creates a new snapshot. If your build system computes its own digest, set it here; it is compared literally.",
  },
  {
    name: "name", type: "string", set: "optional+computed", change: "name",
    doc: "Name of the snapshot, which sandboxes refer to. Must be unique in the organization. Can contain letters, digits, `.`, `_`, `-`, `:` and single `/`. Changing it replaces the snapshot.",
  },
  {
    name: "namePrefix", type: "string", set: "optional", change: "name", stored: false, only: "terraform",
    doc: "Prefix of a generated name. The name ends in 26 characters that sort by time. Use it with `create_before_destroy` for zero downtime. Changing the prefix replaces the snapshot unless its name already begins with the new prefix. Exactly one of {name} and {namePrefix} is required.",
  },
  {
    name: "entrypoint", type: "string-list", set: "optional+computed", change: "content", nullable: true,
    doc: "Command that sandboxes run when they start. Can only be set with {image} or {localImage}; a Dockerfile defines its own. If not set, the value that the API reports is stored and never compared.",
  },
  { name: "cpu", type: "integer", set: "optional+computed", change: "content", kept: true, doc: "CPU cores of each sandbox. Defaults to the API's value when the snapshot is created; not changed afterwards." },
  { name: "memory", type: "integer", set: "optional+computed", change: "content", kept: true, doc: "Memory of each sandbox in GiB. Defaults to the API's value when the snapshot is created; not changed afterwards." },
  { name: "disk", type: "integer", set: "optional+computed", change: "content", kept: true, doc: "Disk size of each sandbox in GiB. Defaults to the API's value when the snapshot is created; not changed afterwards." },
  { name: "gpu", type: "integer", set: "optional+computed", change: "content", kept: true, doc: "Number of GPUs of each sandbox, 0 or 1. Defaults to the API's value when the snapshot is created; not changed afterwards." },
  {
    name: "gpuTypes", type: "string-list", set: "optional", change: "content", stored: false,
    doc: "Preferred GPU types in order of preference, such as `H100`. Sent to the API unchanged. Current servers accept one type, and ignore it if {gpu} is 0. {gpuType} shows the type that the API chose.",
  },
  {
    name: "sandboxClass", type: "string", set: "optional+computed", change: "content", kept: true, nullable: true,
    doc: "Sandbox class, such as `container` or `linux-vm`. Sent to the API unchanged. Defaults to the API's value when the snapshot is created; not changed afterwards.",
  },
  {
    name: "region", type: "string", set: "optional+computed", change: "content", kept: true, nullable: true,
    doc: "ID of the region. New snapshots default to the provider's region, or else to the default region of the organization. There is no drift as long as {regionIds} includes it.",
  },
  {
    name: "active", type: "boolean", set: "optional+computed", change: "active", default: true,
    doc: "Whether the snapshot is kept ready for use. Daytona deactivates snapshots that are unused for about two weeks; if `true`, the next apply activates them again. If `false`, the snapshot is kept but deactivated. Defaults to `true`.",
  },
  {
    name: "replacement", type: "string", set: "optional+computed", change: "managed", stored: false, default: "swap", values: ["swap", "recreate"],
    doc: "How to apply a change of the source or the resources. `swap` creates a successor and waits until it is active, then deletes the old snapshot and creates the name again, as an update in place. `recreate` deletes the old snapshot first, then creates the new one. Defaults to `swap`.",
  },
  {
    name: "adoptExisting", type: "boolean", set: "optional+computed", change: "managed", stored: false, default: false,
    doc: "Whether to adopt an existing snapshot with this name if it matches the configuration, instead of reporting an error. A snapshot that differs is never adopted. Defaults to `false`.",
  },
  {
    name: "triggers", type: "string-map", set: "optional", change: "content", stored: false,
    doc: "Arbitrary values that, when changed, create a new snapshot from the same source. For a Dockerfile, their digest is added to the text as a final comment line. The builder may still reuse cached layers, and a runner may reuse an image with the same tag.",
  },
  {
    name: "timeouts", type: { object: timeouts, name: "SnapshotTimeouts" }, set: "optional", change: "managed", stored: false,
    doc: "Time limits for each operation, including all its steps, as durations such as `\"45m\"`, `\"1h30m\"` or `\"90s\"`.",
  },
];

const both = ["rebuild", "activate"] as const;
const rebuild = ["rebuild"] as const;

const outputs: readonly Attribute[] = [
  { name: "id", pulumiName: "snapshotId", type: "string", set: "computed", unknownAfter: rebuild, doc: "UUID of the snapshot. A swap changes the UUID but keeps the name." },
  { name: "state", type: "string", set: "computed", instead: "active", unknownAfter: both, doc: "State of the snapshot: `active`, `inactive`, `pending`, `pulling`, `building`, `error`, `build_failed`, `removing`, or a state that a newer server has added." },
  { name: "imageName", type: "string", set: "computed", instead: "image", unknownAfter: rebuild, nullable: true, doc: "Image that the API pulled. Empty if the snapshot was built from a Dockerfile." },
  { name: "ref", type: "string", set: "computed", unknownAfter: both, nullable: true, doc: "Reference of the image in Daytona's registry. Snapshots with the same reference share one image." },
  { name: "size", type: "number", set: "computed", unknownAfter: both, nullable: true, doc: "Size of the image in GiB. Null if the API did not report it when the snapshot became active." },
  { name: "regionIds", type: "string-set", set: "computed", instead: "region", unknownAfter: rebuild, nullable: true, doc: "IDs of the regions where the snapshot is available." },
  { name: "gpuType", type: "string", set: "computed", instead: "gpuTypes", unknownAfter: rebuild, nullable: true, doc: "GPU type that the API chose." },
  { name: "errorReason", type: "string", set: "computed", unknownAfter: both, nullable: true, doc: "Why the snapshot failed, as reported by the API." },
  { name: "createdAt", type: "string", set: "computed", unknownAfter: rebuild, nullable: true, doc: "Creation time in RFC 3339 format." },
  { name: "organizationId", type: "string", set: "computed", nullable: true, doc: "ID of the organization that owns the snapshot." },
];

/** Resource `Snapshot`: Terraform `daytona_snapshot`, Pulumi `daytona:index:Snapshot`. */
export const snapshotTable: AttributeTable = {
  doc: "A Daytona snapshot: the image and resources that sandboxes start from. It is created from an image in a registry, a Dockerfile or a local image. Creation is complete once the snapshot is active.",
  inputs,
  outputs,
};
