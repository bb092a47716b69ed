// npm run release [-- --only linux_amd64,darwin_arm64] [-- --rehearse]: into build/release/, what the Terraform Registry wants (a zip for each
// platform, the manifest, and SHA256SUMS over them, to be signed with the registry's key by whoever publishes), and what `pulumi`
// looks for at the schema's pluginDownloadURL: a .tar.gz of the native plugin for each platform, with sums of their own. Into
// build/release/, too: a .tar.gz of the command line for each platform, an executable for machines without Node, which contains both providers. Into
// build/release/npm/: the tarballs for the npm registry (release-npm.mjs), the main one naming just the platforms made here.
// The bill of materials (release-sbom.mjs) is beside them. Every file has its sum in one of the SHA256SUMS, to be signed with
// scripts/release-sign.mjs by whoever publishes.
// The Bun runtimes of the other platforms come from the npm registry, and are kept in .cache/bun/.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bunBinary, exe, here, packageJson, platforms, root, run } from "./build-provider.mjs";
import { name as plugin, pulumiExecutable } from "./build-pulumi.mjs";
import { npm, npmExecutable, packageName, packMain, platformTarball, tarball } from "./release-npm.mjs";
import { billOfMaterials } from "./release-sbom.mjs";
import { securityContact } from "./release-security.mjs";
import { tarGz } from "./release-tar.mjs";

const { version } = packageJson;
const bunVersion = packageJson.devDependencies.bun;
const out = join(root, "build/release");

function runtimeOf(platform) {
  if (platform === here()) return bunBinary();
  const cache = join(root, ".cache/bun", bunVersion, platform.bun);
  const runtime = join(cache, "package/bin", `bun${exe(platform)}`);
  if (!existsSync(runtime)) {
    mkdirSync(cache, { recursive: true });
    npm(["pack", `@oven/bun-${platform.bun}@${bunVersion}`, "--silent", "--pack-destination", cache]);
    const packed = readdirSync(cache).find((name) => name.endsWith(".tgz"));
    run("tar", ["-xzf", packed], { cwd: cache });
    rmSync(join(cache, packed));
  }
  return runtime;
}

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1].split(",") : undefined;
const chosen = platforms.filter(({ os, arch }) => !only || only.includes(`${os}_${arch}`));
// Before the work: nobody shall publish what has no address for reports.
securityContact(process.argv.includes("--rehearse"));
rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "npm"), { recursive: true });
const told = (name) => console.log(`${name} (${(statSync(join(out, name)).size / 1e6).toFixed(1)} MB)`);

/** `sums`: where the file's sum goes. */
function put(sums, name, bytes) {
  writeFileSync(join(out, `${name}.part`), bytes);
  renameSync(join(out, `${name}.part`), join(out, name));
  sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${name}`);
  told(name);
}

function putSums(sums, prefix) {
  const name = `${prefix}_SHA256SUMS`;
  writeFileSync(join(out, name), `${sums.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join("\n")}\n`);
  console.log(name);
}

// The package's dist/ may be of older sources. A zip is made by the code that installs: the two have the same checksum in a lock file.
run(process.execPath, [join(root, "scripts/build.mjs"), "--library"]);
const require = createRequire(import.meta.url);
const { packageFiles, zipName } = require(join(root, "dist/cli/install/package.js"));
const { zip } = require(join(root, "dist/cli/install/zip.js"));

const license = { name: "LICENSE", bytes: readFileSync(join(root, "LICENSE")), mode: 0o644 };
const terraform = { prefix: `terraform-provider-daytona_${version}`, sums: [] };
const tool = { prefix: `daytona-iac_${version}`, sums: [] };
const npmPackages = { prefix: `daytona-iac-npm_${version}`, sums: [] };
const pulumi = { prefix: `${plugin}_${version}`, sums: [] };
for (const platform of chosen) {
  const work = join(out, "work");
  const options = { platform, runtime: runtimeOf(platform) };
  // The same bytes in npm's package and in the registry's zip, so that a lock file that one of them wrote fits the other.
  const executable = npmExecutable(work, options);
  put(terraform.sums, zipName(version, platform), zip(packageFiles(executable, version, platform, false)));
  const resource = {
    name: `${plugin}${exe(platform)}`,
    bytes: readFileSync(pulumiExecutable(work, options)),
    mode: 0o755,
  };
  put(pulumi.sums, `${plugin}-v${version}-${platform.os}-${platform.arch}.tar.gz`, tarGz([resource, license]));
  const both = readFileSync(executable);
  put(npmPackages.sums, `npm/${tarball(packageName(platform))}`, platformTarball(platform, both));
  put(
    tool.sums,
    `${tool.prefix}_${platform.os}_${platform.arch}.tar.gz`,
    tarGz([{ name: `daytona-iac${exe(platform)}`, bytes: both, mode: 0o755 }, license]),
  );
  rmSync(work, { recursive: true, force: true });
}
put(
  terraform.sums,
  `${terraform.prefix}_manifest.json`,
  Buffer.from(`${JSON.stringify({ version: 1, metadata: { protocol_versions: ["6.0"] } }, null, 2)}\n`),
);
put(tool.sums, `${tool.prefix}_sbom.cdx.json`, Buffer.from(billOfMaterials()));
packMain(join(out, "npm"), chosen);
put(npmPackages.sums, `npm/${tarball(packageJson.name)}`, readFileSync(join(out, `npm/${tarball(packageJson.name)}`)));
for (const { sums, prefix } of [terraform, pulumi, tool, npmPackages]) putSums(sums, prefix);
