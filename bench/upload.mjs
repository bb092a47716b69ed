// Uploading a build context of 2,000 files, 500 MB, to an S3 server, beside rclone with a tar of it. `npm run bench upload [ROUNDS]`
// versitygw is looked for in DAYTONA_IAC_VERSITYGW (scripts/tools/versitygw.sh), rclone on PATH (a Debian package).
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, sleep, start, work } from "./support/ground.mjs";
import { freePort, has } from "./support/registry.mjs";
import { alone, median, row, seconds, times } from "./support/table.mjs";

const FILES = 2_000;
const BYTES = 250_000;
const KEYS = { access: "bench-access", secret: "bench-secret-key" };

/** Runs a command; its milliseconds and what it printed. */
async function timed(command, args, env) {
  const begun = performance.now();
  const child = start(command, args, {
    stdio: ["ignore", "pipe", "pipe"], // rclone does not take it.
    env: { ...process.env, AWS_CA_BUNDLE: undefined, ...env },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (err += text));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${err.slice(-2000)}`);
  return { ms: performance.now() - begun, out };
}

export async function run([rounds = "3"] = []) {
  const versitygw = process.env["DAYTONA_IAC_VERSITYGW"];
  if (!versitygw) throw new Error("DAYTONA_IAC_VERSITYGW names no versitygw");
  if (!has("rclone")) throw new Error("rclone is not on PATH");
  const dir = mkdtempSync(join(work, "upload-"));
  const context = join(dir, "context");
  for (let i = 0; i < FILES; i += 1) {
    const folder = join(context, `folder-${i % 20}`);
    if (i < 20) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${i}`), randomBytes(BYTES));
  }
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY . /\n");
  execFileSync("tar", ["-C", context, "-cf", join(dir, "context.tar"), "."]);
  const [data, meta, cache] = ["data", "meta", "cache"].map((name) => join(dir, name));
  for (const name of [data, meta]) mkdirSync(name);
  const port = await freePort();
  const storage = `http://127.0.0.1:${port}`;
  const gateway = ["--port", `127.0.0.1:${port}`, "--quiet", "--access", KEYS.access, "--secret", KEYS.secret];
  const server = start(versitygw, [...gateway, "posix", "--sidecar", meta, data], { stdio: "ignore" });
  for (let tries = 0; !(await fetch(storage).catch(() => null)); tries += 1) {
    if (tries > 200) throw new Error("versitygw did not start");
    await sleep(50);
  }
  const script = join(root, "bench/support/upload-once.mjs");
  const env = { XDG_CACHE_HOME: cache };
  const client = new S3Client({
    endpoint: storage,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: KEYS.access, secretAccessKey: KEYS.secret },
  });
  for (const Bucket of ["ours", "rclone"]) await client.send(new CreateBucketCommand({ Bucket }));
  const emptied = (bucket) => {
    for (const name of readdirSync(join(data, bucket))) rmSync(join(data, bucket, name), { recursive: true });
  };
  const found = { ours: [], rclone: [] };
  const remote = `:s3,provider=Other,env_auth=false,endpoint='${storage}',access_key_id=${KEYS.access},secret_access_key=${KEYS.secret}:`;
  try {
    for (let round = 0; round < Number(rounds); round += 1) {
      emptied("ours");
      found.ours.push(JSON.parse((await timed(process.execPath, [script, storage, "ours", context], env)).out));
      emptied("rclone");
      found.rclone.push(
        await timed("rclone", [
          "copyto",
          join(dir, "context.tar"),
          `${remote}rclone/context.tar`,
          "--config",
          "/dev/null",
        ]),
      );
    }
  } finally {
    server.kill("SIGKILL");
  }
  const version = spawnSync("rclone", ["version"], { encoding: "utf8" }).stdout.split("\n")[0];
  const [ours, rclone] = [median(found.ours.map(({ ms }) => ms)), median(found.rclone.map(({ ms }) => ms))];
  const peak = Math.max(...found.ours.map(({ peakMb }) => peakMb));
  return [
    row("upload of 2,000 files, 500 MB", seconds(ours), {
      beside: `${version} ${seconds(rclone)}`,
      ratio: times(ours / rclone),
      target: times(0.8),
      ok: ours <= 0.8 * rclone,
    }),
    row("peak memory of this upload", `${Math.round(peak)} MB`, { target: "200 MB", ok: peak < 200 }),
  ];
}

await alone(import.meta, run);
