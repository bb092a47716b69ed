// The software bill of materials of a release (CycloneDX): what the npm package depends on, what is bundled into the executables and the
// scripts, and the runtime of the executables. npm lists everything in the lock file, with hashes and licenses; this narrows it to what ships,
// and refuses a license that nobody has looked at.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunBinary, packageJson, root, run } from "./build-provider.mjs";

/** Licenses that allow to ship the package in ours, by SPDX identifier. */
const ALLOWED = [
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
];
/** Packages whose license npm cannot tell, and what a person read in them. The old form of package.json, `licenses`, is none to npm. */
const READ = { "xmlhttprequest-ssl": "MIT" };
/** What goes into single files: the executable, and the engine's client of the npm package. */
const BUNDLES = ["provider/executable/main.ts", "provider/source/local-image/engine/dockerode.ts"];
const RUNTIME = "bun";

/** Whether an SPDX expression of licenses, joined by AND or OR, allows to ship. */
export function isAllowed(expression) {
  const bare = expression.replace(/^\(([^()]*)\)$/, "$1");
  if (/\sOR\s/.test(bare)) return bare.split(/\sOR\s/).some(isAllowed);
  if (/\sAND\s/.test(bare)) return bare.split(/\sAND\s/).every(isAllowed);
  return ALLOWED.includes(bare);
}

/** `name@version` of every package with a file in a bundle. */
function bundled() {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-sbom-"));
  try {
    const found = new Set();
    for (const entry of BUNDLES) {
      const list = join(folder, "modules.txt");
      run(bunBinary(), [join(root, "scripts/bundle.bun.mjs"), join(root, entry), join(folder, "out.cjs")], {
        env: { ...process.env, DAYTONA_IAC_BUNDLED: list },
      });
      for (const path of readFileSync(list, "utf8")
        .split("\n")
        .map((line) => line.replaceAll("\\", "/"))) {
        const [, owner] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
        if (owner === undefined) continue;
        const { name, version } = JSON.parse(readFileSync(join(owner, "package.json"), "utf8"));
        found.add(`${name}@${version}`);
      }
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The SHA-512 of a package, in hexadecimal: npm looks at one place only, which may be inside another package. */
function hashOf(lock, name, version) {
  const found = Object.entries(lock.packages).find(
    ([path, entry]) =>
      (entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)) === name &&
      entry.version === version &&
      entry.integrity,
  );
  return found === undefined
    ? []
    : [{ alg: "SHA-512", content: Buffer.from(found[1].integrity.replace(/^sha512-/, ""), "base64").toString("hex") }];
}

/**
 * The bill of what ships: npm's of the dependencies, and from npm's of everything what is bundled.
 * @param lock package-lock.json
 * @param inBundles `name@version`s
 * @throws Error that names what is missing or must not ship
 */
export function shipping(dependencies, everything, lock, inBundles) {
  // Of a package that is also installed under an alias, npm lists the alias only; its address says what it is.
  const nameOf = ({ purl }) => decodeURIComponent(purl.replace(/^pkg:npm\//, "").replace(/@[^@]*$/, ""));
  const components = new Map(dependencies.components.map((component) => [component.purl, component]));
  const known = new Map(
    everything.components.map((component) => [`${nameOf(component)}@${component.version}`, component]),
  );
  for (const name of inBundles) {
    const component = known.get(name);
    if (component === undefined) throw new Error(`the bill of materials lacks ${name}, which is bundled`);
    if (!components.has(component.purl)) components.set(component.purl, component);
  }
  const complete = [...components.values()].map((component) => {
    const name = nameOf(component);
    const licenses = component.licenses ?? (READ[name] === undefined ? [] : [{ license: { id: READ[name] } }]);
    const hashes = component.hashes?.length > 0 ? component.hashes : hashOf(lock, name, component.version);
    // Not required of the package by npm's rules, but in what ships.
    return { ...component, name, licenses, hashes, scope: "required" };
  });
  const licenseOf = ({ licenses }) =>
    licenses.map(({ license, expression }) => license?.id ?? license?.name ?? expression).join(" AND ");
  const refused = complete.filter((component) => !isAllowed(licenseOf(component)));
  if (refused.length > 0)
    throw new Error(
      `these licenses have to be looked at before a release: ${refused.map((component) => `${component.name}@${component.version} (${licenseOf(component) || "none"})`).join(", ")}`,
    );
  const bare = complete.filter(({ hashes }) => hashes.length === 0);
  if (bare.length > 0)
    throw new Error(
      `these packages have no hash in the lock file: ${bare.map(({ name, version }) => `${name}@${version}`).join(", ")}`,
    );
  const refs = new Set([
    ...complete.map((component) => component["bom-ref"]),
    dependencies.metadata.component["bom-ref"],
  ]);
  const graph = new Map(
    [
      ...everything.dependencies.filter(({ ref }) => ref !== dependencies.metadata.component["bom-ref"]),
      ...dependencies.dependencies,
    ].map(({ ref, dependsOn }) => [ref, dependsOn]),
  );
  return {
    ...dependencies,
    metadata: { ...dependencies.metadata, component: { ...dependencies.metadata.component, name: packageJson.name } },
    components: complete,
    dependencies: [...graph]
      .filter(([ref]) => refs.has(ref))
      .map(([ref, on]) => ({ ref, dependsOn: on.filter((it) => refs.has(it)) })),
  };
}

/** The bill of materials, as JSON. */
export function billOfMaterials() {
  const windows = process.platform === "win32";
  const npm = (...args) =>
    JSON.parse(
      run(windows ? "npm.cmd" : "npm", ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only", ...args], {
        shell: windows,
        maxBuffer: 2 ** 28,
      }),
    );
  const runtime = `${RUNTIME}@${packageJson.devDependencies[RUNTIME]}`;
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return `${JSON.stringify(shipping(npm("--omit=dev"), npm(), lock, new Set([...bundled(), runtime])), null, 2)}\n`;
}
