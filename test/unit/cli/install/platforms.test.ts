import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { compareLock } from "../../../../provider/cli/install/compare-lock";
import { install } from "../../../../provider/cli/install/install";
import { h1Of, h1OfFolder, packageFiles, zipName } from "../../../../provider/cli/install/package";
import { platformNamed, terraformPlatform } from "../../../../provider/cli/install/platforms";
import { unzip, zip } from "../../../../provider/cli/install/zip";
import { version } from "../../../../provider/version.gen";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "daytona-platforms-"));
  for (const folder of ["package/dist/provider", "downloads", "infra"])
    mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, "package/dist/provider/terraform-provider-daytona"), "#!/bin/sh\n");
  writeFileSync(join(dir, "provider"), "executable");
});
afterEach(() => rmSync(dir, { recursive: true }));

const windows = platformNamed("windows_amd64")!;
const here = terraformPlatform(process.platform, process.arch);
const HERE = `${here.os}_${here.arch}`;
const mirror = (): string => join(dir, ".terraform.d/plugins");
const versions = (host = "registry.terraform.io", folder = mirror()): string =>
  join(folder, host, "daytona-iac/daytona");
const env = () => ({ HOME: dir, APPDATA: dir });
async function run(...argv: string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const add = (more: string): void => void (text += more);
  return { code: await install(argv, { out: add, err: add, env: env() }, join(dir, "package")), text };
}
const putZip = (platform = windows, name = zipName(version, platform)): Buffer => {
  const bytes = zip(packageFiles(join(dir, "provider"), version, platform, false));
  writeFileSync(join(dir, "downloads", name), bytes);
  return bytes;
};
const from = (): string[] => ["--platform", "windows_amd64", "--from", join(dir, "downloads")];

test("a platform that no release has is wrong usage, and all that there are are named", async () => {
  expect(await run("--platform", "linux_x64")).toEqual({
    code: 64,
    text: expect.stringContaining('unknown platform "linux_x64". Use one of linux_amd64, linux_arm64, ') as string,
  });
});

test("a platform that is not here stops everything, with both ways to come by it", async () => {
  const { code, text } = await run(
    "--platform",
    "darwin_arm64",
    "--platform",
    "windows_amd64",
    "--from",
    join(dir, "downloads"),
  );
  expect([code, existsSync(mirror())]).toEqual([1, false]);
  expect(text).toContain(
    `The executable for windows_amd64 is not on this machine, nor in ${join(dir, "downloads")}. Run "npm pack daytona-iac-win32-x64@${version}", or download terraform-provider-daytona_${version}_windows_amd64.zip of the release, and pass the folder of the file with --from.\nNothing was installed.\n`,
  );
  expect(text).toContain("The executable for darwin_arm64 is not on this machine");
});

test("the script is there for every platform but Windows", async () => {
  expect((await run("--script", "--platform", "linux_arm64", "--platform", "darwin_arm64")).code).toBe(0);
  expect(readdirSync(join(versions(), version)).sort()).toEqual(["darwin_arm64", "linux_arm64"]);
  const [one, two] = ["darwin_arm64", "linux_arm64"].map((name) => h1OfFolder(join(versions(), version, name)));
  expect(one).toBe(two);
  expect((await run("--script", "--platform", "windows_amd64")).text).toContain("does not run on Windows");
});

test("a zip of the release and npm's tarball give folders with the checksum of the zip", async () => {
  const bytes = putZip();
  expect((await run(...from())).code).toBe(0);
  const folder = join(versions("registry.opentofu.org"), version, "windows_amd64");
  expect(readdirSync(folder).sort()).toEqual(["LICENSE", `terraform-provider-daytona_v${version}.exe`]);
  expect(h1OfFolder(folder)).toBe(h1Of(unzip(bytes)));
  rmSync(join(dir, "downloads", zipName(version, windows)));
  const header = Buffer.alloc(512);
  header.write("package/bin/daytona-iac-provider.exe");
  header.write("00000000012", 124);
  const content = Buffer.alloc(512);
  content.write("executable");
  writeFileSync(
    join(dir, "downloads", `daytona-iac-win32-x64-${version}.tgz`),
    gzipSync(Buffer.concat([header, content, Buffer.alloc(1024)])),
  );
  expect((await run(...from())).text).toContain(`already installed  ${folder}\n`);
});

