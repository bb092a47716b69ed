import {
  growingMeter,
  ProgressMeter,
  progressText,
  transferMeter,
  type UploadProgress,
} from "../../../../provider/lifecycle/publish/upload-progress";

const MIB = 2 ** 20;

describe("a meter", () => {
  test("tells at the first bytes, then once in a while, and always at the end", () => {
    let now = 1_000;
    const told: UploadProgress[] = [];
    const meter = new ProgressMeter(100, 250, { now: () => now }, (progress) => void told.push(progress));
    const add = (bytes: number, ms: number): void => {
      now += ms;
      meter.add(bytes);
    };
    add(10, 0);
    add(10, 249);
    add(10, 1);
    add(10, 100);
    add(60, 50);
    expect(told).toEqual([
      { sentBytes: 10, totalBytes: 100, bytesPerSecond: 0 },
      { sentBytes: 30, totalBytes: 100, bytesPerSecond: 120 },
      { sentBytes: 100, totalBytes: 100, bytesPerSecond: 250 },
    ]);
  });

  test.each([
    [true, 250],
    [false, 2_000],
  ])("for a log that draws a bar (%p) tells every %i ms", (bar, every) => {
    let now = 0;
    const [texts, transfers]: [string[], unknown[]] = [[], []];
    const log = {
      progress: (text: string) => void texts.push(text),
      ...(bar ? { transfer: (it: unknown) => void transfers.push(it) } : {}),
    };
    const meter = transferMeter(log, { now: () => now }, 4 * MIB, "sending");
    meter.add(MIB);
    now = every - 1;
    meter.add(MIB);
    now = every;
    meter.add(MIB);
    const perSecond = Math.round((3 * MIB * 1_000) / every);
    expect(transfers).toEqual(
      bar
        ? [
            { doing: "sending", sentBytes: MIB, totalBytes: 4 * MIB, bytesPerSecond: 0 },
            { doing: "sending", sentBytes: 3 * MIB, totalBytes: 4 * MIB, bytesPerSecond: perSecond },
          ]
        : [],
    );
    expect(texts).toEqual(bar ? [] : ["sending: 1.0 of 4.0 MiB", "sending: 3.0 of 4.0 MiB, 1.5 MiB/s"]);
  });

  test("of what grows on the way tells sums, not before the first while is over", () => {
    let now = 0;
    const texts: string[] = [];
    const tell = growingMeter({ progress: (text) => void texts.push(text) }, { now: () => now }, "pushing");
    for (const ms of [0, 1_999, 2_000, 3_999, 4_000]) {
      now = ms;
      tell(2 * MIB, 8 * MIB);
    }
    expect(texts).toEqual(["pushing: 2.0 of 8.0 MiB, 1.0 MiB/s", "pushing: 2.0 of 8.0 MiB, 0.5 MiB/s"]);
  });
});

test("as a text, a speed that is not known is left out", () => {
  expect(
    progressText(
      { sentBytes: 12.04 * MIB, totalBytes: 30 * MIB, bytesPerSecond: 4.1 * MIB },
      "uploading the build context",
    ),
  ).toBe("uploading the build context: 12.0 of 30.0 MiB, 4.1 MiB/s");
  expect(progressText({ sentBytes: 0, totalBytes: 30 * MIB, bytesPerSecond: 0 }, "x")).toBe("x: 0.0 of 30.0 MiB");
});
