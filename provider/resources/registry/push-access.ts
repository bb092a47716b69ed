import type { RegistryAccess } from "../../api/types";
import type { AttributeTable } from "../../kit/attribute";

/** Terraform's ephemeral resource `daytona_registry_push_access`. */
export const pushAccessTable = {
  doc: "Temporary credentials for Daytona's own registry, for a tool that pushes images there in the same command, such as the Docker provider. They are new each time they are asked for, and are never stored. The API key needs the permission `write:snapshots` or `write:sandboxes`.",
  inputs: [
    {
      name: "region",
      type: "string",
      set: "optional",
      doc: "ID of the region whose registry is meant. Defaults to the provider's region, else to the organization's.",
    },
  ],
  outputs: [
    {
      name: "host",
      type: "string",
      set: "computed",
      doc: "Host, and port if there is one, with which the names of images begin.",
    },
    { name: "url", type: "string", set: "computed", doc: "Address of the registry, as the API reports it." },
    { name: "username", type: "string", set: "computed", doc: "Name of the user." },
    { name: "password", type: "string", set: "computed", sensitive: true, doc: "Password of the user." },
    {
      name: "project",
      type: "string",
      set: "computed",
      doc: "First part of every repository: images are called `HOST/PROJECT/NAME:TAG`.",
    },
    {
      name: "expiresAt",
      type: "string",
      set: "computed",
      nullable: true,
      doc: "Time in RFC 3339 format after which the credentials no longer work. Null if the API does not tell.",
    },
  ],
} as const satisfies AttributeTable;

/** The outputs for an answer of the API. */
export function pushAccessOf({ username, secret, registryUrl, project, expiresAt }: RegistryAccess) {
  return {
    host: registryUrl.replace(/^https?:\/\//i, "").replace(/\/+$/, ""),
    url: registryUrl,
    username,
    password: secret,
    project,
    expiresAt: expiresAt ?? null,
  };
}
