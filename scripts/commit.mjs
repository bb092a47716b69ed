// The commit of the sources, built into what a build makes. Not in a generated file: a commit cannot contain its own name.
import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";

/** `3f2a1b4c5d6e`, with `-changed` where tracked files differ from it; "unknown" outside of Git, or where it is another project's. */
export function commitOf(folder) {
  const git = (...args) => {
    const { status, stdout } = spawnSync("git", args, { cwd: folder, encoding: "utf8" });
    return status === 0 ? stdout.trim() : null;
  };
  const top = git("rev-parse", "--show-toplevel");
  const commit = git("rev-parse", "--short=12", "HEAD");
  // Unpacked inside another repository, the commit would be that one's.
  if (top === null || commit === null || realpathSync(top) !== realpathSync(folder)) return "unknown";
  return git("status", "--porcelain", "--untracked-files=no") === "" ? commit : `${commit}-changed`;
}

/** The compiled provider/commit.ts with the commit in it. */
export function withCommit(text, commit) {
  const written = text.replace(/(commit(?:: string)? = )"unknown"/, `$1${JSON.stringify(commit)}`);
  if (commit !== "unknown" && written === text)
    throw new Error("provider/commit.ts has another form than scripts/commit.mjs expects");
  return written;
}
