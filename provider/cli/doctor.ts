import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { ApiError, apiFailure, connect, ConfigError, type Connected, ForbiddenError, proxyFor } from "../lifecycle";
import { type InPlaceDefinition, inPlaceResources, summaryOf } from "../resources";
import { endpoints } from "../source/local-image/engine/endpoint";
import { commandOf } from "../kit/spell";
import { printable, printableLine } from "../kit/text/printable";
import { version } from "../version.gen";
import { compareLock } from "./install/compare-lock";
import { hosts, impliedMirror } from "./install/mirror";
import { pluginFolder } from "./install/pulumi";
import { exitCodes, type Io } from "./io";
import { type Done, examples, newCommand, runCommand } from "./run-command";

/** One line: `ok` is good, `problem` fails the command, `missing` is worth knowing only. */
interface Check {
  readonly kind: "ok" | "problem" | "missing";
  readonly subject: string;
  readonly text: string;
}

const PERMISSIONS = [
  ["write:snapshots", "create, activate and deactivate snapshots"],
  ["delete:snapshots", "delete snapshots"],
] as const;
const VERSION_MS = 10_000;

/** The definition of `daytona-iac doctor`. */
export function doctorCommand(io: Io, done: Done): Command {
  return newCommand(
    io,
    "doctor",
    "Check credentials, the API, permissions, tools, installed providers and the lock file. Exits with status 1 if it finds a problem",
  )
    .option(
      "--terraform <folder>",
      "folder whose .terraform.lock.hcl is compared with the installed provider (default: the current folder)",
    )
    .addHelpText("after", examples("doctor", "doctor --terraform infra"))
    .action(async (flags: { terraform?: string }) => done(await check(io, flags.terraform)));
}

/** `daytona-iac doctor`. Exit codes: 0 nothing is wrong, 1 something is, 64 wrong usage. */
export function doctor(argv: readonly string[], io: Io): Promise<number> {
  return runCommand(io, doctorCommand, argv);
}

async function check(io: Io, terraform: string | undefined): Promise<number> {
  const checks = [
    {
      kind: "ok",
      subject: "daytona-iac",
      text:
        io.executable === undefined
          ? `${version}, Node ${process.versions.node}`
          : `${version}, executable ${io.executable}`,
    } as Check,
    ...(await connection(io)),
    ...(await tools(io)),
    ...installed(io),
    ...lockFile(io, terraform),
  ];
  const width = Math.max(...checks.map(({ subject }) => subject.length));
  for (const { kind, subject, text } of checks) {
    io.out(
      printable(
        `${{ ok: "ok     ", problem: "PROBLEM", missing: "-      " }[kind]}  ${subject.padEnd(width)}  ${text.replace(/\n/g, `\n${" ".repeat(width + 11)}`)}\n`,
      ),
    );
  }
  return checks.some(({ kind }) => kind === "problem") ? exitCodes.error : exitCodes.ok;
}

