// Spawn to handshake: the provider against a bare Go plugin. `npm run bench handshake [RUNS]`
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { goPlugin } from "./support/go.mjs";
import { provider, start } from "./support/ground.mjs";
import { alone, median, ms, row, times } from "./support/table.mjs";

// What Terraform sets. The certificate is any self-signed one: it costs what Terraform's own costs.
function environment() {
  const pem = execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-nodes", "-keyout", "/dev/null", "-days", "1", "-subj", "/O=HashiCorp/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return {
    PATH: process.env["PATH"],
    TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    PLUGIN_PROTOCOL_VERSIONS: "6",
    PLUGIN_CLIENT_CERT: pem,
  };
}

function once(file, env) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = start(file, [], { env, stdio: ["ignore", "pipe", "ignore"] });
    let took;
    child.stdout.once("data", () => {
      took = performance.now() - begun;
      child.kill("SIGKILL");
    });
    child.once("exit", (code) => (took === undefined ? reject(new Error(`${file} ended with ${code} before the handshake`)) : resolve(took)));
  });
}

export async function run([runs = "25"] = []) {
  const env = environment();
  const files = { go: goPlugin(), executable: join(provider("executable"), "terraform-provider-daytona"), script: join(provider("script"), "terraform-provider-daytona") };
  const took = { go: [], executable: [], script: [] };
  // One after the other, over and over: whatever else the machine does hits all alike. The first round only warms the disk.
  for (let i = 0; i <= Number(runs); i++) {
    for (const [kind, file] of Object.entries(files)) {
      if (file === null) continue;
      const spent = await once(file, env);
      if (i > 0) took[kind].push(spent);
    }
  }
  const line = (what, kind, target) => {
    const own = median(took[kind]);
    if (took.go.length === 0) return row(what, ms(own), { beside: "no Go here", ...(target ? { target: `${target} x` } : {}) });
    const ratio = own / median(took.go);
    return row(what, ms(own), { beside: `bare Go plugin ${ms(median(took.go))}`, ratio: times(ratio), ...(target ? { target: `${target} x`, ok: ratio <= target } : {}) });
  };
  return [line("spawn to handshake, executable", "executable", 1.5), line("spawn to handshake, Node script", "script", null)];
}

await alone(import.meta, run);
