// Run by Bun: bundles the command line into a few files, so that Node reads what a command needs and little else. Each file is a layer: what a layer has is
// in no later one, as a class that is there twice is two classes. A module that is loaded late goes into the layer that names it, or into the last one.
// Usage: bun scripts/bundle-layers.bun.mjs FOLDER
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { leaner, nowhere } from "./bundle-plugin.bun.mjs";

const [folder] = process.argv.slice(2);
const root = dirname(import.meta.dir);
const provider = join(root, "provider");

/** The files, by what begins them and what they have although it is loaded late. The last one takes everything else. */
const layers = [
  {
    file: "core.js",
    entry: "cli/main",
    // What people run in loops and prompts.
    late: ["cli/snapshot/command", "cli/snapshot/list", "cli/completion"],
    libraries: ["axios"],
  },
  {
    file: "commands.js",
    late: ["cli/in-place/command", "cli/drift/command", "cli/import/command", "cli/prune/command", "cli/image/command"],
    libraries: [],
  },
  { file: "more.js", late: [], libraries: [], last: true },
];

/** Stays a file of its own: it knows where it is. */
const ALONE = join(provider, "cli/package-root.ts");

/** What a module is called across layers. */
const nameOf = (path) => relative(root, path).replaceAll("\\", "/");

/** The file of a module of ours; undefined for one of a library. */
function fileOf(path, importer) {
  const base = path.startsWith(".") ? resolve(dirname(importer), path) : path;
  return [base, `${base}.ts`, join(base, "index.ts")].find((file) => /\.[cm]?[jt]s$/.test(file) && existsSync(file));
}

/** In every layer: by name, whether it is in this layer. */
const known = layers.map(() => new Set());
/** In every layer: what later ones, or earlier ones, ask it for. */
const asked = layers.map(() => new Set());

const inEarlier = (at, name) => known.findIndex((names, i) => i < at && names.has(name));

function split(at) {
  const { late, libraries, last } = layers[at];
  const own = new Set([...late.map((name) => `provider/${name}.ts`), ...libraries]);
  const reference = (layer, name) => {
    asked[layer].add(name);
    return `module.exports = require("layer:${layers[layer].file}").part(${JSON.stringify(name)});`;
  };
  return {
    name: "layers",
    setup(build) {
      build.onResolve({ filter: /^layer:/ }, ({ path }) => ({ path: path.replace("layer:", "./"), external: true }));
      build.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        if (!importer.startsWith(provider)) return undefined;
        const file = fileOf(path, importer);
        if (file === ALONE) return { path: "../package-root.js", external: true };
        if (last || !/^(dynamic-import|require-call)$/.test(kind) || path.startsWith("node:")) return undefined;
        const name = file === undefined ? path : nameOf(file);
        if (own.has(name) || known[at].has(name) || inEarlier(at, name) >= 0) return undefined;
        const to = layers.findIndex(
          (it, i) => i > at && (it.last || it.late.some((its) => name === `provider/${its}.ts`)),
        );
        return { path: `${to}:${name}`, namespace: "part" };
      });
      build.onLoad({ filter: /.*/, namespace: "part" }, ({ path }) => {
        const [, to, name] = /^(\d+):(.*)$/.exec(path);
        return { contents: reference(Number(to), name), loader: "js" };
      });
      build.onLoad({ filter: /[\\/](provider|node_modules)[\\/]/ }, ({ path }) => {
        const layer = inEarlier(at, nameOf(path));
        return layer < 0 ? undefined : { contents: `${reference(layer, nameOf(path))}`, loader: "js" };
      });
    },
  };
}

async function build(at) {
  const { entry, file } = layers[at];
  const part = [...asked[at]].sort().map((name) => {
    const path =
      name.startsWith("provider/") || name.startsWith("node_modules/") ? join(root, name) : Bun.resolveSync(name, root);
    return `  ${JSON.stringify(name)}: () => require(${JSON.stringify(path)}),\n`;
  });
  const source = join(folder, `.${file}.entry.ts`);
  const table = `const parts = {\n${part.join("")}};\nexports.part = (name) => parts[name]();\n`;
  const main = entry
    ? `exports.main = (...given) => require(${JSON.stringify(join(provider, entry))}).main(...given);\n`
    : "";
  const run = entry
    ? `exports.runProcess = () => require(${JSON.stringify(join(provider, entry))}).runProcess();\n`
    : "";
  await Bun.write(source, table + main + run);
  const made = await Bun.build({
    entrypoints: [source],
    target: "node",
    format: "cjs",
    define: nowhere,
    minify: true,
    metafile: true,
    plugins: [split(at), leaner()],
  });
  for (const message of made.logs) console.error(String(message));
  if (!made.success) process.exit(1);
  const referred = (path) => inEarlier(at, path) >= 0;
  for (const input of Object.keys(made.metafile.inputs)) {
    const name = nameOf(resolve(process.cwd(), input));
    if (/^(provider|node_modules)\//.test(name) && !referred(name)) known[at].add(name);
  }
  await Bun.file(source).delete();
  await Bun.write(join(folder, file), made.outputs[0]);
}

// A layer is built again when a later one asks it for what it has: the table of its parts is in it. It ends when nobody asks for more.
const count = () => asked.reduce((sum, names) => sum + names.size, 0);
for (let before = -1; before !== count();) {
  before = count();
  for (let at = 0; at < layers.length; at += 1) await build(at);
}
