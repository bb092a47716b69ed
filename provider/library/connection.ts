import { ApiError, apiFailure, connect, ConfigError, type Connected, type ConnectOptions } from "../lifecycle";
import { version } from "../version.gen";
import { errorOf, InvalidArgumentError, textOf } from "./errors";

/** The longest that a timer can wait, in ms: no limit, in practice. */
const NO_LIMIT = 2 ** 31 - 1;

/** Credentials and address. Default: the environment (`DAYTONA_API_KEY`, `DAYTONA_API_URL`, …), otherwise the active profile of the Daytona CLI. */
export interface ConnectionOptions {
  /** API key. It belongs to one organization. */
  apiKey?: string;
  /** JSON Web Token to use instead of `apiKey`. Requires `organizationId`. */
  jwtToken?: string;
  /** ID of the organization. Required with `jwtToken`. */
  organizationId?: string;
  /** URL of the API. Default: `https://app.daytona.io/api`. */
  apiUrl?: string;
}

export const CONNECTION_OPTIONS = [
  "apiKey",
  "jwtToken",
  "organizationId",
  "apiUrl",
] as const satisfies (keyof ConnectionOptions)[];

/**
 * A misspelled `apiKey` would otherwise be ignored silently.
 * @param owner the class that has the options
 * @param ignored options that programs may give to several classes at once
 * @throws InvalidArgumentError
 */
export function refuseUnknown(
  options: object,
  known: readonly string[],
  owner: string,
  ignored: readonly string[] = [],
): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name) && !ignored.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`${owner} has no option ${unknown}\nIts options are ${known.join(", ")}.`);
}

/** Sends nothing yet. @throws InvalidArgumentError without credentials */
export function openConnection(options: ConnectionOptions & { region?: string }, more: ConnectOptions = {}): Connected {
  try {
    return connect(
      options,
      process.env,
      { debug: () => undefined },
      { userAgent: `daytona-iac/${version} library`, configurable: false, ...more },
    );
  } catch (error) {
    throw error instanceof ConfigError ? new InvalidArgumentError(error.message) : error;
  }
}

/** The answer to a read. @param doing beginning of the message: `reading snapshot "x"` @throws DaytonaError */
export async function asking<T>({ connection }: Connected, doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof ApiError ? errorOf(textOf(apiFailure(doing, error, connection.sources)), error) : error;
  }
}

/** A time limit of a call in ms. @param timeout in seconds; 0: none */
export function limitMs(timeout: number): number {
  return timeout > 0 ? Math.min(NO_LIMIT, timeout * 1000) : NO_LIMIT;
}
