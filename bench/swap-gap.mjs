// How long nobody can use a snapshot's name while it is swapped, with the cron marks of the real server. `npm run bench swap-gap`
import { Project, sleep } from "./support/ground.mjs";
import { local } from "./support/local.mjs";
import { alone, row, seconds } from "./support/table.mjs";

const sources = {
  "2 s pull": (n) => `image = "registry.example.com/agent:${n}.0"`,
  "3 s build": (n) => `dockerfile_content = "FROM ubuntu:24.04\\nRUN echo ${n}\\n"`,
};

async function gap(generation, source) {
  const api = await local("--generation", generation, "--pull-seconds", "2", "--build-seconds", "3");
  try {
    await api.control("settings", { cronMs: 10_000 });
    const project = new Project({ env: api.env });
    const program = (n) => project.write(`resource "daytona_snapshot" "it" {\n  name = "bench"\n  ${source(n)}\n}\n`);
    program(1);
    await project.apply();
    program(2);
    let unusable = 0;
    let done = false;
    const swapping = project.apply().finally(() => (done = true));
    let before = performance.now();
    while (!done) {
      const usable = (await (await api.get("/snapshots/bench")).json()).state === "active";
      const now = performance.now();
      if (!usable) unusable += now - before;
      before = now;
      await sleep(10);
    }
    const { ms } = await swapping;
    return { unusable, ms };
  } finally {
    await api.close();
  }
}

export async function run() {
  const asked = ["v0", "v2"].flatMap((generation) =>
    Object.entries(sources).map(([what, source]) => ({ generation, what, source })),
  );
  // Nearly all of it is waiting: at the same time.
  const found = await Promise.all(asked.map(async (it) => ({ ...it, ...(await gap(it.generation, it.source)) })));
  return found.map((it) =>
    row(`swap, ${it.what}, server ${it.generation}: name not usable`, seconds(it.unusable), {
      beside: `whole apply ${seconds(it.ms)}`,
    }),
  );
}

await alone(import.meta, run);
