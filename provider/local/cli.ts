import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Command, CommanderError } from "commander";
import { removeLeftOver } from "../kit/own-folder";
import { systemErrorText } from "../kit/text/system-error";
import { type LocalApi, startLocalApi } from "./index";
import { type LocalApiOptions, SIMULATED } from "./options";
import { BLOB_FOLDER } from "./registry/blob-store";
import { TRUST_FOLDER, type TrustFiles, writeTrustFiles } from "./trust-files";

/** Input and output of the command. What is not given is that of the process. */
export interface CliIo {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  env: NodeJS.ProcessEnv;
  /** Emits the signals that end the command: `process`, or an emitter in tests. */
  signals: Pick<NodeJS.Process, "on" | "off">;
  /** Whether a terminal also sends its signals to the command. */
  terminal: boolean;
}

const processIo = (): CliIo => ({
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signals: process,
  terminal: process.stdin.isTTY === true,
});

/** What commander makes of the flags. */
interface Flags {
  port?: string;
  pullSeconds?: string;
  buildSeconds?: string;
  latencyMs?: string;
  snapshotQuota?: string;
  generation?: string;
  data?: string;
  events: boolean;
  tls?: boolean;
  format?: string;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const WRONG_USAGE = 64;
/** The same in every run: in a later run, the snapshots of a state are gone, rather than another organization's. */
const ORGANIZATION = "10ca1da7-0000-4000-8000-000000000001";

class Usage extends Error {}

interface Parsed {
  options: LocalApiOptions;
  json: boolean;
  /** null: there was no `--`. */
  command: string[] | null;
}

/** The definition of `daytona-iac local`. */
export function localCommand(io: Pick<CliIo, "stdout" | "stderr">): Command {
  return new Command("local")
    .exitOverride()
    .allowExcessArguments()
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: () => undefined })
    .usage("[options] [-- COMMAND...]")
    .description(
      `Run a local Daytona API for snapshots and registries on 127.0.0.1. Builds and pulls are only simulated. With COMMAND, run that command with DAYTONA_API_URL and DAYTONA_API_KEY set, and exit with its status`,
    )
    .option("--port <number>", "port to listen on (default: any free port)")
    .option("--pull-seconds <seconds>", "duration of a simulated pull (default: 2)")
    .option("--build-seconds <seconds>", "duration of a simulated build (default: 3)")
    .option("--latency-ms <ms>", "delay before every response (default: 0)")
    .option("--snapshot-quota <number>", "maximum number of active snapshots (default: no limit)")
    .option(
      "--generation <v0|v2>",
      "runner API to simulate: v2 is Daytona's default; v0 is for self-hosted installations whose runners use it (default: v2)",
    )
    .option("--data <file>", "keep snapshots and registries in a file across restarts")
    .option(
      "--tls",
      "serve HTTPS with a certificate of a temporary authority; the variables that make clients trust it are printed, or set for COMMAND",
    )
    .option("--no-events", "disable push notifications")
    .option("--format <text|json>", "format of the start message (default: text)")
    .addHelpText(
      "after",
      "\nExamples:\n  daytona-iac local -- terraform apply\n  daytona-iac local --port 3986 --data snapshots.json\n",
    );
}

