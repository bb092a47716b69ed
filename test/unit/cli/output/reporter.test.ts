import { widthOf } from "../../../../provider/cli/process-io";
import { Reporter } from "../../../../provider/cli/output/reporter";

const bar = (columns: number, sent: number, total: number): string[] => {
  const shown: string[] = [];
  const reporter = new Reporter(
    { out: () => undefined, err: () => undefined, env: {}, errColumns: columns },
    { quiet: false, verbose: false, clean: (text) => text },
  );
  // The spinner draws on the process's own stderr; its text is what is asserted.
  Object.assign(reporter, { spinner: { update: (text: string) => shown.push(text), stop: () => undefined } });
  reporter.transfer({
    doing: "uploading the build context",
    sentBytes: sent,
    totalBytes: total,
    bytesPerSecond: 2 ** 21,
  });
  return shown;
};

test("a bar with bytes and rate fits the width of the terminal", () => {
  expect(bar(120, 15 * 2 ** 20, 30 * 2 ** 20)).toEqual([
    `uploading the build context ${"█".repeat(15)}${"░".repeat(15)}  50 %  15.0 MiB of 30.0 MiB, 2.0 MiB/s`,
  ]);
  expect(bar(80, 2 ** 30, 2 ** 32)).toEqual([
    `uploading the build context ███░░░░░░░  25 %  1.00 GiB of 4.00 GiB, 2.0 MiB/s`,
  ]);
  expect(bar(40, 0, 2 ** 20)).toEqual(["uploading the build context   0 %  0."]);
  expect(bar(120, 0, 0)[0]).toContain("100 %");
});

test("where there is no terminal a line is printed at each change of state, and at most one every 30 seconds besides", () => {
  let [err, now] = ["", 0];
  const reporter = new Reporter(
    { out: () => undefined, err: (text) => void (err += text), env: {} },
    { quiet: false, verbose: false, clean: (text) => text.replace("secret", "***"), now: () => now },
  );
  expect(reporter.draws).toBe(false);
  for (now = 0; now <= 65_000; now += 1000) reporter.progress(`pulling secret, ${now / 1000} s`);
  reporter.progress("active, 66 s");
  expect(err).toBe("pulling ***, 0 s\npulling ***, 30 s\npulling ***, 60 s\nactive, 66 s\n");
});

test("a terminal of 0 columns has an unknown width: a bar and a spinner of the usual one", () => {
  expect(bar(0, 2 ** 30, 2 ** 32)).toEqual(bar(80, 2 ** 30, 2 ** 32));
  let err = "";
  const before = process.listenerCount("SIGINT");
  const reporter = new Reporter(
    { out: () => undefined, err: (text) => void (err += text), env: {}, errColumns: 0 },
    { quiet: false, verbose: false, clean: (text) => text },
  );
  expect(reporter.draws).toBe(true);
  reporter.progress("pulling, 1 s");
  reporter.progress("pulling, 2 s");
  // Ctrl-C is the command's own: a spinner that listens ends the process before the command has said what exists.
  expect(process.listenerCount("SIGINT")).toBe(before);
  reporter.stop();
  expect(err.length).toBeLessThan(500);
  expect(err).toContain("pulling, 1 s");
});

test.each([
  [{ isTTY: true, columns: 0 }, 80],
  [{ isTTY: true, columns: undefined }, 80],
  [{ isTTY: true, columns: 1 }, 1],
  [{ isTTY: true, columns: 132 }, 132],
  [{ isTTY: false, columns: 132 }, undefined],
  [{ isTTY: undefined, columns: 132 }, undefined],
])("%p is a width of %p", (stream, width) => {
  expect(widthOf(stream)).toBe(width);
});

const told = (
  options: { quiet?: boolean; verbose?: boolean; columns?: number; now?: () => number },
  body: (reporter: Reporter) => void,
): string => {
  let err = "";
  const reporter = new Reporter(
    { out: () => undefined, err: (text) => void (err += text), env: {}, errColumns: options.columns },
    {
      quiet: options.quiet === true,
      verbose: options.verbose === true,
      clean: (text) => text.replaceAll("secret", "***"),
      ...(options.now ? { now: options.now } : {}),
    },
  );
  body(reporter);
  reporter.stop();
  return err;
};

