import type { Command } from "commander";
import { printable } from "../../kit/text/printable";
import { version } from "../../version.gen";
import { exitCodes, type Io } from "../io";
import { printObject } from "../output/print";
import { connectionOptions, type Done, examples, formatOptions, newCommand, runCommand } from "../run-command";
import { type CommonFlags, Session } from "../session";
import type { Check } from "./check";
import { connectionChecks, NOT_CHECKED } from "./connection";
import { installedChecks, lockChecks, ownCheck, toolChecks } from "./machine";

/** Version of the object that scripts read; a change that a reader could notice makes a new one. */
const REPORT_VERSION = 1;

interface DoctorFlags extends CommonFlags {
  terraform?: string;
}

const OBJECT = `
With --format json or yaml, the command prints one object: {"version": 1, "generator", "ok", "exitCode", "checks": [{"id", "status", "subject", "text", "action"}]}.
"status" is ok, warning, failed, or skipped, for anything that could not be checked or is not installed. "action" says what to do, or is null. The exit status does not
depend on the format: 1 if a check has failed. An "id" stays the same in later releases: daytona-iac, credentials, proxy, api, organization, organization-variable, regions,
permissions, permission:write:snapshots, permission:delete:snapshots, registries, terraform, tofu, pulumi, engine, terraform-provider, pulumi-plugin, lock-file.
`;

/** The definition of `daytona-iac doctor`. */
export function doctorCommand(io: Io, done: Done): Command {
  const command = newCommand(
    io,
    "doctor",
    "Check credentials, the API, permissions, tools, installed providers and the lock file. Exits with status 1 if it finds a problem",
  ).option(
    "--terraform <folder>",
    "folder whose .terraform.lock.hcl is compared with the installed provider (default: the current folder)",
  );
  return formatOptions(connectionOptions(command), ["table", "json", "yaml"])
    .addHelpText(
      "after",
      `${OBJECT}${examples("doctor", "doctor --terraform infra", "doctor --format json | jq -r '.checks[] | select(.status == \"failed\") | .text'")}`,
    )
    .action(async (flags: DoctorFlags) => {
      const session = new Session(io, flags);
      done(await session.run("checking", () => check(session, flags)));
    });
}

/** `daytona-iac doctor`. Exit codes: 0 nothing is wrong, 1 something is, 64 wrong usage. */
export function doctor(argv: readonly string[], io: Io): Promise<number> {
  return runCommand(io, doctorCommand, argv);
}

async function check(session: Session, flags: DoctorFlags): Promise<number> {
  const { io, format } = session;
  const checks = session.redacted([
    ownCheck(io),
    ...(await connectionChecks(session)),
    ...(await toolChecks(io)),
    ...installedChecks(io),
    ...lockChecks(io, flags.terraform),
  ]);
  const ok = checks.every(({ status }) => status !== "failed");
  const exitCode = ok ? exitCodes.ok : exitCodes.error;
  if (format === "table") io.out(textOf(checks));
  else
    printObject(
      io,
      {
        version: REPORT_VERSION,
        generator: `daytona-iac ${version}`,
        ok,
        exitCode,
        checks: checks.map(({ id, status, subject, text, action }) => ({
          id,
          status,
          subject,
          text,
          action: action === null ? null : action.trim(),
        })),
      },
      format,
    );
  return exitCode;
}

/** A line for each check; what an earlier failure skipped is in none. */
function textOf(all: readonly Check[]): string {
  const checks = all.filter(({ text }) => text !== NOT_CHECKED);
  const width = Math.max(...checks.map(({ subject }) => subject.length));
  return checks
    .map(({ status, subject, text, action }) => {
      const mark = { ok: "ok     ", failed: "PROBLEM", warning: "-      ", skipped: "-      " }[status];
      const both =
        action === null ? text : `${text}${/^\n/.test(action) ? "" : text.includes("\n") ? "\n" : " "}${action}`;
      return printable(`${mark}  ${subject.padEnd(width)}  ${both.replace(/\n/g, `\n${" ".repeat(width + 11)}`)}\n`);
    })
    .join("");
}
