import { execFile } from "node:child_process";
import { promisify } from "node:util";

const OWNER_MAY_EXECUTE = 0o100;

/**
 * Tells whether a file of the context is executable: by the owner's bit of its mode. Windows has none; there the git index says it where the file is in one,
 * and every other file is not executable.
 * @param root of the context on disk
 */
export async function executableBits(root: string, platform: NodeJS.Platform, signal?: AbortSignal): Promise<(path: string, mode: number) => boolean> {
  if (platform !== "win32") return (_path, mode) => (mode & OWNER_MAY_EXECUTE) !== 0;
  const executable = await executableInIndex(root, signal);
  return (path) => executable.has(path);
}

async function executableInIndex(root: string, signal?: AbortSignal): Promise<Set<string>> {
  try {
    const { stdout } = await promisify(execFile)("git", ["ls-files", "-s", "-z"], { cwd: root, maxBuffer: 2 ** 30, windowsHide: true, ...(signal && { signal }) });
    return new Set(stdout.split("\0").filter((line) => line.startsWith("100755 ")).map((line) => line.slice(line.indexOf("\t") + 1)));
  } catch {
    signal?.throwIfAborted();
    // No git, or no repository.
    return new Set();
  }
}
