import { resolve } from "node:path";
import type { Session } from "../session";

/**
 * Variables for the plans and previews of a check, so that their provider asks the same API with the same credentials as the command; undefined takes one away.
 * Without any of the flags there are none: a tool has the environment of the command. A key is only in the environment of the tool, never on a command line,
 * and a profile is only named: the provider reads the file itself. What a program writes into its provider's configuration wins, as always.
 * @throws ConfigError, Stop for flags that name no connection
 */
export function connectionVariables(session: Session): NodeJS.ProcessEnv {
  const { apiUrl, apiKeyFile, profile } = session.flags;
  if (apiUrl === undefined && apiKeyFile === undefined && profile === undefined) return {};
  const { connection } = session.connection;
  const url = { DAYTONA_API_URL: connection.apiUrl };
  if (apiKeyFile === undefined && profile === undefined) return url;
  // Each of these would win over what the flags say, or be a secret that nobody needs.
  const none = { DAYTONA_API_KEY: undefined, DAYTONA_JWT_TOKEN: undefined, DAYTONA_PROFILE: undefined };
  if (profile === undefined) return { ...url, ...none, DAYTONA_API_KEY: connection.credentials.token() };
  // The tool runs in another folder.
  const folder = session.io.env["DAYTONA_CONFIG_DIR"];
  return { ...url, ...none, DAYTONA_PROFILE: profile, ...(folder ? { DAYTONA_CONFIG_DIR: resolve(folder) } : {}) };
}
