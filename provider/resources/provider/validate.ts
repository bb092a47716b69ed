import { mustBeWhole } from "../../kit/text/numbers";
import type { MaybeUnknownOf } from "../../kit/attribute";
import type { providerTable } from "./attributes";
import type { Notice } from "../../kit/notice";
import { known } from "../../kit/unknown";

/** Arguments of the provider as written; null: not written. */
export type WrittenProvider = MaybeUnknownOf<typeof providerTable.inputs>;

/** What is wrong with the provider's arguments by themselves; what environment and profile add is judged where they are read. Never shows a secret. */
export function validateProvider(written: WrittenProvider): Notice[] {
  const notices: Notice[] = [];
  const refuse = (attribute: keyof WrittenProvider, summary: string, detail: string) =>
    notices.push({ attribute: [attribute], summary, detail });

  // They are sent in HTTP headers.
  for (const name of ["apiKey", "jwtToken", "organizationId"] as const) {
    const value = setText(written[name]);
    if (value !== null && !/^[\x21-\x7e]+$/.test(value))
      refuse(
        name,
        "Invalid provider argument",
        "The value contains whitespace or other characters that are not allowed in an HTTP header. It may contain a line break from copying.",
      );
  }
  if (setText(written.apiKey) !== null && setText(written.jwtToken) !== null) {
    refuse("jwtToken", "Two credentials", "Both an API key and a JWT are set. Remove one.");
  }
  const url = setText(written.apiUrl);
  if (url !== null && !isHttp(url))
    refuse("apiUrl", "Invalid API address", "The value is not a URL of the form https://host/path.");
  const concurrency = known(written.maxConcurrency);
  if (concurrency !== null && !isConcurrency(concurrency))
    refuse("maxConcurrency", "Invalid concurrency", `The value ${mustBeWhole({ least: 1, most: 1000 }, concurrency)}.`);
  return notices;
}

/** A text that is empty or blank is not set, as an optional variable of a module that nobody sets. */
function setText(written: WrittenProvider["apiKey"]): string | null {
  const text = known(written);
  return text === null || text.trim() === "" ? null : text;
}

function isConcurrency(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 1_000;
}

function isHttp(text: string): boolean {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:";
  } catch {
    return false;
  }
}
