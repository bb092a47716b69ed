import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { version } from "../../version.gen";
import { configFiles, configuredInstallation, installationBlock } from "./config";
import { address, impliedMirror, otherVersions, type Placed, placeProvider } from "./mirror";
import { writeNetworkMirror } from "./network-mirror";
import { type Obtained, obtain, ofFile, whyNotObtained } from "./obtain";
import { nameOf, type Platform, platformNamed, platformNames, terraformPlatform } from "./platforms";
import { installPulumi } from "./pulumi";
import { findProvider, kindOf, ownExecutable, scriptNotice, whyNoExecutable } from "./source";
import { explainMirror, explainNetworkMirror, lockLines } from "./texts";
import { exitCodes, type Io } from "../io";
import { packageRoot } from "../package-root";
import { collect, type Done, examples, newCommand, runCommand } from "../run-command";

export interface InstallFlags {
  dir?: string;
  mirror?: string;
  platform?: string[];
  from?: string;
  printMirror?: boolean;
  script?: boolean;
  pulumi?: boolean;
}

/** The definition of `daytona-iac install`. @param root the folder of the package */
export function installCommand(io: Io, done: Done, root = packageRoot): Command {
  return newCommand(
    io,
    "install",
    `Install the Terraform provider ${address} where "terraform init" and "tofu init" find it without a registry. You can run it again at any time. Other installed versions are kept`,
  )
    .addOption(
      new Option(
        "--dir <folder>",
        "filesystem mirror to install into (default: the one that both tools search)",
      ).argParser(notEmpty),
    )
    .addOption(
      new Option(
        "--mirror <folder>",
        "write a network mirror instead: files for any HTTPS web server, for machines that cannot reach a registry",
      )
        .argParser(notEmpty)
        .conflicts(["dir", "printMirror"]),
    )
    .addOption(
      new Option(
        "--platform <os_arch>",
        `platform to install for (repeatable; default: this machine's). One of ${platformNames.join(", ")}`,
      ).argParser(collect),
    )
    .addOption(
      new Option(
        "--from <folder>",
        'folder with release zips, or with packages that "npm pack" downloaded, for platforms that are not installed on this machine',
      ).argParser(notEmpty),
    )
    .option("--print-mirror", "also explain the mirror and the CLI configuration that uses it")
    .option("--script", 'install the Node script, which needs "node" on PATH, even if an executable is available')
    .addOption(
      new Option(
        "--pulumi",
        "install the native Pulumi provider as a Pulumi plugin instead, in ~/.pulumi/plugins or under PULUMI_HOME",
      ).conflicts(["dir", "mirror", "platform", "from", "printMirror"]),
    )
    .addHelpText(
      "after",
      examples(
        "install",
        "install --dir ./mirror --print-mirror",
        "install --platform linux_amd64 --platform darwin_arm64 --from ./downloads",
        "install --mirror ./public --platform linux_amd64",
        "install --pulumi",
      ),
    )
    .showHelpAfterError()
    .action((flags: InstallFlags, command: Command) => {
      const unknown = (flags.platform ?? []).find((name) => platformNamed(name) === undefined);
      if (unknown !== undefined)
        command.error(
          `error: unknown platform "${unknown}". Use one of ${platformNames.join(", ")}. These are Go's names, as in "terraform version".`,
        );
      done(flags.pulumi === true ? installPulumi(flags, io, root) : installTerraform(flags, io, root));
    });
}

/** `daytona-iac install`. Exit codes: 0 installed or already installed, 1 failed, 64 wrong usage. `root`: the folder of the package. */
export function install(argv: readonly string[], io: Io, root?: string): Promise<number> {
  return runCommand(io, (to, done) => installCommand(to, done, root), argv);
}

function notEmpty(value: string): string {
  if (value === "") throw new InvalidArgumentError("It is empty.");
  return value;
}

function installTerraform(flags: InstallFlags, io: Io, root: string): number {
  let packages: Obtained[];
  try {
    packages = packagesFor(flags, io, root);
  } catch (error) {
    io.err(`Error: installing the provider: ${(error as Error).message}\n`);
    return exitCodes.error;
  }
  return flags.mirror === undefined
    ? installIntoFolder(packages, flags, io, root)
    : installAsNetworkMirror(packages, resolve(flags.mirror), io);
}

