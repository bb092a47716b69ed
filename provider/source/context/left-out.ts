import { resolve } from "node:path";
import { firstOf } from "../../kit/text/numbers";
import type { ContextWarning } from "./context-warning";
import { nameOf, parent, type ContextTree } from "./context-tree";

/**
 * What is in many folders and belongs in no image, so that it is sent only where an instruction names it:
 * - `tool`: what Terraform, Pulumi and CDKTF keep for themselves, and the local API. An apply changes it, so each plan would find a change.
 * - `history`: version control's own folder. It differs between clones of the same commit. BuildKit leaves it out of a context that it clones itself, too.
 */
export type LeftOut = "tool" | "history";

// In a submodule and in a worktree, ".git" is a file.
const HISTORY = new Set([".git", ".hg", ".svn", ".jj", ".bzr"]);
const TOOL = new Set([
  ".terraform",
  ".terraform.d",
  "terraform.tfstate.d",
  ".terragrunt-cache",
  ".pulumi",
  "cdktf.out",
  "cdktn.out",
]);
/** States, their backups and locks, under any name that the tools give them; saved plans under the usual name. */
const STATE = /\.tfstate(?:\.|$)|\.tfplan$/;
const CRASH_LOG = /^crash(?:\.[^/]*)?\.log$/;
const CONFIGURATION = /\.(?:tf|tofu|tf\.json|tofu\.json)$/;

/** What no name of those above is without: most names of a context are told by one look. */
const MAY_BE = /^\.|\.tf(?:state|plan)|^crash|^cdkt[fn]\./;

/** Whether an entry of the context is such a file or folder, by its name alone. */
function byName(name: string): LeftOut | undefined {
  if (!MAY_BE.test(name)) return undefined;
  if (HISTORY.has(name)) return "history";
  return TOOL.has(name) || STATE.test(name) ? "tool" : undefined;
}

/** Whether an entry of the context is left out, and why. What lies in a folder that is left out is not asked about: see `withinLeftOut`. */
export function leftOut(tree: ContextTree, path: string): LeftOut | undefined {
  const name = nameOf(path);
  const kind = byName(name);
  if (kind !== undefined) return kind;
  // Any program may write a file of this name; Terraform's lie beside its configuration.
  const folder = parent(path);
  if (
    name.startsWith("crash") &&
    CRASH_LOG.test(name) &&
    tree.entries(folder).some((entry) => CONFIGURATION.test(entry.name))
  )
    return "tool";
  return tree.toolPaths.has(path) ? "tool" : undefined;
}

/** The first entry on the way to a path that is left out. */
export function withinLeftOut(
  tree: ContextTree,
  path: string,
): { readonly path: string; readonly kind: LeftOut } | undefined {
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    const kind = leftOut(tree, path.slice(0, end));
    if (kind !== undefined) return { path: path.slice(0, end), kind };
  }
  const kind = path === "" ? undefined : leftOut(tree, path);
  return kind === undefined ? undefined : { path, kind };
}

/**
 * Why a path of an instruction names what is left out otherwise; undefined: it does not. A name with wildcards does where all that it can match is left out,
 * as `*.tfstate`; `.git*` may mean `.gitignore`.
 */
export function namesLeftOut(path: string): LeftOut | undefined {
  for (const name of path.split("/")) {
    const kind = /[*?[]/.test(name) ? (STATE.test(name.replace(/[*?]+$/, "")) ? "tool" : undefined) : byName(name);
    if (kind !== undefined) return kind;
  }
  return undefined;
}

/** Where the tools that run this program keep what they would keep elsewhere: Terraform's data, its log, its plugins; Pulumi's home. */
const VARIABLES = ["TF_DATA_DIR", "TF_LOG_PATH", "TF_PLUGIN_CACHE_DIR", "PULUMI_HOME"];

/** Files and folders that the environment names as a tool's own, absolute. @param cwd where the tool runs */
export function toolPathsIn(env: Readonly<Record<string, string | undefined>>, cwd: string): string[] {
  return VARIABLES.flatMap((name) => (env[name] ? [resolve(cwd, env[name])] : []));
}

const MOST_NAMED = 5;

/** `"a", "b" and 3 more`, sorted: so many names tell what is meant; more of them would bury the message. */
export function listed(names: Iterable<string>): string {
  return firstOf([...names].sort(), MOST_NAMED);
}

const quoted = (paths: Iterable<string>): string => listed([...paths].map((path) => JSON.stringify(path)));

/** What was left out of the context, and what an instruction names all the same, in warnings: one for each kind. */
export class LeftOutFiles {
  private readonly paths: Record<LeftOut, Set<string>> = { tool: new Set(), history: new Set() };
  private readonly named: Record<LeftOut, Map<string, string>> = { tool: new Map(), history: new Map() };

  add(kind: LeftOut, path: string): void {
    this.paths[kind].add(path);
  }

  /** @param where the instruction that names it */
  name(kind: LeftOut, path: string, where: string): void {
    this.named[kind].set(path, where);
  }

  /** @param ignoreFile how a message names the ignore file */
  warnings(ignoreFile: string): ContextWarning[] {
    const { tool, history } = this.paths;
    const lines = ignoreLines(history);
    const warnings: ContextWarning[] = [];
    if (tool.size > 0)
      warnings.push({
        summary: "Files of Terraform and other tools are not sent",
        detail:
          `Files that belong to Terraform, Pulumi, CDKTF or the local API are not sent: ${quoted(tool)}. They change with every apply, so each plan would find a changed source. ` +
          `Add them to ${ignoreFile} to end this warning. An instruction that names one sends it.`,
      });
    if (history.size > 0)
      warnings.push({
        summary: `${nameOf([...history].sort()[0] ?? "")} is not sent`,
        detail:
          `${quoted(history)} in the build context ${history.size === 1 ? "is" : "are"} not sent, because ${history.size === 1 ? "it differs" : "they differ"} between clones of the same commit, so each clone would rebuild the snapshot. ` +
          `Add the ${lines.length === 1 ? "line" : "lines"} ${listed(lines)} to ${ignoreFile} to end this warning. If the build needs the history, for example for git describe, pass ` +
          "the result in buildArgs. An instruction that names the folder, such as COPY .git, sends it.",
      });
    for (const [path, where] of this.named.tool)
      warnings.push({
        summary: "The source changes with every apply",
        detail: `${where}: "${path}" belongs to Terraform, Pulumi or CDKTF. It changes with every apply, so each plan will find a changed source.`,
      });
    for (const [path, where] of this.named.history)
      warnings.push({
        summary: "The source differs between clones",
        detail:
          `${where}: "${path}" differs between clones of the same commit, and changes whenever git runs, so plans on other machines will rebuild the snapshot. Pass what the build needs in ` +
          "buildArgs instead, such as the output of git describe.",
      });
    return warnings;
  }
}

/** What to write to an ignore file: a name at the root as it is, one below with all places where it may be, the root among them. */
function ignoreLines(paths: Iterable<string>): string[] {
  const all = [...paths];
  const below = new Set(all.filter((path) => path.includes("/")).map(nameOf));
  return [...new Set(all.map(nameOf))].map((name) => `"${below.has(name) ? "**/" : ""}${name}"`);
}
