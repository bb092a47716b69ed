import { isUnknown } from "../../kit/unknown";
import type { Redactor } from "../../tool/redactor";
import type { TfAttribute, TfObject, TfSchema } from "../types";

/** Registers the values of an object's sensitive attributes, and of those that may be, with the redactor: of a configuration, a state or a plan. */
export function learnSensitive(
  redactor: Redactor,
  values: TfObject | null,
  schema: Pick<TfSchema, "attributes">,
): void {
  for (const attribute of schema.attributes) learnAttribute(redactor, values?.[attribute.name] ?? null, attribute);
}

function learnAttribute(
  redactor: Redactor,
  value: TfObject[string],
  { sensitive, redacted, nested }: TfAttribute,
): void {
  if (value === null || isUnknown(value)) return;
  if (sensitive === true || redacted === true) redactor.learn(value);
  else if (nested !== undefined && typeof value === "object") {
    // One object, or several in a list, a set or a map.
    for (const item of [value, ...Object.values(value)]) {
      if (typeof item === "object" && item !== null) learnSensitive(redactor, item as TfObject, { attributes: nested });
    }
  }
}

/** The fields of a log entry without secrets, as texts where they are not scalar. */
export function cleanFields(fields: Record<string, unknown>, redactor: Redactor): Record<string, unknown> {
  const clean = (value: unknown): unknown => {
    if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") return value;
    return redactor.text(
      typeof value === "string"
        ? value
        : value instanceof Error
          ? value.message
          : (JSON.stringify(value) ?? String(value)),
    );
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, clean(value)]));
}
