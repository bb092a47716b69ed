import type { ContextSource } from "../context-source";
import { PatternError } from "../ignore/pattern";
import { PatternMatcher, type Level } from "../ignore/pattern-matcher";
import type { Pace } from "../pace";
import { checkBuilderFiles, type BuilderFiles } from "./builder-files";
import { ContextError } from "./context-error";
import { below, type ContextTree, type Lost } from "./context-tree";
import { brokenLink, FolderWalk, special, type Filter } from "./walk-folder";
import { expand, holdsFiles, rooted, splitWildcards } from "./wildcards";

/** A file to send. */
export interface SelectedFile {
  /** Path in the context, as the builder sees it. */
  readonly path: string;
  /** Path in the context where the content lies; another one behind a link. */
  readonly real: string;
}

/** What the instructions take from the context. */
export interface Selection {
  /** One list for each path of each source, in their order; a file that several take is in the first. */
  readonly groups: readonly (readonly SelectedFile[])[];
  readonly builderFiles: BuilderFiles;
  readonly warnings: readonly string[];
}

// So many names tell what is meant; more of them would bury the message.
const MOST_NAMED = 5;

/**
 * Finds the files of the context that the sources name, as BuildKit would see them.
 * @param ignoreFile how a message names the ignore file
 * @throws ContextError for sources that match nothing and files that cannot be sent, all of them
 */
export async function selectFiles(tree: ContextTree, sources: readonly ContextSource[], ignoreFile: string, pace: Pace): Promise<Selection> {
  const selector = new Selector(tree, ignoreFile, pace);
  for (const source of sources) for (const path of source.paths) await selector.take(source, path);
  return selector.done();
}

class Selector {
  private readonly groups: SelectedFile[][] = [];
  private readonly seen = new Set<string>();
  private readonly problems = new Set<string>();
  private readonly warnings: string[] = [];
  private readonly empty = new Set<string>();
  private readonly builderFiles: { [path: string]: { real: string; namedBy?: string } } = {};
  private readonly walk: FolderWalk;
  private matched = 0;
  /** The instruction that names a single file, while it is taken. */
  private naming: string | undefined;

  constructor(
    private readonly tree: ContextTree,
    private readonly ignoreFile: string,
    private readonly pace: Pace,
  ) {
    const file = (path: string, real: string): void => this.file(path, real);
    this.walk = new FolderWalk(tree, { file, emptyFolder: (path) => this.empty.add(path), problem: (text) => this.problems.add(text) }, pace, ignoreFile);
  }

  async take(source: ContextSource, path: string): Promise<void> {
    this.groups.push([]);
    const where = placeOf(source);
    try {
      const [base, include] = source.parents ? pivot(path, where) : [path, undefined];
      const { folder, pattern } = source.wildcards ? splitWildcards(base) : { folder: rooted(base), pattern: undefined };
      const filter: Filter = { include, exclude: source.exclude.length === 0 ? undefined : patterns(source.exclude, `${where}, --exclude`) };
      const before = this.matched;
      const named = pattern === undefined ? [folder] : await this.expanded(folder, pattern, source, path);
      for (const one of named) await this.path(one, filter, source, path, pattern === undefined);
      if (include !== undefined && this.matched === before && named.length > 0) this.nothing(source, `nothing in the build context matches "${path}"`);
    } catch (error) {
      if (error instanceof PatternError) this.problems.add(error.message);
      else if (error instanceof ContextError) for (const problem of error.problems) this.problems.add(problem);
      else throw error;
    }
  }

  done(): Selection {
    const empty = [...this.empty];
    if (empty.length > 0) {
      const named = empty.slice(0, MOST_NAMED).map((path) => `"${path}"`).join(", ");
      this.warnings.push(
        `Empty folders in the build context: ${named}${empty.length > MOST_NAMED ? ` and ${empty.length - MOST_NAMED} more` : ""}. The builder drops empty folders, so they will be missing `
          + "in the image. Put a file such as .keep into each folder that the image needs, or create it with RUN mkdir.",
      );
    }
    if (this.problems.size > 0) throw new ContextError([...this.problems]);
    return { groups: this.groups, builderFiles: this.builderFiles, warnings: this.warnings };
  }

  private async path(path: string, filter: Filter, source: ContextSource, written: string, literal: boolean): Promise<void> {
    const where = placeOf(source);
    const found = this.tree.follow(path);
    if (found.found === "file") {
      this.naming = literal ? where : undefined;
      this.file(path, found.path);
      this.naming = undefined;
      return;
    }
    if (found.found !== "folder") return this.lost(source, path, written, found);
    if (!(await holdsFiles(this.tree, found.path, this.pace))) {
      const rule = this.tree.ignoredBy(found.path)!;
      return this.lost(source, path, written, { found: "ignored", path: found.path, rule });
    }
    const before = this.matched;
    await this.walk.folder(found.path, path, filter);
    if (this.matched > before || path === "" || filter.include !== undefined) return;
    this.empty.delete(path);
    this.warnings.push(
      `${where}: the folder "${path}" has no files to send. The builder drops empty folders, so the build will not find it. Put a file such as .keep into it`
        + `${this.tree.entries(found.path).length > 0 ? `, or check whether ${this.ignoreFile} or --exclude removes its files` : ""}.`,
    );
  }

