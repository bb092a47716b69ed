import { isObject } from "./json";

/** How Pulumi's JSON marks a value of a special kind (`sdk/go/common/resource/sig`, `properties.go`). */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
/** Stands for a value that is not known yet: a text, a number, a list and so on. */
const UNKNOWNS = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/** A value without its wrapping. */
export interface Opened {
  /** null where it is encrypted or not known. */
  readonly value: unknown;
  /** It is a secret, or has one inside. */
  readonly secret: boolean;
  /** It is not known, or parts of it are not: encrypted, or to be known after an update. */
  readonly unknown: boolean;
}

/** Takes secrets and outputs apart, at any depth. */
export function open(value: unknown): Opened {
  if (typeof value === "string" && UNKNOWNS.includes(value)) return { value: null, secret: false, unknown: true };
  // What `pulumi stack export` and event logs write in place of a secret that they do not show.
  if (value === "[secret]") return { value: null, secret: true, unknown: true };
  if (Array.isArray(value)) {
    const items = value.map(open);
    return { value: items.map((it) => it.value), ...marksOf(items) };
  }
  if (!isObject(value)) return { value, secret: false, unknown: false };
  switch (value[SIGNATURE]) {
    case undefined: {
      const entries = Object.entries(value).map(([key, item]) => [key, open(item)] as const);
      return {
        value: Object.fromEntries(entries.map(([key, it]) => [key, it.value])),
        ...marksOf(entries.map(([, it]) => it)),
      };
    }
    case SECRET:
      return { ...inSecret(value), secret: true };
    case OUTPUT: {
      const inner: Opened = "value" in value ? open(value["value"]) : { value: null, secret: false, unknown: true };
      return { ...inner, secret: inner.secret || value["secret"] === true };
    }
    case REFERENCE:
      return typeof value["id"] === "string"
        ? { value: value["id"], secret: false, unknown: false }
        : { value: null, secret: false, unknown: true };
    // Assets, archives, and kinds that a newer engine knows.
    default:
      return { value: null, secret: false, unknown: true };
  }
}

/** `plaintext` is JSON in a text; `value` is how the engine passes it on. */
function inSecret({ plaintext, value }: Record<string, unknown>): Omit<Opened, "secret"> {
  if (value !== undefined) return open(value);
  if (typeof plaintext !== "string") return { value: null, unknown: true };
  try {
    return open(JSON.parse(plaintext));
  } catch {
    return { value: null, unknown: true };
  }
}

function marksOf(items: readonly Opened[]): Omit<Opened, "value"> {
  return { secret: items.some(({ secret }) => secret), unknown: items.some(({ unknown }) => unknown) };
}
