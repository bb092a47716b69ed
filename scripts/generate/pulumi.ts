import type { Attribute, AttributeTable, AttributeType, ResourceEntry } from "../../provider/kit/attribute";
import { identifierOf, spellDoc } from "../../provider/kit/attribute";
import { providerTable } from "../../provider/resources/provider/attributes";
import { dataSources, resources } from "../../provider/resources";
import { withoutTerraform } from "./sentences";
import { capital } from "../../provider/kit/words";

type Json = { [key: string]: unknown };

const PACKAGE = "daytona";
const PRIMITIVES: Readonly<Record<Extract<AttributeType, string>, Json>> = {
  string: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  "string-list": { type: "array", items: { type: "string" } },
  "string-set": { type: "array", items: { type: "string" } },
  "string-map": { type: "object", additionalProperties: { type: "string" } },
};

/** The Pulumi package schema. No `defaultInfo.environment`: generated SDKs would store the variable's value in plaintext. */
export function pulumiSchema(version: string): Json {
  const types: Json = {};
  const config = properties(providerTable.inputs, types);
  const functions = Object.fromEntries(
    dataSources.map(({ name, table }) => [
      `${PACKAGE}:index:get${capital(identifierOf(name))}`,
      functionOf(table, types),
    ]),
  );
  return {
    name: PACKAGE,
    displayName: "Daytona",
    version,
    description: "Daytona snapshots as code.",
    keywords: ["pulumi", "daytona", "snapshot", "sandbox", "category/infrastructure", "kind/native"],
    homepage: "https://github.com/daytona-iac/daytona-iac",
    repository: "https://github.com/daytona-iac/daytona-iac",
    license: "Apache-2.0",
    publisher: "daytona-iac",
    namespace: "daytona-iac",
    pluginDownloadURL: "github://api.github.com/daytona-iac/daytona-iac",
    language: {
      nodejs: { packageName: "@daytona-iac/pulumi-daytona", respectSchemaVersion: true },
      python: { packageName: "daytona_iac_pulumi", respectSchemaVersion: true, pyproject: { enabled: true } },
      go: {
        importBasePath: "github.com/daytona-iac/daytona-iac/sdk/go/daytona",
        respectSchemaVersion: true,
        generateResourceContainerTypes: true,
      },
      csharp: { rootNamespace: "DaytonaIac.Pulumi", respectSchemaVersion: true, packageReferences: { Pulumi: "3.*" } },
    },
    config: { variables: config },
    provider: { description: doc(providerTable.doc), inputProperties: config },
    types,
    resources: Object.fromEntries(
      resources.map((entry) => [`${PACKAGE}:index:${capital(identifierOf(entry.noun))}`, resourceOf(entry, types)]),
    ),
    functions,
  };
}

function resourceOf({ noun, table, pulumiId, replacedBy, always }: ResourceEntry, types: Json): Json {
  return {
    description: `${doc(table.doc)} Its Pulumi ID is its ${pulumiId}.`,
    properties: properties([...table.inputs, ...table.outputs], types),
    required: always,
    inputProperties: properties(table.inputs, types, replacedBy),
    requiredInputs: table.inputs.filter(({ set }) => set === "required").map(nameOf),
    // A program moves here from the dynamic provider without a change.
    aliases: [{ type: `pulumi-nodejs:dynamic/daytona:${capital(identifierOf(noun))}` }],
  };
}

function functionOf(table: AttributeTable, types: Json): Json {
  const outputs = [...table.inputs.filter((input) => input.set !== "optional"), ...table.outputs];
  return {
    description: doc(table.doc),
    inputs: { type: "object", properties: properties(table.inputs, types) },
    outputs: {
      type: "object",
      properties: properties(outputs, types),
      required: outputs.filter((output) => !output.nullable).map(nameOf),
    },
  };
}

/** @param replacing inputs whose change replaces the resource */
function properties(list: readonly Attribute[], types: Json, replacing: readonly string[] = []): Json {
  const seen = list.filter((attribute) => attribute.only !== "terraform");
  return Object.fromEntries(
    seen.map((attribute) => [
      nameOf(attribute),
      {
        ...typeOf(attribute.type, types),
        description: doc(attribute.doc),
        ...(attribute.sensitive ? { secret: true } : {}),
        ...(replacing.includes(attribute.name) ? { willReplaceOnChanges: true } : {}),
      },
    ]),
  );
}

function typeOf(type: AttributeType, types: Json): Json {
  if (typeof type === "string") return PRIMITIVES[type];
  const members = "object" in type ? type.object : type.objects;
  const token = `${PACKAGE}:index:${type.name}`;
  const required = members.filter((member) => member.set === "computed" && !member.nullable).map(nameOf);
  types[token] = {
    type: "object",
    properties: properties(members, types),
    ...(required.length > 0 ? { required } : {}),
  };
  const reference = { $ref: `#/types/${token}` };
  return "object" in type ? reference : { type: "array", items: reference };
}

// A region has no Pulumi name of its own: only a resource must not declare "id".
function nameOf(attribute: Attribute): string {
  return attribute.pulumiName ?? attribute.name;
}

function doc(text: string): string {
  return spellDoc(withoutTerraform(text), (name) => (name === "id" ? "snapshotId" : name));
}
