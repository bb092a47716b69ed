import { transformSync } from "@swc/core";
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const root = join(__dirname, "../../../..");
const ROOMS = [
  "pulumi/dynamic",
  "pulumi/shared",
  "process",
  "kit",
  "tool",
  "lifecycle",
  "resources",
  "source",
  "api",
  "config",
];

/** The folder with the `node_modules` that programs get Pulumi's SDK from. */
export const sdkFolder = process.env["DAYTONA_IAC_PULUMI_SDK"] || root;

/**
 * A `node_modules` in `folder` as an installation leaves it: this package compiled file by file (its real build is tried where
 * the packed package is), everything else linked into the repository.
 */
export function install(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "daytona-iac"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!name.startsWith(".") && name !== "daytona-iac")
      symlinkSync(join(name === "@pulumi" ? sdkFolder : root, "node_modules", name), join(modules, name), "junction");
  }
  const entry = (file: string) => ({ import: `./dist/${file}.mjs`, require: `./dist/${file}.js` });
  const exports = {
    "./pulumi": entry("pulumi/index"),
    "./pulumi/dynamic": entry("pulumi/dynamic/index"),
    "./pulumi/native": entry("pulumi/native"),
  };
  writeFileSync(
    join(modules, "daytona-iac/package.json"),
    JSON.stringify({ name: "daytona-iac", version: "0.0.0", exports }),
  );
  const dist = join(modules, "daytona-iac/dist");
  for (const file of ["version.gen.ts", "pulumi/index.ts", "pulumi/native.ts", ...ROOMS.flatMap(sources)])
    compile(file, dist);
  writeFileSync(
    join(dist, "pulumi/index.mjs"),
    'import cjs from "./index.js";\nexport const { Registry, Snapshot } = cjs;\n',
  );
}

function sources(room: string): string[] {
  let files: string[];
  try {
    files = readdirSync(join(root, "provider", room), { recursive: true }) as string[];
  } catch {
    return [];
  }
  return files.filter((file) => file.endsWith(".ts")).map((file) => join(room, file));
}

function compile(file: string, dist: string): void {
  const { code } = transformSync(readFileSync(join(root, "provider", file), "utf8"), {
    filename: file,
    swcrc: false,
    jsc: { target: "es2022", parser: { syntax: "typescript" } },
    module: { type: "commonjs" },
  });
  const target = join(dist, file.replace(/\.ts$/, ".js"));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code);
}
