import fc from "fast-check";
import { ServerError } from "../../../../provider/api";
import { BatchedReads } from "../../../../provider/api/reads/batch";
import type { SnapshotDto, SnapshotPage } from "../../../../provider/api";
import { snapshot } from "../server";
import { VirtualClock } from "../virtual-clock";

const LATENCY = 50;

/** The API in memory, with latency and counters. An answer shows what was there in the middle of its time. */
class World {
  readonly clock = new VirtualClock();
  readonly rows: SnapshotDto[] = [];
  pages = 0;
  singles = 0;
  abandoned = 0;
  failing = false;
  readonly reads = new BatchedReads({
    clock: this.clock,
    single: async (id) => {
      this.singles++;
      await this.clock.sleep(LATENCY / 2);
      const found = this.rows.find((row) => row.id === id);
      const answer = found === undefined ? null : { ...found };
      await this.clock.sleep(LATENCY / 2);
      return answer;
    },
    page: async (page, signal): Promise<SnapshotPage> => {
      this.pages++;
      await this.clock.sleep(LATENCY / 2);
      if (this.failing) throw new ServerError("no list", { status: 500, request: "GET /snapshots" });
      const answer = {
        items: this.rows.slice((page - 1) * 200, page * 200).map((row) => ({ ...row })),
        total: this.rows.length,
        page,
        totalPages: Math.ceil(this.rows.length / 200),
      };
      await this.clock.sleep(LATENCY / 2);
      if (signal.aborted) this.abandoned++;
      signal.throwIfAborted();
      return answer;
    },
  });

  constructor(own: number, general = 0) {
    for (let at = 0; at < own; at++) this.rows.push(snapshot(`s${at}`) as unknown as SnapshotDto);
    for (let at = 0; at < general; at++)
      this.rows.push(snapshot(`g${at}`, { general: true }) as unknown as SnapshotDto);
  }

  get requests(): number {
    return this.pages + this.singles;
  }

  async readAt(ms: number, id: string): Promise<SnapshotDto | null> {
    await this.clock.sleep(ms);
    return this.reads.read(id);
  }

  /** Changes a row somewhere inside a write. */
  async writeAt(ms: number, change: () => void): Promise<void> {
    await this.clock.sleep(ms);
    this.reads.invalidate();
    await this.clock.sleep(LATENCY / 2);
    change();
    await this.clock.sleep(LATENCY / 2);
    this.reads.invalidate();
  }
}

test("what is listed already is answered without waiting for other reads", async () => {
  const world = new World(200);
  await world.clock.run(Promise.all([world.reads.read("s1"), world.reads.read("s2")]));
  const before = world.clock.now();
  expect((await world.clock.run(world.reads.read("s3")))?.id).toBe("s3");
  expect(world.clock.now()).toBe(before);
  expect(world.requests).toBe(1);
});

test("one snapshot is one request", async () => {
  const world = new World(1000);
  await expect(world.clock.run(world.readAt(0, "s7"))).resolves.toMatchObject({ id: "s7" });
  expect([world.pages, world.singles]).toEqual([0, 1]);
});

test("two of ours among 10,000 take at most four requests", async () => {
  const world = new World(10_000);
  await world.clock.run(Promise.all([world.readAt(0, "s5000"), world.readAt(3, "s9999")]));
  expect(world.requests).toBeLessThanOrEqual(4);
});

test("a thousand, ten at a time, are five pages and nothing else", async () => {
  const world = new World(1000);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < 1000) {
      const id = `s${next++}`;
      expect(await world.readAt(1, id)).toMatchObject({ id });
    }
  };
  await world.clock.run(Promise.all(Array.from({ length: 10 }, worker)));
  expect([world.pages, world.singles]).toEqual([5, 0]);
});

test("a thousand that begin slowly, one after the other, are five pages and the first read", async () => {
  const world = new World(1000);
  const reads = Array.from({ length: 1000 }, (_, at) => world.readAt(at < 10 ? 20 * at : 200, `s${999 - at}`));
  await world.clock.run(Promise.all(reads));
  expect([world.pages, world.singles]).toEqual([5, 1]);
});

test("who gives up while others come does not take the listing from them", async () => {
  const world = new World(1000);
  const first = new AbortController();
  const given = [world.reads.read("s1", first.signal), world.reads.read("s2", first.signal)];
  const later = Array.from({ length: 8 }, (_, at) => world.readAt(40, `s${990 + at}`));
  void world.clock.sleep(70).then(() => first.abort());
  const ends = await world.clock.run(Promise.allSettled([...given, ...later]));
  expect(ends.slice(2).map((end) => (end.status === "fulfilled" ? end.value?.id : end.reason))).toEqual(
    later.map((_, at) => `s${990 + at}`),
  );
  expect([world.pages, world.singles]).toEqual([5, 0]);
});

test("a listing that nobody waits for any more is given up, those who came late included", async () => {
  const world = new World(1000);
  const all = new AbortController();
  const early = [world.reads.read("s1", all.signal), world.reads.read("s2", all.signal)];
  const late = Array.from({ length: 8 }, (_, at) =>
    world.clock.sleep(40).then(() => world.reads.read(`s${990 + at}`, all.signal)),
  );
  void world.clock.sleep(70).then(() => all.abort());
  await world.clock.run(Promise.allSettled([...early, ...late]));
  await world.clock.run(world.clock.sleep(200));
  expect([world.pages, world.abandoned]).toEqual([5, 4]);
});