  private async expanded(folder: string, pattern: string, source: ContextSource, written: string): Promise<string[]> {
    const where = placeOf(source);
    const found = this.tree.follow(folder);
    if (found.found === "file") {
      this.nothing(source, `"${folder}" is a file, so nothing matches "${written}"`);
      return [];
    }
    if (found.found !== "folder") {
      // BuildKit accepts a wildcard without a match, but not one in a folder that is not there.
      this.lost({ ...source, required: true }, folder, written, found);
      return [];
    }
    if (!(await holdsFiles(this.tree, found.path, this.pace))) {
      this.lost({ ...source, required: true }, folder, written, { found: "ignored", path: found.path, rule: this.tree.ignoredBy(found.path)! });
      return [];
    }
    const matches = await expand(this.tree, found.path, pattern, this.pace);
    if (matches === undefined) {
      this.problems.add(`${where}: the pattern "${written}" is malformed. Close every "[", and write "\\\\" for a backslash at the end.`);
      return [];
    }
    if (matches.length === 0) {
      // Only an error is worth reading what is ignored.
      const [hidden] = source.required ? ((await expand(this.tree, found.path, pattern, this.pace, true)) ?? []) : [];
      const rule = hidden === undefined ? undefined : this.tree.ignoredBy(below(found.path, hidden));
      const because = rule === undefined ? "" : `: ${left(below(found.path, hidden!), rule, this.ignoreFile)}`;
      this.nothing(source, `nothing in the build context matches "${written}"${because}`);
    }
    return matches.map((match) => below(folder, match));
  }

  private lost(source: ContextSource, path: string, written: string, found: Lost): void {
    const where = placeOf(source);
    if (found.found === "nothing") {
      const similar = found.similar === undefined ? "" : ` There is "${found.similar}", which differs in letter case or Unicode form; the builder tells them apart.`;
      const through = found.path === path || path.startsWith(`${found.path}/`);
      const because = !through ? `, because it leads through a symlink to "${found.path}"` : found.path === written || rooted(written) === found.path ? "" : `, because there is no "${found.path}"`;
      return this.nothing(source, `"${written}" does not exist in the build context${because}`, similar);
    }
    if (found.found === "ignored") return this.nothing(source, `"${written}" is not in the build context: ${left(found.path, found.rule, this.ignoreFile)}`);
    this.problems.add(`${where}: ${found.found === "special" ? special(found.path, found.kind) : brokenLink(found.path, found, this.ignoreFile)}`);
  }

  private nothing(source: ContextSource, what: string, more = ""): void {
    const text = `${placeOf(source)}: ${what}.${more}`;
    if (source.required) this.problems.add(`${text} Correct the path${source.line > 0 ? " or set context" : ""}; the root of the build context is "${this.tree.root}".`);
    else this.warnings.push(`${text} The build continues without it.`);
  }

  private file(path: string, real: string): void {
    this.matched++;
    const special = checkBuilderFiles(path);
    if (special !== undefined) {
      if (special.problem !== undefined) this.problems.add(special.problem);
      else this.builderFiles[path] = { real, ...(this.builderFiles[path]?.namedBy ?? this.naming ? { namedBy: this.builderFiles[path]?.namedBy ?? this.naming! } : {}) };
      return;
    }
    if (this.seen.has(path)) return;
    this.seen.add(path);
    this.groups.at(-1)!.push({ path, real });
  }
}

/** Where `--parents` begins to copy, and the pattern of what it copies from there. */
function pivot(path: string, where: string): [string, Level | undefined] {
  const cut = path.indexOf("/./");
  const [base, pattern] = cut < 0 ? ["", rooted(path)] : [path.slice(0, cut), rooted(path.slice(cut + 3))];
  // BuildKit versions differ in what they do with an empty pattern; what is sent has to do for each.
  return [base, pattern === "" ? undefined : patterns([pattern], `${where}, --parents`)];
}

function patterns(list: readonly string[], where: string): Level {
  return new PatternMatcher(list.map((pattern) => ({ pattern, line: 0, text: pattern })), where).buildRoot();
}

function left(path: string, { line, text }: { line: number; text: string }, ignoreFile: string): string {
  return `line ${line} of ${ignoreFile} ("${text}") leaves "${path}" out. Remove that line, or add "!${path}" after it`;
}

const placeOf = ({ line, instruction }: ContextSource): string => (line > 0 ? `Dockerfile, line ${line}, ${instruction}` : instruction);
