import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalApiOptions } from "../../../../provider/local";
import { type Fixture, Stack, describeWithTools, fixture } from "../setup";
import { quickNode } from "../tools";
import { install } from "./package";

/** `describe` where the CLI, its host for Node.js and the one for dynamic providers are on PATH; elsewhere skipped by name. */
export function describeDynamic(name: string, body: () => void): void {
  describeWithTools(name, ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"], body);
}

/** A program that declares what `snapshots.json` says; `{"secret": …}` is a secret, and an entry with `get` only refers. */
const PROGRAM = `const pulumi = require("@pulumi/pulumi");
const { Snapshot } = require("daytona-iac/pulumi");
const open = (value) => value?.secret !== undefined ? pulumi.secret(value.secret) : Array.isArray(value) ? value.map(open) : typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, open(v)])) : value;
for (const [name, { get, options, ...args }] of Object.entries(JSON.parse(require("node:fs").readFileSync("snapshots.json", "utf8")))) {
  const snapshot = get ? Snapshot.get(name, get, options) : new Snapshot(name, open(args), options);
  exports[name] = { name: snapshot.name, state: snapshot.state };
}
`;

/** A stack whose program is Node.js, with the package installed. */
export class NodeStack extends Stack {
  constructor(home: string, env: Record<string, string>, modules: string, name?: string) {
    super(home, { ...quickNode, ...env }, name);
    this.write(
      "Pulumi.yaml",
      JSON.stringify({ name: "agents", runtime: { name: "nodejs", options: { typescript: false } } }),
    );
    this.write(
      "package.json",
      JSON.stringify({ name: "agents", main: "index.js", dependencies: { "@pulumi/pulumi": "*", "daytona-iac": "*" } }),
    );
    this.write("index.js", PROGRAM);
    symlinkSync(modules, join(this.program, "node_modules"), "junction");
    this.snapshots({});
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.program, file), text);
  }

  snapshots(what: Record<string, Record<string, unknown>>): this {
    this.write("snapshots.json", JSON.stringify(what));
    return this;
  }

  /** Installs a package of its own, to be changed. */
  own(): string {
    rmSync(join(this.program, "node_modules"));
    install(this.program);
    return join(this.program, "node_modules/daytona-iac/dist");
  }
}

/** Programs in Node.js with the package installed once for all. */
export function setup(options: LocalApiOptions = {}): Fixture<NodeStack> {
  return fixture(
    install,
    (folder, env, name) => new NodeStack(join(folder, "home"), env, join(folder, "node_modules"), name),
    options,
  );
}
