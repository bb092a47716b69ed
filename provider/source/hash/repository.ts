import { lstatSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Whether a folder is the top of a working tree of git. */
export function isRepository(folder: string): boolean {
  try {
    return lstatSync(join(folder, ".git"), { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Nobody may look into it, so git may not either.
    return false;
  }
}

/** The folder whose `.git` says that a path lies in a working tree of git; undefined: it does in none. */
export function findRepository(path: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    if (isRepository(folder)) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Git ends with this where a setting is not set. */
const NOT_SET = 1;

/**
 * Whether a repository takes the modes on disk for its files' (`core.fileMode`, which `git init` and `git clone` always write down). Most say so in so many words;
 * only the others cost a run of git.
 * @param git runs git in the working tree
 * @throws what git failed with, where only git can tell
 */
export async function trustsModes(repository: string, git: (args: string[]) => Promise<string>): Promise<boolean> {
  const written = readConfig(repository, "filemode");
  // Git passes over the configuration of a repository of another owner without a word, so what is written comes first.
  if (written !== undefined) return written;
  try {
    return (await git(["config", "--type=bool", "--get", "core.fileMode"])).trim() !== "false";
  } catch (error) {
    // Not set means true.
    if ((error as { code?: unknown }).code === NOT_SET) return true;
    throw error;
  }
}

const FALSE = /^(?:false|no|off|0|"false")$/i;
const TRUE = /^(?:true|yes|on|1|"true"|)$/i;

/** Whether a checkout has files in place of symlinks (`core.symlinks=false`), which git writes down where the file system has no symlinks. */
export function writesLinksAsFiles(repository: string): boolean {
  return readConfig(repository, "symlinks") === false;
}

/**
 * What the repository's own configuration says; undefined: nothing, or in a form that only git understands.
 * @param key of the section `core`, in lower case
 */
function readConfig(repository: string, key: string): boolean | undefined {
  let text: string;
  try {
    text = readFileSync(join(commonFolder(join(repository, ".git")), "config"), "utf8");
  } catch (error) {
    // What has no configuration is no repository, or its own folder is elsewhere, as of a worktree that was copied.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? true : undefined;
  }
  return findSetting(text, key);
}

/** The last `core.<key>` of a configuration; undefined: none, or something that only git understands. */
function findSetting(text: string, key: string): boolean | undefined {
  let section = "";
  let found: boolean | undefined;
  for (const line of text.split(/\r?\n/)) {
    const { header, name, value } = readSetting(line);
    if (header !== undefined) section = header;
    if (header === "include" || header === "includeif") return undefined;
    if (section === "extensions" && name === "worktreeconfig") return undefined;
    if (section !== "core" || name !== key) continue;
    if (FALSE.test(value)) found = false;
    else if (TRUE.test(value)) found = true;
    else return undefined;
  }
  return found;
}

/** The section that a line begins, and the setting in it, both in lower case; "" for no setting. They may share a line. */
function readSetting(line: string): { header: string | undefined; name: string; value: string } {
  const header = /^\s*\[\s*([^\s\]"]+)/.exec(line)?.[1];
  const [, name = "", value = ""] = /^\s*(?:\[[^\]]*\]\s*)?([A-Za-z]+)\s*(?:=\s*([^#;]*))?/.exec(line) ?? [];
  return { header: header?.toLowerCase(), name: name.toLowerCase(), value: value.trim() };
}

/** Where a repository keeps its configuration: in a worktree and in a submodule, `.git` is a file that names the place. */
function commonFolder(git: string): string {
  if (lstatSync(git).isDirectory()) return git;
  const named = /^gitdir: (.*)$/m.exec(readFileSync(git, "utf8"))?.[1];
  const folder = resolve(dirname(git), named ?? ".");
  try {
    return resolve(folder, readFileSync(join(folder, "commondir"), "utf8").trim());
  } catch {
    return folder;
  }
}
