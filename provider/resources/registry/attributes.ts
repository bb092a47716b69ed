import type { RegistryBody, RegistryDto } from "../../api/types";
import type { AttributeTable } from "../../kit/attribute";
import type { InPlaceTable } from "../in-place/rows";
import { storedUrl } from "./address";

const inputs = [
  {
    name: "name",
    type: "string",
    set: "required",
    sent: "name",
    read: "name",
    doc: "Name of the registry in Daytona. The API allows several registries with the same name.",
  },
  {
    name: "url",
    type: "string",
    set: "required",
    sent: "url",
    read: "url",
    stored: storedUrl,
    doc: "Address of the registry, such as `ghcr.io`, `https://registry.example.com` or `docker.io`. Daytona uses the registry for images whose name begins with it. Every address of Docker Hub means `docker.io`.",
  },
  {
    name: "username",
    type: "string",
    set: "required",
    sent: "username",
    read: "username",
    doc: "User name, or what the registry expects in its place: `AWS` or the ARN of a role for Amazon ECR, `_json_key` for Google Artifact Registry.",
  },
  {
    name: "project",
    type: "string",
    set: "optional",
    sent: "project",
    read: "project",
    none: "",
    nullable: true,
    doc: "Project or namespace in the registry, for registries that have one, such as Harbor.",
  },
  {
    name: "password",
    type: "string",
    set: "optional",
    sent: "password",
    sensitive: true,
    doc: "Password or access token. It is sent when the registry is created and when it changes. The API never returns it, so a password that was changed elsewhere is not detected. It is stored in the state; {passwordWo} is not.",
  },
  {
    name: "passwordWo",
    type: "string",
    set: "optional",
    sent: "password",
    sensitive: true,
    writeOnly: true,
    only: "terraform",
    doc: "The same, but write-only: it is never stored in a plan or a state. Requires Terraform 1.11 or OpenTofu 1.11 and later. To send a new one, increase {passwordWoVersion}. Exactly one of {password} and {passwordWo} is required.",
  },
  {
    name: "passwordWoVersion",
    type: "integer",
    set: "optional",
    versionOf: "passwordWo",
    only: "terraform",
    doc: "Version number of the password in {passwordWo}. Any change to it sends {passwordWo} again.",
  },
] as const satisfies InPlaceTable<RegistryDto, RegistryBody>["inputs"];

const outputs = [
  { name: "id", pulumiName: "registryId", type: "string", set: "computed", read: "id", doc: "UUID of the registry." },
  {
    name: "registryType",
    type: "string",
    set: "computed",
    read: "registryType",
    nullable: true,
    doc: "Type of the registry, such as `organization`.",
  },
  {
    name: "createdAt",
    type: "string",
    set: "computed",
    read: "createdAt",
    nullable: true,
    doc: "Creation time in RFC 3339 format.",
  },
] as const satisfies InPlaceTable<RegistryDto, RegistryBody>["outputs"];

/** Resource `Registry`: Terraform `daytona_registry`, Pulumi `daytona:index:Registry`. */
export const registryTable = {
  doc: "Credentials with which Daytona pulls private images from a container registry. Create it before the snapshots that need it.",
  inputs,
  outputs,
} as const satisfies InPlaceTable<RegistryDto, RegistryBody>;

const found = [
  { name: "id", pulumiName: "registryId", type: "string", set: "computed", doc: "UUID of the registry." },
  {
    name: "name",
    type: "string",
    set: "computed",
    doc: "Name of the registry. Several registries can have the same name.",
  },
  { name: "url", type: "string", set: "computed", doc: "Address of the registry, as the API stores it." },
  { name: "username", type: "string", set: "computed", doc: "User name." },
  {
    name: "project",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Project or namespace in the registry. Empty if there is none.",
  },
  {
    name: "registryType",
    type: "string",
    set: "computed",
    nullable: true,
    doc: "Type of the registry, such as `organization`.",
  },
  { name: "createdAt", type: "string", set: "computed", nullable: true, doc: "Creation time in RFC 3339 format." },
] as const satisfies AttributeTable["outputs"];

/** Terraform `daytona_registries`, Pulumi `getRegistries`. */
export const registriesTable = {
  doc: "Lists the registries of the organization, newest first, without passwords.",
  inputs: [],
  outputs: [
    { name: "registries", type: { objects: found, name: "RegistryDetails" }, set: "computed", doc: "The registries." },
    {
      name: "ids",
      type: "string-list",
      set: "computed",
      doc: "UUIDs of the registries, in the same order as {registries}.",
    },
  ],
} as const satisfies AttributeTable;
