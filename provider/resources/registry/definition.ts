import type { RegistryBody, RegistryDto } from "../../api/types";
import { defineInPlace, type Endpoints } from "../in-place/definition";
import { registriesTable, registryTable } from "./attributes";
import { validateRegistry } from "./validate";

export const registryDefinition = defineInPlace<RegistryDto, RegistryBody>({
  noun: "registry",
  plural: "registries",
  table: registryTable,
  listTable: registriesTable,
  validate: validateRegistry,
  // A create without a password is refused by `validate`.
  endpoints: ({ registries }) => registries as Endpoints<RegistryDto, RegistryBody>,
  sample: { name: "images", url: "ghcr.io", username: "acme-robot" },
  permissions: { write: "write:registries", delete: "delete:registries" },
});