/** The packages of all platforms, or none of them. @throws Error that says what is missing and what to do */
function packagesFor(flags: InstallFlags, io: Io, root: string): Obtained[] {
  const script = flags.script === true;
  const from = flags.from === undefined ? undefined : resolve(flags.from);
  if (flags.platform === undefined && from === undefined) return [forThisMachine(script, io, root)];
  const here = terraformPlatform(process.platform, process.arch);
  const names = [...new Set(flags.platform ?? [nameOf(here)])];
  const asked = names.map((name) => platformNamed(name) ?? here);
  const search = { io, root, script, from };
  const found = asked.map((platform) => obtain(platform, search));
  const missing = asked.filter((_, index) => found[index] === undefined);
  if (missing.length > 0)
    throw new Error(
      `${missing.map((platform) => whyNotObtained(platform, search)).join("\n")}\nNothing was installed.`,
    );
  return found.filter((one) => one !== undefined);
}

/** @throws Error */
function forThisMachine(script: boolean, io: Io, root: string): Obtained {
  const { platform, arch } = process;
  const provider = ownExecutable(io, script) ?? findProvider(root, platform, arch, script);
  if (provider === undefined)
    throw new Error(
      `this package has no provider for ${platform} ${arch}. ${whyNoExecutable(root, platform, arch)} ` +
        "Or download the zip of the release for this platform and unpack it into the mirror.",
    );
  return ofFile(provider, terraformPlatform(platform, arch));
}

function installIntoFolder(packages: readonly Obtained[], flags: InstallFlags, io: Io, root: string): number {
  const mirror = flags.dir === undefined ? impliedMirror(process.platform, io.env) : resolve(flags.dir);
  const placed: Placed[] = [];
  for (const { platform, files, from } of packages) {
    try {
      placed.push(...placeProvider(mirror, files, version, platform));
    } catch (error) {
      io.err(failed(error, mirror, from));
      return exitCodes.error;
    }
  }
  io.out(`Provider ${address} ${version} (${kinds(packages)}):\n`);
  for (const { folder, outcome } of placed)
    io.out(`  ${outcome === "unchanged" ? "already installed" : outcome}  ${folder}\n`);
  if (packages.some(({ kind }) => kind === "script") && flags.script !== true) io.out(scriptNotice(root));
  if (placed.some((p) => p.outcome === "replaced"))
    io.out(
      'The provider has changed. If "terraform init" rejects its checksum, delete the provider\'s block from .terraform.lock.hcl and run "terraform init" again.\n',
    );
  const others = otherVersions(mirror, version);
  if (others.length > 0) io.out(`Other installed versions: ${others.join(", ")}\n`);
  if (flags.platform !== undefined) io.out(lockLines(mirror, platformsOf(packages)));
  adviseOnConfiguration(mirror, flags, io);
  return exitCodes.ok;
}

function adviseOnConfiguration(mirror: string, flags: InstallFlags, io: Io): void {
  const config = configuredInstallation(configFiles(process.platform, io.env));
  if (flags.printMirror === true) io.out(explainMirror(mirror, flags.dir !== undefined));
  else if (config !== undefined)
    io.out(
      `\n${config} configures where providers come from. Add this folder to it (see --print-mirror):\n\n${installationBlock(mirror)}`,
    );
  else if (flags.dir !== undefined)
    io.out(
      `\nTo use this folder, add it to the CLI configuration (see --print-mirror):\n\n${installationBlock(mirror)}`,
    );
}

function installAsNetworkMirror(packages: readonly Obtained[], mirror: string, io: Io): number {
  try {
    const archived = writeNetworkMirror(mirror, packages, version);
    io.out(`Provider ${address} ${version} (${kinds(packages)}), as a network mirror:\n`);
    for (const { path, outcome } of archived)
      io.out(`  ${outcome === "unchanged" ? "already there" : outcome}  ${path}\n`);
  } catch (error) {
    io.err(failed(error, mirror, packages.map(({ from }) => from).join(", ")));
    return exitCodes.error;
  }
  io.out(explainNetworkMirror(mirror, platformsOf(packages)));
  return exitCodes.ok;
}

/** A fault of the file system is one of the mirror; any other says itself what it is about. */
function failed(error: unknown, mirror: string, from: string): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return code === undefined
    ? `Error: installing the provider from ${from}: ${message}.\n`
    : `Error: installing the provider into ${mirror}: ${message}. Check that the folder is writable, or choose another one with --dir.\n`;
}

function kinds(packages: readonly Obtained[]): string {
  return [...new Set(packages.map(({ kind }) => kindOf(kind)))].join("; ");
}

function platformsOf(packages: readonly Obtained[]): Platform[] {
  return packages.map(({ platform }) => platform);
}
