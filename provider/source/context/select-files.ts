import { firstOf } from "../../kit/text/numbers";
import type { ContextSource } from "../context-source";
import { PatternError } from "../ignore/pattern";
import type { Pace } from "../pace";
import { checkBuilderFiles, type BuilderFiles } from "./builder-files";
import { ContextError } from "../context-error";
import { below, parent, type ContextTree, type Lost } from "./context-tree";
import { LeftOutFiles, namesLeftOut, withinLeftOut } from "./left-out";
import { LostFiles } from "./lost-files";
import { left, patterns, pivot, placeOf } from "./source-parts";
import { brokenLink, FolderWalk, special, type Filter, type Visitor } from "./walk-folder";
import { expand, holdsFiles, rooted, splitWildcards, type Wildcard } from "./wildcards";

/** A file to send. */
export interface SelectedFile {
  /** Path in the context, as the builder sees it. */
  readonly path: string;
  /** Path in the context where the content lies; another one behind a link. */
  readonly real: string;
  /** Whether an instruction names it, or the folder that is left out otherwise. */
  readonly named: boolean;
  /** Whether the path is a symlink in a copied folder, to another one: what it leads to comes in its place. */
  readonly link: boolean;
}

/** What the instructions take from the context. */
export interface Selection {
  /** One list for each path of each source, in their order; a file that several take is in the first. */
  readonly groups: readonly (readonly SelectedFile[])[];
  /** What names each of the groups, for messages: `COPY src`, or the path in the list `context`. */
  readonly names: readonly string[];
  readonly builderFiles: BuilderFiles;
  /** What is not sent because no instruction names it. */
  readonly leftOut: LeftOutFiles;
  /** Links and special files of copied folders that cannot be sent. */
  readonly lostFiles: LostFiles;
  readonly warnings: readonly string[];
}

const KEYWORDS = { copy: "COPY", add: "ADD", bind: "RUN --mount" } as const;

function nameOf({ line, kind }: ContextSource, path: string): string {
  return line > 0 ? `${KEYWORDS[kind]} ${path}` : path;
}

// So many names tell what is meant; more of them would bury the message.
const MOST_NAMED = 5;

/**
 * Finds the files of the context that the sources name, as BuildKit would see them.
 * @param ignoreFile how a message names the ignore file
 * @throws ContextError for sources that match nothing and files that cannot be sent, all of them
 */
export async function selectFiles(
  tree: ContextTree,
  sources: readonly ContextSource[],
  ignoreFile: string,
  pace: Pace,
): Promise<Selection> {
  const selector = new Selector(tree, ignoreFile, pace);
  for (const source of sources) for (const path of source.paths) await selector.take(source, path);
  return selector.done();
}

class Selector {
  private readonly groups: (Omit<SelectedFile, "named"> & { named: boolean })[][] = [];
  private readonly names: string[] = [];
  private readonly seen = new Map<string, { named: boolean }>();
  private readonly problems = new Set<string>();
  private readonly warnings: string[] = [];
  private readonly empty = new Set<string>();
  private readonly builderFiles: { [path: string]: { real: string; namedBy?: string; listed?: boolean } } = {};
  private readonly leftOut = new LeftOutFiles();
  private readonly lostFiles: LostFiles;
  /** Folders that the builder has to find, which it does only if something of them is sent. */
  private readonly needed: { readonly folder: string; readonly problem: string }[] = [];
  private readonly walk: FolderWalk;
  private matched = 0;
  /** The instruction that names a single file, while it is taken. */
  private naming: { readonly namedBy: string; readonly listed: boolean } | undefined;
  /** Whether what is taken is named by a path that is left out otherwise. */
  private namesLeftOut = false;

  constructor(
    private readonly tree: ContextTree,
    private readonly ignoreFile: string,
    private readonly pace: Pace,
  ) {
    this.lostFiles = new LostFiles(ignoreFile);
    const visitor: Visitor = {
      file: (path, real, link) => this.file(path, real, link),
      emptyFolder: (path) => this.empty.add(path),
      lost: (path, found) => this.lostFiles.add(path, found),
      leftOut: (kind, path) => this.leftOut.add(kind, path),
      problem: (text) => this.problems.add(text),
    };
    this.walk = new FolderWalk(tree, visitor, pace, ignoreFile);
  }

