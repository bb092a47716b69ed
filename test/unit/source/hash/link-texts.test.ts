import { execFileSync } from "node:child_process";
import { chmodSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { copy, emptyFolder, onDisk, read } from "../context/tree-on-disk";

const git = (cwd: string, ...args: string[]): Buffer =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", ...args], {
    cwd,
    stdio: "pipe",
  });

const warning = (paths: string): string =>
  `Git has symlinks where this checkout has files: ${paths}. With core.symlinks=false, git writes a file that contains only the path of the target. The image gets these files as they are, ` +
  "and a checkout with symlinks has a different source hash. Set core.symlinks to true (on Windows, enable Developer Mode first) and check the files out again, or replace the symlinks with copies in the repository.";

/** A repository with a program, a file, and links to a file and to a folder. */
function repository(): string {
  const root = onDisk({
    run: { run: "r" },
    "d/plain": "p",
    "d/link": { link: "plain" },
    folder: { link: "d" },
    Dockerfile: "FROM a:1\n",
    ".dockerignore": ".git",
  });
  git(root, "init", "-q", "-b", "main");
  git(root, "add", ".");
  git(root, "commit", "-qm", "first");
  return root;
}

function clone(origin: string, ...settings: string[]): string {
  const folder = emptyFolder();
  git(folder, "clone", "-q", "--recurse-submodules", ...settings.flatMap((setting) => ["-c", setting]), origin, "c");
  return join(folder, "c");
}

test.each([[["core.symlinks=false"]], [["core.symlinks=false", "core.fileMode=false"]]])(
  "a checkout with %j has files in place of symlinks, which is told",
  async (settings) => {
    const root = clone(repository(), ...settings);
    const { files, warnings, summaries } = await read(root, [copy(".")]);
    expect(warnings).toEqual([warning('"d/link", "folder"')]);
    expect(summaries.get(warnings[0]!)).toBe("Symlinks are checked out as files");
    expect(files.map(({ path, executable }) => [path, executable])).toEqual([
      ["d/link", false],
      ["d/plain", false],
      ["folder", false],
      ["run", true],
    ]);
    expect((await read(root, [copy("run")])).warnings).toEqual([]);
    expect((await read(join(root, "d"), [copy(".")])).warnings).toEqual([warning('"link"')]);
  },
);

test("modes on disk count where only symlinks are files", async () => {
  const root = clone(repository(), "core.symlinks=false");
  chmodSync(join(root, "run"), 0o600);
  chmodSync(join(root, "d/plain"), 0o755);
  const { files } = await read(root, [copy("run", "d/plain")]);
  expect(files.map(({ path, executable, mode }) => [path, executable, mode])).toEqual([
    ["d/plain", true, undefined],
    ["run", false, 0o600],
  ]);
});

test("Windows has files in place of symlinks, too", async () => {
  const root = clone(repository(), "core.symlinks=false");
  expect((await read(root, [copy("folder")], {}, { platform: "win32" })).warnings).toEqual([warning('"folder"')]);
});

test("nothing is told of symlinks that the checkout has, whatever the settings say", async () => {
  const origin = repository();
  for (const root of [origin, clone(origin), clone(origin, "core.fileMode=false")])
    expect((await read(root, [copy(".")])).warnings).toEqual([]);
  const root = clone(origin, "core.symlinks=false");
  for (const [link, target] of [
    ["d/link", "plain"],
    ["folder", "d"],
  ] as const) {
    rmSync(join(root, link));
    symlinkSync(target, join(root, link));
  }
  const { warnings, sourceHash } = await read(root, [copy(".")]);
  expect(warnings).toEqual([]);
  expect(sourceHash).toBe((await read(origin, [copy(".")])).sourceHash);
});

test("in a submodule and a worktree, their own index says it", async () => {
  const folder = emptyFolder();
  git(folder, "init", "-q", "-b", "main", "super");
  git(join(folder, "super"), "submodule", "--quiet", "add", repository(), "sub");
  git(join(folder, "super"), "commit", "-qm", "first");
  const root = clone(join(folder, "super"), "core.symlinks=false");
  git(join(root, "sub"), "config", "core.symlinks", "false");
  rmSync(join(root, "sub/folder"));
  git(join(root, "sub"), "checkout-index", "-f", "-a");
  expect((await read(root, [copy("sub/folder")])).warnings).toEqual([warning('"sub/folder"')]);
  git(join(root, "sub"), "worktree", "add", "-q", "--detach", join(folder, "worktree"));
  expect((await read(join(folder, "worktree"), [copy("folder")])).warnings).toEqual([warning('"folder"')]);
});
