import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../version.gen";
import { configFiles, configuredInstallation, installationBlock } from "./install-config";
import { address, impliedMirror, otherVersions, placeProvider } from "./install-mirror";
import { installPulumi } from "./install-pulumi";
import { findProvider, kindOf, scriptNotice, terraformPlatform, whyNoExecutable } from "./install-source";
import { exitCodes, type Io } from "./io";

const help = `Usage: daytona-iac install [--dir DIR] [--print-mirror] [--script]
       daytona-iac install --pulumi [--script]

Puts the Terraform provider ${address} ${version} where "terraform init" and "tofu init" find it without any registry.
It can be repeated; other versions that are there stay.

  --dir DIR        another filesystem mirror than the one that both tools search by themselves
  --print-mirror   also explain the mirror, and what a CLI configuration needs to use it
  --script         the provider that runs with the "node" on PATH, even where there is an executable
  --pulumi         instead: the native Pulumi provider, where "pulumi" finds its plugins
`;

const program = `terraform {
  required_providers {
    daytona = {
      source  = "${address}"
      version = "${version}"
    }
  }
}
`;

/** `daytona-iac install`: 0 installed or there already, 1 failed, 64 wrong usage. `root`: the package's folder. */
export async function install(argv: string[], io: Io, root = join(__dirname, "..", "..")): Promise<number> {
  if (argv.includes("--pulumi")) return installPulumi(argv.filter((arg) => arg !== "--pulumi"), io, root);
  const platform = process.platform;
  let options: { dir?: string; "print-mirror"?: boolean; script?: boolean; help?: boolean };
  try {
    options = parseArgs({
      args: argv,
      options: { dir: { type: "string" }, "print-mirror": { type: "boolean" }, script: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    }).values as typeof options;
  } catch (error) {
    io.err(`daytona-iac install: ${(error as Error).message}\n\n${help}`);
    return exitCodes.usage;
  }
  if (options.help === true) {
    io.out(help);
    return exitCodes.ok;
  }
  if (options.dir === "") {
    io.err(`daytona-iac install: --dir names no folder.\n\n${help}`);
    return exitCodes.usage;
  }

  const provider = findProvider(root, platform, process.arch, options.script);
  if (provider === undefined) {
    io.err(`installing the provider: this package holds none that runs on ${platform} ${process.arch}. ${whyNoExecutable(root, platform, process.arch)} `
      + "Or download the release's zip for this platform and unpack it into the mirror.\n");
    return exitCodes.error;
  }

  const mirror = options.dir === undefined ? impliedMirror(platform, io.env) : resolve(options.dir);
  let placed;
  try {
    placed = placeProvider(mirror, provider.path, version, terraformPlatform(platform, process.arch), provider.kind === "script");
  } catch (error) {
    io.err(`installing the provider into ${mirror}: ${(error as Error).message}. Check that the folder can be written, or choose another one with --dir.\n`);
    return exitCodes.error;
  }

  io.out(`Provider ${address} ${version} (${kindOf(provider)}):\n`);
  for (const { folder, outcome } of placed) io.out(`  ${outcome === "unchanged" ? "was there" : outcome}  ${folder}\n`);
  if (provider.kind === "script" && options.script !== true) io.out(scriptNotice(root));
  if (placed.some((p) => p.outcome === "replaced")) {
    io.out('Its content changed: where a .terraform.lock.hcl refuses it, delete the provider\'s block there and run "terraform init" again.\n');
  }
  const others = otherVersions(mirror, version);
  if (others.length > 0) io.out(`Other versions there, kept: ${others.join(", ")}\n`);

  const config = configuredInstallation(configFiles(platform, io.env));
  if (options["print-mirror"] === true) io.out(explain(mirror, options.dir !== undefined));
  else if (config !== undefined) {
    io.out(`\n${config} says where providers come from, so it must name this folder (--print-mirror explains):\n\n${installationBlock(mirror)}`);
  } else if (options.dir !== undefined) {
    io.out(`\nThis folder is used when the CLI configuration names it (--print-mirror explains):\n\n${installationBlock(mirror)}`);
  }
  return exitCodes.ok;
}

function explain(mirror: string, chosen: boolean): string {
  const searched = chosen
    ? "Neither tool searches this folder unasked: the CLI configuration has to name it."
    : "Terraform and OpenTofu search this folder unasked, as long as their CLI configuration has no provider_installation block of its own.";
  return `
${mirror} is a filesystem mirror: HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/. The provider lies there twice, because Terraform
looks under registry.terraform.io and OpenTofu under registry.opentofu.org. ${searched}
A version that is found in a mirror is never looked for in a registry.

CLI configuration (~/.terraformrc or ~/.tofurc, on Windows %APPDATA%\\terraform.rc or %APPDATA%\\tofu.rc, or the file that
TF_CLI_CONFIG_FILE names):

${installationBlock(mirror)}
In your program:

${program}`;
}