/** `daytona-iac local`: `argv` is what follows `local`. @returns the exit code: 64 for wrong usage, the command's own where there is one */
export async function runLocal(argv: string[], given: Partial<CliIo> = {}): Promise<number> {
  const io = { ...processIo(), ...given };
  let parsed: Parsed;
  try {
    parsed = parse(argv, io);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const text = error instanceof Error ? error.message.replace(/^error: /, "") : String(error);
    io.stderr.write(`Error: ${text}\nRun "daytona-iac local --help" for help.\n`);
    return WRONG_USAGE;
  }
  for (const prefix of [TRUST_FOLDER, BLOB_FOLDER]) removeLeftOver(prefix);
  let local: LocalApi;
  try {
    const onUnsaved = (error: unknown): void =>
      void io.stderr.write(
        `Error: the data file ${parsed.options.data} cannot be written: ${systemErrorText(error)}. Changes are refused until the file is writable.\n`,
      );
    local = await startLocalApi({ ...parsed.options, onUnsaved });
  } catch (error) {
    io.stderr.write(`Error: ${startFailure(error, parsed.options)}\n`);
    return 1;
  }
  const trust = local.authorityPem === null ? null : writeTrustFiles(local.authorityPem);
  const code = parsed.command
    ? await runCommand(parsed.command, local, trust, io, parsed.options.data !== undefined)
    : await serve(local, trust, parsed.json, io);
  try {
    trust?.remove();
    await local.close();
    return code;
  } catch (error) {
    const reason = systemErrorText(error);
    io.stderr.write(
      `Error: ${parsed.options.data === undefined ? reason : `the data file ${parsed.options.data} could not be saved: ${reason}`}\n`,
    );
    return code === 0 ? 1 : code;
  }
}

function parse(argv: string[], io: CliIo): Parsed {
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  const command = end < 0 ? null : argv.slice(end + 1);
  const program = localCommand(io);
  // Its help says how it is called.
  new Command("daytona-iac").addCommand(program);
  program.parse(own, { from: "user" });
  const values = program.opts<Flags>();
  const { format, generation } = checkWords(values, program.args, command);
  const options: LocalApiOptions = { organizationId: ORGANIZATION, ...amountsOf(values) };
  if (generation !== undefined) options.generation = generation;
  if (values.data !== undefined) options.data = values.data;
  if (!values.events) options.events = false;
  if (values.tls) options.tls = true;
  return { options, json: format === "json", command };
}

interface Words {
  format: "text" | "json";
  generation: LocalApiOptions["generation"];
}

/** Checks every argument that is no number. @throws Usage */
function checkWords(values: Flags, positionals: string[], command: string[] | null): Words {
  if (positionals.length > 0)
    throw new Usage(`unexpected argument "${positionals[0]}"; put the command to run after --`);
  if (command?.length === 0)
    throw new Usage(
      '-- must be followed by a command. If you wrote $SHELL, it is empty: specify a shell, such as "bash"',
    );
  const format = values.format ?? "text";
  if (format !== "text" && format !== "json") throw new Usage(`--format must be text or json, not "${format}"`);
  if (command && values.format !== undefined) throw new Usage("--format cannot be used with a command");
  const { generation } = values;
  if (generation !== undefined && generation !== "v0" && generation !== "v2")
    throw new Usage(`--generation must be v0 or v2, not "${generation}"`);
  if (values.data === "") throw new Usage("--data requires the path of a file");
  return { format, generation };
}

/** The options that are numbers, as far as they are given. @throws Usage */
function amountsOf(values: Flags): LocalApiOptions {
  const options: LocalApiOptions = {};
  const port = amount("--port", values.port, { whole: true, max: 65_535 });
  const pull = amount("--pull-seconds", values.pullSeconds);
  const build = amount("--build-seconds", values.buildSeconds);
  const latency = amount("--latency-ms", values.latencyMs);
  const quota = amount("--snapshot-quota", values.snapshotQuota, { whole: true });
  if (port !== undefined) options.port = port;
  if (pull !== undefined) options.pullSeconds = pull;
  if (build !== undefined) options.buildSeconds = build;
  if (latency !== undefined) options.latencyMs = latency;
  if (quota !== undefined) options.snapshotQuota = quota;
  return options;
}

/** Node timers are limited to 2^31 ms. */
const MOST = 2_000_000;

function amount(flag: string, text: string | undefined, { whole = false, max = MOST } = {}): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(number <= max) || (whole && !Number.isInteger(number))) {
    throw new Usage(`${flag} must be ${whole ? "a whole number" : "a number"} from 0 to ${max}, not "${text}"`);
  }
  return number;
}

