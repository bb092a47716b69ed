import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { address, hosts } from "./mirror";

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

/** Where a CLI configuration has filesystem mirrors, in its order. Those of a file that cannot be read are none. */
export function configuredMirrors(file: string): string[] {
  const text = readFileSync(file, "utf8").replace(/^\s*(#|\/\/).*$/gm, "");
  return [...text.matchAll(/\bfilesystem_mirror\s*\{[^}]*?\bpath\s*=\s*("(?:[^"\\]|\\.)*")/g)].map(
    ([, path]) => JSON.parse(path as string) as string,
  );
}

/**
 * What to write into a CLI configuration so that a mirror is used for this provider, and everything else comes as before. Both registries are named,
 * because neither tool takes a wildcard for the host of one provider.
 */
export function installationBlock(mirror: string): string {
  return block("filesystem_mirror", "path   ", mirror);
}

/** The same for a network mirror. @param url of its folder; both tools want HTTPS and a slash at the end */
export function networkInstallationBlock(url: string): string {
  return block("network_mirror", "url    ", url);
}

function block(kind: string, key: string, value: string): string {
  const addresses = `[${hosts.map((host) => JSON.stringify(`${host}/${address}`)).join(", ")}]`;
  return [
    "provider_installation {",
    `  ${kind} {`,
    `    ${key} = ${JSON.stringify(value)}`,
    `    include = ${addresses}`,
    "  }",
    "  direct {",
    `    exclude = ${addresses}`,
    "  }",
    "}",
    "",
  ].join("\n");
}
