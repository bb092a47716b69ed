import type { SnapshotDto, SnapshotPage } from "../types";

/** The largest page size of the API. */
export const PAGE_SIZE = 200;
/** Number of pages that are requested at once. */
const WAVE = 8;

/** Requests one page; the first is 1. Sorted by ascending `createdAt`, so that only deletions shift pages. */
export type FetchPage = (page: number) => Promise<SnapshotPage>;

/** Number of pages for `total` snapshots. */
export function pagesFor(total: number): number {
  return Math.max(1, Math.ceil(total / PAGE_SIZE));
}

/** Whether the page has a general snapshot. Those come last, so no snapshot of the organization follows. */
export function reachesGeneral(page: SnapshotPage): boolean {
  return page.items.some((item) => item.general === true);
}

/** Pages 2 to the last, several at once, until one is empty or, with `ownOnly`, has a general snapshot. */
export async function restOfPages(first: SnapshotPage, fetch: FetchPage, ownOnly: boolean): Promise<SnapshotPage[]> {
  const rest: SnapshotPage[] = [];
  const ended = (page: SnapshotPage): boolean => page.items.length === 0 || (ownOnly && reachesGeneral(page));
  if (ended(first)) return rest;
  const last = pagesFor(first.total);
  for (let next = 2; next <= last; next += WAVE) {
    const wave = await Promise.all(
      Array.from({ length: Math.min(WAVE, last - next + 1) }, (_, at) => fetch(next + at)),
    );
    rest.push(...wave);
    if (wave.some(ended)) break;
  }
  return rest;
}

/**
 * Every snapshot, once. A deletion between two pages shifts the following ones, and a snapshot can be missed. In that case `total` has
 * decreased, and everything is read again.
 */
export async function everySnapshot(fetch: FetchPage, ownOnly: boolean): Promise<SnapshotDto[]> {
  for (let tries = 1; ; tries++) {
    const first = await fetch(1);
    const pages = [first, ...(await restOfPages(first, fetch, ownOnly))];
    const shrunk = pages.length > 1 && pages.some((page) => page.items.length > 0 && page.total < first.total);
    if (shrunk && tries < 3) continue;
    const byId = new Map<string, SnapshotDto>();
    for (const item of pages.flatMap((page) => page.items))
      if (!ownOnly || item.general !== true) byId.set(item.id, item);
    return [...byId.values()];
  }
}

/**
 * The same page by page, without keeping what was told. Pages that may have been shifted by a deletion are read again, for what was missed.
 * A page in use lets the next one wait.
 */
export async function* pageByPage(fetch: FetchPage, ownOnly: boolean): AsyncGenerator<SnapshotDto[], void, undefined> {
  const told = new Set<string>();
  for (let tries = 1, shrunk = true; shrunk && tries <= 3; tries += 1) {
    shrunk = false;
    for (let at = 1, total = 0; ; at += 1) {
      const page = await fetch(at);
      if (at === 1) ({ total } = page);
      else if (page.items.length > 0 && page.total < total) shrunk = true;
      const fresh = page.items.filter((item) => !told.has(item.id) && (!ownOnly || item.general !== true));
      for (const { id } of fresh) told.add(id);
      if (fresh.length > 0) yield fresh;
      if (page.items.length === 0 || (ownOnly && reachesGeneral(page)) || at >= pagesFor(page.total)) break;
    }
  }
}
