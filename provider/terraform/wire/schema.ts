import type { TfAttribute, TfFunctionSignature, TfIdentityAttribute, TfSchema, TfType } from "../types";
import {
  type FunctionMessage,
  type ResourceIdentitySchema,
  type Schema,
  type Schema_Attribute,
  Schema_Object_NestingMode,
  StringKind,
} from "./generated/tfplugin6";

const nestingModes = {
  single: Schema_Object_NestingMode.SINGLE,
  list: Schema_Object_NestingMode.LIST,
  set: Schema_Object_NestingMode.SET,
  map: Schema_Object_NestingMode.MAP,
} as const;

const typeBytes = (type: TfType): Buffer => Buffer.from(JSON.stringify(type));

function toAttribute(attribute: TfAttribute): Schema_Attribute {
  return {
    name: attribute.name,
    type: attribute.nested === undefined ? typeBytes(attribute.type ?? "dynamic") : Buffer.alloc(0),
    nestedType:
      attribute.nested === undefined
        ? undefined
        : {
            attributes: sorted(attribute.nested).map(toAttribute),
            nesting: nestingModes[attribute.nesting ?? "single"],
          },
    description: attribute.description,
    descriptionKind: StringKind.MARKDOWN,
    required: attribute.required ?? false,
    optional: attribute.optional ?? false,
    computed: attribute.computed ?? false,
    sensitive: attribute.sensitive ?? false,
    deprecated: attribute.deprecated ?? false,
    writeOnly: attribute.writeOnly ?? false,
  };
}

// Sorted, so that the answer's bytes do not depend on the order of a table.
const sorted = <T extends { name: string }>(list: T[]): T[] => [...list].sort((a, b) => (a.name < b.name ? -1 : 1));

export function toSchema(schema: TfSchema): Schema {
  return {
    version: schema.version,
    block: {
      version: schema.version,
      attributes: sorted(schema.attributes).map(toAttribute),
      description: schema.description,
      descriptionKind: StringKind.MARKDOWN,
      deprecated: false,
    },
  };
}

export function toIdentitySchema(identity: {
  version: number;
  attributes: TfIdentityAttribute[];
}): ResourceIdentitySchema {
  return {
    version: identity.version,
    identityAttributes: sorted(identity.attributes).map((a) => ({
      name: a.name,
      type: typeBytes(a.type),
      requiredForImport: a.requiredForImport ?? false,
      optionalForImport: a.optionalForImport ?? false,
      description: a.description,
    })),
  };
}

export function toFunction({ summary, description, parameters, returns }: TfFunctionSignature): FunctionMessage {
  return {
    parameters: parameters.map((parameter) => ({
      name: parameter.name,
      type: typeBytes(parameter.type),
      allowNullValue: false,
      allowUnknownValues: false,
      description: parameter.description,
      descriptionKind: StringKind.MARKDOWN,
    })),
    return: { type: typeBytes(returns) },
    summary,
    description,
    descriptionKind: StringKind.MARKDOWN,
  };
}
