import { isUnknown } from "../../snapshot/unknown";
import type { Redactor } from "../../tool/redactor";
import type { TfObject, TfSchema } from "../types";

/** Registers the values of a configuration's sensitive attributes with the redactor. */
export function learnSensitive(redactor: Redactor, config: TfObject | null, schema: TfSchema): void {
  for (const { name, sensitive } of schema.attributes) {
    const value = config?.[name];
    if (sensitive === true && !isUnknown(value)) redactor.learn(value);
  }
}
