// What loading an HTTP client costs a process that makes one call: the official API client, and axios, which provider/api loads
// with its first request, both beside bare node:https. Prints milliseconds (the median of several fresh processes) and the ratio.
// Usage: node bench/http-client-start-up.mjs [RUNTIME]
import { execFileSync } from "node:child_process";

const runtime = process.argv[2] ?? process.execPath;
const RUNS = 9;

function median(module) {
  const code = `const t = performance.now(); require(${JSON.stringify(module)}); console.log(performance.now() - t)`;
  const times = Array.from({ length: RUNS }, () => Number(execFileSync(runtime, ["-e", code], { encoding: "utf8" })));
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)];
}

const bare = median("node:https");
for (const module of ["node:https", "axios", "@daytona/api-client"]) {
  const ms = module === "node:https" ? bare : median(module);
  console.log(`${module.padEnd(22)} ${ms.toFixed(1).padStart(7)} ms  ${(ms / bare).toFixed(1).padStart(6)} x`);
}
