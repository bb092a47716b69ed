import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { describeWithPulumi } from "../pulumi/setup";
import { terraformBinary } from "../support/terraform";
import { type Registry, serveRegistry } from "./registry";
import { packRelease } from "./release-tarballs";

// README as a stranger follows it: every block as it stands, from top to bottom, in one empty folder with an empty HOME.
jest.setTimeout(900_000);

const root = join(__dirname, "../../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

interface Block {
  readonly section: string;
  readonly language: string;
  readonly text: string;
  /** Of the line before: "`main.tf`:". null: none is named. */
  readonly file: string | null;
}

/** The blocks of a page in its order. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let section = "";
  for (const found of markdown.matchAll(
    /^## (?<title>[^\n]+)$|(?:^`(?<file>[^`\n]+)`:\n\n)?^```(?<language>\w+)\n(?<text>.*?)^```$/gms,
  )) {
    const { title, file, language, text } = found.groups!;
    if (title !== undefined) section = title;
    else blocks.push({ section, language: language!, text: text!, file: file ?? null });
  }
  return blocks;
}

const blocks = blocksOf(readme);
/** Sections whose commands need what this machine may not have, or a checkout. */
const CHECKOUT = "Try it";
const PULUMI = "Pulumi";

const dir = mkdtempSync(join(tmpdir(), "daytona-iac-readme-"));
const home = join(dir, "home");
const folder = join(dir, "project");
let registry: Registry;
let api: LocalApi;

beforeAll(async () => {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error('There is no dist/: run "npm run build" first.');
  for (const name of [home, folder, join(dir, "bin")]) mkdirSync(name);
  registry = await serveRegistry(packRelease(dir), ["cdktf", "constructs", "tsx", "@pulumi/pulumi"]);
  api = await startLocalApi({ pullSeconds: 0.1, buildSeconds: 0.1, cronSeconds: 0.05, activationCooldownSeconds: 0 });
  // What is called terraform in the text is the one under test.
  script("terraform", `PATH="${process.env["PATH"]}" exec ${terraformBinary()!} "$@"`);
  // What a person answers to its questions. Beside --preview-only, where it asks nothing, Pulumi refuses a variable that says so.
  const yes = 'case "$1" in up|destroy) set -- "$@" --yes ;; esac';
  script("pulumi", `${yes}\nPATH="${process.env["PATH"]}" exec pulumi "$@"`);
});
afterAll(async () => {
  await api.close();
  registry.close();
  rmSync(dir, { recursive: true, force: true });
});

function script(name: string, text: string): void {
  const file = join(dir, "bin", name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

/** Runs a block as it stands. "yes" is what a person answers to the tools' questions. @throws Error with all that was printed */
function run(text: string): Promise<string> {
  const inherited = Object.entries(process.env).filter(([key]) => !/^(npm_|DAYTONA|TF_|PULUMI_)/i.test(key));
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited),
    PATH: `${join(dir, "bin")}:${process.env["PATH"]}`,
    HOME: home,
    // A shell that ends at once, where README opens one.
    SHELL: "true",
    CHECKPOINT_DISABLE: "1",
    DAYTONA_API_URL: api.apiUrl,
    DAYTONA_RESOLVE_TAGS: "false",
    DAYTONA_API_KEY: api.apiKey,
    TF_CLI_ARGS_apply: "-auto-approve",
    TF_CLI_ARGS_destroy: "-auto-approve",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    npm_config_registry: registry.url,
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    npm_config_noproxy: "127.0.0.1",
  };
  return new Promise((resolve, reject) =>
    execFile("bash", ["-e", "-o", "pipefail", "-c", text], { cwd: folder, env }, (error, stdout, stderr) => {
      const told = (stdout + stderr).replace(/\u001b\[[0-9;]*m/g, "");
      if (error === null) resolve(told);
      else reject(new Error(`${text}ended with ${error.code}:\n${told}`));
    }),
  );
}

/** Writes the files of a section and runs its commands, in the order of the text. @returns what each block of commands printed */
async function follow(section: string): Promise<string[]> {
  const told: string[] = [];
  for (const block of blocks.filter((each) => each.section === section)) {
    if (block.language === "sh") {
      // The key of a real account. The environment has that of the local API.
      if (block.text === "export DAYTONA_API_KEY=dtn_…\n") continue;
      told.push(await run(block.text));
    } else {
      const file = join(folder, block.file!);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, block.text);
    }
  }
  return told;
}

const names = (): string[] =>
  api.control
    .snapshots()
    .map(({ name }) => name)
    .sort();

test("every block that is not of commands names the file that it is, and no file is named twice", () => {
  const files = blocks.filter(({ language }) => language !== "sh");
  expect(files.length).toBeGreaterThan(7);
  expect(files.filter(({ file }) => file === null)).toEqual([]);
  expect(new Set(files.map(({ file }) => file)).size).toBe(files.length);
});

test("a checkout has the two commands of the page", () => {
  const [block, ...others] = blocks.filter(({ section }) => section === CHECKOUT);
  expect(others).toEqual([]);
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const commands = [...block!.text.matchAll(/npm (?:run )?(\w+)/g)].map(([, name]) => name!);
  expect(commands).toEqual(["ci", "quickstart", "test"]);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["quickstart", "test"]));
});