  async take(source: ContextSource, path: string): Promise<void> {
    this.groups.push([]);
    this.names.push(nameOf(source, path));
    const where = placeOf(source);
    try {
      const [base, include] = source.parents ? pivot(path, where) : [path, undefined];
      const { folder, pattern } = divided(base, source);
      const kind = namesLeftOut(rooted(path));
      this.namesLeftOut = kind !== undefined;
      if (kind !== undefined) this.leftOut.name(kind, path, where);
      const filter: Filter = { named: kind !== undefined, include, exclude: excluded(source, where) };
      const [before, problems] = [this.matched, this.problems.size];
      const begin = include === undefined ? source : beginning(source, folder);
      const named = pattern === undefined ? [folder] : await this.expanded(folder, pattern, source, path);
      for (const one of named) await this.path(one, filter, begin, path, pattern === undefined);
      if (this.matched > before || this.problems.size > problems) return;
      if (include !== undefined && named.length > 0)
        this.nothing(source, `nothing in the build context matches "${path}"`);
      if (this.problems.size === problems && (include !== undefined || pattern !== undefined))
        this.needFolder(folder, path, where);
    } catch (error) {
      for (const problem of problemsOf(error)) this.problems.add(problem);
    }
  }

  /** The builder looks for the folder even where it finds nothing to take in it. */
  private needFolder(folder: string, path: string, where: string): void {
    if (folder === "") return;
    this.needed.push({
      folder,
      problem: `${where}: nothing in the build context matches "${path}", and nothing else in the folder "${folder}" is sent. The builder drops empty folders, so the build will not find it. Put a file that matches into it, or remove the path from the instruction.`,
    });
  }

  done(): Selection {
    const empty = [...this.empty].map((path) => `"${path}"`);
    if (empty.length > 0) {
      this.warnings.push(
        `Empty folders in the build context: ${firstOf(empty, MOST_NAMED)}. The builder drops empty folders, so they will be missing ` +
          "in the image. Put a file such as .keep into each folder that the image needs, or create it with RUN mkdir.",
      );
    }
    this.judgeNeeded();
    if (this.problems.size > 0) throw new ContextError([...this.problems]);
    const { groups, names, builderFiles, leftOut, lostFiles, warnings } = this;
    return { groups, names, builderFiles, leftOut, lostFiles, warnings };
  }

  private judgeNeeded(): void {
    if (this.needed.length === 0) return;
    const sent = new Set<string>();
    for (const path of this.seen.keys())
      for (let folder = parent(path); folder !== "" && !sent.has(folder); folder = parent(folder)) sent.add(folder);
    for (const { folder, problem } of this.needed) if (!sent.has(folder)) this.problems.add(problem);
  }

