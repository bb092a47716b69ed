import type { TfAttribute, TfIdentityAttribute, TfSchema, TfType } from "../types";

type Fields = { [name: string]: TfType };
export type ObjectType = ["object", Fields];

function attributeType(attribute: TfAttribute): TfType {
  if (attribute.nested === undefined) {
    if (attribute.type === undefined)
      throw new Error(`attribute ${attribute.name} has neither a type nor nested attributes`);
    return attribute.type;
  }
  const object = objectType(attribute.nested);
  const nesting = attribute.nesting ?? "single";
  return nesting === "single" ? object : [nesting, object];
}

function objectType(attributes: TfAttribute[]): ObjectType {
  return ["object", Object.fromEntries(attributes.map((a) => [a.name, attributeType(a)]))];
}

const ofSchemas = new WeakMap<object, ObjectType>();

function remember(key: object, make: () => ObjectType): ObjectType {
  let type = ofSchemas.get(key);
  if (type === undefined) ofSchemas.set(key, (type = make()));
  return type;
}

/** The object type that values of this schema have. */
export function schemaType(schema: TfSchema): ObjectType {
  return remember(schema, () => objectType(schema.attributes));
}

/** The object type of a resource identity. */
export function identityType(attributes: TfIdentityAttribute[]): ObjectType {
  return remember(attributes, () => ["object", Object.fromEntries(attributes.map((a) => [a.name, a.type]))]);
}
