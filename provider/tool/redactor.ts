/** Shorter values are more likely to match by chance than to be secrets. */
const SHORTEST = 6;

/** Removes the values of secrets from texts that leave the process: messages, logs, progress, build logs. */
export class Redactor {
  /** Sorted by length, longest first, so that a whole text is replaced before one of its lines. Sorted once, because every log line is searched. */
  #secrets: string[] = [];

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
    let clean = text;
    for (const secret of this.#secrets) clean = clean.split(secret).join("[secret]");
    return clean;
  }

  #add(secret: string): void {
    const parts = [secret, ...secret.split(/\r?\n/), ...secret.split(/[\s="'`,;()]+/)];
    const found = parts.map((part) => part.trim()).filter((part) => part.length >= SHORTEST);
    this.#secrets = [...new Set([...this.#secrets, ...found])].sort((a, b) => b.length - a.length);
  }
}

/** The credentials in the environment of the process. */
export function environmentSecrets(env: Record<string, string | undefined>): (string | undefined)[] {
  return [env["DAYTONA_API_KEY"], env["DAYTONA_JWT_TOKEN"]];
}
