// Generates provider/terraform/wire/generated/*.ts from the .proto files beside it, offline. With --check: writes nothing,
// exits 1 when what is committed differs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wire = join(root, "provider/terraform/wire");
const generated = join(wire, "generated");
const check = process.argv.includes("--check");
const require = createRequire(import.meta.url);

const options = [
  "outputServices=grpc-js",
  "env=node",
  "esModuleInterop=true",
  "forceLong=number",
  "oneof=unions-value",
  "outputJsonMethods=false",
  "outputPartialMethods=true",
  "stringEnums=false",
  "addGrpcMetadata=true",
  "useExactTypes=false",
  "outputTypeRegistry=false",
  "exportCommonSymbols=false",
];

/** buf's own launcher needs a postinstall; the platform package holds the binary. */
function bufBinary() {
  const exe = process.platform === "win32" ? "buf.exe" : "buf";
  return require.resolve(`@bufbuild/buf-${process.platform}-${process.arch}/bin/${exe}`);
}

const out = mkdtempSync(join(tmpdir(), "daytona-iac-proto-"));
try {
  const plugin = ["node", join(dirname(require.resolve("ts-proto/package.json")), "protoc-gen-ts_proto")];
  const template = { version: "v2", plugins: [{ local: plugin, out, opt: options, strategy: "all" }] };
  const run = spawnSync(bufBinary(), ["generate", "--template", JSON.stringify(template), wire], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, BUF_CACHE_DIR: join(out, ".buf") },
  });
  if (run.status !== 0) throw new Error(`buf generate ended with ${run.status ?? run.signal ?? run.error}`);

  const fresh = new Map();
  for (const name of readdirSync(out)
    .filter((n) => n.endsWith(".ts"))
    .sort()) {
    fresh.set(name, readFileSync(join(out, name), "utf8"));
  }
  if (check) {
    const present = existsSync(generated) ? readdirSync(generated).sort() : [];
    const stale = [...new Set([...present, ...fresh.keys()])].filter((name) => {
      const path = join(generated, name);
      return !existsSync(path) || readFileSync(path, "utf8") !== fresh.get(name);
    });
    if (stale.length > 0) {
      console.error(`Not as generated: ${stale.join(", ")}. Run "npm run generate:proto" and commit the result.`);
      process.exitCode = 1;
    }
  } else {
    rmSync(generated, { recursive: true, force: true });
    mkdirSync(generated, { recursive: true });
    for (const [name, text] of fresh) writeFileSync(join(generated, name), text);
    console.log(`${fresh.size} files in provider/terraform/wire/generated`);
  }
} finally {
  rmSync(out, { recursive: true, force: true });
}
