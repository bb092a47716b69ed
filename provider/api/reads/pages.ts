import type { SnapshotDto, SnapshotPage } from "../types";

/** The API's largest page. */
export const PAGE_SIZE = 200;
/** Pages asked for at the same time. */
const WAVE = 8;

/** Asks for one page (1 is the first), in the order in which only deletions move anything: `createdAt` ascending. */
export type FetchPage = (page: number) => Promise<SnapshotPage>;

/** How many pages `total` snapshots take. */
export function pagesFor(total: number): number {
  return Math.max(1, Math.ceil(total / PAGE_SIZE));
}

/** General snapshots come last: after the first, nothing of ours follows. */
export function reachesGeneral(page: SnapshotPage): boolean {
  return page.items.some((item) => item.general === true);
}

/** Pages 2 to the last, in waves, until one is empty or (where `ownOnly`) shows a general snapshot. */
export async function restOfPages(first: SnapshotPage, fetch: FetchPage, ownOnly: boolean): Promise<SnapshotPage[]> {
  const rest: SnapshotPage[] = [];
  const ended = (page: SnapshotPage): boolean => page.items.length === 0 || (ownOnly && reachesGeneral(page));
  if (ended(first)) return rest;
  const last = pagesFor(first.total);
  for (let next = 2; next <= last; next += WAVE) {
    const wave = await Promise.all(Array.from({ length: Math.min(WAVE, last - next + 1) }, (_, at) => fetch(next + at)));
    rest.push(...wave);
    if (wave.some(ended)) break;
  }
  return rest;
}

/**
 * Every snapshot once. A deletion between two pages moves what follows forward, and one snapshot can slip through:
 * then `total` has shrunk on the way, and everything is read again.
 */
export async function everySnapshot(fetch: FetchPage, ownOnly: boolean): Promise<SnapshotDto[]> {
  for (let tries = 1; ; tries++) {
    const first = await fetch(1);
    const pages = [first, ...(await restOfPages(first, fetch, ownOnly))];
    const shrunk = pages.length > 1 && pages.some((page) => page.items.length > 0 && page.total < first.total);
    if (shrunk && tries < 3) continue;
    const byId = new Map<string, SnapshotDto>();
    for (const item of pages.flatMap((page) => page.items)) if (!ownOnly || item.general !== true) byId.set(item.id, item);
    return [...byId.values()];
  }
}
