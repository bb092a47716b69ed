import { execFileSync } from "node:child_process";
import { copy, onDisk, read } from "../context/tree-on-disk";

const git = (root: string, ...args: string[]) => execFileSync("git", args, { cwd: root, stdio: "pipe" });

test("Windows takes the executable bit from the git index", async () => {
  const root = onDisk({
    "ctx/run": { run: "r" },
    "ctx/d/é x": "e",
    "ctx/plain": { run: "p" },
    "ctx/new": { run: "n" },
  });
  git(root, "init", "-q");
  git(root, "add", "ctx/run", "ctx/d", "ctx/plain");
  git(root, "update-index", "--chmod=+x", "ctx/d/é x");
  git(root, "update-index", "--chmod=-x", "ctx/plain");
  const bits = async (platform: NodeJS.Platform) =>
    Object.fromEntries(
      (await read(`${root}/ctx`, [copy(".")], {}, { platform })).files.map(({ path, executable }) => [
        path,
        executable,
      ]),
    );
  expect(await bits("win32")).toEqual({ run: true, "d/é x": true, plain: false, new: false });
  expect(await bits("linux")).toEqual({ run: true, "d/é x": false, plain: true, new: true });
});

test("outside of a repository, nothing is executable on Windows", async () => {
  const root = onDisk({ run: { run: "r" } });
  expect((await read(root, [copy(".")], {}, { platform: "win32" })).files).toMatchObject([
    { path: "run", executable: false },
  ]);
});

test("a name in other letters is another name where the file system does not tell them apart", async () => {
  const root = onDisk({ "Src/a": "a", "e\u0301": "e" });
  const thrown = await read(root, [copy("src/a", "\u00e9", "Src/a", "e\u0301")], {}, { platform: "darwin" }).catch(
    (error: Error) => error,
  );
  expect((thrown as Error).message).toContain(
    '"src/a" does not exist in the build context, because there is no "src". There is "Src", which differs in letter case or Unicode form; the builder treats them as different paths.',
  );
  expect((thrown as Error).message).toContain(
    '"\u00e9" does not exist in the build context. There is "e\u0301", which',
  );
});
