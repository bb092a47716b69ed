import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(__dirname, "../../..");
const script = (name: string): string => JSON.stringify(pathToFileURL(join(root, "scripts", name)).href);

/** All of a release's tarballs, with this machine's executable as a release makes it, and another platform's as stubs. */
export function packRelease(dir: string): string[] {
  const tarballs = join(dir, "tarballs");
  mkdirSync(tarballs, { recursive: true });
  execFileSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `
    import { readFileSync, writeFileSync } from "node:fs";
    import { here, platforms } from ${script("build-provider.mjs")};
    import { npmExecutable, packageName, packMain, platformTarball, tarball } from ${script("release-npm.mjs")};
    const folder = ${JSON.stringify(tarballs)};
    for (const platform of platforms) {
      const bytes = platform === here() ? readFileSync(npmExecutable(${JSON.stringify(dir)})) : Buffer.from("a stub");
      writeFileSync(\`\${folder}/\${tarball(packageName(platform))}\`, platformTarball(platform, bytes, 0));
    }
    packMain(folder, platforms);
  `,
    ],
    { stdio: "pipe" },
  );
  return readdirSync(tarballs).map((name) => join(tarballs, name));
}
