import { type Value, type Values, same, sameForSure } from "../../tool/values";

export { type Value, same, sameForSure };

/** Properties of a resource, in camelCase. Secrets are decrypted; the names of secret top-level properties are kept separately. */
export type Bag = Values;

/** Whether a property is internal (`__provider`, `__marks`, `__defaults`). Pulumi hides these. */
export function isInternal(name: string): boolean {
  return name.startsWith("__");
}

/** A property path as Pulumi writes it: `triggers.commit`, `entrypoint[1]`, `triggers["a b"]`. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[A-Za-z_$][\w$]*$/.test(part)) return `["${part.replace(/(["\\])/g, "\\$1")}"]`;
      return index === 0 ? part : `.${part}`;
    })
    .join("");
}

/** Without null properties. */
export function compact(values: Bag): Bag {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));
}