describe("what is news", () => {
  const steps = (...lines: string[]): string =>
    told({ now: () => 0 }, (reporter) => lines.forEach((line) => reporter.progress(line)));

  test("is another state, not that time passes or bytes arrive", () => {
    expect(steps("pulling, 2 s", "pulling, 12 s")).toBe("pulling, 2 s\n");
    expect(steps("uploading: 1.0 of 9.0 MiB", "uploading: 2.5 of 9.0 MiB, 1.0 MiB/s")).toBe(
      "uploading: 1.0 of 9.0 MiB\n",
    );
    expect(steps("pulling, 2 s", "active, 3 s", "pulling, 4 s")).toBe("pulling, 2 s\nactive, 3 s\npulling, 4 s\n");
    expect(steps("waited, 2 s for a", "waited, 2 s for b")).toBe("waited, 2 s for a\nwaited, 2 s for b\n");
  });

  test("is the first of all, and what comes 30 seconds after the last", () => {
    const times = [0, 29_999, 30_000, 30_001, 59_999, 60_000];
    let at = 0;
    const err = told({ now: () => times[at]! }, (reporter) =>
      times.forEach((_, index) => ((at = index), reporter.progress(`pulling, ${index} s`))),
    );
    expect(err).toBe("pulling, 0 s\npulling, 2 s\npulling, 5 s\n");
  });

  test("is one line", () =>
    expect(steps("deactivating\n  because of a\nthing")).toBe("deactivating because of a thing\n"));
});

test.each<[{ quiet?: boolean; verbose?: boolean; columns?: number }, boolean]>([
  [{ columns: 80 }, true],
  [{ columns: 0 }, true],
  [{}, false],
  [{ columns: 80, quiet: true }, false],
  [{ columns: 80, verbose: true }, false],
])("with %j it draws: %p", (options, draws) => {
  told(options, (reporter) => expect(reporter.draws).toBe(draws));
});

test("with --verbose on a terminal every state is a line, because requests are lines, too", () => {
  expect(
    told(
      { verbose: true, columns: 80, now: () => 0 },
      (reporter) => (
        reporter.progress("pulling, 1 s"),
        reporter.debug("GET secret: 200"),
        reporter.progress("active, 2 s")
      ),
    ),
  ).toBe("pulling, 1 s\nGET ***: 200\nactive, 2 s\n");
});

test("with --quiet nothing of progress or a log is printed, but a line that has to stay is", () => {
  expect(
    told(
      { quiet: true, columns: 80 },
      (reporter) => (
        reporter.progress("pulling"),
        reporter.buildLine("RUN make"),
        reporter.debug("GET"),
        reporter.line("kept: secret")
      ),
    ),
  ).toBe("kept: ***\n");
});

test("a spinner goes before a line that stays, starts again after it, and leaves no listener behind", () => {
  const listeners = process.listenerCount("exit");
  const err = told({ columns: 80 }, (reporter) => {
    reporter.progress("building, 1 s");
    expect(process.listenerCount("exit")).toBe(listeners + 1);
    reporter.buildLine("RUN make secret");
    expect(process.listenerCount("exit")).toBe(listeners);
    reporter.progress("building, 2 s");
  });
  expect(process.listenerCount("exit")).toBe(listeners);
  expect(err.replace(/\u001b\[[?\d]*[A-Za-z]/g, "")).toMatch(/building, 1 s\n?RUN make \*\*\*\n.*building, 2 s/s);
});

describe("on a terminal", () => {
  test.each([
    [20, "a state that is l"],
    [12, "a state th"],
    [1, "a state th"],
    [120, "a state that is long"],
  ])("of %d columns a text is cut, so that it stays one line", (columns, expected) => {
    const shown = told({ columns }, (reporter) => reporter.progress("a state that is long")).replace(
      /\u001b\[[?\d]*[A-Za-z]/g,
      "",
    );
    expect(shown.trim().replace(/^\S /, "")).toBe(expected);
  });

  test("a bar is full at the end, whatever was announced, and never says 100 % before", () => {
    expect(bar(120, 999, 1000)[0]).toContain(" 99 %");
    expect(bar(120, 2000, 1000)[0]).toContain(`${"█".repeat(30)} 100 %`);
    expect(bar(120, 0, 1000)[0]).toContain(`${"░".repeat(30)}   0 %`);
  });

  test("a rate that is not known is left out", () => {
    const shown: string[] = [];
    told({ columns: 120 }, (reporter) => {
      Object.assign(reporter, { spinner: { update: (text: string) => shown.push(text), stop: () => undefined } });
      reporter.transfer({ doing: "uploading", sentBytes: 0, totalBytes: 2 ** 20, bytesPerSecond: 0 });
    });
    expect(shown[0]).toMatch(/ {3}0 % {2}0\.0 MiB of 1\.0 MiB$/);
  });

  test("a bar has 8 columns at least: below, the numbers are enough", () => {
    // 27 for what is done, 41 for numbers and rate, 5 between and behind.
    const blocks = (columns: number): number =>
      bar(columns, 15 * 2 ** 20, 30 * 2 ** 20)[0]!.replace(/[^█░]/g, "").length;
    const least = Array.from({ length: 60 }, (_, at) => 60 + at).find((columns) => blocks(columns) > 0)!;
    expect([blocks(least - 1), blocks(least), blocks(least + 1), blocks(200)]).toEqual([0, 8, 9, 30]);
  });
});
