import { lstatSync, readdirSync, readlinkSync, realpathSync, type Dirent } from "node:fs";
import { join, relative, sep } from "node:path";
import type { IgnoreRule } from "../ignore/ignore-file";
import type { Level, PatternMatcher } from "../ignore/pattern-matcher";
import { ContextError, isLimit, reason } from "../context-error";

export type Kind = "file" | "folder" | "link" | "socket" | "named pipe" | "device";

export interface Entry {
  /** With U+FFFD in place of bytes that are no UTF-8. */
  readonly name: string;
  /** Whether the name on disk is valid Unicode, which alone means the same on every machine. */
  readonly valid: boolean;
  readonly kind: Kind;
}

/** Where a path leads when links are followed. Paths are relative to the context's root, with `/`; the root is empty. */
export type Found =
  { readonly found: "file"; readonly path: string } | { readonly found: "folder"; readonly path: string } | Lost;

/** A path that leads to nothing that can be sent. */
export type Lost =
  | { readonly found: "nothing"; readonly path: string; readonly similar?: string }
  | { readonly found: "special"; readonly path: string; readonly kind: Kind }
  | { readonly found: "ignored"; readonly path: string; readonly rule: IgnoreRule }
  | { readonly found: "outside" | "loop"; readonly path: string; readonly target: string };

// Windows has such names.
const LONE_SURROGATE = /\p{Surrogate}/u;
// Linux gives up after as many.
const MOST_LINKS = 40;

/** The files of a build context as they lie on disk, and what the ignore rules say of each. Reads a folder once, and only when it is asked for. */
export class ContextTree {
  private readonly listed = new Map<string, readonly Entry[]>();
  private readonly levels = new Map<string, Level>();
  private readonly realRoot: string;
  /** Files and folders of the context that tools keep for themselves, by the environment or this program: paths in the context. */
  readonly toolPaths: ReadonlySet<string>;
  /** Whether the file system may find a name in other letter case or another Unicode form; the builder does not. */
  private readonly loose: boolean;