async function connection(io: Io): Promise<Check[]> {
  let connected: Connected;
  try {
    connected = connect(
      {},
      io.env,
      { debug: () => undefined },
      { userAgent: `daytona-iac/${version} cli`, configurable: false },
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [{ kind: "problem", subject: "credentials", text: error.message }];
  }
  const { sources, apiUrl } = connected.connection;
  const checks: Check[] = [{ kind: "ok", subject: "credentials", text: `from ${sources.credentials}` }];
  let proxy: URL | null;
  try {
    proxy = proxyFor(new URL(apiUrl), io.env);
  } catch (error) {
    connected.close();
    return [...checks, { kind: "problem", subject: "proxy", text: (error as Error).message }];
  }
  const where = `${apiUrl} (from ${sources.apiUrl})${proxy === null ? "" : `, through the proxy ${proxy.host}`}`;
  try {
    const regions = await connected.regions();
    checks.push({ kind: "ok", subject: "API", text: where });
    const organization = await connected.organization();
    checks.push({
      kind: "ok",
      subject: "organization",
      text: organization ?? "the API does not return it for these credentials",
    });
    checks.push(...named(connected, io, organization));
    checks.push({
      kind: regions.length > 0 ? "ok" : "problem",
      subject: "regions",
      text: regions.map(({ id }) => id).join(", ") || "none: the organization has no available regions",
    });
    const key = await connected.currentKey();
    if (key === null)
      checks.push({
        kind: "missing",
        subject: "permissions",
        text: "the API does not return the permissions of these credentials",
      });
    else
      for (const [permission, purpose] of PERMISSIONS)
        checks.push(
          key.permissions.includes(permission)
            ? { kind: "ok", subject: "permission", text: permission }
            : {
                kind: "problem",
                subject: "permission",
                text: `${permission} is missing, and is needed to ${purpose}. Create a key with this permission.`,
              },
        );
    for (const definition of inPlaceResources) checks.push(await listed(connected, definition));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { summary, detail } = apiFailure("API", error, sources);
    checks.push({ kind: "problem", subject: "API", text: `${where}\n${summary.replace("API: ", "")}\n${detail}` });
  } finally {
    connected.close();
  }
  return checks;
}

/** An organization that is named beside an API key, which belongs to one: whoever names another works on the wrong one. */
function named({ connection: { credentials, sources } }: Connected, io: Io, own: string | null): Check[] {
  const name = io.env["DAYTONA_ORGANIZATION_ID"]?.trim() || null;
  if (credentials.kind !== "apiKey" || name === null || name === own) return [];
  const ignored = "DAYTONA_ORGANIZATION_ID is not used with an API key, which belongs to one organization.";
  return own === null
    ? [{ kind: "missing", subject: "organization", text: ignored }]
    : [
        {
          kind: "problem",
          subject: "organization",
          text: `DAYTONA_ORGANIZATION_ID is ${name}, but the key from ${sources.credentials} belongs to ${own}, so every command uses that organization. ${ignored} Use a key of ${name}, or unset the variable.`,
        },
      ];
}

/** What exists of a resource beside the snapshot. Whatever is wrong here, snapshots do not need it. */
async function listed(connected: Connected, definition: InPlaceDefinition): Promise<Check> {
  const { noun, plural } = definition;
  const missing = (text: string): Check => ({ kind: "missing", subject: plural, text });
  try {
    const all = await connected.inPlace(definition).list();
    if (all.length === 0)
      return missing(`none is configured. To create one, run \`daytona-iac ${commandOf(noun)} create\`.`);
    return {
      kind: "ok",
      subject: plural,
      text: [String(all.length), ...all.map((dto) => printableLine(`${dto.name}: ${summaryOf(definition, dto)}`))].join(
        "\n",
      ),
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error instanceof ForbiddenError) return missing("the key does not have permission to read them");
    const { summary, detail } = apiFailure(plural, error);
    return missing(`${summary.replace(`${plural}: `, "they cannot be read: ")}\n${detail}`);
  }
}

async function tools(io: Io): Promise<Check[]> {
  const found = await Promise.all(
    (["terraform", "tofu", "pulumi"] as const).map(async (name): Promise<Check> => {
      const text = await firstLine(name, ["version"], io);
      return text === null
        ? { kind: "missing", subject: name, text: "not on PATH" }
        : { kind: "ok", subject: name, text: text.replace(/^(Terraform|OpenTofu) /, "") };
    }),
  );
  return [...found, engine(io)];
}

function engine(io: Io): Check {
  const subject = "engine";
  try {
    const home = io.env["HOME"] || homedir();
    const [first] = endpoints({ env: io.env, home, platform: process.platform });
    if (first === undefined)
      return {
        kind: "missing",
        subject,
        text: "no Docker or Podman engine was found; only local images need one",
      };
    const socket = first.host.replace(/^unix:\/\//, "");
    if (first.host.startsWith("unix://") && !existsSync(socket))
      return {
        kind: "problem",
        subject,
        text: `${first.host}${first.from ? ` (${first.from})` : ""} does not exist. Start the engine, or correct DOCKER_HOST.`,
      };
    return { kind: "ok", subject, text: `${first.host}${first.from ? ` (${first.from})` : ""}` };
  } catch (error) {
    return { kind: "problem", subject, text: (error as Error).message };
  }
}

function installed(io: Io): Check[] {
  const mirror = impliedMirror(process.platform, io.env);
  const folder = join(mirror, hosts[0], "daytona-iac/daytona", version);
  const plugin = pluginFolder(io.env);
  return [
    existsSync(folder)
      ? { kind: "ok", subject: "Terraform provider", text: `${version} in ${mirror}` }
      : {
          kind: "missing",
          subject: "Terraform provider",
          text: `${version} is not installed. Run \`daytona-iac install\`, or let \`terraform init\` download it from a registry.`,
        },
    existsSync(plugin)
      ? { kind: "ok", subject: "Pulumi plugin", text: `${version} in ${plugin}` }
      : {
          kind: "missing",
          subject: "Pulumi plugin",
          text: `${version} is not installed. Run \`daytona-iac install --pulumi\`. The dynamic provider does not need it.`,
        },
  ];
}

/** @param given the folder that a flag names: there, a lock file is expected */
function lockFile(io: Io, given: string | undefined): Check[] {
  const subject = "lock file";
  const found = compareLock(resolve(given ?? "."), io.env).map((check) => ({ ...check, subject }));
  if (given === undefined || found.length > 0) return found;
  const text = `${join(resolve(given), ".terraform.lock.hcl")} does not exist, or does not lock this provider. Run "terraform init" in the folder, and commit the file.`;
  return [{ kind: "problem", subject, text }];
}

function firstLine(command: string, args: string[], io: Io): Promise<string | null> {
  return new Promise((resolve) => {
    const env = { ...io.env, CHECKPOINT_DISABLE: "1", PULUMI_SKIP_UPDATE_CHECK: "1" };
    execFile(command, args, { env, timeout: VERSION_MS }, (error, stdout) =>
      resolve(error ? null : (stdout.split("\n")[0] ?? "").trim()),
    );
  });
}
