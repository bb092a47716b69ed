// Run by Bun: bundles ENTRY into one CommonJS file OUT. Modules of Node that gRPC asks for but a start does not need are
// loaded when they are first used: a plugin is started several times for each command, and these cost a tenth of it.
// Usage: bun scripts/bundle.bun.mjs ENTRY OUT [--minify]; DAYTONA_IAC_BUNDLED names a file for the list of the modules that went in.
import { withCommit } from "./commit.mjs";

const [entry, out, minify] = process.argv.slice(2);

const bundled = new Set();

const later = {
  name: "later",
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/]/ }, ({ path }) => void bundled.add(path));
    build.onLoad({ filter: /@grpc[\\/]grpc-js[\\/]build[\\/]src[\\/][\w-]+\.js$/ }, async ({ path }) => {
      const text = await Bun.file(path).text();
      const contents = text.replace(
        /^const (\w+) = require\("(dns|http|zlib)"\);$/gm,
        'const $1 = new Proxy({}, { get: (_, name) => require("$2")[name] });',
      );
      return { contents, loader: "js" };
    });
    build.onLoad({ filter: /[\\/]provider[\\/]commit\.ts$/ }, async ({ path }) => ({
      contents: withCommit(await Bun.file(path).text(), process.env.DAYTONA_IAC_COMMIT ?? "unknown"),
      loader: "ts",
    }));
    // What axios loads for features that we do not use: multipart forms, redirects, and its own choice of a proxy (see transport.ts). They
    // are two thirds of what loading axios costs.
    const unused = { "form-data": "globalThis.FormData", "follow-redirects": "{}", "https-proxy-agent": "class {}" };
    build.onResolve({ filter: new RegExp(`^(${Object.keys(unused).join("|")})$`) }, ({ path, importer }) =>
      /[\\/]axios[\\/]/.test(importer) ? { path, namespace: "unused" } : undefined,
    );
    // What dockerode loads for SSH, BuildKit sessions and packing folders. ssh2 and cpu-features would bring install scripts.
    const engine = ["ssh2", "@grpc/grpc-js", "@grpc/proto-loader", "protobufjs", "tar-fs", "@balena/dockerignore"];
    build.onResolve({ filter: new RegExp(`^(${engine.join("|")})$`) }, ({ path, importer }) =>
      /[\\/](dockerode|docker-modem)[\\/]/.test(importer) ? { path, namespace: "unused" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "unused" }, ({ path }) => ({
      contents: `module.exports = ${unused[path] ?? "{}"};`,
      loader: "js",
    }));
  },
};

const made = await Bun.build({
  entrypoints: [entry],
  target: "node",
  format: "cjs",
  minify: minify === "--minify",
  plugins: [later],
});
for (const message of made.logs) console.error(String(message));
if (!made.success) process.exit(1);
await Bun.write(out, made.outputs[0]);
if (process.env.DAYTONA_IAC_BUNDLED) await Bun.write(process.env.DAYTONA_IAC_BUNDLED, [...bundled].sort().join("\n"));