test("a lone reader who gives up at once costs no request", async () => {
  const world = new World(1000);
  const reader = new AbortController();
  const read = world.reads.read("s1", reader.signal);
  void world.clock.sleep(2).then(() => reader.abort());
  await world.clock.run(Promise.allSettled([read]));
  await world.clock.run(world.clock.sleep(200));
  expect(world.requests).toBe(0);
});

/** Together, one after the other, and mixed. */
const spread = (at: fc.Arbitrary<number>): fc.Arbitrary<{ at: number; row: number }[]> =>
  fc.array(fc.record({ at, row: fc.nat() }), { minLength: 1, maxLength: 60, size: "max" });
const late = fc.integer({ min: 0, max: 20_000 });
const arrivals = fc.oneof(spread(fc.constant(0)), spread(late), spread(fc.oneof(fc.constant(0), late)));

test("never more than twice the better of single reads and pages", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4000 }),
      fc.integer({ min: 0, max: 500 }),
      arrivals,
      async (own, general, reads) => {
        const world = new World(own, general);
        const answers = await world.clock.run(
          Promise.all(reads.map(({ at, row }) => world.readAt(at, `s${row % own}`))),
        );
        expect(answers.map((dto) => dto?.id)).toEqual(reads.map(({ row }) => `s${row % own}`));
        expect(world.requests).toBeLessThanOrEqual(2 * Math.min(reads.length, Math.ceil((own + general) / 200)));
      },
    ),
    { numRuns: 150 },
  );
});

test("what a listing does not show as active is read by itself, and only a 404 is gone", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("active", "inactive", "error", "dreaming", "missing"), {
        minLength: 1,
        maxLength: 40,
        size: "max",
      }),
      async (states) => {
        const world = new World(0);
        states.forEach(
          (state, at) =>
            state !== "missing" && world.rows.push(snapshot(`s${at}`, { state }) as unknown as SnapshotDto),
        );
        const answers = await world.clock.run(Promise.all(states.map((_, at) => world.readAt(0, `s${at}`))));
        expect(answers.map((dto) => dto?.state ?? "missing")).toEqual(states);
        if (states.length > 1) expect(world.singles).toBe(states.filter((state) => state !== "active").length);
      },
    ),
    { numRuns: 40 },
  );
});

test("a read that begins after a write never shows what was before it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 200, max: 700 }),
      fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 6, size: "max" }),
      fc.array(fc.record({ at: fc.integer({ min: 0, max: 2500 }), row: fc.nat() }), {
        minLength: 1,
        maxLength: 60,
        size: "max",
      }),
      async (own, writes, reads) => {
        const world = new World(own);
        let written = 0;
        const write = async (at: number): Promise<void> => {
          let value = 0;
          await world.writeAt(at, () => {
            value = (world.rows[0]?.size ?? 0) + 1;
            for (const row of world.rows) row.size = value;
          });
          written = Math.max(written, value);
        };
        const read = async ({ at, row }: { at: number; row: number }): Promise<void> => {
          await world.clock.sleep(at);
          const least = written;
          const dto = await world.reads.read(`s${row % own}`);
          expect(dto?.size).toBeGreaterThanOrEqual(least);
        };
        await world.clock.run(Promise.all([...writes.map(write), ...reads.map(read)]));
      },
    ),
    { numRuns: 60 },
  );
});

test("a listing that a write overtook answers nobody", async () => {
  const world = new World(10);
  // Gathered until 15, listed as of 40, written at 45, the list is there at 65.
  const reads = Promise.all(["s1", "s2"].map((id) => world.readAt(0, id)));
  const written = world.writeAt(20, () => world.rows.forEach((row) => (row.size = 7)));
  await world.clock.run(written);
  expect((await world.clock.run(reads)).map((dto) => dto?.size)).toEqual([7, 7]);
});

test("a listing is used for 30 s", async () => {
  const world = new World(400);
  await world.clock.run(Promise.all(["s1", "s2", "s3"].map((id) => world.readAt(0, id))));
  await world.clock.run(world.readAt(29_000, "s4"));
  expect([world.pages, world.singles]).toEqual([1, 0]);
  await world.clock.run(world.readAt(2_000, "s4"));
  expect([world.pages, world.singles]).toEqual([1, 1]);
});

test("a listing that fails fails the reads, and says nothing is gone", async () => {
  const world = new World(10);
  world.failing = true;
  const results = await world.clock.run(Promise.allSettled([world.readAt(0, "s1"), world.readAt(0, "s2")]));
  expect(results).toEqual([
    { status: "rejected", reason: expect.any(ServerError) as unknown },
    { status: "rejected", reason: expect.any(ServerError) as unknown },
  ]);
  world.failing = false;
  await expect(world.clock.run(world.readAt(0, "s1"))).resolves.toMatchObject({ id: "s1" });
});

test("an aborted read ends at once, and its listing goes on for the others", async () => {
  const world = new World(10);
  const controller = new AbortController();
  const aborted = world.reads.read("s1", controller.signal);
  const other = world.reads.read("s2");
  controller.abort(new Error("stop"));
  await expect(aborted).rejects.toThrow("stop");
  await expect(world.clock.run(other)).resolves.toMatchObject({ id: "s2" });
});

test("reads after the first general snapshot's page ask for no further page", async () => {
  const world = new World(150, 3000);
  await world.clock.run(Promise.all(Array.from({ length: 100 }, (_, at) => world.readAt(0, `s${at}`))));
  expect([world.pages, world.singles]).toEqual([1, 0]);
});
