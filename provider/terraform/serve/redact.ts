import { isUnknown } from "../../snapshot/unknown";
import type { Redactor } from "../../tool/redactor";
import type { TfObject, TfSchema } from "../types";

/** Teaches the redactor the values of a configuration's sensitive attributes. */
export function learnSensitive(redactor: Redactor, config: TfObject | null, schema: TfSchema): void {
  for (const { name, sensitive } of schema.attributes) {
    const value = config?.[name];
    if (sensitive === true && !isUnknown(value)) redactor.learn(value);
  }
}
