// How long after the server's change an apply knows that a snapshot is active. `npm run bench noticed`
import { Project } from "./support/ground.mjs";
import { local } from "./support/local.mjs";
import { alone, median, ms, row } from "./support/table.mjs";

/** Pulls that end at different moments between two polls. */
const PULLS = [300, 700, 1100, 1500, 1900, 2300, 2700];

async function delays(...flags) {
  const api = await local("--latency-ms", "20", ...flags);
  try {
    const found = [];
    for (const pullMs of PULLS) {
      await api.control("removeAll");
      await api.control("settings", { pullMs, inspectMs: 0 });
      await api.control("clearRequests");
      const project = new Project({ env: api.env }).write(
        `resource "daytona_snapshot" "it" {\n  name  = "bench"\n  image = "ubuntu:24.04"\n}\n`,
      );
      await project.apply();
      const [dto] = await api.control("snapshots");
      const reads = (await api.control("requests")).filter(({ kind }) => kind === "read");
      // It is known when the answer of the read that confirms it is there: the last one.
      const last = reads.at(-1);
      found.push(last.time + last.ms - Date.parse(dto.updatedAt));
    }
    return found;
  } finally {
    await api.close();
  }
}

export async function run() {
  const line = (what, found, target) =>
    row(what, ms(median(found)), {
      beside: `slowest of ${found.length}: ${ms(Math.max(...found))}`,
      target: ms(target),
      ok: Math.max(...found) <= target,
    });
  return [
    line("active is known, events on", await delays(), 100),
    line("active is known, polling alone", await delays("--no-events"), 1100),
  ];
}

await alone(import.meta, run);