  /**
   * @param toolPaths files and folders that tools keep for themselves, absolute
   * @throws ContextError when the root is no folder that can be read
   */
  constructor(
    readonly root: string,
    private readonly matcher: PatternMatcher,
    platform: NodeJS.Platform,
    toolPaths: readonly string[] = [],
  ) {
    this.loose = platform === "darwin" || platform === "win32";
    try {
      this.realRoot = realpathSync.native(root);
      if (!lstatSync(this.realRoot).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
    } catch (error) {
      throw new ContextError([`The build context "${root}" cannot be read: ${reason(error)}.`]);
    }
    this.toolPaths = new Set(
      toolPaths.flatMap((path) => {
        const real = realPath(path);
        return real === undefined ? [] : [relative(this.realRoot, real).split(sep).join("/")];
      }),
    );
  }

  /** The path on disk. */
  onDisk(path: string): string {
    return path === "" ? this.realRoot : join(this.realRoot, path);
  }

  /** What the ignore rules say of the folder's entries. */
  level(folder: string): Level {
    let level = this.levels.get(folder);
    if (level === undefined) {
      level = folder === "" ? this.matcher.buildRoot() : this.level(parent(folder)).enter(folder);
      this.levels.set(folder, level);
    }
    return level;
  }

  /** The rule that leaves the path out; undefined when it is in the context. */
  ignoredBy(path: string): IgnoreRule | undefined {
    if (path === "") return undefined;
    const level = this.level(parent(path));
    return level.matches(path) ? level.deciding(path) : undefined;
  }

  /**
   * What lies in the folder.
   * @throws ContextError for a folder that cannot be read
   */
  entries(folder: string): readonly Entry[] {
    let entries = this.listed.get(folder);
    if (entries === undefined) {
      entries = this.list(folder);
      this.listed.set(folder, entries);
    }
    return entries;
  }

  /**
   * Follows a path link by link. A link that the ignore rules leave out leads nowhere, as in a build, and so does one to a file that they leave out.
   * A folder is found also when they leave it out, because exceptions may hold for its content.
   */
  follow(path: string): Found {
    const ahead = segments(path);
    let at = "";
    for (let links = 0; ahead.length > 0;) {
      const name = ahead.shift()!;
      if (name === "..") {
        at = parent(at);
        continue;
      }
      const next = below(at, name);
      const kind = this.kind(next);
      if (kind === undefined) return { found: "nothing", path: next, ...this.similar(at, name) };
      if (kind !== "folder") {
        const rule = this.ignoredBy(next);
        if (rule !== undefined) return { found: "ignored", path: next, rule };
      }
      if (kind === "link") {
        const target = this.target(next);
        if (++links > MOST_LINKS) return { found: "loop", path: next, target };
        const inside = this.inside(at, target);
        if (inside === undefined) return { found: "outside", path: next, target };
        ahead.unshift(...segments(inside));
        at = "";
      } else if (kind === "file") {
        return ahead.length === 0 ? { found: "file", path: next } : { found: "nothing", path: below(next, ahead[0]!) };
      } else if (kind !== "folder") return { found: "special", path: next, kind };
      else at = next;
    }
    return { found: "folder", path: at };
  }

  private target(path: string): string {
    try {
      return readlinkSync(this.onDisk(path));
    } catch (error) {
      throw new ContextError([`The link "${path}" in the build context cannot be read: ${reason(error)}.`]);
    }
  }

  private kind(path: string): Kind | undefined {
    // The system's answer alone would let a build depend on the machine.
    if (this.loose && !this.entries(parent(path)).some(({ name }) => name === nameOf(path))) return undefined;
    try {
      const stats = lstatSync(this.onDisk(path), { throwIfNoEntry: false });
      return stats === undefined ? undefined : kindOf(stats);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ERR_INVALID_ARG_VALUE") return undefined;
      throw new ContextError([`"${path}" in the build context cannot be read: ${reason(error)}.`]);
    }
  }

  private similar(folder: string, name: string): { similar?: string } {
    const key = (text: string): string => text.normalize("NFC").toLowerCase();
    try {
      const found = this.entries(folder).find((entry) => key(entry.name) === key(name));
      return found === undefined ? {} : { similar: below(folder, found.name) };
    } catch {
      return {};
    }
  }

  /** A link's target as a path of the context; undefined when it leaves it. */
  private inside(folder: string, target: string): string | undefined {
    const native = target.split(sep).join("/");
    if (!/^(?:\/|[A-Za-z]:\/)/.test(native)) {
      let depth = segments(folder).length;
      // Names before a ".." may be links themselves; a path that climbs above the root leaves the context either way.
      for (const name of segments(native)) if ((depth += name === ".." ? -1 : 1) < 0) return undefined;
      return `${folder}/${native}`;
    }
    for (const root of [this.root, this.realRoot]) {
      const path = relative(root, target);
      if (path !== ".." && !path.startsWith(`..${sep}`) && !/^(?:\/|[A-Za-z]:)/.test(path))
        return path.split(sep).join("/");
    }
    return undefined;
  }

  private list(folder: string): Entry[] {
    const path = this.onDisk(folder);
    let entries: Dirent[];
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch (error) {
      throw new ContextError([
        `The folder "${folder === "" ? "." : folder}" in the build context cannot be read: ${reason(error)}.${isLimit(error) ? "" : " Make it readable, or add it to the ignore file."}`,
      ]);
    }
    // Only the bytes tell a name that holds U+FFFD itself from one that Node could not decode.
    const doubtful = entries.some(({ name }) => name.includes("\uFFFD"));
    const bytes = doubtful
      ? new Set(readdirSync(path, { encoding: "buffer" }).map((name) => name.toString("hex")))
      : undefined;
    return entries.map((entry) => ({
      name: entry.name,
      valid:
        !LONE_SURROGATE.test(entry.name) &&
        (!entry.name.includes("\uFFFD") || bytes!.has(Buffer.from(entry.name).toString("hex"))),
      kind: kindOf(entry),
    }));
  }
}

function kindOf(stats: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink" | "isSocket" | "isFIFO">): Kind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  if (stats.isSymbolicLink()) return "link";
  if (stats.isSocket()) return "socket";
  return stats.isFIFO() ? "named pipe" : "device";
}

/** undefined: there is nothing. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

export const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);
export const parent = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const segments = (path: string): string[] => path.split("/").filter((name) => name !== "" && name !== ".");
