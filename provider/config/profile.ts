import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "./errors";

/** Environment variables, as `process.env` has them. */
export type Environment = Record<string, string | undefined>;

/** The parts of an official CLI profile that a connection needs. */
export interface Profile {
  name: string;
  apiUrl: string | null;
  apiKey: string | null;
  /** Access token of `daytona login`. */
  jwtToken: string | null;
  /** When `jwtToken` expires, in ms since the epoch; null: unknown. */
  expiresAt: number | null;
  organizationId: string | null;
}

/**
 * Finds a profile by name or ID; without a name, the active profile. Returns null if there is no such profile or no configuration file.
 * @throws ConfigError if the file cannot be read or parsed
 */
export type ReadProfile = (env: Environment, name: string | null) => Profile | null;

/** Where the official CLI keeps its configuration: the folder in DAYTONA_CONFIG_DIR, else Go's `os.UserConfigDir`. */
export function configFile(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string | null {
  const own = env["DAYTONA_CONFIG_DIR"];
  if (own) return join(own, "config.json");
  if (platform === "win32") {
    const appData = env["AppData"] ?? env["APPDATA"];
    return appData ? join(appData, "daytona", "config.json") : null;
  }
  const user = env["HOME"] || home;
  if (platform === "darwin") return join(user, "Library", "Application Support", "daytona", "config.json");
  const xdg = env["XDG_CONFIG_HOME"];
  return join(xdg && xdg.startsWith("/") ? xdg : join(user, ".config"), "daytona", "config.json");
}

/** Reads profiles from the official CLI's `config.json`. */
export const readProfile: ReadProfile = (env, name) => {
  const file = configFile(env);
  if (file === null) return null;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new ConfigError(
      "profile",
      `cannot read the configuration of the Daytona CLI, ${file} (${code ?? "unknown reason"})`,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the text around the error, which may be a key. It is left out on purpose.
    throw new ConfigError(
      "profile",
      `the configuration of the Daytona CLI, ${file}, is not valid JSON; delete the file and run \`daytona login\` to recreate it`,
    );
  }
  return pick(record(parsed), name);
};

function pick(config: Record<string, unknown>, name: string | null): Profile | null {
  const profiles = Array.isArray(config["profiles"]) ? config["profiles"].map(record) : [];
  const found =
    name === null
      ? profiles.find((profile) => profile["id"] === config["activeProfile"])
      : (profiles.find((profile) => profile["name"] === name) ?? profiles.find((profile) => profile["id"] === name));
  if (found === undefined) return null;
  const api = record(found["api"]);
  const token = record(api["token"]);
  const ends = Date.parse(text(token["expiresAt"]) ?? "");
  return {
    name: text(found["name"]) ?? text(found["id"]) ?? name ?? "",
    apiUrl: text(api["url"]),
    apiKey: text(api["key"]),
    jwtToken: text(token["accessToken"]),
    // Go writes an unset time as the year 1.
    expiresAt: Number.isNaN(ends) || ends <= 0 ? null : ends,
    organizationId: text(found["activeOrganizationId"]),
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}
