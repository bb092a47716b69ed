// npm run audit: known vulnerabilities of what ships fail it; those of tools for development are told. Where the registry has no such
// endpoint, as many mirrors have not, or cannot be reached, it says so and passes: whether a change may land must not hang on the network.
import { spawnSync } from "node:child_process";

const LEVELS = ["critical", "high", "moderate", "low", "info"];
/** From this level on, a vulnerability of what ships is a failure. */
const FAILS = LEVELS.slice(0, 3);

/** @param answer of `npm audit --json` @returns what to print and how to end */
export function verdict(answer, what) {
  let report = null;
  try {
    report = JSON.parse(answer);
  } catch {
    // Told below.
  }
  const found = report?.vulnerabilities;
  if (typeof found !== "object" || found === null) {
    const why = report?.message ?? report?.error?.summary ?? report?.error?.code ?? "npm gave no report";
    return {
      failed: false,
      reached: false,
      text: `${what}: not audited, the registry's endpoint cannot be used (${String(why).trim()})`,
    };
  }
  const all = Object.values(found);
  const counted = LEVELS.map((level) => [level, all.filter(({ severity }) => severity === level)]).filter(
    ([, list]) => list.length > 0,
  );
  const failed = counted.some(([level]) => FAILS.includes(level));
  return {
    failed,
    reached: true,
    text: `${what}: ${counted.length === 0 ? "no known vulnerability" : counted.map(([level, list]) => `${list.length} ${level} (${list.map(({ name }) => name).join(", ")})`).join("; ")}`,
  };
}

function audit(...args) {
  const windows = process.platform === "win32";
  return spawnSync(windows ? "npm.cmd" : "npm", ["audit", "--json", ...args], {
    encoding: "utf8",
    shell: windows,
    maxBuffer: 2 ** 28,
  }).stdout;
}

if (process.argv[1]?.endsWith("audit.mjs")) {
  const shipped = verdict(audit("--omit=dev"), "what ships");
  console.log(shipped.text);
  if (shipped.reached) console.log(verdict(audit(), "with tools for development").text);
  process.exitCode = shipped.failed ? 1 : 0;
}
