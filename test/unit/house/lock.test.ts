import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../../..");

test("the lock file has every platform's packages, so that npm ci takes it everywhere", () => {
  const run = spawnSync(process.execPath, [join(root, "scripts/complete-lock.mjs"), "--check"], { encoding: "utf8" });
  expect(run).toMatchObject({ status: 0, stderr: "" });
});

test("the lock file names no registry", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, { resolved?: string }> };
  const resolved = Object.values(lock.packages).filter((entry) => entry.resolved !== undefined);
  expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
  expect(resolved).toEqual([]);
});
