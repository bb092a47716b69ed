// The npm packages of a release, as tarballs: for each platform one with its executable, which npm installs only where `os`,
// `cpu` and `libc` fit; and the main one, which is what `npm pack` of the repository makes, plus the names of the others as
// optional dependencies. They are not in the repository's own package.json: its lock file cannot resolve what is not published.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileExecutable, exe, here, packageJson, root, run } from "./build-provider.mjs";
import { tarGz } from "./release-tar.mjs";

const { name, version, license } = packageJson;
const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** `daytona-iac-<platform>-<arch>`, in Node's words: `daytona-iac install` looks for it by what its own process says. */
export const packageName = ({ node: [os, cpu] }) => `${name}-${os}-${cpu}`;
export const tarball = (of) => `${of}-${version}.tgz`;
/** The file in it. */
const executableName = (platform) => `${name}-provider${exe(platform)}`;

/**
 * Compiles the file of a platform's package: both providers, since two files would be Bun's runtime twice for everybody who installs
 * it. Answers the file.
 */
export function npmExecutable(folder, options = {}) {
  return compileExecutable(join(folder, executableName(options.platform ?? here())), {
    ...options,
    source: join(root, "provider/executable/main.ts"),
  });
}

/** npm, of which only a shell on Windows finds the `.cmd`. */
export function npm(args, options) {
  const windows = process.platform === "win32";
  return run(windows ? "npm.cmd" : "npm", args, { shell: windows, ...options });
}

/**
 * The bytes of one platform's package. `executable`: bytes of the file that `npmExecutable` made. `level`: of the compression.
 */
export function platformTarball(platform, executable, level = 9) {
  const [os, cpu] = platform.node;
  const manifest = {
    name: packageName(platform),
    version,
    description: `The executable of ${name} for ${os} ${cpu}: the Terraform provider or the native Pulumi provider, by the name that it is run under`,
    license,
    os: [os],
    cpu: [cpu],
    // Bun's usual Linux runtime; on musl the main package's Node scripts run.
    ...(os === "linux" && { libc: ["glibc"] }),
    // A file inside a zip, as Yarn keeps packages, cannot be linked or run.
    preferUnplugged: true,
  };
  const readme = `# ${manifest.name}\n\n${manifest.description}. The package ${name} brings it along; there is nothing to use in it by itself.\n`;
  const file = (path, bytes, mode = 0o644) => ({ name: `package/${path}`, bytes: Buffer.from(bytes), mode });
  return tarGz(
    [
      file("package.json", json(manifest)),
      file("LICENSE", readFileSync(join(root, "LICENSE"))),
      file("README.md", readme),
      file(`bin/${executableName(platform)}`, executable, 0o755),
    ],
    level,
  );
}

/** Packs the main package, from `dist/` as it is, into `folder`, and names the packages of `platforms` in it. Answers the file. */
export function packMain(folder, platforms) {
  const work = mkdtempSync(join(tmpdir(), "daytona-iac-pack-"));
  try {
    npm(["pack", "--silent", "--ignore-scripts", "--pack-destination", work]);
    run("tar", ["-xzf", tarball(name)], { cwd: work });
    const manifest = join(work, "package/package.json");
    const optionalDependencies = Object.fromEntries(platforms.map((platform) => [packageName(platform), version]));
    writeFileSync(manifest, json({ ...JSON.parse(readFileSync(manifest, "utf8")), optionalDependencies }));
    mkdirSync(folder, { recursive: true });
    npm(["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], { cwd: join(work, "package") });
    return join(folder, tarball(name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
