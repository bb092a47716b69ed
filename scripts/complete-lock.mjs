// Adds to package-lock.json the optional packages of other platforms that npm left out, and the integrity of every package that has none.
// Where a registry mirror lacks a platform's package (a Windows binary, say), `npm install` drops it from the lock
// file, and `npm ci` then refuses the whole file everywhere. Run after every `npm install`: `npm run lock`.
// Usage: node scripts/complete-lock.mjs [--check]
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const packages = lock.packages;

/** Whether `name`, asked for by the package at `path`, is found as Node looks it up. */
function locked(path, name) {
  for (let base = path; ;) {
    if (packages[`${base ? `${base}/` : ""}node_modules/${name}`]) return true;
    if (!base) return false;
    const cut = base.lastIndexOf("/node_modules/");
    base = cut < 0 ? "" : base.slice(0, cut);
  }
}

const systems = {
  darwin: "darwin",
  linux: "linux",
  win32: "win32",
  windows: "win32",
  freebsd: "freebsd",
  android: "android",
  openharmony: "openharmony",
};
const processors = {
  arm64: "arm64",
  aarch64: "arm64",
  x64: "x64",
  ia32: "ia32",
  armv7: "arm",
  arm: "arm",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  loong64: "loong64",
};
const pick = (table, name) => table[name.split("-").find((word) => table[word])];

const missing = [];
for (const [path, entry] of Object.entries({ ...packages })) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (locked(path, name)) continue;
    missing.push(name);
    const [os, cpu] = [pick(systems, name), pick(processors, name)];
    packages[`node_modules/${name}`] = {
      version: range.replace(/^npm:.*@/, ""),
      ...(cpu && { cpu: [cpu] }),
      ...(entry.dev && { dev: true }),
      optional: true,
      ...(os && { os: [os] }),
    };
  }
}
// What is packed inside another package comes with that package's integrity.
const unchecked = Object.entries(packages)
  .filter(([path, entry]) => path !== "" && !entry.integrity && !entry.inBundle && !entry.link)
  .map(([path]) => path);

/** The integrity that the registry tells. */
function integrityOf(path) {
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const windows = process.platform === "win32";
  const asked = spawnSync(
    windows ? "npm.cmd" : "npm",
    ["view", `${name}@${packages[path].version}`, "dist.integrity"],
    { encoding: "utf8", shell: windows },
  );
  const integrity = asked.stdout.trim();
  if (asked.status !== 0 || !/^sha512-[\w+/]+=*$/.test(integrity))
    throw new Error(
      `the registry tells no integrity of ${name} ${packages[path].version}: ${asked.stderr || integrity}`,
    );
  return integrity;
}

if (process.argv.includes("--check")) {
  const faults = [
    ...(missing.length > 0 ? [`lacks ${missing.length} optional packages:\n  ${missing.join("\n  ")}`] : []),
    ...(unchecked.length > 0 ? [`has no integrity of ${unchecked.length} packages:\n  ${unchecked.join("\n  ")}`] : []),
  ];
  if (faults.length > 0) console.error(`package-lock.json ${faults.join("\nand ")}\nRun "npm run lock".`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} else if (missing.length + unchecked.length > 0) {
  for (const path of unchecked)
    packages[path] = { version: packages[path].version, integrity: integrityOf(path), ...packages[path] };
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(
    `package-lock.json: ${missing.length} optional packages of other platforms and the integrity of ${unchecked.length} packages added`,
  );
}
