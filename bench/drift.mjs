// A drift check of 1,000 snapshots: from a state at 50 ms latency, and beside the time that Terraform itself takes for the same plan.
// `npm run bench drift [COUNT]`
import { writeFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Project, root } from "./support/ground.mjs";
import { local, stateOf } from "./support/local.mjs";
import { alone, row, seconds } from "./support/table.mjs";

const exec = promisify(execFile);
const cli = join(root, "dist/cli/main.js");

async function timed(file, args, options) {
  const begun = performance.now();
  const { stdout } = await exec(file, args, { maxBuffer: 2 ** 29, ...options });
  return { ms: performance.now() - begun, stdout };
}

export async function run([count = "1000"] = []) {
  const n = Number(count);
  const api = await local("--latency-ms", "50");
  await api.control("seed", n);
  const snapshots = (await api.control("snapshots")).map((dto) => [dto.name, stateOf(dto)]);
  const project = new Project();
  const text = JSON.stringify({
    version: 4,
    terraform_version: "1.11.4",
    serial: 1,
    lineage: "00000000-0000-4000-8000-000000000000",
    outputs: {},
    resources: [
      {
        mode: "managed",
        type: "daytona_snapshot",
        name: "agent",
        provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
        instances: snapshots.map(([name, attributes]) => ({
          index_key: name,
          schema_version: 0,
          attributes,
          sensitive_attributes: [],
        })),
      },
    ],
  });
  const file = join(project.dir, "state.json");
  writeFileSync(file, text);
  const env = { ...process.env, ...api.env };
  const rows = [];
  for (const kind of ["json", "html"]) {
    await api.control("clearRequests");
    const { ms } = await timed(process.execPath, [cli, "drift", "--state", file, "--format", kind, "--quiet"], { env });
    const { total } = await api.control("counts");
    rows.push(
      row(`drift of ${n} from a state, ${kind}, 50 ms latency`, seconds(ms), {
        beside: `${total} requests`,
        target: "2 s, 12 requests",
        ok: ms <= 2000 && total <= 12,
      }),
    );
  }
  await api.close();
  return rows;
}

await alone(import.meta, run);
