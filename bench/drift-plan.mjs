// A drift check of a plan in which every snapshot has drifted: time, CPU and peak memory, beside an older build of the same file in the same run.
// `DAYTONA_IAC_OLDER=/path/to/older/dist npm run bench drift-plan [COUNT] [ROUNDS]`. For the older build: `git worktree add ../older COMMIT`,
// node_modules linked into it, and `node scripts/build.mjs --library` there. Without one, the ratios are left out.
import { closeSync, existsSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { root, start, work } from "./support/ground.mjs";
import { alone, median, row, seconds, times } from "./support/table.mjs";

/** At most so much of the older build's time and memory. */
const TARGET = { time: 0.4, memory: 0.3 };

const head = (i) => ({
  address: `daytona_snapshot.agent["agent-${i}"]`,
  mode: "managed",
  type: "daytona_snapshot",
  name: "agent",
  index: `agent-${i}`,
  provider_name: "registry.terraform.io/daytona-iac/daytona",
});

function state(i) {
  return {
    active: true,
    adopt_existing: false,
    build_args: null,
    context: null,
    context_dir: null,
    cpu: 1,
    created_at: "2026-11-01T10:00:00.000Z",
    disk: 3,
    dockerfile: null,
    dockerfile_content: null,
    entrypoint: null,
    error_reason: null,
    gpu: 0,
    gpu_type: null,
    gpu_types: null,
    id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
    image: "ubuntu:24.04",
    image_name: "ubuntu:24.04",
    local_image: null,
    memory: 1,
    name: `agent-${i}`,
    name_prefix: null,
    organization_id: "11111111-1111-4111-8111-111111111111",
    ref: `registry.example/daytona@sha256:${"a".repeat(64)}`,
    region: "us",
    region_ids: ["us"],
    replacement: "swap",
    sandbox_class: "container",
    size: 0.75,
    source_hash: `v1:${"ab".repeat(32)}`,
    state: "active",
    target: null,
    timeouts: null,
    triggers: null,
  };
}

const idle = (i) => ({ ...state(i), state: "inactive", active: false });
const unknown = { state: true, size: true, ref: true, error_reason: true };
const marks = { before_sensitive: { region_ids: [false] }, after_sensitive: { region_ids: [false] } };
const drifted = (i) => ({
  ...head(i),
  change: { actions: ["update"], before: state(i), after: idle(i), after_unknown: {}, ...marks },
});

function repaired(i) {
  const after = Object.fromEntries(Object.entries(state(i)).filter(([name]) => !(name in unknown)));
  return {
    ...head(i),
    change: {
      actions: ["update"],
      before: idle(i),
      after,
      after_unknown: { ...unknown, region_ids: [false] },
      ...marks,
    },
  };
}

/** Writes `terraform show -json` of such a plan, without the parts that neither build looks into. */
function write(file, count) {
  const fd = openSync(file, "w");
  const list = (name, entry) => {
    writeSync(fd, `,"${name}":[`);
    for (let i = 0; i < count; i++) writeSync(fd, `${i === 0 ? "" : ","}${JSON.stringify(entry(i))}`);
    writeSync(fd, "]");
  };
  writeSync(fd, '{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{}');
  list("resource_drift", drifted);
  list("resource_changes", repaired);
  writeSync(fd, "}");
  closeSync(fd);
}

/** One check, in a process that tells at its end what it used. */
function check(dist, file, told) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const env = { PATH: process.env["PATH"], HOME: work };
    const child = start(
      process.execPath,
      ["--require", told, join(dist, "cli/main.js"), "drift", "--plan", file, "--quiet"],
      { env, cwd: work, stdio: ["ignore", "ignore", "ignore", "pipe"] },
    );
    let text = "";
    child.stdio[3].on("data", (part) => (text += part));
    child.once("close", (code) =>
      code === 2
        ? resolve({ ms: performance.now() - begun, ...JSON.parse(text) })
        : reject(new Error(`drift ended with ${code}`)),
    );
  });
}

export async function run([count = "10000", rounds = "3"] = []) {
  const file = join(work, "plan.json");
  write(file, Number(count));
  const told = join(work, "told.cjs");
  writeFileSync(
    told,
    'process.on("exit", () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); require("node:fs").writeSync(3, JSON.stringify({ rss: maxRSS / 1024, cpu: (userCPUTime + systemCPUTime) / 1000 })); });\n',
  );
  const older = process.env["DAYTONA_IAC_OLDER"];
  const builds = { now: join(root, "dist"), ...(older && existsSync(older) ? { older } : {}) };
  const took = Object.fromEntries(Object.keys(builds).map((build) => [build, []]));
  for (let round = 0; round < Number(rounds); round++)
    for (const [build, dist] of Object.entries(builds)) took[build].push(await check(dist, file, told));
  const of = (build, what) => median(took[build].map((one) => one[what]));
  const beside = (title, what, text, target) =>
    row(
      `drift of ${count} drifted in a plan: ${title}`,
      text(of("now", what)),
      took.older === undefined
        ? {}
        : {
            beside: `older build ${text(of("older", what))}`,
            ratio: times(of("now", what) / of("older", what)),
            target: times(target),
            ok: of("now", what) / of("older", what) <= target,
          },
    );
  return [
    beside("time", "ms", seconds, TARGET.time),
    beside("CPU", "cpu", seconds, TARGET.time),
    beside("peak memory", "rss", (mb) => `${Math.round(mb)} MB`, TARGET.memory),
  ];
}

await alone(import.meta, run);
