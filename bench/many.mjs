// Commands on several snapshots: `snapshot delete` of 12 on a v0 server, which ends removals every 10 s, beside one command for each, and of 200
// beside `terraform destroy` of 200. `npm run bench many`
import { copyFileSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { exe, here } from "../scripts/build-provider.mjs";
import { npmExecutable } from "../scripts/release-npm.mjs";
import { Project, start, work } from "./support/ground.mjs";
import { local, stateOf } from "./support/local.mjs";
import { program } from "./support/resources.mjs";
import { alone, row, seconds, times } from "./support/table.mjs";

/** How often the real server ends removals. */
const CRON_MS = 10_000;

export async function run([several = "12", many = "200"] = []) {
  const home = mkdtempSync(join(work, "home-"));
  const executable = join(home, `daytona-iac${exe(here())}`);
  copyFileSync(npmExecutable(mkdtempSync(join(work, "npm-"))), executable);
  mkdirSync(join(home, ".config"));
  const api = await local("--latency-ms", "20", "--generation", "v0");
  const env = { PATH: process.env["PATH"], HOME: home, XDG_CONFIG_HOME: join(home, ".config"), ...api.env };
  const seeded = async (n) => {
    await api.control("removeAll");
    await api.control("seed", Number(n));
    await api.control("settings", { cronMs: CRON_MS });
    return api.control("snapshots");
  };
  const removed = async (command) => {
    const begun = performance.now();
    await command();
    const left = (await api.control("snapshots")).filter(({ general }) => !general);
    if (left.length > 0) throw new Error(`${left.length} snapshots are left`);
    return performance.now() - begun;
  };
  const deleted = (...which) =>
    new Promise((resolve, reject) => {
      const child = start(executable, ["snapshot", "delete", ...which, "--quiet"], { env, stdio: "ignore" });
      child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`delete ended with ${code}`))));
    });
  try {
    const found = (await seeded(several)).map(({ name }) => name);
    const single = await removed(async () => {
      for (const name of found) await deleted(name);
    });
    const together = (await seeded(several)).map(({ name }) => name);
    const side = await removed(() => deleted(...together));
    const dtos = await seeded(many);
    const project = new Project({ env: api.env }).write(program(many), ["daytona_snapshot", dtos.map(stateOf)]);
    const destroyed = await removed(() =>
      project.run(["destroy", "-input=false", "-no-color", "-auto-approve", "-refresh=false"]),
    );
    const all = (await seeded(many)).map(({ name }) => name);
    const ours = await removed(() => deleted(...all));
    return [
      row(`delete of ${several}, v0 server`, seconds(side), {
        beside: `one after the other ${seconds(single)}`,
        ratio: times(side / single),
        target: times(0.2),
        ok: side <= 0.2 * single,
      }),
      row(`delete of ${many}, v0 server`, seconds(ours), {
        beside: `terraform destroy ${seconds(destroyed)}`,
        ratio: times(ours / destroyed),
        target: times(1),
        ok: ours <= destroyed,
      }),
    ];
  } finally {
    await api.close();
  }
}

await alone(import.meta, run);
