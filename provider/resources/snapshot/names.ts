import { sha256 } from "../../kit/sha256";

/** Between a name and the mark of its successor. */
const NEXT = "--next-";
const SUCCESSOR = /^(.+)--next-([0-9a-f]{8})$/s;

/** Name of the snapshot that a swap makes first: `<name>--next-<first 8 hex of sha256(UUID of the old one)>`. */
export function successorName(name: string, oldId: string): string {
  return `${name}${NEXT}${sha256(oldId).slice(0, 8)}`;
}

/** Whether a name at the API is one that `successorName` makes. */
export function isSuccessorName(apiName: string): boolean {
  return SUCCESSOR.test(apiName);
}

/** The name that a successor is to get; null: the name is none of a successor. */
export function baseName(apiName: string): string | null {
  return SUCCESSOR.exec(apiName)?.[1] ?? null;
}

/** Whether a name at the API is a successor of `name`, of whichever old one. */
export function isSuccessorOf(apiName: string, name: string): boolean {
  return SUCCESSOR.exec(apiName)?.[1] === name;
}

// Crockford's base 32 in lower case: digits sort before letters, and no letter can be taken for a digit.
const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * `prefix` + 26 characters that sort by time: 10 of the time, 16 random.
 * @param now milliseconds since the epoch
 * @param random numbers in [0, 1), as `Math.random` gives them
 */
export function generateName(prefix: string, now: number, random: () => number): string {
  let time = "";
  let rest = Math.max(0, Math.floor(now));
  for (let i = 0; i < 10; i++) {
    time = (BASE32[rest % 32] as string) + time;
    rest = Math.floor(rest / 32);
  }
  let tail = "";
  for (let i = 0; i < 16; i++) tail += BASE32[Math.min(31, Math.floor(random() * 32))] as string;
  return prefix + time + tail;
}

/** Length of what `generateName` appends. */
export const GENERATED_LENGTH = 26;

/** Pulumi's automatic name: `<logical name, other characters turned into ->-<7 hex>`, the hex from `seed` (the same seed gives the same name). */
export function autoName(logicalName: string, seed: string | Uint8Array): string {
  const safe = logicalName.replace(/[^a-zA-Z0-9_.-]+/g, "-").replace(/www\./gi, "www-");
  return `${safe}-${sha256(seed).slice(0, 7)}`;
}
