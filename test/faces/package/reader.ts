import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { terraformBinary } from "../support/terraform";
import { type Block, filesOf, missingLine, root } from "./page";
import { type Registry, serveRegistry } from "./registry";
import { packRelease } from "./release-tarballs";

/** A proxy that refuses every connection at once. */
const NOBODY = "http://127.0.0.1:9";
/** Packages that pages install beside ours. */
const OTHERS = ["cdktf", "constructs", "tsx", "@pulumi/pulumi", "@daytona/sdk", "typescript", "@types/node"];
/** How most pages begin. In an empty folder with an empty HOME it always makes the same, so only the first reader waits for npm. */
const INSTALL = "npm install daytona-iac\nnpx daytona-iac install\n";
/** The key of a real account. Those who read without one have that of the local API. */
const OF_AN_ACCOUNT = "export DAYTONA_API_KEY=dtn_…\n";

/** A registry with the package, and commands, for readers of pages. One for a file of tests: to make it takes a while. */
export class Machine {
  readonly dir = mkdtempSync(join(tmpdir(), "daytona-iac-pages-"));
  registry!: Registry;
  /** What the first installation printed. */
  installation = "";

  async start(): Promise<void> {
    if (!existsSync(join(root, "dist/index.js"))) throw new Error('There is no dist/: run "npm run build" first.');
    this.registry = await serveRegistry(packRelease(this.dir), OTHERS);
    mkdirSync(join(this.dir, "bin"));
    // What is called terraform in the text is the one under test.
    this.script("terraform", `PATH="${process.env["PATH"]}" exec ${terraformBinary()!} "$@"`);
    // What a person answers to its questions. Beside --preview-only, where it asks nothing, Pulumi refuses a variable that says so.
    const yes = 'case "$1" in up|destroy) set -- "$@" --yes ;; esac';
    // Pulumi built with cgo takes the home folder from the system's list of users. A reader's is the one that the terminal has.
    const home = 'export PULUMI_HOME="$HOME/.pulumi"; [ "$*" != "login --local" ] || set -- login "file://$HOME"';
    this.script("pulumi", `${yes}\n${home}\nPATH="${process.env["PATH"]}" exec pulumi "$@"`);
    mkdirSync(join(this.dir, "installed"));
    this.openedShell();
  }

  /** The shell that a page opens: it tells its environment, and stays open for the blocks that follow. */
  openedShell(): void {
    this.script("opened-shell", 'export -p > "$OPENED.new" && mv "$OPENED.new" "$OPENED" && exec sleep 3600');
  }

  /** A command on PATH. */
  script(name: string, text: string): void {
    const file = join(this.dir, "bin", name);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  }

