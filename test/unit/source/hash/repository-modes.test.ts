import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copy, emptyFolder, onDisk, problems, read } from "../context/tree-on-disk";

const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", ...args], {
    cwd,
    stdio: "pipe",
  }).toString();

/** A repository with a program and a plain file, as its commit has them. */
function repository(): string {
  const root = onDisk({ run: { run: "r" }, "d/plain": "p", Dockerfile: "FROM a:1\n" });
  git(root, "init", "-q", "-b", "main");
  git(root, "add", ".");
  git(root, "commit", "-qm", "first");
  return root;
}

/** As a file system without modes shows it. */
function without(root: string, paths = ["run", "d/plain"]): string {
  git(root, "config", "core.fileMode", "false");
  for (const path of paths) chmodSync(join(root, path), 0o777);
  return root;
}

const executables = async (root: string): Promise<Record<string, boolean>> =>
  Object.fromEntries((await read(root, [copy(".")])).files.map(({ path, executable }) => [path, executable]));

test("a checkout whose repository does not trust modes has the hash of every other one", async () => {
  const hashes: string[] = [];
  for (const make of [repository, () => without(repository())]) {
    const root = make();
    hashes.push((await read(root, [copy(".")])).sourceHash);
    expect(await executables(root)).toEqual({ run: true, "d/plain": false });
    hashes.push((await read(join(root, "d"), [copy(".")])).sourceHash);
    expect(await executables(join(root, "d"))).toEqual({ plain: false });
  }
  expect(hashes.slice(2)).toEqual(hashes.slice(0, 2));
});

test("what is in no index is not executable there; a file of its own mode has none", async () => {
  const root = without(repository());
  writeFileSync(join(root, "new"), "n", { mode: 0o755 });
  writeFileSync(join(root, "id_rsa"), "k", { mode: 0o600 });
  const { files, warnings } = await read(root, [copy("new", "id_rsa")]);
  expect(files.map(({ path, executable, mode }) => [path, executable, mode])).toEqual([
    ["id_rsa", false, undefined],
    ["new", false, undefined],
  ]);
  expect(warnings).toEqual([
    'Who may read a file is unknown on this machine, because its file system or its umask decides: "id_rsa" will be readable by everyone in the image, and programs such as ssh and sudo ' +
      "refuse such files. " +
      "Set the mode in the Dockerfile, for example with COPY --chmod=0600.",
  ]);
});

test("the index counts in all its forms: compressed, split, of a worktree, of a submodule", async () => {
  const origin = repository();
  const folder = emptyFolder();
  git(folder, "clone", "-q", origin, "compressed");
  git(join(folder, "compressed"), "update-index", "--index-version", "4");
  git(folder, "clone", "-q", origin, "split");
  git(join(folder, "split"), "update-index", "--split-index");
  git(folder, "clone", "-q", origin, "main");
  git(join(folder, "main"), "worktree", "add", "-q", "--detach", join(folder, "worktree"));
  for (const name of ["compressed", "split", "main", "worktree"]) {
    const root = without(join(folder, name));
    expect([name, await executables(root)]).toEqual([name, { run: true, "d/plain": false }]);
  }
  git(folder, "init", "-q", "super");
  git(join(folder, "super"), "submodule", "--quiet", "add", origin, "sub");
  without(join(folder, "super/sub"));
  // A submodule is a repository of its own.
  without(join(folder, "super"), []);
  expect(await executables(join(folder, "super"))).toEqual({
    ".gitmodules": false,
    "sub/Dockerfile": false,
    "sub/d/plain": false,
    "sub/run": true,
  });
  expect(await executables(join(folder, "super/sub"))).toEqual({ run: true, "d/plain": false });
});

test.each([
  ["no", false],
  ["FALSE ; as on CIFS", false],
  ["off", false],
  ["true", true],
  ["yes", true],
  ["", true],
])("core.fileMode = %s", async (written, trusted) => {
  const root = repository();
  chmodSync(join(root, "d/plain"), 0o755);
  const config = join(root, ".git/config");
  writeFileSync(
    config,
    `[user]\n\tfilemode = ${trusted ? "false" : "true"}\n[Core]\n\tFileMode ${written === "" ? "" : `= ${written}`}\n[remote "core"]\n\tfilemode = 1\n`,
  );
  expect(await executables(root)).toEqual({ run: true, "d/plain": trusted });
});

