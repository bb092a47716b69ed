import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { IsToken } from "./source";

/** Attributes that hold a path from the working directory. */
const PATHS = ["dockerfile", "context_dir", "local_image"];
const ARCHIVE = /^((?:oci|oci-archive|docker-archive):)(.+)$/s;

export interface Places {
  /** The folder of the program, absolute: absolute paths in it are written as relative ones, so that they are the same on every machine. Default: none are. */
  readonly project?: string | undefined;
  /** Paths of the stack's assets (`TerraformAsset.path`): they lie in the folder of the stack. */
  readonly assets?: readonly string[];
}

/**
 * Rewrites paths for Terraform, which runs in the folder of the stack (`cdktf.out/stacks/<stack>`). Absolute paths outside of the project, tokens, what Terraform
 * reads as a template (`${path.module}/…`), and assets, which are in that folder, stay.
 *
 * @param attributes Terraform's names; values as JSON, or as `{ value }` for HCL
 * @param folder the folder of the stack, from the working directory of the program
 */
export function fromStackFolder(
  attributes: Record<string, unknown>,
  folder: string,
  isToken: IsToken,
  places: Places = {},
): Record<string, unknown> {
  const stack = resolve(folder);
  const stays = (path: string): boolean => isToken(path) || isTemplate(path) || isAsset(path, places.assets ?? []);
  const moved = (path: unknown): unknown => {
    if (typeof path !== "string" || stays(path)) return path;
    const [, archive, rest = ""] = ARCHIVE.exec(path) ?? [];
    if (archive !== undefined) return `${archive}${String(moved(rest))}`;
    if (isAbsolute(path) && !(isInside(places.project, path) && isInside(places.project, stack))) return path;
    return relative(stack, resolve(path)).replaceAll("\\", "/") || ".";
  };
  // The name of an image in the engine is no path.
  const isImage = (name: string): boolean => name === "local_image" && !ARCHIVE.test(textOf(attributes[name]));
  const rewritten = PATHS.filter((name) => !isImage(name))
    .filter((name) => attributes[name] !== undefined && attributes[name] !== null)
    .map((name): [string, unknown] => [name, withValue(attributes[name], moved)]);
  const root = contextRoot(attributes, stays);
  const listed = (context: unknown): unknown =>
    Array.isArray(context) && root !== undefined ? context.map((path: unknown) => fromRoot(path, root)) : context;
  const context = attributes["context"] ? { context: withValue(attributes["context"], listed) } : {};
  return { ...attributes, ...Object.fromEntries(rewritten), ...context };
}

/** Whether Terraform reads a text as a template; `$${` is its spelling of a literal `${`. */
function isTemplate(path: string): boolean {
  return /[$%]\{/.test(path.replaceAll(/\$\$\{|%%\{/g, ""));
}

/**
 * Whether a path leads to an asset, into it, or to the folder that the framework makes for it alone. A project may have a folder `assets` of its own, so
 * the name says something only of what the project does not have: an asset of another copy of the framework.
 */
function isAsset(path: string, assets: readonly string[]): boolean {
  const clean = path.replace(/\/+$/, "");
  const known = assets.some((asset) => {
    const [, , hash = ""] = asset.split("/");
    return (
      `${clean}/`.startsWith(`${asset.replace(/\/+$/, "")}/`) ||
      (hash !== "" && clean === dirname(asset) && clean.endsWith(hash))
    );
  });
  return known || (clean.startsWith("assets/") && !existsSync(resolve(clean)));
}

function isInside(folder: string | undefined, path: string): boolean {
  if (folder === undefined) return false;
  const way = relative(folder, path);
  return way !== ".." && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}

/** Where the paths of `context` begin, absolute; undefined: only Terraform knows. */
function contextRoot(attributes: Record<string, unknown>, stays: (path: string) => boolean): string | undefined {
  const [folder, dockerfile] = [textOf(attributes["context_dir"]), textOf(attributes["dockerfile"])];
  const root = folder !== "" ? folder : dockerfile === "" ? "" : dirname(dockerfile);
  return root === "" || stays(folder === "" ? dockerfile : folder) ? undefined : resolve(root);
}

/** A path of `context`: an absolute one inside of the build context is the same on every machine only when it is written from its root. */
function fromRoot(path: unknown, root: string): unknown {
  if (typeof path !== "string" || !isAbsolute(path) || !isInside(root, path)) return path;
  return relative(root, path).replaceAll("\\", "/") || ".";
}

/** An attribute as JSON, or as `{ value }` for HCL, with another value. */
function withValue(attribute: unknown, change: (value: unknown) => unknown): unknown {
  return typeof attribute === "object" && attribute !== null && "value" in attribute
    ? { ...attribute, value: change(attribute.value) }
    : change(attribute);
}

function textOf(attribute: unknown): string {
  const value =
    typeof attribute === "object" && attribute !== null && "value" in attribute ? attribute.value : attribute;
  return typeof value === "string" ? value : "";
}

/** The folder of the program that runs: the one with its `cdktf.json`, from the working directory upwards, else the working directory. */
export function projectFolder(): string {
  const cwd = process.cwd();
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "cdktf.json"))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}
