import type { Level } from "../ignore/pattern-matcher";
import type { Pace } from "../pace";
import { below, parent, type ContextTree, type Entry, type Lost } from "./context-tree";
import { leftOut, type LeftOut, withinLeftOut } from "./left-out";

/** What a walk finds. Paths as sent: those of the context, where a link's name stands for what it points to. */
export interface Visitor {
  /**
   * @param real where the content lies in the context, links followed
   * @param link whether the file itself is a link into another folder
   */
  file(path: string, real: string, link: boolean): void;
  /** A folder without any entry. */
  emptyFolder(path: string): void;
  /** A link, or a special file, that leads to nothing that can be sent. @param path in the context */
  lost(path: string, found: Lost): void;
  /** What is not sent because no instruction names it. @param path in the context */
  leftOut(kind: LeftOut, path: string): void;
  problem(text: string): void;
}

/** What one instruction takes from a folder: paths relative to where the walk began. */
export interface Filter {
  /** Patterns that a path has to match; undefined for all. */
  readonly include?: Level | undefined;
  /** Patterns that a path must not match. */
  readonly exclude?: Level | undefined;
  /** Whether the instruction names what is left out otherwise. */
  readonly named?: boolean;
}

/**
 * Visits the files in a folder of the context that the ignore rules and the filter leave. What a link points to comes in its place, with the link's path,
 * because the builder makes empty files of links. The ignore rules are asked about the place where a file really lies: a build sends the link and what it
 * points to apart, so a rule for a path that leads through a link has no effect there either.
 * Folders from which nothing can come are not read.
 */
export class FolderWalk {
  constructor(
    private readonly tree: ContextTree,
    private readonly visitor: Visitor,
    private readonly pace: Pace,
    /** How a message names the ignore file. */
    private readonly ignoreFile: string,
  ) {}

  /**
   * @param real folder, links followed
   * @param sent its path as sent
   */
  async folder(
    real: string,
    sent: string,
    filter: Filter = {},
    relative = "",
    through: readonly string[] = [],
  ): Promise<void> {
    const chain = [...through, real];
    const level = this.tree.level(real);
    const entries = this.tree.entries(real);
    if (entries.length === 0 && sent !== "") this.visitor.emptyFolder(sent);
    for (const entry of entries) {
      const { name, kind } = entry;
      if (this.pace.due) await this.pace.rest();
      const path = below(real, name);
      const from = below(relative, name);
      const to = below(sent, name);
      const wanted = kind === "folder" ? reaches(level, filter, path, from) : takes(level, filter, path, from);
      if (!wanted || this.isLeftOut(path, filter) || !this.isNamed(path, entry)) continue;
      if (kind === "folder") await this.folder(path, to, enter(filter, from), from, chain);
      else if (kind === "file") this.visitor.file(to, path, false);
      else if (kind === "link") await this.link(path, to, enter(filter, from), from, chain);
      else this.visitor.lost(path, { found: "special", path, kind });
    }
  }

  private isLeftOut(path: string, filter: Filter): boolean {
    const kind = filter.named ? undefined : leftOut(this.tree, path);
    if (kind !== undefined) this.visitor.leftOut(kind, path);
    return kind !== undefined;
  }

  private async link(
    path: string,
    sent: string,
    filter: Filter,
    relative: string,
    chain: readonly string[],
  ): Promise<void> {
    const found = this.tree.follow(path);
    if (found.found !== "file" && found.found !== "folder") return this.visitor.lost(path, found);
    const within = filter.named ? undefined : withinLeftOut(this.tree, found.path);
    if (within !== undefined) return this.visitor.leftOut(within.kind, path);
    if (found.found === "file") return this.visitor.file(sent, found.path, parent(path) !== parent(found.path));
    // Content that holds the link again never ends.
    const target = found.path;
    if (chain.includes(target) || `${parent(path)}/`.startsWith(target === "" ? "" : `${target}/`))
      return this.visitor.lost(path, { found: "loop", path, target: target === "" ? "." : target });
    const rule = this.tree.ignoredBy(target);
    if (rule !== undefined && !this.tree.level(parent(target)).hasExceptionsIn(target))
      return this.visitor.lost(path, { found: "ignored", path: target, rule });
    await this.folder(target, sent, filter, relative, chain);
  }

  private isNamed(path: string, { valid }: Entry): boolean {
    if (!valid)
      this.visitor.problem(
        `The name of ${JSON.stringify(path)} in the build context is not valid UTF-8, so other machines would see a different name. Rename it, or add it to ${this.ignoreFile}.`,
      );
    return valid;
  }
}

/** Whether a file is taken. @param from its path from where the walk began */
function takes(level: Level, filter: Filter, path: string, from: string): boolean {
  return !level.matches(path) && (filter.include?.matches(from) ?? true) && !(filter.exclude?.matches(from) ?? false);
}

/** Whether anything in a folder may be taken. @param from its path from where the walk began */
function reaches(level: Level, { include, exclude }: Filter, path: string, from: string): boolean {
  if (level.matches(path) && !level.hasExceptionsIn(path)) return false;
  if (exclude?.matches(from) && !exclude.hasExceptionsIn(from)) return false;
  return include === undefined || include.matches(from) || include.reaches(from);
}

const enter = ({ include, exclude, named }: Filter, path: string): Filter => ({
  include: include?.enter(path),
  exclude: exclude?.enter(path),
  ...(named && { named }),
});

export function special(path: string, kind: string): string {
  return `"${path}" in the build context is a ${kind}, which cannot be sent to the builder. Remove it, or add it to the ignore file.`;
}

/** Why what a link points to cannot be sent in its place. */
export function brokenLink(link: string, found: Lost & { found: "outside" | "loop" }, ignoreFile: string): string {
  const what =
    found.found === "outside"
      ? `that leaves the build context, to "${found.target}". A build cannot reach it`
      : `that leads to itself or to a folder that contains it, "${found.target}"`;
  return `"${link}" in the build context is a symlink ${what}. Replace it with its target, or add "${link}" to ${ignoreFile}.`;
}
