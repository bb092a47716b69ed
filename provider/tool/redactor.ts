import { printable } from "../kit/text/printable";

/** Shorter values are more likely to match by chance than to be secrets. */
const SHORTEST = 6;

/**
 * Makes texts safe that leave the process, whatever face shows them: messages, logs, progress, build logs. Removes the values of secrets, and
 * what would steer a terminal.
 */
export class Redactor {
  /** Sorted by length, longest first, so that a whole text is replaced before one of its lines. Sorted once, because every log line is searched. */
  #secrets: string[] = [];
  /** What has been learned already: the same values come with every call. */
  readonly #learned = new Set<string>();

  /** @param secrets values known from the start, such as the credentials in the environment */
  constructor(secrets: Iterable<string | null | undefined> = []) {
    for (const secret of secrets) this.learn(secret);
  }

  /** Adds every string in a value. Build logs show long texts in pieces, so each line and each word is added as well. */
  learn(value: unknown): this {
    if (typeof value === "string") this.#add(value);
    else if (Array.isArray(value)) value.forEach((item) => this.learn(item));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach((item) => this.learn(item));
    return this;
  }

  text(text: string): string {
    // First, because a sequence in the middle of a secret would hide it.
    return this.hide(printable(text));
  }

  /** Removes secrets only, for a text whose control characters its reader needs or cannot meet, such as JSON. */
  hide(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) if (clean.includes(secret)) clean = clean.split(secret).join("[secret]");
    return clean;
  }

  /** A redactor that knows the same and can learn more. */
  copy(): Redactor {
    return new Redactor(this.#secrets);
  }

  #add(secret: string): void {
    if (this.#learned.has(secret)) return;
    this.#learned.add(secret);
    // As it is once it has been cleaned.
    const whole = printable(secret);
    const parts = [whole, ...whole.split("\n"), ...whole.split(/[\s="'`,;()]+/)];
    const found = parts.map((part) => part.trim()).filter((part) => part.length >= SHORTEST);
    this.#secrets = [...new Set([...this.#secrets, ...found])].sort((a, b) => b.length - a.length);
  }
}

/** The credentials in the environment of the process. */
export function environmentSecrets(env: Record<string, string | undefined>): (string | undefined)[] {
  return [env["DAYTONA_API_KEY"], env["DAYTONA_JWT_TOKEN"]];
}
