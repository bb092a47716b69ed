import type { Level } from "../ignore/pattern-matcher";
import type { Pace } from "../pace";
import { below, parent, type ContextTree, type Entry, type Lost } from "./context-tree";

/** What a walk finds. Paths as sent: those of the context, where a link's name stands for what it points to. */
export interface Visitor {
  /** @param real where the content lies in the context, links followed */
  file(path: string, real: string): void;
  /** A folder without any entry. */
  emptyFolder(path: string): void;
  problem(text: string): void;
}

/** What one instruction takes from a folder: paths relative to where the walk began. */
export interface Filter {
  /** Patterns that a path has to match; undefined for all. */
  readonly include?: Level | undefined;
  /** Patterns that a path must not match. */
  readonly exclude?: Level | undefined;
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
  async folder(real: string, sent: string, filter: Filter = {}, relative = "", through: readonly string[] = []): Promise<void> {
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
      const ignored = level.matches(path);
      const included = filter.include?.matches(from) ?? true;
      const excluded = filter.exclude?.matches(from) ?? false;
      if (kind === "folder") {
        if (ignored && !level.hasExceptionsIn(path)) continue;
        if (excluded && !filter.exclude!.hasExceptionsIn(from)) continue;
        if (!included && !filter.include!.reaches(from)) continue;
        if (this.named(path, entry)) await this.folder(path, to, enter(filter, from), from, chain);
      } else if (!ignored && included && !excluded && this.named(path, entry)) {
        if (kind === "file") this.visitor.file(to, path);
        else if (kind === "link") await this.link(path, to, enter(filter, from), from, chain);
        else this.visitor.problem(special(path, kind));
      }
    }
  }

  private async link(path: string, sent: string, filter: Filter, relative: string, chain: readonly string[]): Promise<void> {
    const found = this.tree.follow(path);
    if (found.found === "file") return this.visitor.file(sent, found.path);
    if (found.found !== "folder") return this.visitor.problem(brokenLink(path, found, this.ignoreFile));
    // Content that holds the link again never ends.
    const target = found.path;
    if (chain.includes(target) || `${parent(path)}/`.startsWith(target === "" ? "" : `${target}/`)) {
      return this.visitor.problem(brokenLink(path, { found: "loop", path, target: target === "" ? "." : target }, this.ignoreFile));
    }
    const rule = this.tree.ignoredBy(target);
    if (rule !== undefined && !this.tree.level(parent(target)).hasExceptionsIn(target)) {
      return this.visitor.problem(brokenLink(path, { found: "ignored", path: target, rule }, this.ignoreFile));
    }
    await this.folder(target, sent, filter, relative, chain);
  }

  private named(path: string, { valid }: Entry): boolean {
    if (!valid) this.visitor.problem(`The name of ${JSON.stringify(path)} in the build context is not valid UTF-8, so other machines would see another one. Rename it, or add it to ${this.ignoreFile}.`);
    return valid;
  }
}

const enter = ({ include, exclude }: Filter, path: string): Filter => ({ include: include?.enter(path), exclude: exclude?.enter(path) });

export function special(path: string, kind: string): string {
  return `"${path}" in the build context is a ${kind}, which cannot be sent to the builder. Remove it, or add it to the ignore file.`;
}

/** Why what a link points to cannot be sent in its place. */
export function brokenLink(link: string, found: Lost, ignoreFile: string): string {
  const ignore = `Replace it with its target, or add "${link}" to ${ignoreFile}.`;
  switch (found.found) {
    case "nothing":
      return `"${link}" in the build context is a symlink to something that does not exist: "${found.path}". ${ignore}`;
    case "special":
      return special(found.path, found.kind);
    case "outside":
      return `"${link}" in the build context is a symlink that leaves the build context, to "${found.target}". A build cannot reach it. ${ignore}`;
    case "loop":
      return `"${link}" in the build context is a symlink that leads to itself or to a folder that holds it, "${found.target}". ${ignore}`;
    case "ignored":
      return `"${link}" in the build context is a symlink to "${found.path}", which line ${found.rule.line} of ${ignoreFile} ("${found.rule.text}") leaves out, so that the image would `
        + `get a dangling link. Add "!${found.path}" at the end of ${ignoreFile}, or ignore the link as well.`;
  }
}
