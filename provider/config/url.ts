import { ConfigError } from "./errors";

/** The API of the official service. */
export const DEFAULT_API_URL = "https://app.daytona.io/api";

/** A usable address, with a hint if it looks wrong. */
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
    const why = text.includes("://") ? "" : ": it does not begin with https:// or http://";
    throw new ConfigError("apiUrl", `${from} is not a URL${why}; expected a URL such as ${DEFAULT_API_URL}`);
  }
  // The value is not repeated here: a mistyped URL may contain a password.
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new ConfigError("apiUrl", `${from} must start with https:// or http://, not with ${parsed.protocol}`);
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new ConfigError("apiUrl", `${from} contains a user name or password; set the API key separately`);
  }
  if (parsed.search !== "" || parsed.hash !== "") {
    throw new ConfigError("apiUrl", `${from} must not have a query (?) or a fragment (#)`);
  }
  const url = text.replace(/\/+$/, "");
  if (/\/api$/.test(parsed.pathname.replace(/\/+$/, ""))) return { url };
  return {
    url,
    hint: `${from} is ${url}, which does not end in /api; the Daytona API is usually at ${parsed.origin}/api`,
  };
}
