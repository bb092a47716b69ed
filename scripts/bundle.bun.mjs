// Run by Bun: bundles ENTRY into one CommonJS file OUT, without what a start does not need (bundle-plugin.bun.mjs).
// Usage: bun scripts/bundle.bun.mjs ENTRY OUT [--minify]; DAYTONA_IAC_BUNDLED names a file for the list of the modules that went in.
import { leaner, nowhere } from "./bundle-plugin.bun.mjs";

const [entry, out, minify] = process.argv.slice(2);

const bundled = new Set();

const made = await Bun.build({
  entrypoints: [entry],
  target: "node",
  format: "cjs",
  define: nowhere,
  minify: minify === "--minify",
  plugins: [leaner(bundled)],
});
for (const message of made.logs) console.error(String(message));
if (!made.success) process.exit(1);
await Bun.write(out, made.outputs[0]);
if (process.env.DAYTONA_IAC_BUNDLED) await Bun.write(process.env.DAYTONA_IAC_BUNDLED, [...bundled].sort().join("\n"));
