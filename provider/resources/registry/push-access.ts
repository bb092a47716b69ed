import type { RegistryAccess } from "../../api/types";
import type { AttributeTable } from "../../kit/attribute";

/** Terraform's ephemeral resource `daytona_registry_push_access`. */
export const pushAccessTable = {
  doc: "Temporary credentials for Daytona's own registry, for a tool that pushes images there in the same command, such as the Docker provider. Each request returns new ones, and they are never stored. The API key needs the permission `write:snapshots` or `write:sandboxes`.",
  inputs: [
    {
      name: "region",
      type: "string",
      set: "optional",
      doc: "ID of the region whose registry to use. Defaults to the provider's region, otherwise to the organization's default region.",
    },
  ],
  outputs: [
    {
      name: "host",
      type: "string",
      set: "computed",
      doc: "Host of the registry, with its port if it has one. Image names begin with it.",
    },
    { name: "url", type: "string", set: "computed", doc: "Address of the registry, as the API reports it." },
    { name: "username", type: "string", set: "computed", doc: "User name." },
    { name: "password", type: "string", set: "computed", sensitive: true, doc: "Password of the user." },
    {
      name: "project",
      type: "string",
      set: "computed",
      doc: "First part of every repository: image names have the form `HOST/PROJECT/NAME:TAG`.",
    },
    {
      name: "expiresAt",
      type: "string",
      set: "computed",
      nullable: true,
      doc: "Expiry time of the credentials in RFC 3339 format. Null if the API does not return it.",
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
