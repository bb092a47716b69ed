import { Reporter } from "../../../../provider/cli/output/reporter";

const bar = (columns: number, sent: number, total: number): string[] => {
  const shown: string[] = [];
  const reporter = new Reporter({ out: () => undefined, err: () => undefined, env: {}, errColumns: columns }, { quiet: false, verbose: false, clean: (text) => text });
  // The spinner draws on the process's own stderr; its text is what is asserted.
  Object.assign(reporter, { spinner: { update: (text: string) => shown.push(text), stop: () => undefined } });
  reporter.transfer({ doing: "uploading the build context", sentBytes: sent, totalBytes: total, bytesPerSecond: 2 ** 21 });
  return shown;
};

test("a bar with bytes and rate fits the width of the terminal", () => {
  expect(bar(120, 15 * 2 ** 20, 30 * 2 ** 20)).toEqual([`uploading the build context ${"█".repeat(15)}${"░".repeat(15)}  50 %  15.0 MiB of 30.0 MiB, 2.0 MiB/s`]);
  expect(bar(80, 2 ** 30, 2 ** 32)).toEqual([`uploading the build context ███░░░░░░░  25 %  1.00 GiB of 4.00 GiB, 2.0 MiB/s`]);
  expect(bar(40, 0, 2 ** 20)).toEqual(["uploading the build context   0 %  0."]);
  expect(bar(120, 0, 0)[0]).toContain("100 %");
});

test("where there is no terminal a line is printed at each change of state, and at most one every 30 seconds besides", () => {
  let [err, now] = ["", 0];
  const reporter = new Reporter({ out: () => undefined, err: (text) => void (err += text), env: {} }, { quiet: false, verbose: false, clean: (text) => text.replace("secret", "***"), now: () => now });
  expect(reporter.draws).toBe(false);
  for (now = 0; now <= 65_000; now += 1000) reporter.progress(`pulling secret, ${now / 1000} s`);
  reporter.progress("active, 66 s");
  expect(err).toBe("pulling ***, 0 s\npulling ***, 30 s\npulling ***, 60 s\nactive, 66 s\n");
});