  private async path(
    path: string,
    filter: Filter,
    source: ContextSource,
    written: string,
    literal: boolean,
  ): Promise<void> {
    const where = placeOf(source);
    const found = this.tree.follow(path);
    if (found.found === "file") {
      this.naming = literal ? { namedBy: where, listed: source.line === 0 } : undefined;
      this.file(path, found.path);
      this.naming = undefined;
      return;
    }
    if (found.found !== "folder") {
      // An instruction names neither a link nor its target by a wildcard that matches it.
      if (!literal) return this.lostFiles.add(path, found);
      return this.lost(source, path, written, found);
    }
    if (!(await holdsFiles(this.tree, found.path, this.pace))) {
      const rule = this.tree.ignoredBy(found.path)!;
      return this.lost(source, path, written, { found: "ignored", path: found.path, rule });
    }
    const [before, problems] = [this.matched, this.problems.size];
    await this.walk.folder(found.path, path, filter);
    if (this.matched > before || this.problems.size > problems || path === "" || filter.include !== undefined) return;
    this.empty.delete(path);
    const text =
      `${where}: the folder "${path}" has no files to send. The builder drops empty folders, so the build will not find it. Put a file such as .keep into it` +
      `${this.tree.entries(found.path).length > 0 ? `, or check whether ${this.ignoreFile} or --exclude removes its files` : ""}.`;
    // What a list names need not be named by an instruction; what a pattern matches is not looked for if it is not there.
    if (literal && source.line > 0) this.needed.push({ folder: path, problem: text });
    else this.warnings.push(text);
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
      this.lost({ ...source, required: true }, folder, written, {
        found: "ignored",
        path: found.path,
        rule: this.tree.ignoredBy(found.path)!,
      });
      return [];
    }
    const matches = await expand(this.tree, found.path, pattern, this.pace);
    if (matches === undefined) {
      this.problems.add(
        `${where}: the pattern "${written}" is malformed. Close every "[", and write "\\\\" for a backslash at the end.`,
      );
      return [];
    }
    if (matches.length === 0) {
      // Only an error is worth reading what is ignored.
      const [hidden] = source.required ? ((await expand(this.tree, found.path, pattern, this.pace, true)) ?? []) : [];
      const rule = hidden === undefined ? undefined : this.tree.ignoredBy(below(found.path, hidden));
      const what = `nothing in the build context matches "${written}"`;
      if (rule === undefined) this.nothing(source, what);
      else this.hidden(source, `${what}: ${left(below(found.path, hidden!), rule, this.ignoreFile)}`);
    }
    return matches
      .filter((match) => this.namesLeftOut || !this.isLeftOut(below(found.path, match)))
      .map((match) => below(folder, match));
  }

  private isLeftOut(path: string): boolean {
    const within = withinLeftOut(this.tree, path);
    if (within !== undefined) this.leftOut.add(within.kind, within.path);
    return within !== undefined;
  }

  private lost(source: ContextSource, path: string, written: string, found: Lost): void {
    const where = placeOf(source);
    const climbing = source.climbing?.get(written);
    if (found.found === "nothing" && climbing !== undefined) {
      this.problems.add(
        `${where}: "${climbing}" is outside of the build context. A build drops the "..", so it looks for "${written}" in "${this.tree.root}", where it does not exist. Set contextDir to a folder that contains everything, and write the path from there.`,
      );
      return;
    }
    if (found.found === "nothing") {
      const similar =
        found.similar === undefined
          ? ""
          : ` There is "${found.similar}", which differs in letter case or Unicode form; the builder treats them as different paths.`;
      const through = found.path === path || path.startsWith(`${found.path}/`);
      const because = !through
        ? `, because it leads through a symlink to "${found.path}"`
        : found.path === written || rooted(written) === found.path
          ? ""
          : `, because there is no "${found.path}"`;
      return this.nothing(source, `"${written}" does not exist in the build context${because}`, similar);
    }
    if (found.found === "ignored")
      return this.hidden(
        source,
        `"${written}" is not in the build context: ${left(found.path, found.rule, this.ignoreFile)}`,
      );
    this.problems.add(
      `${where}: ${found.found === "special" ? special(found.path, found.kind) : brokenLink(found.path, found, this.ignoreFile)}`,
    );
  }

  private nothing(source: ContextSource, what: string, more = ""): void {
    const text = `${placeOf(source)}: ${what}.${more}`;
    if (source.required)
      this.problems.add(
        `${text} Correct the path${source.line > 0 ? ", or set contextDir" : ""}; the root of the build context is "${this.tree.root}".`,
      );
    else this.warnings.push(`${text} The build continues without it.`);
  }

  /** An ignore file leaves it out, and the text says what to do about that: the path is right. */
  private hidden(source: ContextSource, what: string): void {
    const text = `${placeOf(source)}: ${what}.`;
    if (source.required) this.problems.add(text);
    else this.warnings.push(`${text} The build continues without it.`);
  }

  private file(path: string, real: string, link = false): void {
    this.matched++;
    const special = checkBuilderFiles(path);
    if (special !== undefined) {
      if (special.problem !== undefined) this.problems.add(special.problem);
      else
        this.builderFiles[path] = {
          real,
          ...this.naming,
          ...(this.builderFiles[path]?.namedBy === undefined ? {} : this.builderFiles[path]),
        };
      return;
    }
    const named = this.namesLeftOut || this.naming !== undefined;
    const before = this.seen.get(path);
    if (before !== undefined) {
      before.named ||= named;
      return;
    }
    const taken = { path, real, named, link };
    this.seen.set(path, taken);
    this.groups.at(-1)!.push(taken);
  }
}

/** Whether an instruction takes a wildcard for one depends on what it is. */
const divided = (path: string, { wildcards }: ContextSource): Wildcard =>
  wildcards ? splitWildcards(path) : { folder: rooted(path), pattern: undefined };

/** A folder that `--parents` begins at has to be there, whatever is copied of it. */
const beginning = (source: ContextSource, folder: string): ContextSource =>
  folder === "" ? source : { ...source, required: true };

const excluded = ({ exclude }: ContextSource, where: string): Filter["exclude"] =>
  exclude.length === 0 ? undefined : patterns(exclude, `${where}, --exclude`);

/** What is wrong with a source. @throws what is no fault of the source's */
function problemsOf(error: unknown): readonly string[] {
  if (error instanceof PatternError) return [error.message];
  if (error instanceof ContextError) return error.problems;
  throw error;
}
