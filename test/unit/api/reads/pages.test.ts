import type { SnapshotDto, SnapshotPage } from "../../../../provider/api/types";
import { everySnapshot, pageByPage, pagesFor, PAGE_SIZE } from "../../../../provider/api/reads/pages";

const named = (from: number, count: number, more: Partial<SnapshotDto> = {}): SnapshotDto[] =>
  Array.from(
    { length: count },
    (_, at) =>
      ({ id: `s${from + at}`, name: `s${from + at}`, state: "active", general: false, ...more }) as SnapshotDto,
  );

/** A listing that changes while it is read: `before(n)` runs before the n-th request is answered. */
function listing(rows: SnapshotDto[], before: (request: number, rows: SnapshotDto[]) => void = () => undefined) {
  const asked: number[] = [];
  const fetch = async (page: number): Promise<SnapshotPage> => {
    asked.push(page);
    before(asked.length, rows);
    return {
      items: rows.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE),
      total: rows.length,
      page,
      totalPages: pagesFor(rows.length),
    };
  };
  return { asked, fetch };
}

const ids = (rows: readonly SnapshotDto[]): string[] => rows.map(({ id }) => id);
const inPages = async (fetch: (page: number) => Promise<SnapshotPage>, ownOnly: boolean): Promise<SnapshotDto[]> => {
  const found: SnapshotDto[] = [];
  for await (const page of pageByPage(fetch, ownOnly)) {
    expect(page.length).toBeGreaterThan(0);
    found.push(...page);
  }
  return found;
};

test.each([
  [0, 1],
  [1, 1],
  [200, 1],
  [201, 2],
  [400, 2],
  [401, 3],
])("%d snapshots are %d pages", (total, pages) => expect(pagesFor(total)).toBe(pages));

describe.each<[string, typeof everySnapshot]>([
  ["at once", everySnapshot],
  ["page by page", inPages],
])("all snapshots, %s", (_how, read) => {
  test.each([0, 1, 200, 201, 450, 1700])(
    "are %d, each once, in order, and no page is asked for twice",
    async (count) => {
      const { asked, fetch } = listing(named(0, count));
      expect(ids(await read(fetch, true))).toEqual(ids(named(0, count)));
      expect([...asked].sort((a, b) => a - b)).toEqual(Array.from({ length: pagesFor(count) }, (_, at) => at + 1));
    },
  );

  test("leave general ones out unless they are asked for; after the first general one no page is asked for", async () => {
    const rows = [...named(0, 150), ...named(1000, 500, { general: true })];
    const own = listing(rows);
    expect(ids(await read(own.fetch, true))).toEqual(ids(named(0, 150)));
    expect(own.asked).toEqual([1]);
    expect(await read(listing(rows).fetch, false)).toHaveLength(650);
  });

  test("miss none where one was deleted between two pages: what has moved is read again", async () => {
    const { asked, fetch } = listing(named(0, 450), (request, rows) => void (request === 2 && rows.shift()));
    const found = ids(await read(fetch, true));
    for (const id of ids(named(1, 449))) expect(found).toContain(id);
    expect(new Set(found).size).toBe(found.length);
    expect(asked.filter((page) => page === 1)).toHaveLength(2);
  });

  test("end where one is deleted again and again: after three tries", async () => {
    const { asked, fetch } = listing(named(0, 450), (_request, rows) => void rows.shift());
    await read(fetch, true);
    expect(asked.filter((page) => page === 1)).toHaveLength(3);
  });

  test("that come newly are found at the end, and nothing is read again for them", async () => {
    const { asked, fetch } = listing(
      named(0, 250),
      (request, rows) => void (request === 2 && rows.push(...named(250, 10))),
    );
    expect(ids(await read(fetch, true))).toEqual(ids(named(0, 260)));
    expect(asked).toEqual([1, 2]);
  });

  test("end at an empty page, whatever the total says, and that is no deletion", async () => {
    const asked: number[] = [];
    const fetch = async (page: number): Promise<SnapshotPage> => {
      asked.push(page);
      return { items: page === 1 ? named(0, 200) : [], total: page === 1 ? 300 : 0, page, totalPages: 2 };
    };
    expect(await read(fetch, true)).toHaveLength(200);
    expect(asked).toEqual([1, 2]);
  });
});

test("page by page, a page is asked for only when the one before has been used", async () => {
  const { asked, fetch } = listing(named(0, 450));
  const pages = pageByPage(fetch, true);
  expect(asked).toEqual([]);
  await pages.next();
  expect(asked).toEqual([1]);
  await pages.next();
  expect(asked).toEqual([1, 2]);
});

test("at once, eight pages are asked for together at most", async () => {
  let [now, most] = [0, 0];
  const { fetch } = listing(named(0, 200 * 20));
  await everySnapshot(async (page) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return fetch(page);
  }, true);
  expect(most).toBe(8);
});
