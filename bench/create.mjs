// Creating 100 snapshots of 100 images at once, 2 s a pull. `npm run bench create [N]`
import { Project } from "./support/ground.mjs";
import { counted, local } from "./support/local.mjs";
import { alone, row, seconds } from "./support/table.mjs";

const program = (n) =>
  `resource "daytona_snapshot" "it" {\n  count = ${n}\n  name  = "bench-\${count.index + 1}"\n  image = "registry.example.com/image-\${count.index + 1}:1.0"\n}\n`;

export async function run([n = "100"] = []) {
  const count = Number(n);
  const api = await local("--latency-ms", "50", "--pull-seconds", "2");
  try {
    const project = new Project({ env: api.env }).write(program(count));
    const { ms } = await project.apply({ args: [`-parallelism=${count}`] });
    const requests = await api.control("requests");
    const counts = await api.control("counts");
    const snapshots = await api.control("snapshots");
    const posts = requests.filter(({ kind }) => kind === "create").map(({ time }) => time);
    const first = Math.min(...posts);
    const active = Math.max(...snapshots.map((dto) => Date.parse(dto.updatedAt))) - first;
    const known =
      Math.max(...requests.filter(({ kind }) => kind === "read").map(({ time, ms: took }) => time + took)) - first;
    const each = counts.total / count;
    const posting = Math.max(...posts) - first;
    return [
      row(`${count} creates of 2 s: first POST to all active`, seconds(active), {
        beside: `last POST after ${seconds(posting)}`,
        target: "6 s",
        ok: active <= 6000,
      }),
      row(`${count} creates of 2 s: first POST to all known active`, seconds(known), {
        target: "6 s",
        ok: known <= 6000,
      }),
      row(`${count} creates of 2 s: whole apply`, seconds(ms)),
      row("requests a snapshot", each.toFixed(2), { beside: counted(counts), target: "4", ok: each <= 4 }),
    ];
  } finally {
    await api.close();
  }
}

await alone(import.meta, run);
