import type { AttributeTable } from "../../kit/attribute";

/** Configuration of the provider. Arguments win over the environment, the environment over the profile. */
export const providerTable = {
  doc: "Manages Daytona snapshots, and the registries that private images are pulled from. The provider needs an API key, or a JWT and an organization ID. They can be set as arguments, in the environment, or in a profile of the official Daytona CLI. Arguments take precedence over the environment, and the environment over the profile.",
  inputs: [
    {
      name: "apiKey",
      type: "string",
      set: "optional",
      sensitive: true,
      environment: "DAYTONA_API_KEY",
      doc: "API key. It belongs to one organization and needs the permissions `write:snapshots` and `delete:snapshots`; for registries `write:registries` and `delete:registries`.",
    },
    {
      name: "jwtToken",
      type: "string",
      set: "optional",
      sensitive: true,
      environment: "DAYTONA_JWT_TOKEN",
      doc: "JSON Web Token to use instead of {apiKey}. Requires {organizationId}.",
    },
    {
      name: "organizationId",
      type: "string",
      set: "optional",
      environment: "DAYTONA_ORGANIZATION_ID",
      doc: "ID of the organization. Required with {jwtToken}. An API key already belongs to one organization: if this ID names another one, nothing is created, changed, deleted or imported.",
    },
    {
      name: "apiUrl",
      type: "string",
      set: "optional",
      environment: "DAYTONA_API_URL",
      doc: "URL of the API. Defaults to `https://app.daytona.io/api`.",
    },
    {
      name: "region",
      type: "string",
      set: "optional",
      environment: "DAYTONA_TARGET",
      doc: "ID of the region for new snapshots that do not set one. Defaults to the default region of the organization.",
    },
    {
      name: "profile",
      type: "string",
      set: "optional",
      environment: "DAYTONA_PROFILE",
      doc: "Profile in the configuration file of the official Daytona CLI. Defaults to the active profile.",
    },
    {
      name: "maxConcurrency",
      type: "integer",
      set: "optional",
      doc: "Maximum number of concurrent API requests. Defaults to 16.",
    },
    {
      name: "resolveTags",
      type: "boolean",
      set: "optional",
      environment: "DAYTONA_RESOLVE_TAGS",
      doc: "Whether plans ask registries which digest the tag of an image resolves to. If `false`, no registry is ever asked. Defaults to `true`.",
    },
  ],
  outputs: [],
} as const satisfies AttributeTable;