  stop(): void {
    this.registry.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Who follows a page in one terminal: an empty folder, an empty HOME, and each block as it stands. */
export class Reader {
  readonly dir: string;
  readonly folder: string;
  readonly home: string;
  /** What the last commands printed. */
  told = "";
  /** What the shell has now: a block may set variables and change the folder. */
  readonly #state: string;
  readonly #opened: string;
  #shell: ChildProcess | null = null;

  /** @param example folder of the repository that the page is in and begins with; null: an empty one */
  constructor(
    readonly machine: Machine,
    example: string | null = null,
    /** Milliseconds after which a block is stopped. */
    private readonly longest = 180_000,
  ) {
    this.dir = mkdtempSync(join(machine.dir, "reader-"));
    [this.folder, this.home] = [join(this.dir, "project"), join(this.dir, "home")];
    [this.#state, this.#opened] = [join(this.dir, "state"), join(this.dir, "opened")];
    for (const folder of [this.folder, this.home]) mkdirSync(folder);
    for (const file of example === null ? [] : filesOf(example))
      cpSync(join(root, file), join(this.folder, relative(example!, file)), { recursive: true });
    writeFileSync(this.#state, `cd '${this.folder}'\n`);
  }

  /** @returns what each block of commands printed @throws Error with that, if something ended with another status than 0, or printed something else */
  async follow(blocks: readonly Block[]): Promise<string[]> {
    const all: string[] = [];
    for (const block of blocks) {
      if (block.kind === "file") this.#write(block);
      else if (block.kind === "commands" && block.text !== OF_AN_ACCOUNT) all.push(await this.run(block.text));
      else if (block.kind === "output") this.#compare(block);
    }
    return all;
  }

  #write({ file, again, text, line }: Extract<Block, { kind: "file" }>): void {
    const path = join(this.folder, file);
    if (existsSync(path) !== again)
      throw new Error(`line ${line}: ${file} is there ${again ? "for the first time" : "already"}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  #compare({ text, line }: Block): void {
    const missing = missingLine(this.told, text);
    if (missing !== null) throw new Error(`line ${line}: "${missing}" is not printed:\n${this.told}`);
  }

  /** Runs commands as they stand, in the terminal as the commands before have left it. "yes" is what a person answers to the tools' questions. */
  async run(text: string): Promise<string> {
    if (text.startsWith(INSTALL) && readdirSync(this.folder).length + readdirSync(this.home).length === 0) {
      const rest = text.slice(INSTALL.length);
      return (await this.#install()) + (rest === "" ? "" : await this.run(rest));
    }
    if (/-- \$SHELL\b/.test(text)) return this.#open(text);
    return this.#commands(text);
  }

  async #commands(text: string): Promise<string> {
    const { code, told } = await this.#bash(text);
    this.told = told;
    if (code !== 0) throw new Error(`${text}exited with status ${code}:\n${told}`);
    return told;
  }

  /** The beginning of most pages: by npm for the first reader, whose files the others get. */
  async #install(): Promise<string> {
    const installed = join(this.machine.dir, "installed");
    if (readdirSync(installed).length === 0) {
      this.machine.installation = await this.#commands(INSTALL);
      execFileSync("cp", ["-al", this.folder, this.home, installed]);
    } else execFileSync("cp", ["-al", join(installed, "project"), join(installed, "home"), this.dir]);
    // What npm writes in place.
    for (const name of ["package.json", "package-lock.json", "node_modules/.package-lock.json"]) {
      const file = join(this.folder, name);
      const text = readFileSync(file);
      rmSync(file);
      writeFileSync(file, text);
    }
    return this.machine.installation;
  }

  #script(text: string): string {
    return `. '${this.#state}'\n${text}\n{ export -p; printf 'cd %q\\n' "$PWD"; } > '${this.#state}'`;
  }

  /** A block that does not end is stopped with all that it has started, so that what it printed can be read. */
  async #bash(text: string): Promise<{ code: number; told: string }> {
    const shell = spawn("bash", ["-e", "-o", "pipefail", "-c", this.#script(text)], {
      cwd: this.folder,
      env: this.#environment(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    shell.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    shell.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    let stopped = "";
    const limit = setTimeout(() => {
      stopped = `\nstopped after ${this.longest / 1000} s\n`;
      endGroup(shell, "SIGKILL");
    }, this.longest);
    const code = await new Promise<number>((resolve) => shell.on("close", (status) => resolve(status ?? 1)));
    clearTimeout(limit);
    return { code, told: plain(Buffer.concat([...stdout, ...stderr]).toString() + stopped) };
  }

  /** A block that ends by opening a shell: what follows is typed there. */
  async #open(text: string): Promise<string> {
    await this.leave();
    rmSync(this.#opened, { force: true });
    const shell = spawn("bash", ["-e", "-c", this.#script(text)], {
      cwd: this.folder,
      env: this.#environment(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#shell = shell;
    let told = "";
    for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (chunk: Buffer) => (told += chunk.toString()));
    const limit = Date.now() + this.longest;
    while (!existsSync(this.#opened)) {
      if (Date.now() > limit) throw new Error(`${text}has opened no shell after ${this.longest / 1000} s:\n${told}`);
      if (shell.exitCode !== null) throw new Error(`${text}exited with status ${shell.exitCode}:\n${told}`);
      await new Promise((resume) => setTimeout(resume, 20));
    }
    writeFileSync(this.#state, `${readFileSync(this.#opened, "utf8")}cd '${this.folder}'\n`);
    this.told = plain(told);
    return this.told;
  }

  /** Asks the local API of the shell that the page has opened. @returns the result of a command of its control */
  async control(command: string, ...args: unknown[]): Promise<unknown> {
    const url = this.variable("DAYTONA_API_URL")!.replace(/\/api$/, `/_control/${command}`);
    const authorization = `Bearer ${this.variable("DAYTONA_API_KEY")}`;
    const answer = await fetch(url, { method: "POST", headers: { authorization }, body: JSON.stringify(args) });
    if (!answer.ok) throw new Error(`${command}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { result: unknown }).result;
  }

  /** A value of the terminal's environment. */
  variable(name: string): string | undefined {
    return new RegExp(`^declare -x ${name}="(.*)"$`, "m").exec(readFileSync(this.#state, "utf8"))?.[1];
  }

  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([key]) => !/^(npm_|DAYTONA|TF_|PULUMI_)/i.test(key));
    return {
      ...Object.fromEntries(inherited),
      PATH: `${join(this.machine.dir, "bin")}:${process.env["PATH"]}`,
      HOME: this.home,
      SHELL: "opened-shell",
      OPENED: this.#opened,
      CHECKPOINT_DISABLE: "1",
      DAYTONA_RESOLVE_TAGS: "false",
      TF_CLI_ARGS_apply: "-auto-approve",
      TF_CLI_ARGS_destroy: "-auto-approve",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // What a page does not bring cannot be fetched: a machine without a network must not wait for it, and one with a network must not get it.
      HTTP_PROXY: NOBODY,
      HTTPS_PROXY: NOBODY,
      NO_PROXY: "127.0.0.1,localhost",
      npm_config_registry: this.machine.registry.url,
      npm_config_cache: join(this.machine.dir, "npm-cache"),
      npm_config_prefer_offline: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
      npm_config_noproxy: "127.0.0.1",
      PIP_NO_INDEX: "1",
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
    };
  }

  /** Ends the shell that a page has opened. The machine removes the files. */
  async leave(): Promise<void> {
    const shell = this.#shell;
    if (shell !== null && shell.exitCode === null && shell.signalCode === null) {
      const ended = new Promise((resolve) => shell.on("exit", resolve));
      endGroup(shell, "SIGTERM");
      await ended;
    }
  }
}

/** Signals a detached process and what it has started. */
function endGroup(shell: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-shell.pid!, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, "");
