import { isDeepStrictEqual } from "node:util";

/** So many texts are remembered. Those that snapshots have in common come back soon. */
const MOST = 2_000;

/** Gives equal values one place in memory. The snapshots of a fleet have most of their values in common. */
export class SharedValues {
  private readonly texts = new Map<string, string>();
  private readonly last: Record<string, unknown> = {};

  /** The same object, with values of another one and of earlier ones where they are equal. */
  of<T extends object>(object: T, like: object | null = null): T {
    const values = object as Record<string, unknown>;
    const theirs = (like ?? {}) as Record<string, unknown>;
    for (const name of Object.keys(values)) {
      const value = values[name];
      if (value === null || typeof value === "number" || typeof value === "boolean") continue;
      if (value === theirs[name]) values[name] = theirs[name];
      else if (typeof value === "string") values[name] = this.text(value);
      else if (value !== this.last[name])
        values[name] = this.last[name] =
          [theirs[name], this.last[name]].find((it) => isDeepStrictEqual(it, value)) ?? value;
    }
    return object;
  }

  private text(value: string): string {
    const known = this.texts.get(value);
    if (known !== undefined) return known;
    if (this.texts.size >= MOST) this.texts.clear();
    this.texts.set(value, value);
    return value;
  }
}
