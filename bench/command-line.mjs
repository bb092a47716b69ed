// Start of the command line: `snapshot list` against the local API, as a script for Node and as an executable, and the completion of a word; beside them
// `node -e 0`, and the official command line (a build of it, named in DAYTONA_CLI; left out without). The script on a second Node as well, named in
// DAYTONA_OTHER_NODE. In turns, with the CPU of each beside its time.
// `npm run bench command-line [RUNS]`
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exe, here } from "../scripts/build-provider.mjs";
import { npmExecutable } from "../scripts/release-npm.mjs";
import { root, work } from "./support/ground.mjs";
import { local } from "./support/local.mjs";
import { alone, median, ms, row, times } from "./support/table.mjs";

/** Runs a command. @returns its time, and the CPU of the process and of what it started, in ms */
function once([file, args], env) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const before = cpuOfChildren();
    const { status } = spawnSync(file, args, { env, stdio: ["ignore", "ignore", "ignore"] });
    if (status !== 0) return reject(new Error(`${file} ${args.join(" ")} ended with ${status}`));
    resolve({ time: performance.now() - begun, cpu: cpuOfChildren() - before });
  });
}

/** CPU of the children that have ended, in ms; Linux only. */
function cpuOfChildren() {
  if (process.platform !== "linux") return NaN;
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

const LIST = ["snapshot", "list"];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

export async function run([runs = "25"] = []) {
  const api = await local();
  await api.control("seed", 20);
  const home = mkdtempSync(join(work, "home-"));
  const executable = join(home, `daytona-iac${exe(here())}`);
  copyFileSync(npmExecutable(mkdtempSync(join(work, "npm-"))), executable);
  mkdirSync(join(home, ".config"));
  const script = join(root, "dist/cli/main.js");
  const official = process.env["DAYTONA_CLI"];
  const other = process.env["DAYTONA_OTHER_NODE"];
  const env = { PATH: process.env["PATH"], HOME: home, XDG_CONFIG_HOME: join(home, ".config"), ...api.env };
  const onNode = (node) => ({ nothing: [node, ["-e", "0"]], script: [node, [script, ...LIST]] });
  const commands = {
    ...onNode(process.execPath),
    ...(other ? Object.fromEntries(Object.entries(onNode(other)).map(([kind, each]) => [`${kind}2`, each])) : {}),
    executable: [executable, [...LIST, "--format", "json"]],
    completion: [executable, ["completion", "--words", "snapshot", "l"]],
    version: [executable, ["version"]],
    ...(official && existsSync(official)
      ? {
          official: [official, [...LIST, "--format", "json"]],
          officialCompletion: [official, ["__complete", "snapshot", "l"]],
          officialVersion: [official, ["version"]],
        }
      : {}),
  };
  const took = Object.fromEntries(Object.keys(commands).map((kind) => [kind, []]));
  for (let i = 0; i <= Number(runs); i++) {
    for (const [kind, command] of Object.entries(commands)) {
      const one = await once(command, env);
      if (i > 0) took[kind].push(one);
    }
  }
  await api.close();
  const of = (measure, middle) =>
    Object.fromEntries(Object.entries(took).map(([kind, all]) => [kind, middle(all.map((one) => one[measure]))]));
  // CPU is counted in ticks of 10 ms, which only a mean makes finer.
  const measures = { time: of("time", median), CPU: of("cpu", mean) };
  const beside = (what, kind, other, name, target) =>
    took[kind] === undefined || took[other] === undefined
      ? []
      : Object.entries(measures).map(([measure, m]) =>
          row(`${what}: ${measure}`, ms(m[kind]), {
            beside: `${name} ${ms(m[other])}`,
            ratio: times(m[kind] / m[other]),
            ...(target ? { target: times(target), ok: m[kind] / m[other] <= target } : {}),
          }),
        );
  return [
    ...beside(`snapshot list, script, Node ${process.versions.node}`, "script", "nothing", "node -e 0", 2.2),
    ...beside("snapshot list, script, the other Node", "script2", "nothing2", "node -e 0", 2),
    ...beside("snapshot list, executable", "executable", "official", "official", 2),
    ...beside("completion of a word, executable", "completion", "officialCompletion", "official", 1.5),
    ...beside("version, executable", "version", "officialVersion", "official"),
  ];
}

await alone(import.meta, run);
