import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, type LocalApiOptions, startLocalApi } from "../../../provider/local";
import { version } from "../../../provider/version.gen";
import { Stack } from "./stack";
import { offerLauncher, onPath } from "./tools";
import { placePlugin } from "./tools/cached-plugin";

export { type Result, type StateResource, Stack, agent, ok } from "./stack";

offerLauncher();

/** `describe` where these executables are on PATH; elsewhere the tests are reported as skipped, with what is missing. */
export function describeWithTools(name: string, tools: readonly string[], body: () => void): void {
  const missing = tools.filter((tool) => !onPath(tool));
  if (missing.length === 0) describe(name, body);
  else describe.skip(`${name} (not on PATH: ${missing.join(", ")})`, body);
}

/** The same with `pulumi` and the hosts of these languages. */
export function describeWithPulumi(name: string, languages: readonly string[], body: () => void): void {
  describeWithTools(name, ["pulumi", ...languages.map((language) => `pulumi-language-${language}`)], body);
}

/** Milliseconds for a test. A command of the CLI takes two seconds by itself, and many times that on a machine with more to do: only what hangs ends here. */
export const PATIENCE = 900_000;

/** Quick pulls and builds, no rest after a deactivation: what is waited for here is Pulumi. */
export const quick: LocalApiOptions = {
  pullSeconds: 0.1,
  buildSeconds: 0.1,
  activationCooldownSeconds: 0,
  cronSeconds: 0.05,
};

/** What a file of tests works with. */
export interface Fixture<S extends Stack> {
  api(): LocalApi;
  /** The folder that `prepare` filled. */
  folder(): string;
  /** A new stack, of the API unless `env` says otherwise; gone after the test. */
  stack(more?: { env?: Record<string, string>; name?: string }): Promise<S>;
}

/** One API and one folder, which `prepare` fills, for a file of tests; every test has stacks of its own, which `make` makes. */
export function fixture<S extends Stack>(
  prepare: (folder: string) => void,
  make: (folder: string, env: Record<string, string>, name?: string) => S,
  options: LocalApiOptions = {},
): Fixture<S> {
  let api: LocalApi | undefined;
  let folder = "";
  let stacks: S[] = [];
  beforeAll(async () => {
    api = await startLocalApi({ ...quick, ...options });
    folder = mkdtempSync(join(tmpdir(), "daytona-iac-pulumi-tools-"));
    prepare(folder);
  }, PATIENCE);
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
    folder: () => folder,
    async stack({ env = {}, name } = {}) {
      const stack = make(
        folder,
        { DAYTONA_API_URL: running().apiUrl, DAYTONA_API_KEY: running().apiKey, ...env },
        name,
      );
      stacks.push(stack);
      await stack.init();
      return stack;
    },
  };
}

/** Puts the native plugin into `home` (PULUMI_HOME). */
export function installPlugin(home: string): void {
  placePlugin(join(home, "plugins", `resource-daytona-v${version}`));
}

/** Programs in YAML with the native plugin; `folder` is PULUMI_HOME. */
export function setup(options: LocalApiOptions = {}): Fixture<Stack> {
  return fixture(installPlugin, (home, env, name) => new Stack(home, env, name).yaml({}), options);
}