test.each<[string, () => void, RegExp]>([
  [
    "has another sum than the release says",
    () => (putZip(), sums("0".repeat(64))),
    /does not match its checksum in .*_SHA256SUMS\. Download both again/,
  ],
  ["is cut off", () => cut(100), /cannot be used: it is not a zip archive, or it is incomplete. Download it again/],
  ["is damaged inside", () => damage(), /cannot be used: its file .* is damaged. Download it again/],
  [
    "is of another platform",
    () => void putZip(platformNamed("linux_amd64"), zipName(version, windows)),
    /does not contain terraform-provider-daytona_v.*\.exe/,
  ],
])("a zip that %s is refused", async (_what, arrange, message) => {
  arrange();
  const { code, text } = await run(...from());
  expect([code, text]).toEqual([1, expect.stringMatching(message)]);
  expect(existsSync(join(versions(), version))).toBe(false);
});
const zipped = (): string => join(dir, "downloads", zipName(version, windows));
function sums(sum: string): void {
  writeFileSync(
    join(dir, `downloads/terraform-provider-daytona_${version}_SHA256SUMS`),
    `${sum}  ${zipName(version, windows)}\n`,
  );
}
function cut(bytes: number): void {
  const all = putZip();
  writeFileSync(zipped(), all.subarray(0, all.length - bytes));
}
function damage(): void {
  const all = putZip();
  all[100] = all[100]! ^ 0xff;
  writeFileSync(zipped(), all);
}

test("the sum of the release is checked, and a right one is taken", async () => {
  sums(createHash("sha256").update(putZip()).digest("hex"));
  expect((await run(...from())).code).toBe(0);
});

test("an archive with a file in a folder, or above it, is refused", () => {
  for (const name of ["../evil", "a/b", "", ".hidden"])
    expect(() => unzip(zip([{ name, mode: 0o644, bytes: () => Buffer.from("x") }]))).toThrow(
      "is not a file of a provider",
    );
});

test("a network mirror lists what is there: platforms and versions are added, and nothing is lost", async () => {
  const web = join(dir, "web");
  mkdirSync(versions(undefined, web), { recursive: true });
  writeFileSync(join(versions(undefined, web), "0.0.1.json"), "{}");
  const bytes = putZip();
  expect((await run("--mirror", web, ...from())).code).toBe(0);
  expect((await run("--mirror", web, "--script", "--platform", "linux_amd64")).code).toBe(0);
  const json = (name: string): unknown => JSON.parse(readFileSync(join(versions(undefined, web), name), "utf8"));
  expect(json("index.json")).toEqual({ versions: { "0.0.1": {}, [version]: {} } });
  expect(json(`${version}.json`)).toEqual({
    archives: {
      linux_amd64: { url: zipName(version, platformNamed("linux_amd64")!), hashes: [expect.stringMatching(/^h1:/)] },
      windows_amd64: { url: zipName(version, windows), hashes: [h1Of(unzip(bytes))] },
    },
  });
  expect(readFileSync(join(versions(undefined, web), zipName(version, windows)))).toEqual(bytes);
  expect((await run("--mirror", web, ...from())).text).toContain("already there");
});

describe("the lock file and what is installed", () => {
  const lock = (hashes: string[], locked = version): void =>
    writeFileSync(
      join(dir, "infra/.terraform.lock.hcl"),
      `# comment\nprovider "registry.terraform.io/daytona-iac/daytona" {\n  version     = "${locked}"\n  hashes = [\n${hashes.map((hash) => `    "${hash}",\n`).join("")}  ]\n}\n`,
    );
  const found = () => compareLock(join(dir, "infra"), env());

  test("no lock file, or one of other providers, says nothing; a damaged one is a problem", () => {
    expect(found()).toEqual([]);
    writeFileSync(join(dir, "infra/.terraform.lock.hcl"), 'provider "registry.terraform.io/hashicorp/aws" {\n}\n');
    expect(found()).toEqual([]);
    writeFileSync(join(dir, "infra/.terraform.lock.hcl"), 'provider "registry.terraform.io/daytona-iac/daytona" {\n');
    expect(found()).toMatchObject([{ kind: "problem", text: expect.stringContaining("cannot be read") as string }]);
  });

  test("the same, another, and none installed", async () => {
    lock(["h1:other"]);
    expect(found()).toMatchObject([{ kind: "missing" }]);
    await run("--script");
    expect(found()).toMatchObject([
      {
        kind: "problem",
        action: expect.stringContaining(`terraform providers lock -fs-mirror=${mirror()} -platform=${HERE} `) as string,
      },
    ]);
    lock(["h1:other", h1OfFolder(join(versions(), version, HERE))]);
    expect(found()).toMatchObject([{ kind: "ok" }]);
    lock(["h1:other"], "9.9.9");
    expect(found()).toMatchObject([
      {
        kind: "problem",
        text: expect.stringContaining(`but these versions are installed on this machine: ${version}`) as string,
      },
    ]);
  });

  test("the mirrors of the CLI configuration are searched instead, packed ones too", async () => {
    const packed = join(dir, "packed");
    await run("--script");
    await run("--mirror", packed, "--script");
    const checksum = h1OfFolder(join(versions(), version, HERE));
    rmSync(mirror(), { recursive: true });
    lock([checksum]);
    writeFileSync(
      join(dir, process.platform === "win32" ? "terraform.rc" : ".terraformrc"),
      `provider_installation {\n  # filesystem_mirror { path = "/not-this" }\n  filesystem_mirror {\n    path = ${JSON.stringify(packed)}\n  }\n}\n`,
    );
    expect(found()).toMatchObject([{ kind: "ok", text: expect.stringContaining(checksum) as string }]);
  });
});
