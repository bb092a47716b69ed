/** A number with its noun: `1 snapshot`, `2 snapshots`, `0 registries`. @param plural default: the noun with an s */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** The first names, and how many more there are: `a, b and 3 more`. @param and what comes before that number */
export function firstOf(names: readonly string[], most: number, and: " and" | ", and" = " and"): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown}${and} ${names.length - most} more` : shown;
}

/** What a number has to be. */
export interface Range {
  /** What it counts: `GiB`. */
  readonly unit?: string;
  readonly least: number;
  /** Missing: there is none that matters. */
  readonly most?: number;
}

/** What a number that is not whole, or out of its range, has to be: `must be a whole number of GiB, at least 1 (got 0)`. */
export function mustBeWhole({ unit, least, most }: Range, got: number | string): string {
  const what = `a whole number${unit === undefined ? "" : ` of ${unit}`}`;
  const range = most === undefined ? `, at least ${least}` : ` from ${least} to ${most}`;
  return `must be ${what}${range} (got ${typeof got === "string" ? JSON.stringify(got) : got})`;
}
