import { getMaxListeners } from "node:events";
import { each } from "../../../provider/cli/many";
import { Session, Stop } from "../../../provider/cli/session";

const ENV = { DAYTONA_API_URL: "http://127.0.0.1:1/api", DAYTONA_API_KEY: "planted-key", HOME: "/nonexistent" };

/** A command whose output is a list of what was printed where. */
function command(signal = new AbortController().signal) {
  const printed: string[] = [];
  const session = new Session(
    {
      out: (text) => void printed.push(`out ${text}`),
      err: (text) => void printed.push(`err ${text}`),
      env: ENV,
      signal,
    },
    {},
  );
  return { session, printed };
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("the results and the output are in the order of the items, whichever is over first", async () => {
  const { session, printed } = command();
  const { code, results } = await each(session, [30, 1, 15], String, async (ms, part) => {
    part.say(`begun ${ms}\n`);
    await pause(ms);
    part.io.err(`half ${ms}\n`);
    part.say(`done ${ms}\n`);
    return ms * 2;
  });
  expect({ code, results }).toEqual({ code: 0, results: [60, 2, 30] });
  expect(printed).toEqual([30, 1, 15].flatMap((ms) => [`out begun ${ms}\n`, `err half ${ms}\n`, `out done ${ms}\n`]));
});

test("the first that is not over prints at once", async () => {
  const { session, printed } = command();
  let go = (): void => undefined;
  const waits = new Promise<void>((resolve) => (go = resolve));
  const ended = each(session, ["a", "b", "c"], String, async (item, part) => {
    part.say(`${item}1`);
    if (item !== "a") await waits;
    part.say(`${item}2`);
  });
  await pause(5);
  expect(printed).toEqual(["out a1", "out a2", "out b1"]);
  go();
  await ended;
  expect(printed.slice(3)).toEqual(["out b2", "out c1", "out c2"]);
});

test("as many at a time as requests", async () => {
  const { session } = command();
  let [running, most] = [0, 0];
  await each(session, [...Array(40).keys()], String, async () => {
    most = Math.max(most, (running += 1));
    await pause(1);
    running -= 1;
  });
  expect([session.lanes, most]).toEqual([16, 16]);
});

test("a failure does not stop the others, and is printed at its place", async () => {
  const { session, printed } = command();
  const { code, results } = await each(session, ["a", "b", "c"], String, async (item, part) => {
    await pause(item === "a" ? 10 : 1);
    if (item === "b") throw new Stop({ summary: "no b", detail: "" });
    part.say(item);
    return item;
  });
  expect({ code, results }).toEqual({ code: 1, results: ["a", "c"] });
  expect(printed).toEqual(["out a", "err Error: no b\n", "out c", "err Error: 1 of 3 failed\n"]);
});

test("a later stage is begun when all of the one before are over, failed or not", async () => {
  const { session } = command();
  const order: string[] = [];
  await each(
    session,
    ["late", "a", "b"],
    String,
    async (item) => {
      await pause(item === "b" ? 10 : 1);
      order.push(item);
      if (item === "b") throw new Stop({ summary: "no b", detail: "" });
    },
    (item) => (item === "late" ? 1 : 0),
  );
  expect(order).toEqual(["a", "b", "late"]);
});

test("one alone fails as it is, without a count", async () => {
  const { session, printed } = command();
  await expect(each(session, ["a"], String, () => Promise.reject(new Error("no a")))).rejects.toThrow("no a");
  expect((await each(session, ["a"], String, (_, part) => Promise.resolve(part))).results).toEqual([session]);
  expect((await each(session, [], String, () => Promise.resolve(1))).results).toEqual([]);
  expect(printed).toEqual([]);
});

test("what was printed by those that an interrupt ended is not lost", async () => {
  const stop = new AbortController();
  const { session, printed } = command(stop.signal);
  const { code } = await each(session, [...Array(20).keys()], String, async (item, part) => {
    part.say(`${item} `);
    await new Promise<void>((resolve) => {
      stop.signal.addEventListener("abort", () => resolve());
      if (item === 15) stop.abort(new Error("interrupted"));
    });
  });
  expect(code).toBe(1);
  // Node would print a warning about the eleventh that listens.
  expect(getMaxListeners(stop.signal)).toBe(Infinity);
  expect(printed.join("")).toBe(
    `${[...Array(16).keys()].map((item) => `out ${item} `).join("")}err Error: 0 of 20 failed\n  Not started: 4.\n`,
  );
});

test("secrets and terminal sequences are in no output of a part", async () => {
  const { session, printed } = command();
  session.learn("planted-secret");
  await each(session, ["a", "b"], String, async (item, part) => {
    part.io.err(`${item}\u001b[2J\n`);
    throw new Stop({ summary: `${item}: planted-secret`, detail: "" });
  });
  expect(printed.join("")).not.toMatch(/planted-secret|\u001b/);
});
