// How the Terraform provider is made into one file: an executable by Bun, or a script for Node. Used by build and release.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commitOf } from "./commit.mjs";
import { signMachO } from "./sign-macho.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const require = createRequire(import.meta.url);
const entry = join(root, "provider/terraform/main.ts");
/** What `--version` says besides the version. */
export const commit = commitOf(root);

/** Our names of platforms (Go's, which the Terraform Registry uses), and Bun's. */
export const platforms = [
  { os: "linux", arch: "amd64", bun: "linux-x64", node: ["linux", "x64"] },
  { os: "linux", arch: "arm64", bun: "linux-aarch64", node: ["linux", "arm64"] },
  { os: "darwin", arch: "amd64", bun: "darwin-x64", node: ["darwin", "x64"] },
  { os: "darwin", arch: "arm64", bun: "darwin-aarch64", node: ["darwin", "arm64"] },
  { os: "windows", arch: "amd64", bun: "windows-x64", node: ["win32", "x64"] },
  { os: "windows", arch: "arm64", bun: "windows-aarch64", node: ["win32", "arm64"] },
];

export const here = () => platforms.find(({ node }) => node[0] === process.platform && node[1] === process.arch);
export const exe = (platform) => (platform.os === "windows" ? ".exe" : "");

/**
 * The Bun that builds. Bun's postinstall moves the binary from the platform's package into `bun`; where scripts are not run
 * it stays there. In neither place it is a file of a few bytes.
 */
export function bunBinary() {
  const bun = dirname(require.resolve("bun/package.json"));
  const platform = here();
  const candidates = [join(bun, "bin/bun.exe")];
  if (platform) {
    const name = `bun${exe(platform)}`;
    candidates.push(
      join(dirname(bun), `@oven/bun-${platform.bun}`, "bin", name),
      join(bun, `node_modules/@oven/bun-${platform.bun}/bin`, name),
    );
  }
  const found = candidates.find((path) => existsSync(path) && statSync(path).size > 1_000_000);
  if (!found) throw new Error(`no Bun for ${process.platform} ${process.arch}; looked at ${candidates.join(", ")}`);
  if (process.platform !== "win32") chmodSync(found, 0o755);
  return found;
}

export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, encoding: "utf8", ...options });
  if (done.error || done.status !== 0) {
    throw new Error(
      `${command} ${args.join(" ")} ended with ${done.status ?? done.error}\n${done.stdout ?? ""}${done.stderr ?? ""}`,
    );
  }
  return done.stdout;
}

/** One file with everything in it. */
export function bundle(source, outfile, ...flags) {
  run(bunBinary(), [join(root, "scripts/bundle.bun.mjs"), source, outfile, ...flags], {
    env: { ...process.env, DAYTONA_IAC_COMMIT: commit },
  });
}

/** The command line as a few files in a folder, which `dist/cli/main.js` loads. */
export function bundleCommandLine(folder) {
  mkdirSync(folder, { recursive: true });
  run(bunBinary(), [join(root, "scripts/bundle-layers.bun.mjs"), folder], {
    env: { ...process.env, DAYTONA_IAC_COMMIT: commit },
  });
}

function inFolder(name, work) {
  const dir = mkdtempSync(join(tmpdir(), "daytona-iac-bundle-"));
  try {
    return work(join(dir, name));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Compiles the executable. `runtime`: the Bun of another platform. */
export function compileExecutable(outfile, { platform, runtime, source = entry } = {}) {
  mkdirSync(dirname(outfile), { recursive: true });
  const target = platform ? [`--target=bun-${platform.bun.replace("aarch64", "arm64")}`] : [];
  const from = runtime ? [`--compile-executable-path=${runtime}`] : [];
  // Options of Bun itself in a user's working directory must not reach the provider: no .env, no bunfig.
  const isolated = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  // Most starts are over before compiled code is of use, and compiling takes a core from Terraform. See provider/process/jit.ts.
  const jit = "--compile-jit-policy=100";
  return inFolder("provider.cjs", (bundled) => {
    bundle(source, bundled);
    run(bunBinary(), [
      "build",
      "--compile",
      "--bytecode",
      "--minify",
      jit,
      ...isolated,
      ...target,
      ...from,
      bundled,
      "--outfile",
      outfile,
    ]);
    if ((platform ?? here())?.bun === "darwin-x64") writeFileSync(outfile, signMachO(readFileSync(outfile)));
    return outfile;
  });
}

/**
 * The first lines of a script for Node, which a shell and Node both can read: to Node, they are a text and a comment. Without a Node that can run the
 * rest, the shell says so. Terraform shows what a plugin writes in place of the protocol's name; any other tool shows stderr.
 */
export function launcher(engines = packageJson.engines.node) {
  const [, major, minor] = /^>=(\d+)\.(\d+)\.\d+$/.exec(engines);
  const why = `The Daytona provider is a Node script and requires Node.js ${major}.${minor} or later`;
  const todo = "Install Node.js, or an executable of the provider: run npx daytona-iac install on this machine";
  return `#!/bin/sh
":" //; v="$(node --version 2>/dev/null)" && found="node on PATH is $v" || found="there is no node on PATH"; major="\${v#v}"; minor="\${major#*.}"; major="\${major%%.*}"; minor="\${minor%%.*}"
":" //; if [ "$major" -gt ${major} ] 2>/dev/null || { [ "$major" -eq ${major} ] && [ "$minor" -ge ${minor} ]; } 2>/dev/null; then exec node "$0" "$@"; fi
":" //; text="${why}, but $found. ${todo}"
":" //; if [ -n "$TF_PLUGIN_MAGIC_COOKIE" ]; then echo "1|6|unix|none|$text"; fi; echo "$text" >&2; exit 1
`;
}

/** The same as one script for Node, which needs nothing beside it. */
export function bundleScript(outfile, source = entry) {
  mkdirSync(dirname(outfile), { recursive: true });
  return inFolder("provider.cjs", (bundled) => {
    bundle(source, bundled, "--minify");
    const text = readFileSync(bundled, "utf8").replace(/^#!.*\n/, "");
    writeFileSync(outfile, `${launcher()}${text}`, { mode: 0o755 });
    return outfile;
  });
}
