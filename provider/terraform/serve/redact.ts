import { isUnknown } from "../../snapshot/unknown";
import type { TfObject, TfSchema } from "../types";

/** Shorter values are more likely to hit by chance than to be a secret. */
const shortest = 6;

/** Knows the secrets of this process, and takes them out of every text that leaves it. */
export class Redactor {
  private readonly secrets = new Set<string>();

  constructor(env: NodeJS.ProcessEnv) {
    for (const name of ["DAYTONA_API_KEY", "DAYTONA_JWT_TOKEN"]) this.add(env[name]);
  }

  private add(value: unknown): void {
    if (typeof value === "string" && value.length >= shortest) this.secrets.add(value);
  }

  /** Learns the values of the schema's sensitive attributes. */
  learn(config: TfObject | null, schema: TfSchema): void {
    for (const attribute of schema.attributes) {
      const value = config?.[attribute.name];
      if (attribute.sensitive === true && !isUnknown(value)) this.add(value);
    }
  }

  text(text: string): string {
    let clean = text;
    for (const secret of this.secrets) clean = clean.split(secret).join("(secret)");
    return clean;
  }
}
