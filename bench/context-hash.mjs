// How fast a build context is hashed: large files against sha256sum, many small ones against git add. `npm run bench context-hash`
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, openSync, writeSync, closeSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { alone, median, row, seconds, times } from "./support/table.mjs";

const ROUNDS = 3;
const LARGE_GIB = 2;
const SMALL_FILES = 50_000;
const self = fileURLToPath(import.meta.url);
const MIB = 2 ** 20;

/** In a process of its own, as a plan is: the time, and the most memory that it held. */
function hash(context, cache) {
  const { stdout, status, stderr } = spawnSync(process.execPath, [self, "--hash", context, ...(cache ? [cache] : [])], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function hashHere(context, cache) {
  const require = createRequire(import.meta.url);
  const source = join(self, "../../build/bench/source.cjs");
  const { readContext, DigestCache } = require(source);
  const sources = [
    {
      line: 1,
      instruction: "COPY",
      kind: "copy",
      paths: ["."],
      exclude: [],
      parents: false,
      wildcards: true,
      required: true,
    },
  ];
  const begun = performance.now();
  const found = await readContext(
    { contextDir: context, dockerfileText: "FROM a:1\n", sources },
    { now: Date.now, ...(cache && { cache: new DigestCache({ folder: cache, now: Date.now }) }) },
  );
  const hashed = performance.now() - begun;
  for (const archive of found.archives) for await (const chunk of archive.open()) void chunk;
  console.log(
    JSON.stringify({
      ms: hashed,
      packed: performance.now() - begun - hashed,
      rss: process.resourceUsage().maxRSS * 1024,
      files: found.files.length,
      sourceHash: found.sourceHash,
    }),
  );
}

function timed(command, args, options = {}) {
  const begun = performance.now();
  execFileSync(command, args, { stdio: "ignore", ...options });
  return performance.now() - begun;
}

/** The sources as one file, so that loading them is not what is measured. */
function bundle() {
  const root = join(self, "../..");
  const entry = join(root, "build/bench/entry.ts");
  mkdirSync(join(root, "build/bench"), { recursive: true });
  writeFileSync(
    entry,
    `export { readContext } from "../../provider/source/context/read-context";\nexport { DigestCache } from "../../provider/source/hash/digest-cache";\n`,
  );
  execFileSync(
    join(root, "node_modules/.bin/bun"),
    ["build", entry, "--target=node", "--format=cjs", `--outfile=${join(root, "build/bench/source.cjs")}`],
    { stdio: "pipe" },
  );
}

export async function run() {
  bundle();
  const folder = mkdtempSync(join(tmpdir(), "context-hash-"));
  try {
    return [...large(folder), ...small(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function large(folder) {
  const context = join(folder, "large");
  mkdirSync(context);
  const file = openSync(join(context, "file"), "w");
  const chunk = Buffer.alloc(16 * MIB);
  for (let at = 0; at < LARGE_GIB * 1024; at += 16) {
    chunk.fill(at % 251);
    writeSync(file, chunk);
  }
  closeSync(file);
  timed("sha256sum", [join(context, "file")]);
  const ours = [];
  const theirs = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(hash(context));
    theirs.push(timed("sha256sum", [join(context, "file")]));
  }
  const cache = join(folder, "large-cache");
  hash(context, cache);
  const cached = hash(context, cache);
  rmSync(context, { recursive: true });
  const ratio = median(ours.map(({ ms }) => ms)) / median(theirs);
  const rss = Math.max(...ours.map((it) => it.rss));
  return [
    row(`hash of one file of ${LARGE_GIB} GiB`, seconds(median(ours.map(({ ms }) => ms))), {
      beside: `sha256sum ${seconds(median(theirs))}`,
      ratio: times(ratio),
      target: "2 x",
      ok: ratio <= 2,
    }),
    row("the same, cached", seconds(cached.ms)),
    row("peak memory, hashed and packed", `${Math.round(rss / MIB)} MiB`, {
      beside: `packed in ${seconds(median(ours.map(({ packed }) => packed)))}`,
      target: "300 MB",
      ok: rss < 300e6,
    }),
  ];
}

function small(folder) {
  const context = join(folder, "small");
  for (let at = 0; at < SMALL_FILES; at++) {
    const sub = join(context, `d${at % 500}`);
    if (at < 500) mkdirSync(sub, { recursive: true });
    writeFileSync(join(sub, `f${at}.txt`), `file ${at}\n`.repeat(20 + (at % 100)));
  }
  const ours = [];
  const theirs = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(hash(context));
    execFileSync("git", ["init", "-q"], { cwd: context });
    theirs.push(timed("git", ["-c", "core.autocrlf=false", "add", "."], { cwd: context }));
    rmSync(join(context, ".git"), { recursive: true });
  }
  const cache = join(folder, "small-cache");
  hash(context, cache);
  const cached = hash(context, cache);
  const ratio = median(ours.map(({ ms }) => ms)) / median(theirs);
  return [
    row(`hash of ${SMALL_FILES} files of 200 bytes to 1.4 KiB`, seconds(median(ours.map(({ ms }) => ms))), {
      beside: `git add ${seconds(median(theirs))}`,
      ratio: times(ratio),
      target: "3 x",
      ok: ratio <= 3,
    }),
    row("the same, cached", seconds(cached.ms), { beside: `peak memory ${Math.round(cached.rss / MIB)} MiB` }),
  ];
}

if (process.argv[2] === "--hash") await hashHere(process.argv[3], process.argv[4]);
else await alone(import.meta, run);
