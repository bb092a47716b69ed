import { execFile, execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { address, hosts, placeProvider } from "../../../provider/cli/install/mirror";
import { executableName, packageFiles } from "../../../provider/cli/install/package";
import { terraformPlatform } from "../../../provider/cli/install/platforms";
import { version } from "../../../provider/version.gen";
import { buildExecutable } from "./executable";
import { terraformBinary } from "./terraform";

const root = join(__dirname, "../../..");

/** A machine on which the package and the provider are installed, for shell commands as a user types them. */
export class Shell {
  readonly work = mkdtempSync(join(tmpdir(), "daytona-iac-shell-"));
  readonly home = join(this.work, "home");
  /** Output of the last command. */
  told = "";

  constructor() {
    const provider = buildExecutable();
    const platform = terraformPlatform(process.platform, process.arch);
    placeProvider(
      join(this.home, ".terraform.d/plugins"),
      packageFiles(join(provider.dir, readdirSync(provider.dir)[0]!), version, platform, false),
      version,
      platform,
    );
    provider.remove();
    mkdirSync(join(this.work, "bin"));
    this.script(
      "daytona-iac",
      `[ "$1" = install ] && exit 0\nexec "${process.execPath}" "${join(root, "dist/cli/main.js")}" "$@"`,
    );
    // By its path: the script has the same name.
    this.script(
      "terraform",
      `exec "${execFileSync("sh", ["-c", `command -v ${terraformBinary()!}`], { encoding: "utf8" }).trim()}" "$@"`,
    );
  }

  /** A command on PATH. */
  script(name: string, text: string): void {
    const file = join(this.work, "bin", name);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  }

  /** The path of the installed provider. */
  installed(): string {
    const { os, arch } = terraformPlatform(process.platform, process.arch);
    const name = executableName(version, { os, arch });
    return join(this.home, ".terraform.d/plugins", hosts[0], address, version, `${os}_${arch}`, name);
  }

  folder(): string {
    return mkdtempSync(join(this.work, "folder-"));
  }

  /** As runners run it: `bash -e`. Resolves with the exit code. */
  run(text: string, cwd: string, env: Record<string, string>): Promise<number> {
    const all = {
      PATH: `${join(this.work, "bin")}:${process.env["PATH"]!}`,
      HOME: this.home,
      CHECKPOINT_DISABLE: "1",
      ...env,
    };
    return new Promise((resolve) =>
      execFile("bash", ["-e", "-o", "pipefail", "-c", text], { cwd, env: all }, (error, stdout, stderr) => {
        this.told = (stdout + stderr).replace(/\u001b\[[0-9;]*m/g, "");
        resolve(error === null ? 0 : Number(error.code));
      }),
    );
  }

  remove(): void {
    rmSync(this.work, { recursive: true, force: true });
  }
}
