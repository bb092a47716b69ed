import { ConfigError } from "./errors";

/** The official service's API. */
export const DEFAULT_API_URL = "https://app.daytona.io/api";

/** An address that can be used, and what looks wrong about it all the same. */
export interface CheckedUrl {
  /** Without a trailing slash, otherwise as written. */
  url: string;
  hint?: string;
}

/**
 * Checks the address of the API.
 * @param from how the user would find the value again (`the argument apiUrl`, `DAYTONA_API_URL`)
 * @throws ConfigError
 */
export function checkApiUrl(written: string, from: string): CheckedUrl {
  const text = written.trim();
  let parsed: URL;
  try {
    parsed = new URL(text);
  } catch {
    throw new ConfigError("apiUrl", `${from} is not a URL; expected something like ${DEFAULT_API_URL}`);
  }
  // The value itself is not repeated here: a mistyped URL may well hold a password.
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new ConfigError("apiUrl", `${from} has to start with https:// or http://, not with ${parsed.protocol}`);
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new ConfigError("apiUrl", `${from} holds a user name or password; give the API key by itself`);
  }
  if (parsed.search !== "" || parsed.hash !== "") {
    throw new ConfigError("apiUrl", `${from} must not have a query (?) or a fragment (#)`);
  }
  const url = text.replace(/\/+$/, "");
  if (/\/api$/.test(parsed.pathname.replace(/\/+$/, ""))) return { url };
  return { url, hint: `${from} is ${url}, which does not end in /api; Daytona's API is usually at ${parsed.origin}/api` };
}
