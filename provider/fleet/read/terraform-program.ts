import { isObject, type Json } from "./json";

/**
 * Whether the program sets an attribute of a resource to something that refers to others: only then can its value be known after the apply alone.
 * `undefined`: the plan does not say.
 */
export type Program = (address: string, attribute: string) => boolean | undefined;

/** What a plan's `configuration` says of expressions. */
export function programOf(configuration: unknown): Program {
  if (!isObject(configuration) || !isObject(configuration["root_module"])) return () => undefined;
  const root = configuration["root_module"];
  const known = new Map<object, ReadonlyMap<string, Json>>();
  return (address, attribute) => {
    const parts = partsOf(address);
    let module: unknown = root;
    while (parts.length > 2 && parts[0] === "module") {
      const calls: unknown = isObject(module) ? module["module_calls"] : undefined;
      const call = isObject(calls) ? calls[parts[1]!] : undefined;
      module = isObject(call) ? call["module"] : undefined;
      parts.splice(0, 2);
    }
    if (!isObject(module)) return undefined;
    let resources = known.get(module);
    if (resources === undefined) known.set(module, (resources = resourcesOf(module)));
    const expressions = resources.get(`${parts[0]}.${parts[1]}`)?.["expressions"];
    return isObject(expressions) ? refers(expressions[attribute]) : undefined;
  };
}

/** The resources of a module, by type and name; the first of several counts. */
function resourcesOf(module: Json): Map<string, Json> {
  const list = Array.isArray(module["resources"]) ? (module["resources"] as unknown[]).filter(isObject) : [];
  const managed = list.filter(
    ({ type, name, mode }) => typeof type === "string" && typeof name === "string" && mode !== "data",
  );
  return new Map(
    managed.map((one): [string, Json] => [`${String(one["type"])}.${String(one["name"])}`, one]).reverse(),
  );
}

function refers(expression: unknown): boolean {
  if (Array.isArray(expression)) return expression.some(refers);
  if (!isObject(expression) || Object.hasOwn(expression, "constant_value")) return false;
  if (Array.isArray(expression["references"])) return expression["references"].length > 0;
  // One that is neither constant nor refers to anything calls a function, such as `uuid()`.
  const inner = Object.values(expression);
  return inner.length === 0 || inner.some(refers);
}

/** Names in an address, without the keys of instances, which may contain dots and brackets in quotes. */
function partsOf(address: string): string[] {
  return address.replace(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g, "").split(".");
}
