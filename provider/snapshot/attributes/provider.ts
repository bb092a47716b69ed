import type { AttributeTable } from "./attribute";

/** Configuration of the provider. Arguments win over the environment, the environment over the profile. */
export const providerTable: AttributeTable = {
  doc: "Daytona snapshots as code. The provider needs an API key, or a JWT with an organization: as an argument, from the environment, or from a profile of the official command line tool. Arguments win over the environment, the environment over the profile.",
  inputs: [
    { name: "apiKey", type: "string", set: "optional", sensitive: true, environment: "DAYTONA_API_KEY", doc: "API key. It belongs to one organization, and needs the permissions `write:snapshots` and `delete:snapshots`." },
    { name: "jwtToken", type: "string", set: "optional", sensitive: true, environment: "DAYTONA_JWT_TOKEN", doc: "JSON Web Token, instead of {apiKey}; needs {organizationId}." },
    { name: "organizationId", type: "string", set: "optional", environment: "DAYTONA_ORGANIZATION_ID", doc: "ID of the organization, with {jwtToken}." },
    { name: "apiUrl", type: "string", set: "optional", environment: "DAYTONA_API_URL", doc: "Address of the API. Default `https://app.daytona.io/api`." },
    { name: "region", type: "string", set: "optional", environment: "DAYTONA_TARGET", doc: "ID of the region for new snapshots that name none. Default: the organization's." },
    { name: "profile", type: "string", set: "optional", environment: "DAYTONA_PROFILE", doc: "Profile in the configuration file of the official command line tool. Default: the active one." },
    { name: "maxConcurrency", type: "integer", set: "optional", doc: "Requests to the API under way at once. Default 16." },
  ],
  outputs: [],
};
