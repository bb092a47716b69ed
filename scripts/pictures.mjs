// `npm run pictures`: draws the pictures of the documentation anew, from real runs against the local API. `--check`: only says whether what they say is
// what the product says now. `--only NAME` draws one. Needs Terraform and Python; the picture of the report needs Chromium (DAYTONA_IAC_CHROMIUM).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./build-provider.mjs";
import { drawHouse, drawSwap } from "./pictures/drawings.mjs";
import { recordFailingBuild } from "./pictures/failing-build.mjs";
import { shootReport } from "./pictures/report.mjs";
import { terminalSvg, textOfSvg } from "./pictures/svg.mjs";
import { inWorld } from "./pictures/world.mjs";

const argument = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const check = process.argv.includes("--check");
const only = argument("--only");
/** Most pictures are read by people on the road. */
const MOST_BYTES = 150_000;
const folder = argument("--folder") ?? join(root, "docs/pictures");
const file = (name) => join(folder, name);
const wants = (name) => only === undefined || name.startsWith(only);
mkdirSync(folder, { recursive: true });

function save(name, bytes) {
  if (bytes.length > MOST_BYTES) throw new Error(`${name} has ${bytes.length} bytes, more than ${MOST_BYTES}`);
  writeFileSync(file(name), bytes);
  console.log(`${name}  ${(bytes.length / 1000).toFixed(0)} kB`);
}

/** What of a line is another one in every run: IDs, digests, times, ports. */
const lasting = (line) =>
  line
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "UUID")
    .replace(/\b[0-9a-f]{8,64}\b/g, "HEX")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/\d+m?\d*s( elapsed)?\b/g, "SECONDS$1")
    .replace(/127\.0\.0\.1:\d+/g, "HOST")
    .trimEnd();
/** Lines that a slow machine has more of. */
const isWaiting = (line) => line.includes("Still ");

/** What two pictures say differently, a line each. */
function differences(name, now) {
  if (!existsSync(file(name))) return [`${name} is missing`];
  const texts = (svg) =>
    textOfSvg(svg)
      .filter((line) => !isWaiting(line))
      .map(lasting);
  const [was, is] = [texts(readFileSync(file(name), "utf8")), texts(now)];
  return Array.from({ length: Math.max(was.length, is.length) }, (_, at) => at).flatMap((at) =>
    was[at] === is[at] ? [] : [`${name}, line ${at + 1}:\n  - ${was[at] ?? ""}\n  + ${is[at] ?? ""}`],
  );
}

const stale = [];
for (const [name, draw] of [
  ["swap.svg", drawSwap],
  ["house.svg", drawHouse],
]) {
  if (!wants(name)) continue;
  const svg = await draw();
  if (!check) save(name, Buffer.from(svg));
  else if (!existsSync(file(name)) || readFileSync(file(name), "utf8") !== svg)
    stale.push(`${name} is not what is drawn now`);
}
if (wants("failing-build.svg") || (!check && wants("drift-report")))
  await inWorld(async (world) => {
    if (wants("failing-build.svg")) {
      const svg = terminalSvg(await recordFailingBuild(world), {
        title: "infra",
        label: "A terminal: terraform apply names the changed file, the build fails, and the old snapshot stays",
      });
      if (check) stale.push(...differences("failing-build.svg", svg));
      else save("failing-build.svg", Buffer.from(svg));
    }
    if (!check && wants("drift-report"))
      for (const [scheme, bytes] of await shootReport(world)) save(`drift-report-${scheme}.png`, bytes);
  });
if (stale.length > 0) {
  console.error(`${stale.join("\n")}\n\nRun \`npm run pictures\`, look at them, and commit them.`);
  process.exit(1);
}