test("what only git understands is asked of git: an included file, a worktree's own configuration, no word", async () => {
  const root = repository();
  chmodSync(join(root, "d/plain"), 0o755);
  const config = join(root, ".git/config");
  const before = readFileSync(config, "utf8");
  writeFileSync(join(root, ".git/more"), "[core]\n\tfileMode = false\n");
  writeFileSync(config, `${before}[include]\n\tpath = more\n`);
  expect(await executables(root)).toMatchObject({ "d/plain": false });
  writeFileSync(config, "[core]\n\trepositoryformatversion = 0\n");
  expect(await executables(root)).toMatchObject({ "d/plain": true });
  writeFileSync(config, `${before}[extensions]\n\tworktreeConfig = true\n`);
  writeFileSync(join(root, ".git/config.worktree"), "[core]\n\tfileMode = false\n");
  expect(await executables(root)).toMatchObject({ "d/plain": false });
});

test("a hook's variables do not let git look at another repository", async () => {
  const root = without(repository());
  const other = repository();
  process.env["GIT_DIR"] = join(other, ".git");
  process.env["GIT_INDEX_FILE"] = join(other, ".git/none");
  try {
    expect(await executables(root)).toEqual({ run: true, "d/plain": false });
  } finally {
    delete process.env["GIT_DIR"];
    delete process.env["GIT_INDEX_FILE"];
  }
});

test("where only the index knows and git cannot tell, nothing is guessed", async () => {
  const root = without(repository());
  const said = (why: string, repository = root): string =>
    `Only git knows which files in the build context are executable, because the repository "${repository}" does not trust the modes on the disk (core.fileMode is false, only git ` +
    `can read its value, or the system has no modes). Git failed: ${why}`;
  const worktree = join(emptyFolder(), "worktree");
  git(root, "worktree", "add", "-q", "--detach", worktree);
  const unclear = repository();
  writeFileSync(join(unclear, ".git/config"), "[include]\n\tpath = more\n");
  const path = process.env["PATH"];
  process.env["PATH"] = emptyFolder();
  try {
    for (const place of [root, worktree, unclear])
      expect(await problems(place, [copy(".")])).toEqual([said("git is not installed. Install git.", place)]);
  } finally {
    process.env["PATH"] = path;
  }
  process.env["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1";
  try {
    expect(await problems(root, [copy(".")])).toEqual([
      said(
        `fatal: detected dubious ownership in repository at '${root}'. If you trust the repository, run \`git config --global --add safe.directory ${root}\`.`,
      ),
    ]);
  } finally {
    delete process.env["GIT_TEST_ASSUME_DIFFERENT_OWNER"];
  }
  const index = join(root, ".git/index");
  renameSync(index, `${index}.kept`);
  writeFileSync(index, "no index");
  expect(await problems(root, [copy(".")])).toEqual([
    expect.stringMatching(
      /^Only git knows .* Git failed: .*index.*\. Repair the repository, or build from a clone of it\.$/,
    ),
  ]);
  rmSync(index);
  renameSync(`${index}.kept`, index);
  expect(await executables(root)).toEqual({ run: true, "d/plain": false });
});

test("a repository that trusts modes costs no run of git", async () => {
  const root = repository();
  mkdirSync(join(root, "d/deep"));
  writeFileSync(join(root, "d/deep/x"), "", { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = emptyFolder();
  try {
    expect(await executables(join(root, "d/deep"))).toEqual({ x: true });
    // Nor does another spelling of the same word.
    writeFileSync(join(root, ".git/config"), "[user]\n\tname = t\n[ Core ] FILEMODE =  Yes \t# as on ext4\n");
    expect(await executables(join(root, "d/deep"))).toEqual({ x: true });
  } finally {
    process.env["PATH"] = path;
  }
});

test("what is called .git and is no repository says nothing of modes", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = emptyFolder();
  try {
    for (const content of [{ ".git/HEAD": "" }, { ".git": "gitdir: /nowhere/at/all\n" }])
      expect(await executables(onDisk({ ...content, run: { run: "r" } }))).toEqual({ run: true });
  } finally {
    process.env["PATH"] = path;
  }
});

test("each repository in the context has the word for its own files", async () => {
  const root = onDisk({ "outside/run": { run: "r" }, "outside/deep/x": { run: "x" } });
  for (const [name, trusts] of [
    ["trusting", true],
    ["not", false],
  ] as const) {
    const made = repository();
    chmodSync(join(made, "d/plain"), 0o755);
    renameSync(made, join(root, name));
    if (!trusts) without(join(root, name));
  }
  // The folders above a repository have nothing to say about it, and it nothing about them.
  expect(await executables(root)).toEqual({
    "not/Dockerfile": false,
    "not/d/plain": false,
    "not/run": true,
    "outside/deep/x": true,
    "outside/run": true,
    "trusting/Dockerfile": false,
    "trusting/d/plain": true,
    "trusting/run": true,
  });
  const { files } = await read(root, [copy("not/run", "not/d/plain")]);
  expect(files.map(({ executable }) => executable)).toEqual([false, true]);
});
