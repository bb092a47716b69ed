import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { endpoints } from "../../source/local-image/engine/endpoint";
import { version } from "../../version.gen";
import { compareLock } from "../install/compare-lock";
import { hosts, impliedMirror } from "../install/mirror";
import { pluginFolder } from "../install/pulumi";
import type { Io } from "../io";
import { type Check, failed, good, skipped } from "./check";

const VERSION_MS = 10_000;

/** This program itself. */
export function ownCheck(io: Io): Check {
  const runs = io.executable === undefined ? `Node ${process.versions.node}` : `executable ${io.executable}`;
  return good("daytona-iac", "daytona-iac", `${version}, ${runs}`);
}

/** The tools on PATH, and the engine for local images. */
export async function toolChecks(io: Io): Promise<Check[]> {
  const found = await Promise.all(
    (["terraform", "tofu", "pulumi"] as const).map(async (name): Promise<Check> => {
      const text = await versionLine(name, io);
      return text === null
        ? skipped(name, name, "not on PATH")
        : good(name, name, text.replace(/^(Terraform|OpenTofu) /, ""));
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
      return skipped(subject, subject, "no Docker or Podman engine was found; only local images need one");
    const where = `${first.host}${first.from ? ` (${first.from})` : ""}`;
    const socket = first.host.replace(/^unix:\/\//, "");
    if (first.host.startsWith("unix://") && !existsSync(socket))
      return failed(subject, subject, `${where} does not exist.`, "Start the engine, or correct DOCKER_HOST.");
    return good(subject, subject, where);
  } catch (error) {
    return failed(subject, subject, (error as Error).message, null);
  }
}

/** The providers that `daytona-iac install` installs. */
export function installedChecks(io: Io): Check[] {
  const mirror = impliedMirror(process.platform, io.env);
  const folder = join(mirror, hosts[0], "daytona-iac/daytona", version);
  const plugin = pluginFolder(io.env);
  const [terraform, pulumi] = [
    ["terraform-provider", "Terraform provider"],
    ["pulumi-plugin", "Pulumi plugin"],
  ] as const;
  return [
    existsSync(folder)
      ? good(...terraform, `${version} in ${mirror}`)
      : skipped(
          ...terraform,
          `${version} is not installed.`,
          "Run `daytona-iac install`, or let `terraform init` download it from a registry.",
        ),
    existsSync(plugin)
      ? good(...pulumi, `${version} in ${plugin}`)
      : skipped(
          ...pulumi,
          `${version} is not installed.`,
          "Run `daytona-iac install --pulumi`. The dynamic provider does not need it.",
        ),
  ];
}

/** @param given the folder that a flag names: there, a lock file is expected */
export function lockChecks(io: Io, given: string | undefined): Check[] {
  const [id, subject] = ["lock-file", "lock file"];
  const found = compareLock(resolve(given ?? "."), io.env).map(({ kind, text, action }): Check => {
    const status = ({ ok: "ok", problem: "failed", missing: "skipped" } as const)[kind];
    return { id, status, subject, text, action: action ?? null };
  });
  if (given === undefined || found.length > 0) return found;
  const text = `${join(resolve(given), ".terraform.lock.hcl")} does not exist, or does not lock this provider.`;
  return [failed(id, subject, text, 'Run "terraform init" in the folder, and commit the file.')];
}

/** The line with the version. OpenTofu 1.12 prints warnings about its own configuration before it. null: the tool does not run */
function versionLine(command: string, io: Io): Promise<string | null> {
  return new Promise((resolve) => {
    const env = { ...io.env, CHECKPOINT_DISABLE: "1", PULUMI_SKIP_UPDATE_CHECK: "1" };
    execFile(command, ["version"], { env, timeout: VERSION_MS }, (error, stdout) => {
      const lines = stdout.split("\n").map((line) => line.trim());
      resolve(error ? null : (lines.find((line) => /^(Terraform |OpenTofu )?v\d/.test(line)) ?? lines[0] ?? ""));
    });
  });
}
