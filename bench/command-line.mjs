// Start of the command line: `snapshot list` against the local API, as a script for Node, as an executable, and by the official command line
// (a build of it, named in DAYTONA_CLI; left out without); beside them Node with nothing to do, and the version of each.
// `npm run bench command-line [RUNS]`
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exe, here } from "../scripts/build-provider.mjs";
import { npmExecutable } from "../scripts/release-npm.mjs";
import { root, start, work } from "./support/ground.mjs";
import { local } from "./support/local.mjs";
import { alone, median, ms, row, times } from "./support/table.mjs";

function once(file, args, env) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = start(file, args, { env, stdio: ["ignore", "ignore", "ignore"] });
    child.once("exit", (code) =>
      code === 0
        ? resolve(performance.now() - begun)
        : reject(new Error(`${file} ${args.join(" ")} ended with ${code}`)),
    );
  });
}

export async function run([runs = "25"] = []) {
  const api = await local();
  await api.control("seed", 20);
  const home = mkdtempSync(join(work, "home-"));
  const executable = join(home, `daytona-iac${exe(here())}`);
  copyFileSync(npmExecutable(mkdtempSync(join(work, "npm-"))), executable);
  const nothing = join(home, "nothing.cjs");
  writeFileSync(nothing, "");
  mkdirSync(join(home, ".config"));
  const script = join(root, "dist/cli/main.js");
  const official = process.env["DAYTONA_CLI"];
  const env = { PATH: process.env["PATH"], HOME: home, XDG_CONFIG_HOME: join(home, ".config"), ...api.env };
  const commands = {
    node: [process.execPath, [nothing]],
    executable: [executable, ["snapshot", "list"]],
    script: [process.execPath, [script, "snapshot", "list"]],
    version: [executable, ["version"]],
    ...(official && existsSync(official)
      ? { official: [official, ["snapshot", "list", "--format", "json"]], officialVersion: [official, ["version"]] }
      : {}),
  };
  const took = Object.fromEntries(Object.keys(commands).map((kind) => [kind, []]));
  for (let i = 0; i <= Number(runs); i++) {
    for (const [kind, [file, args]] of Object.entries(commands)) {
      const one = await once(file, args, env);
      if (i > 0) took[kind].push(one);
    }
  }
  await api.close();
  const m = Object.fromEntries(Object.entries(took).map(([kind, all]) => [kind, median(all)]));
  const beside = (what, kind, other, name, target) =>
    row(what, ms(m[kind]), {
      beside: `${name} ${ms(m[other])}`,
      ratio: times(m[kind] / m[other]),
      ...(target ? { target: times(target), ok: m[kind] / m[other] <= target } : {}),
    });
  return [
    beside("snapshot list, executable", "executable", "node", "bare Node"),
    beside("snapshot list, script", "script", "node", "bare Node"),
    beside("version, executable", "version", "node", "bare Node"),
    ...(m.official === undefined
      ? []
      : [
          beside("snapshot list, executable", "executable", "official", "official list", 1.5),
          beside("snapshot list, script", "script", "official", "official list", 1.5),
          beside("snapshot list, executable", "executable", "officialVersion", "official version", 1.5),
        ]),
  ];
}

await alone(import.meta, run);
