import { durationOf } from "../../../provider/cli/durations";
import { Stop } from "../../../provider/cli/session";

test.each<[string, number]>([
  ["0", 0],
  ["36h", 129_600_000],
  ["1d12h", 129_600_000],
])("%s is %i ms", (text, ms) => expect(durationOf("--min-age", text)).toBe(ms));

test.each(["", "soon", "14", "-1d", "12h1d"])("%j is wrong usage", (text) => {
  let stop: unknown;
  try {
    durationOf("--min-age", text);
  } catch (error) {
    stop = error;
  }
  expect(stop).toBeInstanceOf(Stop);
  expect((stop as Stop).notice).toMatchObject({
    summary: `--min-age ${text} is not a duration`,
    detail: 'Use a number with a unit, such as "14d", "36h" or "1d12h".',
  });
});
