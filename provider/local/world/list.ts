import { type GlobPart, globMatches } from "../../kit/text/glob";
import { unexpected } from "../protocol/http-error";
import { STATES, type SnapshotRow } from "./rows";
import type { ListQuery } from "../protocol/validation";
import type { World } from "./world";

/** Postgres compares text by the database's locale, where punctuation comes before digits and case hardly counts. */
const collator = new Intl.Collator("en");
export const byText = (a: string, b: string): number => collator.compare(a, b);

/** `GET /snapshots`: own and general snapshots, general ones last. Sorted listings are kept until something changes, so that many pages of a big organization stay quick. */
export class Listings {
  readonly #kept = new Map<string, SnapshotRow[]>();
  #version = -1;

  constructor(private readonly world: World) {}

  page(
    organizationId: string,
    query: ListQuery,
  ): { items: SnapshotRow[]; total: number; page: number; totalPages: number } {
    // The database takes no NUL in a text.
    if (query.name?.includes("\0")) throw unexpected();
    if (this.#version !== this.world.version) {
      this.#kept.clear();
      this.#version = this.world.version;
    }
    const key = JSON.stringify([
      organizationId,
      query.sort,
      query.order,
      query.name ?? "",
      query.sourceSandboxId ?? "",
    ]);
    let rows = this.#kept.get(key);
    if (!rows) {
      const part = query.name ? likePattern(query.name) : null;
      rows = [...this.world.snapshots.values()].filter(
        (row) =>
          (row.organizationId === organizationId || (row.general && !row.hideFromUsers)) &&
          (part === null || part.test(row.name)) &&
          (query.sourceSandboxId === undefined || row.extra?.["sourceSandboxId"] === query.sourceSandboxId),
      );
      rows.sort(comparison(query));
      this.#kept.set(key, rows);
    }
    const start = (query.page - 1) * query.limit;
    // The database takes no larger offset.
    if (start > 9.2e18) throw unexpected();
    return {
      items: rows.slice(start, start + query.limit),
      total: rows.length,
      page: query.page,
      totalPages: Math.ceil(rows.length / query.limit),
    };
  }
}

/** Tells whether a name is `ILIKE '%part%'`: `%` is any text, `_` any character, a backslash takes their meaning away. */
export function likePattern(part: string): { test(name: string): boolean } {
  const parts: GlobPart[] = [{ kind: "any" }];
  const characters = Array.from(part);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (character === "%") parts.push({ kind: "any" });
    else if (character === "_") parts.push({ kind: "one" });
    else if (character === "\\" && i + 1 < characters.length)
      parts.push({ kind: "character", character: characters[++i]! });
    else parts.push({ kind: "character", character });
  }
  parts.push({ kind: "any" });
  return { test: (name) => globMatches(parts, name, true) };
}

function comparison({ sort, order }: ListQuery): (a: SnapshotRow, b: SnapshotRow) => number {
  const sign = order === "asc" ? 1 : -1;
  const created = (a: SnapshotRow, b: SnapshotRow) => a.createdAt - b.createdAt;
  const by = (a: SnapshotRow, b: SnapshotRow): number => {
    if (sort === "name") return sign * byText(a.name, b.name);
    if (sort === "state") return sign * (stateOrder(a) - stateOrder(b));
    if (sort === "createdAt") return sign * created(a, b);
    // Nulls come last in both directions.
    if (a.lastUsedAt === null || b.lastUsedAt === null)
      return Number(a.lastUsedAt === null) - Number(b.lastUsedAt === null);
    return sign * (a.lastUsedAt - b.lastUsedAt);
  };
  // Times are whole milliseconds, and so can be the same: pages are cut by id then.
  const id = (a: SnapshotRow, b: SnapshotRow) => (a.id < b.id ? -1 : 1);
  return (a, b) =>
    Number(a.general) - Number(b.general) || by(a, b) || (sort === "createdAt" ? 0 : created(b, a)) || id(a, b);
}

const stateOrder = (row: SnapshotRow) => (STATES as readonly string[]).indexOf(row.state);
