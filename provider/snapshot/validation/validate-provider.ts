import type { Notice } from "../record";
import type { MaybeUnknown } from "../unknown";
import { known } from "../desired";

/** Arguments of the provider as written; null: not written. */
export interface WrittenProvider {
  apiKey: MaybeUnknown<string | null>;
  jwtToken: MaybeUnknown<string | null>;
  organizationId: MaybeUnknown<string | null>;
  apiUrl: MaybeUnknown<string | null>;
  region: MaybeUnknown<string | null>;
  profile: MaybeUnknown<string | null>;
  maxConcurrency: MaybeUnknown<number | null>;
}

/** What is wrong with the provider's arguments by themselves; what environment and profile add is judged where they are read. Never shows a secret. */
export function validateProvider(written: WrittenProvider): Notice[] {
  const notices: Notice[] = [];
  const refuse = (attribute: keyof WrittenProvider, summary: string, detail: string) => notices.push({ attribute: [attribute], summary, detail });

  for (const name of ["apiKey", "jwtToken", "organizationId", "apiUrl", "region", "profile"] as const) {
    const value = known(written[name]);
    if (value !== null && value.trim() === "") refuse(name, "Empty provider argument", "The value is empty. Remove the argument to use the environment or the profile.");
  }
  for (const name of ["apiKey", "jwtToken", "organizationId"] as const) {
    const value = known(written[name]);
    // They are sent in HTTP headers.
    if (value !== null && value.trim() !== "" && !/^[\x21-\x7e]+$/.test(value)) refuse(name, "Invalid provider argument", "The value contains white space or other characters that are not allowed in an HTTP header. A line break may have been copied along.");
  }
  if (known(written.apiKey) !== null && known(written.jwtToken) !== null) {
    refuse("jwtToken", "Two credentials", "Both an API key and a JWT are set. Remove one.");
  }
  const url = known(written.apiUrl);
  if (url !== null && url.trim() !== "" && !isHttp(url)) refuse("apiUrl", "Invalid API address", "The value is not a URL of the form https://host/path.");
  const concurrency = known(written.maxConcurrency);
  if (concurrency !== null && (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 1_000)) {
    refuse("maxConcurrency", "Invalid concurrency", `${concurrency} is not a whole number from 1 to 1000.`);
  }
  return notices;
}

function isHttp(text: string): boolean {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:";
  } catch {
    return false;
  }
}
