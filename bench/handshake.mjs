// Spawn to handshake: the provider against a bare Go plugin, and both providers in one file against each in its own.
// `npm run bench handshake [RUNS]`
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { exe, here } from "../scripts/build-provider.mjs";
import { npmExecutable } from "../scripts/release-npm.mjs";
import { goPlugin } from "./support/go.mjs";
import { provider, root, start, work } from "./support/ground.mjs";
import { alone, median, ms, row, times } from "./support/table.mjs";

// What Terraform sets. The certificate is any self-signed one: it costs what Terraform's own costs.
function environment() {
  const pem = execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-521",
      "-nodes",
      "-keyout",
      "/dev/null",
      "-days",
      "1",
      "-subj",
      "/O=HashiCorp/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost",
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  return {
    PATH: process.env["PATH"],
    TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    PLUGIN_PROTOCOL_VERSIONS: "6",
    PLUGIN_CLIENT_CERT: pem,
  };
}

/** Pulumi's engine only wants the port, and gives its own address. */
const args = ["127.0.0.1:1"];

/** A copy: a build meanwhile changes nothing, and a provider that is one of two in a file is the one that its name says. */
function copy(made, name) {
  const file = join(mkdtempSync(join(work, "copy-")), `${name}${exe(here())}`);
  copyFileSync(made, file);
  return file;
}

function once(file, env) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = start(file, args, { env, stdio: ["ignore", "pipe", "ignore"] });
    let took;
    child.stdout.once("data", () => {
      took = performance.now() - begun;
      child.kill("SIGKILL");
    });
    child.once("exit", (code) =>
      took === undefined ? reject(new Error(`${file} ended with ${code} before the handshake`)) : resolve(took),
    );
  });
}

export async function run([runs = "25"] = []) {
  const env = environment();
  const both = npmExecutable(mkdtempSync(join(work, "npm-")));
  const files = {
    go: goPlugin(),
    executable: join(provider("executable"), "terraform-provider-daytona"),
    both: copy(both, "terraform-provider-daytona"),
    script: join(provider("script"), "terraform-provider-daytona"),
    pulumi: copy(join(root, `build/pulumi-resource-daytona${exe(here())}`), "pulumi-resource-daytona"),
    bothPulumi: copy(both, "pulumi-resource-daytona"),
  };
  const took = Object.fromEntries(Object.keys(files).map((kind) => [kind, []]));
  // One after the other, over and over: whatever else the machine does hits all alike. The first round only warms the disk.
  for (let i = 0; i <= Number(runs); i++) {
    for (const [kind, file] of Object.entries(files)) {
      if (file === null) continue;
      const spent = await once(file, env);
      if (i > 0) took[kind].push(spent);
    }
  }
  const against = (what, kind, other, its, target) => {
    const own = median(took[kind]);
    const more = target ? { target: `${target} x` } : {};
    if (took[other].length === 0) return row(what, ms(own), { beside: "no Go here", ...more });
    const ratio = own / median(took[other]);
    return row(what, ms(own), {
      beside: `${its} ${ms(median(took[other]))}`,
      ratio: times(ratio),
      ...more,
      ...(target && { ok: ratio <= target }),
    });
  };
  return [
    against("spawn to handshake, executable", "executable", "go", "bare Go plugin", 1.5),
    against("spawn to handshake, Node script", "script", "go", "bare Go plugin", null),
    against("spawn to handshake, both providers in one file: Terraform's", "both", "executable", "alone", 1.1),
    against("spawn to handshake, both providers in one file: Pulumi's", "bothPulumi", "pulumi", "alone", 1.1),
  ];
}

await alone(import.meta, run);
