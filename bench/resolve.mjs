// What asking a registry costs: 1,000 references of 20 images, 50 ms away, by the resolver alone, and a plan of 1,000 snapshots of these images
// beside one that asks no registry (`DAYTONA_RESOLVE_TAGS=false`). `npm run bench resolve [COUNT] [IMAGES] [ROUNDS]`
import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Project, root, work } from "./support/ground.mjs";
import { local } from "./support/local.mjs";
import { has, layersOf, layout, registry } from "./support/registry.mjs";
import { alone, median, ms, row, seconds, times } from "./support/table.mjs";

const LATENCY_MS = 50;
/** How much longer a plan may take, in ms. */
const TARGET_MS = 300;

const compiled = (path) => import(pathToFileURL(join(root, "dist/lifecycle", path)).href);

/** `count` snapshots, whose images are those of a list in turns. */
const program = (count, images) =>
  `locals {\n  images = ${JSON.stringify(images)}\n}\nresource "daytona_snapshot" "it" {\n  count = ${count}\n  name  = "bench-\${count.index + 1}"\n  image = local.images[count.index % ${images.length}]\n}\n`;

export async function run([count = "1000", images = "20", rounds = "3"] = []) {
  const missing = ["docker-registry", "skopeo"].filter((command) => !has(command));
  if (missing.length > 0) throw new Error(`not on PATH: ${missing.join(", ")}`);
  const { imageResolver } = await compiled("resolve/index.js");
  const { systemClock } = await compiled("call/system-clock.js");
  const there = await registry(LATENCY_MS);
  const api = await local();
  // No credentials of this machine.
  const home = mkdtempSync(join(work, "home-"));
  const resolver = () => imageResolver({ env: { HOME: home }, clock: systemClock, log: { debug: () => undefined } });
  const [alones, plans, unasked] = [[], [], []];
  let [asked, askedByPlan] = [0, 0];
  const plan = async (list, resolves) => {
    const env = { ...api.env, DAYTONA_RESOLVE_TAGS: String(resolves) };
    const project = new Project({ env }).write(program(count, list));
    return (await project.run(["plan", "-input=false", "-no-color", "-refresh=false"])).ms;
  };
  try {
    const names = Array.from({ length: Number(images) }, (_, i) => `${there.host}/bench/image-${i}:1`);
    for (const name of names) await put(layout("image", layersOf(1, 1000)), name);
    const digests = await Promise.all(names.map((name) => digestOf(name)));
    for (let round = 0; round < Number(rounds); round += 1) {
      there.asked();
      const one = resolver();
      const begun = performance.now();
      const answers = await Promise.all(
        Array.from({ length: Number(count) }, (_, i) => one.resolve(names[i % names.length])),
      );
      alones.push(performance.now() - begun);
      one.close();
      const wrong = answers.find(({ digest }, i) => digest !== digests[i % names.length]);
      if (wrong !== undefined) throw new Error(`not resolved as skopeo does: ${JSON.stringify(wrong)}`);
      asked = there.asked();
      plans.push(await plan(names, true));
      askedByPlan = there.asked();
      unasked.push(await plan(names, false));
    }
  } finally {
    there.close();
    await api.close();
  }
  const more = median(plans) - median(unasked);
  const limit = Number(images);
  return [
    row(`requests for ${count} references of ${images} images`, String(asked), {
      target: String(limit),
      ok: asked <= limit,
    }),
    row(`${count} references of ${images} images, ${LATENCY_MS} ms away`, ms(median(alones)), {
      target: ms(TARGET_MS),
      ok: median(alones) <= TARGET_MS,
    }),
    row(`requests of a plan of ${count} snapshots of ${images} images`, String(askedByPlan), {
      target: String(limit),
      ok: askedByPlan <= limit,
    }),
    row(`plan of ${count} snapshots of ${images} images, ${LATENCY_MS} ms away`, seconds(median(plans)), {
      beside: `without asking ${seconds(median(unasked))}`,
      ratio: times(median(plans) / median(unasked)),
      target: `${ms(TARGET_MS)} more`,
      ok: more <= TARGET_MS,
    }),
  ];
}

/** Beside this process, which has to pass on what is sent. */
async function skopeo(...args) {
  const { stdout } = await promisify(execFile)("skopeo", args);
  return stdout.trim();
}

const put = (dir, name) =>
  skopeo("copy", "-q", "--insecure-policy", "--dest-tls-verify=false", `oci:${dir}:bench`, `docker://${name}`);

const digestOf = (name) => skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", `docker://${name}`);

await alone(import.meta, run);
