// Peak memory of the provider's process when 10,000 snapshots are in the state. `npm run bench memory [N]`
import { peakMemory, processesOf, Project } from "./support/ground.mjs";
import { counted, local, stateOf } from "./support/local.mjs";
import { alone, row, seconds } from "./support/table.mjs";

/** Of one resource's instances Terraform copies all for each: many resources of some instances are what it can do. */
const EACH = 200;

export async function run([n = "10000"] = []) {
  const api = await local("--latency-ms", "50");
  try {
    await api.control("seed", Number(n), { name: "bench" });
    const states = (await api.control("snapshots")).map(stateOf);
    const groups = Array.from({ length: Math.ceil(states.length / EACH) }, (_, i) =>
      states.slice(i * EACH, (i + 1) * EACH),
    );
    const program = groups
      .map(
        (group, i) =>
          `resource "daytona_snapshot" "it${i}" {\n  count = ${group.length}\n  name  = "bench-\${count.index + ${i * EACH + 1}}"\n  image = "ubuntu:24.04"\n}\n`,
      )
      .join("");
    const rows = [];
    for (const [kind, what] of [
      ["executable", "executable"],
      ["script", "Node script"],
    ]) {
      const project = new Project({ kind, env: api.env }).write(
        program,
        ...groups.map((group, i) => ["daytona_snapshot", group, `it${i}`]),
      );
      let peak = 0;
      await api.control("clearRequests");
      const watch = () => {
        for (const pid of processesOf(project.provider)) peak = Math.max(peak, peakMemory(pid) ?? 0);
      };
      const { ms } = await project.plan({ watch });
      const counts = await api.control("counts");
      rows.push(
        row(`peak memory, ${n} in the state, ${what}`, peak === 0 ? "not told here" : `${Math.round(peak)} MB`, {
          beside: `plan ${seconds(ms)}, ${counted(counts)}`,
          target: "200 MB",
          ok: peak === 0 ? null : peak < 200,
        }),
      );
    }
    return rows;
  } finally {
    await api.close();
  }
}

await alone(import.meta, run);
