import { type Bag, type Value } from "./values";

/** Outputs that tell something of an input. */
const derived: Readonly<Record<string, readonly string[]>> = {
  image: ["sourceHash", "imageName", "ref", "entrypoint", "errorReason"],
  dockerfileContent: ["sourceHash", "ref", "entrypoint", "errorReason"],
  triggers: ["ref"],
  entrypoint: ["errorReason"],
  region: ["regionIds", "errorReason"],
  gpuTypes: ["gpuType", "errorReason"],
};

/** Outputs that have to be secrets where these inputs are: themselves, and what derives from them. */
export function secretOutputs(secretInputs: Iterable<string>): Set<string> {
  const names = new Set<string>();
  for (const input of secretInputs) {
    names.add(input);
    for (const output of derived[input] ?? []) names.add(output);
  }
  return names;
}

/** Shorter values are more likely to hit by chance than to be a secret. */
const SHORTEST = 6;

/** Takes the values of secrets out of texts that leave the provider: messages, progress, build logs. */
export class Redactor {
  readonly #secrets = new Set<string>();

  constructor(secrets: Iterable<string | null | undefined> = []) {
    for (const secret of secrets) this.#add(secret);
  }

  /** Learns the strings in these properties; of a longer text also each line and each longer word, because build logs show it piece by piece. */
  learn(bag: Bag, names: Iterable<string>): this {
    for (const name of names) this.#learn(bag[name] ?? null);
    return this;
  }

  text(text: string): string {
    let clean = text;
    // Longest first: a whole text before one of its lines.
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length)) clean = clean.split(secret).join("[secret]");
    return clean;
  }

  #learn(value: Value): void {
    if (typeof value === "string") this.#add(value);
    else if (Array.isArray(value)) value.forEach((item) => this.#learn(item));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach((item) => this.#learn(item));
  }

  #add(secret: string | null | undefined): void {
    if (typeof secret !== "string") return;
    const parts = [secret, ...secret.split(/\r?\n/), ...secret.split(/[\s="'`,;()]+/)];
    for (const part of parts) if (part.trim().length >= SHORTEST) this.#secrets.add(part.trim());
  }
}
