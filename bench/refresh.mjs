// Refresh and plan of snapshots that nobody touched, at 50 ms latency. `npm run bench refresh [SIZES]`
import { goPlugin } from "./support/go.mjs";
import { Project } from "./support/ground.mjs";
import { bare, program, widthOf } from "./support/resources.mjs";
import { counted, local, stateOf } from "./support/local.mjs";
import { alone, median, row, seconds, times } from "./support/table.mjs";

const ORGANIZATION = 10_000;
const PAGE = 200;
/** As many attributes as `terraform_data` has. */
const NARROW = 4;

const plain = (n) => `resource "terraform_data" "it" {\n  count = ${n}\n  input = "bench-\${count.index + 1}"\n}\n`;

/** `terraform_data` in a state as Terraform writes it. */
const plainState = (n) =>
  Array.from({ length: n }, (_, i) => {
    const value = { value: `bench-${i + 1}`, type: "string" };
    return {
      id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
      input: value,
      output: value,
      triggers_replace: null,
    };
  });

/** Our own snapshots lie spread over the organization: the worst for whoever lists. */
async function populate(api, ours, others) {
  await api.control("removeAll");
  // Seeded ones are a millisecond apart, the last one is of now.
  if (others > 0) await api.control("seed", others, { name: "other" });
  const newest = (await api.control("snapshots")).reduce((last, dto) => Math.max(last, Date.parse(dto.createdAt)), 0);
  for (let i = 1; i <= ours; i++)
    await api.control("insert", {
      name: `bench-${i}`,
      ...(others > 0 && { createdAt: newest - others + Math.floor((i - 0.5) * (others / ours)) }),
    });
  return (await api.control("snapshots")).filter((dto) => dto.name.startsWith("bench-")).map(stateOf);
}

const wallOf = (one) => one.ms;

async function thousand(api, n, runs) {
  const states = await populate(api, n, 0);
  const baseline = new Project().write(plain(n), ["terraform_data", plainState(n)]);
  const kinds = ["executable", "script"];
  const projects = Object.fromEntries(
    kinds.map((kind) => [kind, new Project({ kind, env: api.env }).write(program(n), ["daytona_snapshot", states])]),
  );
  const took = { plain: [], narrow: [], bare: [], executable: [], script: [] };
  const width = widthOf(states);
  const go = goPlugin() === null ? null : { narrow: bare(n, NARROW), bare: bare(n, width) };
  let counts;
  for (let i = 0; i < runs; i++) {
    took.plain.push(await baseline.measuredPlan());
    for (const kind of go === null ? [] : ["narrow", "bare"]) took[kind].push(await go[kind].measuredPlan());
    for (const kind of kinds) {
      await api.control("clearRequests");
      took[kind].push(await projects[kind].measuredPlan());
      counts = await api.control("counts");
    }
  }
  const of = (kind, value) => median(took[kind].map(value));
  // Terraform itself needs time for the width of a schema: what a Go provider of the same schema takes is the measure.
  const [beside, measure] =
    go === null
      ? [`${n} terraform_data`, of("plain", wallOf)]
      : [`Go provider of ${width} attributes`, of("bare", wallOf)];
  const wall = (what, kind, goal) =>
    row(`plan of ${n} unchanged, ${what}`, seconds(of(kind, wallOf)), {
      beside: `${beside} ${seconds(measure)}`,
      ratio: times(of(kind, wallOf) / measure),
      ...(goal && go !== null ? { target: "0.7 x", ok: of(kind, wallOf) <= 0.7 * measure } : {}),
    });
  const cpu = (what, kind) =>
    row(
      `CPU of that plan, ${what}`,
      `Terraform ${seconds(of(kind, (one) => one.cpu.own))}`,
      kind === "plain" ? {} : { beside: `provider ${seconds(of(kind, (one) => one.cpu.children))}` },
    );
  const measured = [
    ["terraform_data", "plain"],
    ...(go === null
      ? []
      : [
          [`bare Go provider of ${NARROW} attributes`, "narrow"],
          [`bare Go provider of ${width} attributes`, "bare"],
        ]),
    ["executable", "executable"],
    ["Node script", "script"],
  ];
  return [
    ...measured.map(([what, kind]) => wall(what, kind, kind === "executable")),
    ...(took.plain[0].cpu === null ? [] : measured.map(([what, kind]) => cpu(what, kind))),
    row(`requests for ${n} of ${n}`, counted(counts), {
      beside: `${Math.ceil(n / PAGE)} pages`,
      target: "12",
      ok: counts.total <= 12,
    }),
  ];
}

async function requests(api, n) {
  const states = await populate(api, n, n === 1 ? 0 : ORGANIZATION - n);
  const project = new Project({ env: api.env }).write(program(n), ["daytona_snapshot", states]);
  await api.control("clearRequests");
  await project.plan();
  const counts = await api.control("counts");
  if (n === 1) return row("requests for 1 of 1", counted(counts), { target: "1", ok: counts.total === 1 });
  const fewer = Math.min(n, Math.ceil((ORGANIZATION + 1) / PAGE));
  return row(`requests for ${n} of ${ORGANIZATION}`, counted(counts), {
    beside: `fewer of both ways ${fewer}`,
    ratio: times(counts.total / fewer),
    target: "2 x",
    ok: counts.total <= 2 * fewer,
  });
}

export async function run([n = "1000", runs = "3"] = []) {
  const api = await local("--latency-ms", "50");
  try {
    const rows = await thousand(api, Number(n), Number(runs));
    for (const size of [1, 2, 10, 50, 200, 1000]) rows.push(await requests(api, size));
    return rows;
  } finally {
    await api.close();
  }
}

await alone(import.meta, run);
