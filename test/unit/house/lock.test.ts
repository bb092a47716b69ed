import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../../..");

test("the lock file has every platform's packages, so that npm ci takes it everywhere", () => {
  const run = spawnSync(process.execPath, [join(root, "scripts/complete-lock.mjs"), "--check"], { encoding: "utf8" });
  expect(run).toMatchObject({ status: 0, stderr: "" });
});

test("every package in the lock file has an integrity, or comes inside one that has", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { integrity?: string; inBundle?: boolean; link?: boolean }>;
  };
  const entries = Object.entries(packages).filter(([path, { link }]) => path !== "" && link !== true);
  const inside = (path: string): boolean =>
    Object.entries(packages).some(
      ([owner, entry]) =>
        owner !== "" &&
        path.startsWith(`${owner}/node_modules/`) &&
        entry.inBundle !== true &&
        /^sha512-/.test(entry.integrity ?? ""),
    );
  expect(entries.length).toBeGreaterThan(100);
  expect(
    entries
      .filter(
        ([path, { integrity, inBundle }]) =>
          !/^sha512-[\w+/]+=*$/.test(integrity ?? "") && !(inBundle === true && inside(path)),
      )
      .map(([path]) => path),
  ).toEqual([]);
});

test("an integrity that is missing is told by name", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { integrity?: string }>;
  };
  delete lock.packages["node_modules/axios"]!.integrity;
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  mkdirSync(join(folder, "scripts"));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
  copyFileSync(join(root, "scripts/complete-lock.mjs"), join(folder, "scripts/complete-lock.mjs"));
  const run = spawnSync(process.execPath, [join(folder, "scripts/complete-lock.mjs"), "--check"], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  expect(run).toMatchObject({
    status: 1,
    stderr: 'package-lock.json has no integrity of 1 packages:\n  node_modules/axios\nRun "npm run lock".\n',
  });
});

test("npm installs audit what they install", () => {
  expect(readFileSync(join(root, ".npmrc"), "utf8")).not.toMatch(/audit\s*=\s*false/);
});

test("the lock file names no registry", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { resolved?: string }>;
  };
  const resolved = Object.values(lock.packages).filter((entry) => entry.resolved !== undefined);
  expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
  expect(resolved).toEqual([]);
});
