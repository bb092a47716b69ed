import fc from "fast-check";
import {
  autoName,
  buildText,
  classify,
  formatDuration,
  generateName,
  isSuccessorName,
  isSuccessorOf,
  parseDuration,
  sourceHash,
  stripTriggers,
  successorName,
  timeoutOf,
  triggersHash,
} from "../../../../provider/resources/snapshot";
import { nameProblem } from "../../../../provider/resources/snapshot/validation/rules";

describe("source", () => {
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom("FROM a", "\n", "\r\n", "# daytona-iac triggers ", "x\\")).map((parts) => parts.join("")),
  );

  it("gives a Dockerfile back as it was before the triggers came", () => {
    fc.assert(
      fc.property(text, fc.dictionary(fc.string(), fc.string(), { minKeys: 1 }), (dockerfile, triggers) => {
        const sent = buildText(dockerfile, triggers);
        expect(stripTriggers(sent)).toBe(dockerfile.replace(/\r\n/g, "\n"));
        expect(sent).toContain(`# daytona-iac triggers ${triggersHash(triggers)}`);
        expect(sent.endsWith("\n")).toBe(dockerfile.endsWith("\n"));
      }),
    );
  });

  it("leaves a Dockerfile without triggers alone", () => {
    expect(buildText("FROM a:1", null)).toBe("FROM a:1");
    expect(buildText("FROM a:1", {})).toBe("FROM a:1");
    expect(stripTriggers("FROM a:1\n# daytona-iac triggers soon\n")).toBe("FROM a:1\n# daytona-iac triggers soon\n");
  });

  it("hashes the same on every machine, by this very recipe", () => {
    expect(sourceHash({ image: "ubuntu:24.04", dockerfileContent: null })).toBe(
      "v1:f557cc2f170e7ebc37708e15391c9b322c3609995b3fe19c7b2c04e7854d8ec7",
    );
    expect(sourceHash({ image: null, dockerfileContent: "FROM a:1\r\n" })).toBe(
      sourceHash({ image: null, dockerfileContent: "FROM a:1\n" }),
    );
    expect(sourceHash({ image: null, dockerfileContent: "a:1" })).not.toBe(
      sourceHash({ image: "a:1", dockerfileContent: null }),
    );
    expect(sourceHash({ image: null, dockerfileContent: null })).toBeNull();
    expect(triggersHash({ a: "1", b: "2" })).toBe(triggersHash({ b: "2", a: "1" }));
    expect(triggersHash({ a: "1" })).not.toBe(triggersHash({ a: "2" }));
  });
});

describe("names", () => {
  it("recognizes a successor, whatever the name", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.uuid(), (name, id) => {
        const next = successorName(name, id);
        expect(isSuccessorName(next)).toBe(true);
        expect(isSuccessorOf(next, name)).toBe(true);
        expect(isSuccessorOf(next, `${name}x`)).toBe(false);
        expect(nameProblem(next)).not.toBeNull();
      }),
    );
    expect(successorName("agent", "8a9e2f0c-4a34-4c9e-9b0e-2f1f3c1f7d11")).toBe("agent--next-fcb4e16c");
    expect(isSuccessorName("agent")).toBe(false);
  });

  it("generates valid names that sort by time", () => {
    const time = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(time, time, fc.double({ min: 0, max: 0.9999999, noNaN: true }), (a, b, random) => {
        const [first, second] = [
          generateName("p-", Math.min(a, b), () => 0.999999),
          generateName("p-", Math.max(a, b), () => random),
        ];
        expect(first).toMatch(/^p-[0-9a-hjkmnp-tv-z]{26}$/);
        expect(nameProblem(first)).toBeNull();
        if (a !== b) expect(first < second).toBe(true);
      }),
    );
  });

  it("makes a valid automatic name of any logical name, the same each time", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (logical, seed) => {
        const name = autoName(logical, seed);
        expect(name).toMatch(/-[0-9a-f]{7}$/);
        expect(nameProblem(name)).toBeNull();
        expect(autoName(logical, seed)).toBe(name);
      }),
    );
    expect(autoName("my agent", "seed")).toBe("my-agent-19b2585");
  });
});

describe("durations", () => {
  it.each([
    ["45m", 2_700_000],
    ["1h30m", 5_400_000],
    ["90s", 90_000],
    ["500ms", 500],
    ["1.5h", 5_400_000],
    ["1d", 86_400_000],
    ["0s", 0],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "45", "m", "-1m", "1 m", "30m1h", "1m1m", "1h30", "x1m", "1mx", "1e3s"])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it("writes what it reads", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500_000 }), (seconds) =>
        expect(parseDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000),
      ),
    );
    expect([formatDuration(2_350), formatDuration(59_990), formatDuration(3_661_000), formatDuration(12)]).toEqual([
      "2.4s",
      "1m",
      "1h1m1s",
      "12ms",
    ]);
    fc.assert(
      fc.property(fc.string(), (text) =>
        expect([null, "number"]).toContain(parseDuration(text) === null ? null : typeof parseDuration(text)),
      ),
    );
  });

  it("knows the default of every call", () => {
    expect([
      timeoutOf(null, "create"),
      timeoutOf(null, "update"),
      timeoutOf({ create: null, update: null, delete: "1m" }, "delete"),
    ]).toEqual([1_800_000, 3_600_000, 60_000]);
  });
});

describe("classify", () => {
  it("sorts the known states, and never fails on others", () => {
    expect(
      ["pending", "pulling", "building", "snapshotting", "active", "inactive", "error", "build_failed", "removing"].map(
        classify,
      ),
    ).toEqual(["settling", "settling", "settling", "settling", "ready", "idle", "failed", "failed", "leaving"]);
    for (const state of ["", "ACTIVE", "__proto__", "toString", null, undefined])
      expect(classify(state)).toBe("unknown");
  });
});
