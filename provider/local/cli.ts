import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Command, CommanderError } from "commander";
import { type LocalApi, startLocalApi } from "./index";
import { type LocalApiOptions, SIMULATED } from "./options";

/** Input and output of the command. Defaults to the process; tests pass their own. */
export interface CliIo {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  env: NodeJS.ProcessEnv;
  /** Emits the signals that end the command: `process`, or an emitter in tests. */
  signals: Pick<NodeJS.Process, "on" | "off">;
  /** Whether a terminal also sends its signals to the command. */
  terminal: boolean;
}

const processIo = (): CliIo => ({ stdout: process.stdout, stderr: process.stderr, env: process.env, signals: process, terminal: process.stdin.isTTY === true });

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
  return new Command("local").exitOverride().allowExcessArguments().configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: () => undefined })
    .usage("[options] [-- COMMAND...]")
    .description(`Serve the Daytona snapshot API on 127.0.0.1; ${SIMULATED}. With COMMAND, run it with DAYTONA_API_URL and DAYTONA_API_KEY set, and end with its exit code`)
    .option("--port <number>", "port to listen on (default: any free port)")
    .option("--pull-seconds <seconds>", "how long a pull takes (default: 2)")
    .option("--build-seconds <seconds>", "how long a build takes (default: 3)")
    .option("--latency-ms <ms>", "delay before every answer (default: 0)")
    .option("--snapshot-quota <number>", "maximum number of active snapshots (default: no limit)")
    .option("--generation <v0|v2>", "runner API of the simulated server (default: v2)")
    .option("--data <file>", "keep snapshots in a file across restarts")
    .option("--no-events", "disable push notifications")
    .option("--format <text|json>", "format of the start message (default: text)")
    .addHelpText("after", "\nExamples:\n  daytona-iac local -- terraform apply\n  daytona-iac local --port 3986 --data snapshots.json\n");
}

/** `daytona-iac local`: `argv` is what follows `local`. @returns the exit code: 64 for wrong usage, the command's own where there is one */
export async function runLocal(argv: string[], io: CliIo = processIo()): Promise<number> {
  let parsed: Parsed;
  try {
    parsed = parse(argv, io);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const text = error instanceof Error ? error.message.replace(/^error: /, "") : String(error);
    io.stderr.write(`daytona-iac local: ${text}\nTry daytona-iac local --help.\n`);
    return WRONG_USAGE;
  }
  let local: LocalApi;
  try {
    local = await startLocalApi(parsed.options);
  } catch (error) {
    io.stderr.write(`daytona-iac local: ${startFailure(error, parsed.options)}\n`);
    return 1;
  }
  const code = parsed.command ? await runCommand(parsed.command, local, io, parsed.options.data !== undefined) : await serve(local, parsed.json, io);
  try {
    await local.close();
    return code;
  } catch (error) {
    const { message: reason } = error as Error;
    io.stderr.write(`daytona-iac local: ${parsed.options.data === undefined ? reason : `the data file ${parsed.options.data} could not be saved: ${reason}`}\n`);
    return code === 0 ? 1 : code;
  }
}

function parse(argv: string[], io: CliIo): Parsed {
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  const command = end < 0 ? null : argv.slice(end + 1);
  const program = localCommand(io).parse(own, { from: "user" });
  const values = program.opts<Flags>();
  const positionals = program.args;
  if (positionals.length > 0) throw new Usage(`unexpected argument "${positionals[0]}"; put the command to run after --`);
  if (command?.length === 0) throw new Usage("-- must be followed by a command");
  const format = values.format ?? "text";
  if (format !== "text" && format !== "json") throw new Usage(`--format must be text or json, not "${format}"`);
  if (command && values.format !== undefined) throw new Usage("--format cannot be used with a command");
  const { generation } = values;
  if (generation !== undefined && generation !== "v0" && generation !== "v2") throw new Usage(`--generation must be v0 or v2, not "${generation}"`);
  if (values.data === "") throw new Usage("--data must name a file");

  const options: LocalApiOptions = { organizationId: ORGANIZATION };
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
  if (generation !== undefined) options.generation = generation;
  if (values.data !== undefined) options.data = values.data;
  if (!values.events) options.events = false;
  return { options, json: format === "json", command };
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
  if (code === "EADDRINUSE") return `port ${options.port} is already in use. Choose another port, or omit --port to use any free one`;
  if (code === "EACCES" && options.port) return `permission denied to listen on port ${options.port}. Choose a port above 1023`;
  if (options.data !== undefined && code !== undefined) return `the data file ${options.data} cannot be used: ${code === "ENOENT" ? "its folder does not exist. Create it, or choose another path" : code === "ENOTDIR" ? "part of its path is a file, not a folder. Choose another path" : code === "EACCES" || code === "EROFS" ? "permission denied" : message}`;
  return message;
}

async function serve(local: LocalApi, json: boolean, io: CliIo): Promise<number> {
  const { apiUrl, apiKey, pid } = local;
  // Listens for signals first: whoever reads the line may stop this process at once.
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  for (const signal of SIGNALS) io.signals.on(signal, end);
  if (json) io.stdout.write(`${JSON.stringify({ apiUrl, apiKey, pid })}\n`);
  else {
    io.stdout.write(`Local Daytona API on ${apiUrl}\n(${SIMULATED})\n\nexport DAYTONA_API_URL=${apiUrl}\nexport DAYTONA_API_KEY=${apiKey}\n\nControl commands: curl -X POST -H "Authorization: Bearer $DAYTONA_API_KEY" ${local.controlUrl}/COMMAND\nPress Ctrl-C to stop.\n`);
  }
  await ended;
  for (const signal of SIGNALS) io.signals.off(signal, end);
  return 0;
}

function runCommand([file, ...args]: string[], local: LocalApi, io: CliIo, kept: boolean): Promise<number> {
  return new Promise((resolve) => {
    const env: NodeJS.ProcessEnv = { ...io.env, DAYTONA_API_URL: local.apiUrl, DAYTONA_API_KEY: local.apiKey };
    // The caller's token or profile must not take precedence over the local key.
    for (const name of ["DAYTONA_JWT_TOKEN", "DAYTONA_ORGANIZATION_ID", "DAYTONA_PROFILE", "DAYTONA_TARGET"]) delete env[name];
    io.stderr.write(`Local Daytona API on ${local.apiUrl}: ${SIMULATED}\n${kept ? "" : "Snapshots are discarded when the command ends. Use --data FILE to keep them.\n"}`);
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
      io.stderr.write(`daytona-iac local: cannot run ${file}: ${error.code === "ENOENT" ? "not found" : error.message}\n`);
      finish(error.code === "ENOENT" ? 127 : 126);
    });
    child.on("exit", (code, signal) => finish(code ?? 128 + (constants.signals[signal!] ?? 0)));
  });
}
