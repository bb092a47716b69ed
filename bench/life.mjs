// A provider's whole life: a plan of one snapshot beside the same plan with a bare Go plugin of the same width, and what each start of a
// provider takes in it, by Terraform's own log. `npm run bench life [RUNS]`
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { goPlugin } from "./support/go.mjs";
import { Project } from "./support/ground.mjs";
import { local, stateOf } from "./support/local.mjs";
import { bare, program, widthOf } from "./support/resources.mjs";
import { alone, median, ms, row, times } from "./support/table.mjs";

const TARGET = 1.15;

/** Milliseconds of the parts of each start in a log of `TF_LOG=json`, by name. */
function parts(output) {
  const events = output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  // A time stamp has microseconds, which Date does not read.
  const at = (event) =>
    Date.parse(`${event["@timestamp"].slice(0, 23)}Z`) + Number(event["@timestamp"].slice(23, 26)) / 1000;
  const found = { handshake: [], connecting: [], schema: [], exit: [] };
  let begun, shaken, asked, closing;
  for (const event of events) {
    const message = event["@message"];
    const rpc = /^GRPCProvider(?:\.v6)?: (\w+)/.exec(message)?.[1];
    if (message === "starting plugin") [begun, shaken, asked, closing] = [at(event)];
    else if (message === "using plugin") found.handshake.push((shaken = at(event)) - begun);
    if (rpc && shaken !== undefined) {
      found.connecting.push(at(event) - shaken);
      shaken = undefined;
    }
    // The schema has arrived when Terraform does the next thing with this provider.
    if (asked !== undefined && rpc) {
      found.schema.push(at(event) - asked);
      asked = undefined;
    }
    if (rpc === "GetProviderSchema") asked = at(event);
    if (rpc === "Close") closing = at(event);
    else if (/^plugin process exited/.test(message) && closing !== undefined) found.exit.push(at(event) - closing);
  }
  return found;
}

/** Milliseconds that a checksum of the file takes here. */
function checksum(file) {
  const begun = performance.now();
  createHash("sha256").update(readFileSync(file)).digest();
  return performance.now() - begun;
}

export async function run([runs = "15"] = []) {
  if (goPlugin() === null) return [row("plan of one snapshot", "", { beside: "no Go here" })];
  const api = await local();
  try {
    await api.control("insert", { name: "bench-1" });
    const states = (await api.control("snapshots")).filter(({ name }) => name === "bench-1").map(stateOf);
    const ours = (options) => new Project({ env: api.env, ...options }).write(program(1), ["daytona_snapshot", states]);
    const width = widthOf(states);
    const projects = {
      ours: ours({}),
      go: bare(1, width),
      oursMirror: ours({ mirror: true }),
      goMirror: bare(1, width, { mirror: true }),
    };
    for (const project of Object.values(projects))
      if (project.mirror) await project.run(["init", "-input=false", "-no-color"]);
    const took = { ours: [], go: [], oursMirror: [], goMirror: [] };
    const lives = { ours: {}, go: {} };
    for (let i = 0; i <= Number(runs); i++) {
      for (const [kind, project] of Object.entries(projects)) {
        const { ms: spent } = await project.plan();
        if (i > 0) took[kind].push(spent); // the first round only warms the disk
      }
      for (const kind of ["ours", "go"]) {
        const { output } = await projects[kind].plan({ env: { TF_LOG: "json" } });
        for (const [part, values] of Object.entries(parts(output))) (lives[kind][part] ??= []).push(...values);
      }
    }
    const against = (what, own, other, target) =>
      row(what, ms(own), {
        beside: `bare Go plugin ${ms(other)}`,
        ratio: times(own / other),
        ...(target && { target: times(target), ok: own / other <= target }),
      });
    const files = [projects.ours, projects.go].map(({ provider, name }) =>
      join(provider, `terraform-provider-${name}`),
    );
    return [
      against("plan of one snapshot, dev_overrides", median(took.ours), median(took.go), TARGET),
      against("plan of one snapshot, from a mirror", median(took.oursMirror), median(took.goMirror), TARGET),
      ...[
        ["handshake", "spawn to handshake"],
        ["connecting", "connecting"],
        ["schema", "GetProviderSchema"],
        ["exit", "Shutdown to exit"],
      ].map(([part, what]) =>
        against(`one start in that plan: ${what}`, median(lives.ours[part]), median(lives.go[part])),
      ),
      against("checksum of the executable", ...files.map(checksum)),
    ];
  } finally {
    await api.close();
  }
}

await alone(import.meta, run);
