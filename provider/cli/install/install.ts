import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { version } from "../../version.gen";
import { configFiles, configuredInstallation, installationBlock } from "./config";
import { address, impliedMirror, otherVersions, placeProvider } from "./mirror";
import { installPulumi } from "./pulumi";
import { findProvider, kindOf, ownExecutable, scriptNotice, terraformPlatform, whyNoExecutable } from "./source";
import { exitCodes, type Io } from "../io";
import { type Done, examples, newCommand, runCommand } from "../run-command";

const program = `terraform {
  required_providers {
    daytona = {
      source  = "${address}"
      version = "${version}"
    }
  }
}
`;

export interface InstallFlags {
  dir?: string;
  printMirror?: boolean;
  script?: boolean;
  pulumi?: boolean;
}

/** The definition of `daytona-iac install`. @param root the folder of the package */
export function installCommand(io: Io, done: Done, root = join(__dirname, "..", "..", "..")): Command {
  return newCommand(
    io,
    "install",
    `Install the Terraform provider ${address} where "terraform init" and "tofu init" find it without a registry. Safe to repeat. Other installed versions are kept`,
  )
    .addOption(
      new Option(
        "--dir <folder>",
        "filesystem mirror to install into (default: the one that both tools search)",
      ).argParser(notEmpty),
    )
    .option("--print-mirror", "also explain the mirror and the CLI configuration that uses it")
    .option("--script", 'install the Node script, which needs "node" on PATH, even if there is an executable')
    .addOption(
      new Option(
        "--pulumi",
        "install the native Pulumi provider as a Pulumi plugin instead: into ~/.pulumi/plugins, or below PULUMI_HOME",
      ).conflicts(["dir", "printMirror"]),
    )
    .addHelpText("after", examples("install", "install --dir ./mirror --print-mirror", "install --pulumi"))
    .showHelpAfterError()
    .action((flags: InstallFlags) =>
      done(flags.pulumi === true ? installPulumi(flags, io, root) : installTerraform(flags, io, root)),
    );
}

/** `daytona-iac install`. Exit codes: 0 installed or already installed, 1 failed, 64 wrong usage. `root`: the folder of the package. */
export function install(argv: readonly string[], io: Io, root?: string): Promise<number> {
  return runCommand(io, (to, done) => installCommand(to, done, root), argv);
}

function notEmpty(value: string): string {
  if (value === "") throw new InvalidArgumentError("It is empty.");
  return value;
}

function installTerraform(options: InstallFlags, io: Io, root: string): number {
  const platform = process.platform;
  const provider = ownExecutable(io, options.script) ?? findProvider(root, platform, process.arch, options.script);
  if (provider === undefined) {
    io.err(
      `installing the provider: this package has none for ${platform} ${process.arch}. ${whyNoExecutable(root, platform, process.arch)} ` +
        "Or download the zip of the release for this platform and unpack it into the mirror.\n",
    );
    return exitCodes.error;
  }

  const mirror = options.dir === undefined ? impliedMirror(platform, io.env) : resolve(options.dir);
  let placed;
  try {
    placed = placeProvider(
      mirror,
      provider.path,
      version,
      terraformPlatform(platform, process.arch),
      provider.kind === "script",
    );
  } catch (error) {
    io.err(
      `installing the provider into ${mirror}: ${(error as Error).message}. Check that the folder is writable, or choose another one with --dir.\n`,
    );
    return exitCodes.error;
  }

  io.out(`Provider ${address} ${version} (${kindOf(provider)}):\n`);
  for (const { folder, outcome } of placed)
    io.out(`  ${outcome === "unchanged" ? "already installed" : outcome}  ${folder}\n`);
  if (provider.kind === "script" && options.script !== true) io.out(scriptNotice(root));
  if (placed.some((p) => p.outcome === "replaced")) {
    io.out(
      'The provider has changed. If a .terraform.lock.hcl rejects its checksum, delete the provider\'s block from the file and run "terraform init" again.\n',
    );
  }
  const others = otherVersions(mirror, version);
  if (others.length > 0) io.out(`Other installed versions: ${others.join(", ")}\n`);

  const config = configuredInstallation(configFiles(platform, io.env));
  if (options.printMirror === true) io.out(explain(mirror, options.dir !== undefined));
  else if (config !== undefined) {
    io.out(
      `\n${config} configures where providers come from. Add this folder to it (see --print-mirror):\n\n${installationBlock(mirror)}`,
    );
  } else if (options.dir !== undefined) {
    io.out(
      `\nTo use this folder, add it to the CLI configuration (see --print-mirror):\n\n${installationBlock(mirror)}`,
    );
  }
  return exitCodes.ok;
}

function explain(mirror: string, chosen: boolean): string {
  const searched = chosen
    ? "Neither tool searches this folder by default: add it to the CLI configuration."
    : "Terraform and OpenTofu search this folder by default, unless their CLI configuration has a provider_installation block.";
  return `
${mirror} is a filesystem mirror: HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/. It contains the provider twice, because Terraform
looks under registry.terraform.io and OpenTofu under registry.opentofu.org. ${searched}
A version that is in a mirror is never downloaded from a registry.

CLI configuration (~/.terraformrc or ~/.tofurc, on Windows %APPDATA%\\terraform.rc or %APPDATA%\\tofu.rc, or the file that
TF_CLI_CONFIG_FILE names):

${installationBlock(mirror)}
In your program:

${program}`;
}