describe("in the order of the page", () => {
  test("Install", async () => {
    expect((await follow("Install")).join("")).toContain("Provider daytona-iac/daytona ");
  });

  test("Without an account: the shell ends, and the local API with it", async () => {
    await follow("Without an account");
    expect(existsSync(join(folder, "snapshots.json"))).toBe(true);
  });

  test("Terraform: applies an image and a Dockerfile, converges, destroys", async () => {
    const [image, build, destroy] = await follow("Terraform");
    expect(image).toContain("1 added, 0 changed, 0 destroyed");
    expect(image).toContain("No changes.");
    expect(build).toContain("1 added, 0 changed, 0 destroyed");
    expect(destroy).toContain("2 destroyed");
    expect(names()).toEqual([]);
  });

  test("Command line", async () => {
    const [told] = await follow("Command line");
    expect(told).toMatch(/^tool +active /m);
    expect(names()).toEqual([]);
  });

  test("As a library", async () => {
    api.control.clearRequests();
    await follow("As a library");
    const changes = api.control.requests().filter(({ method }) => method !== "GET");
    expect(changes.map(({ method }) => method)).toEqual(["POST", "DELETE"]);
    expect(names()).toEqual([]);
  });

  test("CDKTF and cdktn", async () => {
    const told = (await follow("CDKTF and cdktn")).join("");
    expect(told).toContain("1 added, 0 changed, 0 destroyed");
    expect(told).toContain("1 destroyed");
    expect(names()).toEqual([]);
  });

  describeWithPulumi("with Pulumi", ["nodejs"], () => {
    test("Pulumi", async () => {
      const told = (await follow(PULUMI)).join("");
      expect(told).toMatch(/\+ 2 created/);
      expect(told).toMatch(/- 2 deleted/);
      expect(names()).toEqual([]);
    });
  });

  test("Drift", async () => {
    const [told] = await follow("Drift");
    expect(told).toMatch(/exit status 3\n/);
    expect(existsSync(join(folder, "drift.html"))).toBe(true);
  });

  test("Import and prune", async () => {
    const [imported, prune] = await follow("Import and prune");
    expect(imported).toContain("Plan: 1 to import, 2 to add, 0 to change, 0 to destroy.");
    expect(prune).toContain("Nothing to prune: ");
    expect(names()).toEqual(["by-hand"]);
  });

  test("there is no section whose commands are not run here", () => {
    const run = ["Install", "Without an account", "With an account", "Terraform", "Command line", "As a library"];
    expect([...new Set(blocks.map(({ section }) => section))]).toEqual([
      CHECKOUT,
      ...run,
      "CDKTF and cdktn",
      PULUMI,
      "Drift",
      "Import and prune",
    ]);
  });
});
