import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, type LocalApiOptions, startLocalApi } from "../../../../provider/local";
import { Stack, onPath, quick } from "../setup";
import { install } from "./package";

/** `describe` where the CLI, its host for Node.js and the one for dynamic providers are on PATH; elsewhere skipped by name. */
export function describeDynamic(name: string, body: () => void): void {
  const missing = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"].filter((tool) => !onPath(tool));
  if (missing.length === 0) describe(name, body);
  else describe.skip(`${name} (not on PATH: ${missing.join(", ")})`, body);
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
    super(home, env, name);
    this.write("Pulumi.yaml", JSON.stringify({ name: "agents", runtime: { name: "nodejs", options: { typescript: false } } }));
    this.write("package.json", JSON.stringify({ name: "agents", main: "index.js", dependencies: { "@pulumi/pulumi": "*", "daytona-iac": "*" } }));
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

  copyExample(folder: string): void {
    cpSync(folder, this.program, { recursive: true });
  }
}

/** One API and one installed package for a file of tests; every test has stacks of its own. */
export function setup(options: LocalApiOptions = {}): { api: () => LocalApi; stack: (more?: { env?: Record<string, string>; name?: string }) => Promise<NodeStack> } {
  let api: LocalApi | undefined;
  let folder = "";
  let stacks: NodeStack[] = [];
  beforeAll(async () => {
    api = await startLocalApi({ ...quick, ...options });
    folder = mkdtempSync(join(tmpdir(), "daytona-iac-installed-"));
    install(folder);
  });
  afterEach(() => {
    for (const stack of stacks) stack.remove();
    stacks = [];
    api?.control.reset();
  });
  afterAll(async () => {
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const running = (): LocalApi => {
    if (api === undefined) throw new Error("the local API is not up yet");
    return api;
  };
  return {
    api: running,
    async stack({ env = {}, name } = {}) {
      const stack = new NodeStack(join(folder, "home"), { DAYTONA_API_URL: running().apiUrl, DAYTONA_API_KEY: running().apiKey, ...env }, join(folder, "node_modules"), name);
      stacks.push(stack);
      await stack.init();
      return stack;
    },
  };
}
