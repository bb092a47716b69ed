import { isAbsolute, relative, resolve } from "node:path";
import type { IsToken } from "./source";

/** Attributes that hold a path from the working directory. */
const PATHS = ["dockerfile", "context_dir", "local_image"];

/**
 * Rewrites paths for Terraform, which runs in the folder of the stack (`cdktf.out/stacks/<stack>`). Absolute paths, tokens and assets, which
 * are in that folder, stay.
 *
 * @param attributes Terraform's names; values as JSON, or as `{ value }` for HCL
 * @param folder the folder of the stack, from the working directory of the program
 */
export function fromStackFolder(attributes: Record<string, unknown>, folder: string, isToken: IsToken): Record<string, unknown> {
  const moved = (path: unknown): unknown => {
    if (typeof path === "string" && !isToken(path)) {
      const [, archive, rest = ""] = /^((?:oci|oci-archive|docker-archive):)(.+)$/s.exec(path) ?? [];
      if (archive !== undefined) return `${archive}${String(moved(rest))}`;
    }
    if (typeof path !== "string" || isAbsolute(path) || isToken(path) || path.startsWith("assets/")) return path;
    return relative(resolve(folder), resolve(path)).replaceAll("\\", "/");
  };
  // The name of an image in the engine is no path.
  const isImage = (name: string): boolean => name === "local_image" && !/^"?(oci|oci-archive|docker-archive):/.test(valueOf(attributes[name]));
  const rewritten = PATHS.filter((name) => !isImage(name)).filter((name) => attributes[name] !== undefined && attributes[name] !== null).map((name): [string, unknown] => {
    const value = attributes[name];
    return [name, typeof value === "object" && value !== null && "value" in value ? { ...value, value: moved(value.value) } : moved(value)];
  });
  return { ...attributes, ...Object.fromEntries(rewritten) };
}

/** Of an attribute as JSON, or as `{ value }` for HCL. */
function valueOf(attribute: unknown): string {
  const value = typeof attribute === "object" && attribute !== null && "value" in attribute ? attribute.value : attribute;
  return typeof value === "string" ? value : "";
}
