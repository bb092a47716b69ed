import type { Password } from "./credentials";

/** An answer of the registry or its token service. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  /** The host that answered, where it is not the registry's own. */
  readonly host?: string;
}

/** A registry, or the engine that pushes to it, refused or did not answer. Holds no credentials. */
export class RegistryError extends Error {
  /**
   * @param status 0: no answer of the registry came
   * @param code the registry's error code, or the name of a system error
   * @param by what reported it, if not the registry itself
   * @param host the host that answered, where it is not the registry's own
   * @param uploading whether it came in the middle of an upload
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly by: string | null = null,
    readonly host: string | null = null,
    readonly uploading = false,
  ) {
    super(message);
    this.name = "RegistryError";
  }
}

/** The registry named an address that must not get the password or the layers. */
export class UnsafeAddress extends RegistryError {
  /**
   * @param kind what would have gone there, or come from there
   * @param address what is wrong, as the end of a sentence
   */
  constructor(
    readonly kind: "password" | "layers" | "image",
    readonly address: string,
  ) {
    super(0, "", `the address for the ${kind} ${address}`);
    this.name = "UnsafeAddress";
  }
}

/** The `code` of an answer that is too large to be a registry's. */
export const TOO_LARGE = "TOO_LARGE";

/** Of an answer that a message repeats, in characters. */
const LONGEST_TEXT = 2_000;

/** What an answer says about its failure: `{"errors": [{"code", "message"}]}`. */
export function registryError({ status, body, host }: HttpAnswer, uploading = false): RegistryError {
  const { errors, details } = fieldsOf(body);
  const [first] = (Array.isArray(errors) ? errors : []) as ({ code?: unknown; message?: unknown } | null)[];
  const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, LONGEST_TEXT) : "");
  const message = text(first?.message) || text(details);
  return new RegistryError(status, text(first?.code), message, null, host ?? null, uploading);
}

/** The fields of a JSON object. Of anything else there are none; the status of the answer tells enough. */
export function fieldsOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(body.toString("utf8")) as unknown;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Whether the same request may succeed a moment later. */
export function isPassing({ status, code }: Pick<RegistryError, "status" | "code">): boolean {
  if (status === 0)
    return (
      /^(E[A-Z_]+|Connection\w+|FailedToOpenSocket|DNS\w*)$/.test(code) &&
      !/^(ERR_TLS|ERR_SSL|EPROTO|ERR_INVALID)/.test(code)
    );
  return status === 408 || status === 429 || status >= 500;
}

export function redacted(text: string, { username, secret }: Password): string {
  return [secret, username].reduce(
    (clean, value) => (value.length < 4 ? clean : clean.split(value).join("[redacted]")),
    text,
  );
}
