import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where the tools' CLI configuration may lie. */
export function configFiles(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (env.TF_CLI_CONFIG_FILE) return [env.TF_CLI_CONFIG_FILE];
  if (platform === "win32") {
    const appData = env.APPDATA || join(homedir(), "AppData", "Roaming");
    return [join(appData, "terraform.rc"), join(appData, "tofu.rc")];
  }
  const home = env.HOME || homedir();
  const xdg = env.XDG_CONFIG_HOME ? [join(env.XDG_CONFIG_HOME, "opentofu", "tofurc")] : [];
  return [join(home, ".terraformrc"), join(home, ".tofurc"), ...xdg];
}

/** A configuration that says itself where providers come from: then no folder is searched unasked. */
export function configuredInstallation(files: string[]): string | undefined {
  return files.find((file) => {
    try {
      return existsSync(file) && /^\s*provider_installation\s*\{/m.test(readFileSync(file, "utf8"));
    } catch {
      return false;
    }
  });
}

/** What to write into a CLI configuration so that the mirror is used for this provider, and everything else comes as before. */
export function installationBlock(mirror: string): string {
  const pattern = "*/daytona-iac/daytona";
  return [
    "provider_installation {",
    "  filesystem_mirror {",
    `    path    = ${JSON.stringify(mirror)}`,
    `    include = [${JSON.stringify(pattern)}]`,
    "  }",
    "  direct {",
    `    exclude = [${JSON.stringify(pattern)}]`,
    "  }",
    "}",
    "",
  ].join("\n");
}
