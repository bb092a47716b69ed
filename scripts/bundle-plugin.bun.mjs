// What every bundle leaves out or loads late, as a plugin of Bun: modules that a start does not need cost it more than its own work.
import { withCommit } from "./commit.mjs";

/** `const x = require("dns")` of a library, loaded when it is first used. */
const late = (name) => `new Proxy({}, { get: (_, name) => require("${name}")[name] })`;

/** Parts of axios that our transport never uses: multipart forms, redirects, its own choice of a proxy, other ways than Node's HTTP. */
const unusedByAxios = {
  "form-data": "class {}",
  "follow-redirects": "{}",
  "https-proxy-agent": "class {}",
  "./xhr.js": "false",
  "./fetch.js": "{}",
};

/** What dockerode loads for SSH, BuildKit sessions and packing folders. ssh2 and cpu-features would bring install scripts. */
const unusedByDockerode = [
  "ssh2",
  "@grpc/grpc-js",
  "@grpc/proto-loader",
  "protobufjs",
  "tar-fs",
  "@balena/dockerignore",
];

/** Files of libraries, and what is replaced in them. A text that is not there any more ends the build. */
const changes = [
  [
    /[\\/]axios[\\/]lib[\\/]utils\.js$/,
    // Asking whether Node has FormData or Blob loads its whole fetch.
    ["typeof G.FormData !== 'undefined' ? G.FormData : undefined", "undefined"],
  ],
  [
    /[\\/]axios[\\/]lib[\\/]platform[\\/]node[\\/]index\.js$/,
    ["(typeof Blob !== 'undefined' && Blob) || null", "null"],
  ],
  [/[\\/]commander[\\/]lib[\\/]command\.js$/, ["require('node:child_process')", late("node:child_process")]],
];

/** Where a library thinks that its files are: Bun writes the folder of the machine that builds, which no user has. */
export const nowhere = { __dirname: '"/"', __filename: '"/bundled.js"' };

/**
 * A module in place of another one has a path that no import names. Bun (1.4.5) finds modules by path alone, and resolves in any order: by the name of a
 * module of Node, it would now and then be everybody's.
 */
const instead = (namespace, path) => ({ path: `${namespace} ${path}`, namespace });
const insteadOf = ({ namespace, path }) => path.slice(namespace.length + 1);

const names = (list) => new RegExp(`^(${list.map((name) => name.replaceAll(".", "\\.")).join("|")})$`);

/** @param bundled gets the paths of the modules of libraries that went in */
export function leaner(bundled = new Set()) {
  return {
    name: "leaner",
    setup(build) {
      build.onLoad({ filter: /[\\/]node_modules[\\/]/ }, ({ path }) => void bundled.add(path));
      build.onLoad({ filter: /@grpc[\\/]grpc-js[\\/]build[\\/]src[\\/][\w-]+\.js$/ }, async ({ path }) => ({
        contents: (await Bun.file(path).text()).replace(
          /^const (\w+) = require\("(dns|http|zlib)"\);$/gm,
          (_, name, module) => `const ${name} = ${late(module)};`,
        ),
        loader: "js",
      }));
      for (const [filter, [from, to]] of changes)
        build.onLoad({ filter }, async ({ path }) => {
          const text = await Bun.file(path).text();
          if (!text.includes(from))
            throw new Error(`${path} has no longer the text "${from}" that the bundle replaces`);
          return { contents: text.replace(from, () => to), loader: "js" };
        });
      build.onLoad({ filter: /[\\/]provider[\\/]commit\.ts$/ }, async ({ path }) => ({
        contents: withCommit(await Bun.file(path).text(), process.env.DAYTONA_IAC_COMMIT ?? "unknown"),
        loader: "ts",
      }));
      build.onResolve({ filter: names(Object.keys(unusedByAxios)) }, ({ path, importer }) =>
        /[\\/]axios[\\/]/.test(importer) ? instead("unused", path) : undefined,
      );
      build.onResolve({ filter: /^(http2|https|crypto)$/ }, ({ path, importer }) =>
        /[\\/]axios[\\/]/.test(importer) ? instead("late", path) : undefined,
      );
      build.onResolve({ filter: names(unusedByDockerode) }, ({ path, importer }) =>
        /[\\/](dockerode|docker-modem)[\\/]/.test(importer) ? instead("unused", path) : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: "unused" }, (module) => ({
        contents: `module.exports = ${unusedByAxios[insteadOf(module)] ?? "{}"};`,
        loader: "js",
      }));
      build.onLoad({ filter: /.*/, namespace: "late" }, (module) => ({
        contents: `export default ${late(`node:${insteadOf(module)}`)};`,
        loader: "js",
      }));
    },
  };
}
