import { lstatSync } from "node:fs";
import type { PackedFile } from "../archive/context-archive";
import { ContextError, isLimit, reason } from "../context-error";
import type { DigestCache } from "../hash/digest-cache";
import { FileModes, type Modes } from "../hash/executable-bits";
import { digestFile, FileChanging, type FileDigest } from "../hash/file-digest";
import { hiddenBits, needsMode, sentMode } from "../hash/sent-mode";
import type { Pace } from "../pace";
import { type ContextTree, parent } from "./context-tree";
import type { ContextWarning } from "./context-warning";
import { listed } from "./left-out";
import type { SelectedFile, Selection } from "./select-files";

const OTHERS = 0o077;

/** How far the reading is, in bytes. */
export type HashProgress = (readBytes: number, totalBytes: number) => void;

export interface HashDeps {
  readonly signal?: AbortSignal | undefined;
  readonly cache?: DigestCache | undefined;
  readonly now: () => number;
  readonly platform: NodeJS.Platform;
  readonly onProgress?: HashProgress | undefined;
  /** The Dockerfile on disk, absolute, if there is one. */
  readonly dockerfile?: string | undefined;
}

/**
 * Reads the selected files and hashes them, each as it is to be packed.
 * @throws ContextError with all files that cannot be read; the signal's reason
 */
export async function hashFiles(
  { groups, leftOut }: Selection,
  tree: ContextTree,
  deps: HashDeps,
  pace: Pace,
): Promise<{ readonly groups: PackedFile[][]; readonly warnings: ContextWarning[] }> {
  const fileModes = new FileModes(tree.onDisk(""), deps.platform, deps.signal);
  const kept = await deps.cache?.of(tree.onDisk(""));
  const progress = new Progress(groups, tree, deps);
  const problems: string[] = [];
  const hidden = hiddenBits(deps.dockerfile);
  const told = new ModeWarnings();
  const packed: PackedFile[][] = [];
  try {
    for (const group of groups) {
      const files: PackedFile[] = [];
      packed.push(files);
      for (const file of group) {
        if (pace.due) await pace.rest();
        const onDisk = tree.onDisk(file.real);
        let digest: FileDigest;
        try {
          digest = await digestFile(onDisk, kept, deps.now, deps.signal, (bytes) => progress.add(bytes));
        } catch (error) {
          deps.signal?.throwIfAborted();
          // The next file would fail in the same way.
          if (isLimit(error)) throw new ContextError([cannotRead(file.path, error)]);
          problems.push(unreadable(file.path, error));
          continue;
        }
        if (digest.toolsOwn && !file.named) leftOut.add("tool", file.path);
        else {
          const folder = parent(file.real);
          const modes = fileModes.known(folder) ?? (await fileModes.learn(folder));
          const taken = packedFile(file, onDisk, digest, modes, hidden);
          files.push(taken);
          told.look(file, taken, modes.onDisk ? digest.mode : undefined);
          if (modes.isLinkInGit(file.real)) told.addLinkText(file.path);
        }
      }
    }
  } finally {
    await kept?.save();
  }
  if (problems.length > 0) throw new ContextError(problems);
  return { groups: packed, warnings: told.warnings() };
}

function packedFile(
  { path, real }: SelectedFile,
  onDisk: string,
  { mode, size, sha256 }: FileDigest,
  modes: Modes,
  hidden: number,
): PackedFile {
  const own = modes.onDisk ? sentMode(mode, hidden) : undefined;
  return {
    path,
    onDisk,
    executable: modes.isExecutable(real, mode),
    ...(own === undefined ? {} : { mode: own }),
    size,
    sha256,
  };
}

const cannotRead = (path: string, error: unknown): string =>
  `"${path}" in the build context cannot be read: ${reason(error)}.`;

function unreadable(path: string, error: unknown): string {
  if (error instanceof FileChanging)
    return `"${path}" in the build context keeps changing while it is being read. Stop the process that writes to it, or add it to the ignore file.`;
  return `${cannotRead(path, error)} Make it readable, or add it to the ignore file.`;
}

/** Where a file comes into the image in another form than docker build would give it, and a program may depend on that. */
class ModeWarnings {
  private readonly strict: string[] = [];
  private readonly programs: string[] = [];
  private readonly linkTexts: string[] = [];

  /** @param onDisk the mode on disk; undefined: it says nothing */
  look({ link }: SelectedFile, { path, executable, mode = 0o644 }: PackedFile, onDisk = 0): void {
    const opened = (onDisk & OTHERS) === 0 && (mode & OTHERS) !== 0;
    if (opened && needsMode(path)) this.strict.push(JSON.stringify(path));
    if (link && executable) this.programs.push(JSON.stringify(path));
  }

  /** @param path of a file that is a symlink in git */
  addLinkText(path: string): void {
    this.linkTexts.push(JSON.stringify(path));
  }

  warnings(): ContextWarning[] {
    const warnings: ContextWarning[] = [];
    if (this.linkTexts.length > 0)
      warnings.push({
        summary: "Symlinks are checked out as files",
        detail:
          `Git has symlinks where this checkout has files: ${listed(this.linkTexts)}. With core.symlinks=false, git writes a file that contains only the path of the target. The image gets ` +
          "these files as they are, and a checkout with symlinks has a different source hash. Set core.symlinks to true (on Windows, enable Developer Mode first) and check the files out again, or replace the " +
          "symlinks with copies in the repository.",
      });
    if (this.strict.length > 0)
      warnings.push({
        summary: "The modes of files are unknown",
        detail:
          `Who may read a file is unknown on this machine, because its file system or its umask decides: ${listed(this.strict)} will be readable by everyone in the image, and programs ` +
          "such as ssh and sudo refuse such files. " +
          "Set the mode in the Dockerfile, for example with COPY --chmod=0600.",
      });
    if (this.programs.length > 0)
      warnings.push({
        summary: "Symlinks to programs are sent as copies",
        detail:
          `Symlinks to programs in the build context are sent as copies of their targets: ${listed(this.programs)}. A program that looks for other files next to its own, such as those in ` +
          "node_modules/.bin, will not find them there. If it needs them, create the symlink with RUN ln -s, or install the program in the build.",
      });
    return warnings;
  }
}

/** Tells how far the reading is. The sum of all sizes costs a look at each file, so it is asked for only when the reading takes long. */
class Progress {
  private readonly begun: number;
  private read = 0;
  private total: number | undefined;

  constructor(
    private readonly groups: readonly (readonly SelectedFile[])[],
    private readonly tree: ContextTree,
    private readonly deps: HashDeps,
  ) {
    this.begun = deps.now();
  }

  add(bytes: number): void {
    this.read += bytes;
    const { onProgress, now } = this.deps;
    if (bytes === 0 || onProgress === undefined || now() - this.begun < 1_000) return;
    this.total ??= this.sum();
    onProgress(Math.min(this.read, this.total), this.total);
  }

  private sum(): number {
    let sum = 0;
    for (const group of this.groups)
      for (const { real } of group) {
        try {
          sum += lstatSync(this.tree.onDisk(real)).size;
        } catch {
          // Reading it says what is wrong.
        }
      }
    return sum;
  }
}
