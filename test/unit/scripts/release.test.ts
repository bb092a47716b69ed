import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "daytona-release-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What an expression over the module's exports `m` gives; what it throws as a message. */
function evaluated(script: string, expression: string): unknown {
  const code = `import * as m from ${JSON.stringify(pathToFileURL(join(root, "scripts", script)).href)};
let result; try { result = { value: ${expression} }; } catch (error) { result = { error: error.message }; }
console.log(JSON.stringify(result));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (stdout === "") throw new Error(stderr);
  const { value, error } = JSON.parse(stdout.trim().split("\n").at(-1)!) as { value?: unknown; error?: string };
  return error ?? value;
}

test("licenses: an OR needs one that allows to ship, an AND all of them; none allows nothing", () => {
  const texts = [
    "MIT",
    "(MIT OR GPL-3.0-or-later)",
    "(Apache-2.0 AND BSD-3-Clause)",
    "MIT AND GPL-3.0-only",
    "GPL-3.0-only",
    "",
    "SEE LICENSE IN x",
    "LGPL-2.1-only OR AGPL-3.0-only",
  ];
  expect(evaluated("release-sbom.mjs", `${JSON.stringify(texts)}.map(m.isAllowed)`)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

describe("the bill of materials", () => {
  const component = (name: string, more: object = {}): object => ({
    "bom-ref": `${name}@1.0.0`,
    name,
    version: "1.0.0",
    purl: `pkg:npm/${name}@1.0.0`,
    licenses: [{ license: { id: "MIT" } }],
    hashes: [{ alg: "SHA-512", content: "00" }],
    ...more,
  });
  const bill = (...components: object[]): object => ({
    bomFormat: "CycloneDX",
    metadata: { component: { "bom-ref": "us@1", name: "folder" } },
    components,
    dependencies: [
      { ref: "us@1", dependsOn: ["a@1.0.0"] },
      { ref: "a@1.0.0", dependsOn: ["b@1.0.0"] },
      { ref: "b@1.0.0", dependsOn: ["a@1.0.0"] },
    ],
  });
  const shipping = (
    dependencies: object,
    everything: object,
    bundled: string[],
    lock: object = { packages: {} },
  ): unknown =>
    evaluated(
      "release-sbom.mjs",
      `m.shipping(${JSON.stringify(dependencies)}, ${JSON.stringify(everything)}, ${JSON.stringify(lock)}, ${JSON.stringify(bundled)})`,
    );

  test("has the dependencies and what is bundled, each once, and nothing that stays here", () => {
    expect(
      shipping(bill(component("a")), bill(component("a"), component("b"), component("c")), ["a@1.0.0", "b@1.0.0"]),
    ).toMatchObject({
      metadata: { component: { name: "daytona-iac" } },
      components: [
        { name: "a", scope: "required" },
        { name: "b", scope: "required" },
      ],
      dependencies: [
        { ref: "a@1.0.0", dependsOn: ["b@1.0.0"] },
        { ref: "b@1.0.0", dependsOn: ["a@1.0.0"] },
        { ref: "us@1", dependsOn: ["a@1.0.0"] },
      ],
    });
  });

  test("names a package by what it is, not by an alias, and takes its hash from the lock file", () => {
    const alias = component("b-cjs", { purl: "pkg:npm/%40x/b@1.0.0", hashes: [] });
    const lock = {
      packages: {
        "node_modules/@x/b": { version: "1.0.0", integrity: `sha512-${Buffer.from("hash").toString("base64")}` },
      },
    };
    expect(shipping(bill(), bill(alias), ["@x/b@1.0.0"], lock)).toMatchObject({
      components: [{ name: "@x/b", hashes: [{ alg: "SHA-512", content: Buffer.from("hash").toString("hex") }] }],
    });
  });

  test.each([
    [
      "a license that nobody has looked at",
      [component("a", { licenses: [{ license: { id: "GPL-3.0-only" } }] })],
      [],
      "these licenses have to be looked at before a release: a@1.0.0 (GPL-3.0-only)",
    ],
    [
      "no license",
      [component("a", { licenses: undefined })],
      [],
      "these licenses have to be looked at before a release: a@1.0.0 (none)",
    ],
    ["no hash", [component("a", { hashes: [] })], [], "these packages have no hash in the lock file: a@1.0.0"],
    [
      "a bundled package that npm does not list",
      [],
      ["z@9.9.9"],
      "the bill of materials lacks z@9.9.9, which is bundled",
    ],
  ])("%s stops the release", (_, components, bundled, message) =>
    expect(shipping(bill(...components), bill(...components), bundled)).toBe(message),
  );

  test("of this very tree: CycloneDX, with dependencies, bundled packages and the runtime, and no tool of development", () => {
    const made = JSON.parse(String(evaluated("release-sbom.mjs", "m.billOfMaterials()"))) as {
      bomFormat: string;
      specVersion: string;
      components: { name: string; licenses: unknown[]; hashes: unknown[] }[];
    };
    expect(made).toMatchObject({ bomFormat: "CycloneDX", specVersion: expect.stringMatching(/^1\.\d$/) as string });
    const names = made.components.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "axios",
        "commander",
        "@aws-sdk/client-s3",
        "dockerode",
        "google-protobuf",
        "@pulumi/pulumi",
        "bun",
      ]),
    );
    expect(names.filter((name) => ["jest", "typescript", "eslint", "cdktf", "fast-check"].includes(name))).toEqual([]);
    expect(made.components.filter(({ licenses, hashes }) => licenses.length === 0 || hashes.length === 0)).toEqual([]);
  }, 180_000);
});

test.each([
  [
    "mail security@daytona-iac.invalid",
    "SECURITY.md names security@daytona-iac.invalid, a placeholder. Replace it by the address that the maintainers read, then release again",
  ],
  [
    "mail a@example.com",
    "SECURITY.md names a@example.com, a placeholder. Replace it by the address that the maintainers read, then release again",
  ],
  [
    "mail a@x.test",
    "SECURITY.md names a@x.test, a placeholder. Replace it by the address that the maintainers read, then release again",
  ],
  ["no address", "SECURITY.md names no address for reports. Add the address that the maintainers read"],
  ["mail security@contest.com", "security@contest.com"],
])("SECURITY.md: %s", (text, expected) =>
  expect(evaluated("release-security.mjs", `m.contactIn(${JSON.stringify(text)})`)).toBe(expected),
);

describe("a release needs the addresses of the project", () => {
  const real = {
    homepage: "https://daytona-iac.dev",
    repository: { url: "git+https://git.daytona-iac.dev/daytona-iac.git" },
    bugs: { url: "https://git.daytona-iac.dev/issues" },
  };
  test.each([
    [real, { homepage: real.homepage, repository: real.repository.url, bugs: real.bugs.url }],
    [{ ...real, bugs: undefined }, "package.json has no bugs. Add its address"],
    [
      { ...real, homepage: "https://daytona-iac.invalid" },
      "package.json has https://daytona-iac.invalid as its homepage, a placeholder. Replace it by the real address, then release again",
    ],
    [
      { ...real, repository: { url: "git+https://daytona-iac.example/x.git" } },
      "package.json has git+https://daytona-iac.example/x.git as its repository, a placeholder. Replace it by the real address, then release again",
    ],
    [{ ...real, homepage: "https://invalid.dev/test" }, { homepage: "https://invalid.dev/test" }],
  ])("%j", (manifest, expected) => {
    const found = evaluated("release-security.mjs", `m.addressesIn(${JSON.stringify(manifest)})`);
    if (typeof expected === "string") expect(found).toBe(expected);
    else expect(found).toMatchObject(expected);
  });
});

test("SECURITY.md has an address, and a release stops at a placeholder before it has made anything", () => {
  const text = readFileSync(join(root, "SECURITY.md"), "utf8");
  expect(text).toMatch(/[\w.+-]+@[\w.-]+\.\w+/);
  if (!text.includes(".invalid")) return;
  const run = spawnSync(process.execPath, [join(root, "scripts/release.mjs"), "--only", "none"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(run.status).toBe(1);
  expect(run.stderr).toContain("a placeholder. Replace it by the address that the maintainers read");
  expect(run.stdout).toBe("");
});

const gpg = spawnSync("gpg", ["--version"]).status === 0;
(gpg ? describe : describe.skip)(`signing a release${gpg ? "" : " (no gpg)"}`, () => {
  const home = join(folder, "gnupg");
  const made = join(folder, "release");
  const env = { ...process.env, GNUPGHOME: home };
  const sum = (name: string): string =>
    `${createHash("sha256")
      .update(readFileSync(join(made, name)))
      .digest("hex")}  ${name}\n`;
  const sign = (): { status: number | null; out: string; err: string } => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "scripts/release-sign.mjs"), made, "--key", "release@daytona.test"],
      { env, encoding: "utf8" },
    );
    return { status, out: stdout, err: stderr };
  };
  beforeAll(() => {
    mkdirSync(home, { mode: 0o700 });
    expect(
      spawnSync(
        "gpg",
        ["--batch", "--passphrase", "", "--quick-generate-key", "release@daytona.test", "ed25519", "sign", "never"],
        { env },
      ).status,
    ).toBe(0);
  }, 60_000);
  afterAll(() => void spawnSync("gpgconf", ["--kill", "all"], { env }));
  beforeEach(() => {
    rmSync(made, { recursive: true, force: true });
    mkdirSync(join(made, "npm"), { recursive: true });
    for (const name of ["a.zip", "sbom.cdx.json", "npm/a.tgz"]) writeFileSync(join(made, name), name);
    writeFileSync(join(made, "a_1_SHA256SUMS"), sum("a.zip") + sum("sbom.cdx.json"));
    writeFileSync(join(made, "npm_1_SHA256SUMS"), sum("npm/a.tgz"));
  });

  test("every sum has a signature that gpg verifies, also a second time", () => {
    for (let times = 0; times < 2; times += 1)
      expect(sign()).toEqual({ status: 0, out: "a_1_SHA256SUMS.sig\nnpm_1_SHA256SUMS.sig\n", err: "" });
    for (const name of ["a_1_SHA256SUMS", "npm_1_SHA256SUMS"])
      expect(spawnSync("gpg", ["--verify", join(made, `${name}.sig`), join(made, name)], { env }).status).toBe(0);
  });

  test.each<[string, () => void, string]>([
    ["a file without a sum", () => writeFileSync(join(made, "more.zip"), "x"), "more.zip has no sum"],
    ["an npm package without a sum", () => writeFileSync(join(made, "npm/more.tgz"), "x"), "npm/more.tgz has no sum"],
    [
      "a file that has changed",
      () => writeFileSync(join(made, "a.zip"), "other"),
      "a.zip has another sum than its SHA256SUMS says",
    ],
    ["a file that is gone", () => rmSync(join(made, "a.zip")), "a.zip is in the sums, but not there"],
  ])("%s: nothing is signed", (_, change, said) => {
    change();
    expect(sign()).toEqual({ status: 1, out: "", err: `Nothing was signed in ${made}:\n  ${said}\n` });
  });
});

describe("npm run audit", () => {
  const verdict = (answer: string): unknown =>
    evaluated("audit.mjs", `m.verdict(${JSON.stringify(answer)}, "what ships")`);
  test.each([
    ['{"vulnerabilities":{}}', { failed: false, reached: true, text: "what ships: no known vulnerability" }],
    [
      '{"vulnerabilities":{"x":{"name":"x","severity":"low"}}}',
      { failed: false, reached: true, text: "what ships: 1 low (x)" },
    ],
    [
      '{"vulnerabilities":{"x":{"name":"x","severity":"moderate"},"y":{"name":"y","severity":"critical"}}}',
      { failed: true, reached: true, text: "what ships: 1 critical (y); 1 moderate (x)" },
    ],
    [
      '{"message":"405 Method Not Allowed","error":{"summary":""}}',
      {
        failed: false,
        reached: false,
        text: "what ships: not audited, the registry's endpoint cannot be used (405 Method Not Allowed)",
      },
    ],
    [
      '{"error":{"code":"ENOTFOUND","summary":"no such host"}}',
      {
        failed: false,
        reached: false,
        text: "what ships: not audited, the registry's endpoint cannot be used (no such host)",
      },
    ],
    [
      "null",
      {
        failed: false,
        reached: false,
        text: "what ships: not audited, the registry's endpoint cannot be used (npm gave no report)",
      },
    ],
    [
      "",
      {
        failed: false,
        reached: false,
        text: "what ships: not audited, the registry's endpoint cannot be used (npm gave no report)",
      },
    ],
  ])("%s", (answer, expected) => expect(verdict(answer)).toEqual(expected));
});

test("the commit of a build: of this repository; of none outside, nor of one around it", () => {
  const commitOf = (of: string): unknown => evaluated("commit.mjs", `m.commitOf(${JSON.stringify(of)})`);
  const git = (...args: string[]): string =>
    spawnSync("git", ["-c", "user.name=x", "-c", "user.email=x@x", ...args], {
      cwd: join(folder, "repo"),
      encoding: "utf8",
    }).stdout.trim();
  expect(commitOf(folder)).toBe("unknown");
  mkdirSync(join(folder, "repo/inside"), { recursive: true });
  git("init", "-q");
  writeFileSync(join(folder, "repo/a"), "1");
  git("add", "a");
  git("commit", "-q", "-m", "x");
  const commit = git("rev-parse", "--short=12", "HEAD");
  expect(commit).toMatch(/^[0-9a-f]{12}$/);
  expect(commitOf(join(folder, "repo"))).toBe(commit);
  expect(commitOf(join(folder, "repo/inside"))).toBe("unknown");
  writeFileSync(join(folder, "repo/a"), "2");
  expect(commitOf(join(folder, "repo"))).toBe(`${commit}-changed`);
  expect(evaluated("commit.mjs", 'm.withCommit(`exports.commit = "unknown";`, "abc")')).toBe('exports.commit = "abc";');
  expect(evaluated("commit.mjs", 'm.withCommit(`export const commit: string = "unknown";`, "abc")')).toBe(
    'export const commit: string = "abc";',
  );
  expect(evaluated("commit.mjs", 'm.withCommit(`nothing`, "abc")')).toContain("has another form");
});
