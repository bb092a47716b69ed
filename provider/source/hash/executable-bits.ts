import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ContextError, reason } from "../context-error";
import { findRepository, isRepository, trustsModes, writesLinksAsFiles } from "./repository";

const OWNER_MAY_EXECUTE = 0o100;

/** Whose word counts for the modes of files. */
export interface Modes {
  /** Whether those on disk do. Otherwise only the executable bit is known, and it is git's. */
  readonly onDisk: boolean;
  /** @param path in the context. @param mode on disk */
  isExecutable(path: string, mode: number): boolean;
  /** Whether git has a symlink where the disk has a regular file, as a checkout with `core.symlinks=false` writes it. @param path in the context */
  isLinkInGit(path: string): boolean;
}

const ON_DISK: Modes = {
  onDisk: true,
  isExecutable: (_path, mode) => (mode & OWNER_MAY_EXECUTE) !== 0,
  isLinkInGit: () => false,
};
const NONE: Modes = { onDisk: false, isExecutable: () => false, isLinkInGit: () => false };

/**
 * Tells whether a file of the context is executable: by the owner's bit of its mode. Windows has none, and some file systems that Linux mounts have none either,
 * such as CIFS and WSL's: their repositories say `core.fileMode=false`. There the git index says it, so that a checkout has the same bits everywhere, and a file
 * that is in no index is not executable. The index is read by the `git` command, which knows all its forms (split, sparse, compressed) and is there where a
 * checkout was made. A context may hold several repositories, as with submodules; each has the word for its own files.
 */
export class FileModes {
  private readonly folders = new Map<string, Modes>();

  /** @param root of the context on disk */
  constructor(
    private readonly root: string,
    private readonly platform: NodeJS.Platform,
    private readonly signal?: AbortSignal,
  ) {}

  /** What is known of a folder's files already. @param folder in the context, links followed */
  known(folder: string): Modes | undefined {
    return this.folders.get(folder);
  }

  /**
   * @param folder in the context, links followed
   * @throws ContextError where only the index knows and git cannot tell; the signal's reason
   */
  async learn(folder: string): Promise<Modes> {
    const known = this.folders.get(folder);
    if (known !== undefined) return known;
    const modes = await this.look(folder);
    this.folders.set(folder, modes);
    return modes;
  }

  private look(folder: string): Promise<Modes> {
    if (folder === "") {
      const repository = findRepository(this.root);
      return repository === undefined
        ? Promise.resolve(this.platform === "win32" ? NONE : ON_DISK)
        : this.read(repository, this.root, "");
    }
    const onDisk = join(this.root, folder);
    if (isRepository(onDisk)) return this.read(onDisk, onDisk, `${folder}/`);
    return this.learn(folder.slice(0, Math.max(0, folder.lastIndexOf("/"))));
  }

  /** @param at where git runs. @param prefix of its paths in the context */
  private async read(repository: string, at: string, prefix: string): Promise<Modes> {
    const run = git(at, this.signal);
    try {
      const onDisk = this.platform !== "win32" && (await trustsModes(repository, run));
      if (onDisk && !writesLinksAsFiles(repository)) return ON_DISK;
      const index = await readIndex(run);
      const has = (mode: string) => (path: string) => index.get(path.slice(prefix.length)) === mode;
      if (onDisk) return { ...ON_DISK, isLinkInGit: has(LINK) };
      return { onDisk: false, isExecutable: has(EXECUTABLE), isLinkInGit: has(LINK) };
    } catch (error) {
      this.signal?.throwIfAborted();
      throw new ContextError([
        `Only git knows which files in the build context are executable, because the repository "${repository}" does not trust the modes on the disk (core.fileMode is false, only git ` +
          `can read its value, or the system has no modes). Git failed: ${said(error)}. ${remedy(error, repository)}`,
      ]);
    }
  }
}

const EXECUTABLE = "100755";
const LINK = "120000";

/** The modes of executable files and of links in the git index, by path from where git runs. */
async function readIndex(run: (args: string[]) => Promise<string>): Promise<Map<string, string>> {
  return new Map(
    (await run(["ls-files", "-s", "-z"]))
      .split("\0")
      .map((line): [string, string] => [line.slice(line.indexOf("\t") + 1), line.slice(0, EXECUTABLE.length)])
      .filter(([, mode]) => mode === EXECUTABLE || mode === LINK),
  );
}

/** Variables of a hook that runs this program, which would let git look at another repository. */
const OTHERS = /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|PREFIX|NAMESPACE|OBJECT_DIRECTORY)$/;

/** Runs git in a folder. */
function git(root: string, signal: AbortSignal | undefined): (args: string[]) => Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OTHERS.test(name)));
  return async (args) => {
    signal?.throwIfAborted();
    const { stdout } = await promisify(execFile)("git", ["-c", "core.fsmonitor=false", ...args], {
      cwd: root,
      env,
      maxBuffer: 2 ** 30,
      windowsHide: true,
      ...(signal && { signal }),
    });
    return stdout;
  };
}

function remedy(error: unknown, repository: string): string {
  const { stderr = "", code } = error as { stderr?: string; code?: unknown };
  if (code === "ENOENT") return "Install git.";
  return /dubious ownership/.test(stderr)
    ? `If you trust the repository, run \`git config --global --add safe.directory ${repository}\`.`
    : "Repair the repository, or build from a clone of it.";
}

/** The first line that git printed, or why it did not run. */
function said(error: unknown): string {
  const { stderr, code } = error as { stderr?: string; code?: unknown };
  if (code === "ENOENT") return "git is not installed";
  const [line] = (stderr ?? "").trim().split("\n");
  return line ? line.replace(/\.$/, "") : reason(error);
}