function startFailure(error: unknown, options: LocalApiOptions): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE")
    return `port ${options.port} is already in use. Choose another port, or omit --port to use any free one`;
  if (code === "EACCES" && options.port)
    return `permission denied to listen on port ${options.port}. Choose a port above 1023`;
  if (options.data !== undefined && code !== undefined)
    return `the data file ${options.data} cannot be used: ${code === "ENOENT" ? "its folder does not exist. Create it, or choose another path" : code === "ENOTDIR" ? "part of its path is a file, not a folder. Choose another path" : code === "EACCES" || code === "EROFS" ? "permission denied" : systemErrorText(error)}`;
  return code === undefined ? message : systemErrorText(error);
}

async function serve(local: LocalApi, trust: TrustFiles | null, json: boolean, io: CliIo): Promise<number> {
  const { apiUrl, apiKey, pid } = local;
  // Listens for signals first: whoever reads the line may stop this process at once.
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  for (const signal of SIGNALS) io.signals.on(signal, end);
  if (json)
    io.stdout.write(`${JSON.stringify({ apiUrl, apiKey, pid, ...(trust === null ? {} : { env: trust.env }) })}\n`);
  else {
    io.stdout.write(
      `Local Daytona API on ${apiUrl} (${SIMULATED})\n\nexport DAYTONA_API_URL=${apiUrl}\nexport DAYTONA_API_KEY=${apiKey}\n${exportsOf(trust)}\nControl commands: curl -X POST -H "Authorization: Bearer $DAYTONA_API_KEY" ${local.controlUrl}/COMMAND\nPress Ctrl-C to stop.\n`,
    );
  }
  await ended;
  for (const signal of SIGNALS) io.signals.off(signal, end);
  return 0;
}

/** Lines for a shell. */
function exportsOf(trust: TrustFiles | null): string {
  return Object.entries(trust?.env ?? {})
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join("");
}

/** Whether a command is a shell that reads what a person types: nothing else on the screen would tell it from the shell before it. */
function isShell(file: string, args: readonly string[]): boolean {
  return (
    args.length === 0 && /(^|[\\/])(sh|bash|dash|zsh|fish|ksh|pwsh(\.exe)?|powershell(\.exe)?|cmd(\.exe)?)$/i.test(file)
  );
}

function runCommand(
  [file, ...args]: string[],
  local: LocalApi,
  trust: TrustFiles | null,
  io: CliIo,
  kept: boolean,
): Promise<number> {
  return new Promise((resolve) => {
    const env: NodeJS.ProcessEnv = {
      ...io.env,
      DAYTONA_API_URL: local.apiUrl,
      DAYTONA_API_KEY: local.apiKey,
      ...trust?.env,
    };
    // The caller's token or profile must not take precedence over the local key.
    for (const name of ["DAYTONA_JWT_TOKEN", "DAYTONA_ORGANIZATION_ID", "DAYTONA_PROFILE", "DAYTONA_TARGET"])
      delete env[name];
    io.stderr.write(
      `Local Daytona API on ${local.apiUrl} (${SIMULATED})\n${
        isShell(file!, args)
          ? `DAYTONA_API_URL and DAYTONA_API_KEY are set in this shell. Type "exit" to leave it and stop the API.\n`
          : ""
      }${kept ? "" : "Snapshots are discarded when the command ends. Use --data FILE to keep them.\n"}`,
    );
    const child = spawn(file!, args, { stdio: "inherit", env });
    // A terminal sends Ctrl-C to the child as well; a second one would make Terraform exit at once.
    const forward = (signal: NodeJS.Signals) => {
      if (signal === "SIGTERM" || !io.terminal) child.kill(signal);
    };
    for (const signal of SIGNALS) io.signals.on(signal, forward);
    const finish = (code: number) => {
      for (const signal of SIGNALS) io.signals.off(signal, forward);
      resolve(code);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      io.stderr.write(`Error: cannot run ${file}: ${error.code === "ENOENT" ? "not found" : systemErrorText(error)}\n`);
      finish(error.code === "ENOENT" ? 127 : 126);
    });
    child.on("exit", (code, signal) => finish(code ?? 128 + (constants.signals[signal!] ?? 0)));
  });
}
