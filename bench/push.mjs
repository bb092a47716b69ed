// Pushing an image of 20 layers of 2 MB, 20 ms away, beside crane and skopeo. `npm run bench push [ROUNDS]`
// crane is looked for on PATH and in DAYTONA_IAC_CRANE; `go install github.com/google/go-containerregistry/cmd/crane@latest` builds it.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { bunBinary } from "../scripts/build-provider.mjs";
import { root, start, work } from "./support/ground.mjs";
import { has, layersOf, layout, registry } from "./support/registry.mjs";
import { alone, median, row, seconds, times } from "./support/table.mjs";

const LAYERS = 20;
const BYTES = 2_000_000;
const LATENCY_MS = 20;
const crane = process.env["DAYTONA_IAC_CRANE"] ?? "crane";

/** Runs a command; its milliseconds and what it printed. */
async function timed(command, args) {
  const begun = performance.now();
  const child = start(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (err += text));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${err.slice(-2000)}`);
  return { ms: performance.now() - begun, out };
}

const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

export async function run([rounds = "3"] = []) {
  const missing = ["docker-registry", "skopeo", crane].filter((command) => !has(command));
  if (missing.length > 0) throw new Error(`not on PATH: ${missing.join(", ")}`);
  const results = {};
  const there = await registry(LATENCY_MS);
  const measure = async (name, push) => {
    there.sent();
    const { ms, pushMs = ms, peakMb = 0 } = await push();
    (results[name] ??= []).push({ ms, pushMs, bytes: there.sent(), peakMb });
  };
  // As the executables run it: in one file, by Bun.
  const script = join(work, "push-once.js");
  const source = join(root, "bench/support/push-once.mjs");
  execFileSync(bunBinary(), ["build", "--target=bun", "--minify", source, "--outfile", script], { stdio: "ignore" });
  const ours = async (dir, count, ...earlier) => {
    const { ms, out } = await timed(bunBinary(), [
      script,
      `http://${there.host}`,
      `oci:${dir}`,
      String(count),
      ...earlier,
    ]);
    return { ms, ...JSON.parse(out) };
  };
  try {
    for (let round = 0; round < Number(rounds); round += 1) {
      const layers = layersOf(LAYERS, BYTES);
      const first = layout("first", layers);
      const changed = layout("changed", [...layers.slice(0, -1), ...layersOf(1, BYTES)]);
      let name = "";
      await measure("ours, first", async () => {
        const done = await ours(first, 1);
        name = done.names[0];
        return done;
      });
      await measure("ours, changed", () => ours(changed, 1, name));
      for (const [what, dir] of [
        ["first", first],
        ["changed", changed],
      ]) {
        await measure(`crane, ${what}`, () =>
          timed(crane, ["push", "--insecure", dir, `${there.host}/crane/it-${round}:${what}`]),
        );
        await measure(`skopeo, ${what}`, () =>
          timed("skopeo", [
            "copy",
            "--insecure-policy",
            "--dest-tls-verify=false",
            `oci:${dir}:bench`,
            `docker://${there.host}/skopeo/it-${round}:${what}`,
          ]),
        );
      }
      const other = layout("other", layersOf(LAYERS, BYTES));
      const another = layout("another", layersOf(LAYERS, BYTES));
      await measure("one", () => ours(other, 1));
      await measure("four", () => ours(another, 4));
    }
  } finally {
    there.close();
  }
  const of = (name, field) => median(results[name].map((it) => it[field]));
  /** @param field `ms`: of the whole process; `pushMs`: as in a provider, which runs already */
  const against = (what, name, beside, target, field = "ms") => {
    const ratio = of(name, field) / of(beside, "ms");
    const shown = `${beside.replace(/,.*/, "")} ${seconds(of(beside, "ms"))}, ${mb(of(beside, "bytes"))}`;
    return row(what, `${seconds(of(name, field))}, ${mb(of(name, "bytes"))}`, {
      beside: shown,
      ratio: times(ratio),
      target: times(target),
      ok: ratio <= target,
    });
  };
  const bytes = (what, sent, of, target) =>
    row(what, mb(sent), { beside: mb(of), ratio: times(sent / of), target: times(target), ok: sent / of <= target });
  const peak = Math.max(...Object.values(results).flatMap((all) => all.map(({ peakMb }) => peakMb)));
  return [
    against("first push of 20 layers of 2 MB", "ours, first", "crane, first", 1),
    against("first push of 20 layers of 2 MB", "ours, first", "skopeo, first", 0.5),
    against("one of 20 layers changed", "ours, changed", "crane, changed", 1.2),
    against("one of 20 layers changed", "ours, changed", "skopeo, changed", 1.2),
    against("first push, process already running", "ours, first", "crane, first", 1, "pushMs"),
    against("one changed, process already running", "ours, changed", "crane, changed", 1.2, "pushMs"),
    bytes("bytes of one changed layer", of("ours, changed", "bytes"), BYTES, 1.1),
    against("four snapshots of one image, against one", "four", "one", 1.3),
    bytes("bytes of four, against one", of("four", "bytes"), of("one", "bytes"), 1.05),
    row("peak memory of these pushes", `${Math.round(peak)} MB`, { target: "200 MB", ok: peak < 200 }),
  ];
}

await alone(import.meta, run);
