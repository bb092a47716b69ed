import { UNKNOWN } from "../../../../provider/kit/unknown";
import {
  autoName,
  differences,
  observe,
  planSnapshot,
  recordAfter,
  sourceKey,
  timeoutOf,
} from "../../../../provider/resources/snapshot";
import type { SnapshotRecord, Written } from "../../../../provider/resources/snapshot";
import { sourceKeyOf } from "../../../../provider/resources/snapshot/desired";
import { Failure } from "../../../../provider/kit/failure";
import { nameProblem } from "../../../../provider/resources/snapshot/validation/rules";
import { validateProvider } from "../../../../provider/resources/provider/validate";
import { validateWritten } from "../../../../provider/resources/snapshot/validation/validate";
import { toolWords } from "../../../../provider/terraform/words";
import { apply, created, plan, written } from "./model";

const base: Partial<Written> = { name: "agent", image: "ubuntu:24.04", cpu: 2 };
const image = written(base);
const present = (some: Partial<SnapshotRecord> = {}) => {
  const { dto, record } = apply(null, image);
  return { dto, record: { ...record, ...some } };
};

describe("whether to activate", () => {
  test.each<[string, boolean | null, Written["active"], string]>([
    ["something-new", false, true, "activate"],
    ["something-new", true, true, "none"],
    ["something-new", true, false, "deactivate"],
    ["something-new", false, false, "none"],
    ["inactive", false, UNKNOWN, "activate"],
    ["active", true, UNKNOWN, "deactivate"],
    ["active", true, null, "none"],
    ["inactive", false, null, "activate"],
  ])("in the state %s, active %p before and %p in the program: %s", (state, before, active, action) => {
    expect(plan(present({ state, active: before }), { ...image, active }).action).toBe(action);
  });
});

describe("what a swap names as its cause", () => {
  const cause = (some: Partial<Written>, prior: Partial<Written> = {}) =>
    /^Changing (.*?) (creates|may create) /.exec(
      plan(apply(null, { ...image, ...prior }), { ...image, ...prior, ...some }).warnings[0]?.detail ?? "",
    )?.[1];

  test("is what the program says, not the hash that follows from it", () => {
    expect(cause({ image: "ubuntu:22.04" })).toBe("image");
    expect(cause({ image: "ubuntu:22.04", cpu: 4 })).toBe("image, cpu");
    expect(cause({ sourceHash: "b", cpu: 4 }, { sourceHash: "a" })).toBe("source_hash, cpu");
    expect(cause({ sourceHash: "b" }, { sourceHash: "a" })).toBe("source_hash");
  });
});

test("what the API does not store is taken over without a word only where nothing was imported", () => {
  const { record } = present({ sourceHash: null });
  const warnings = (marks: { imported?: boolean }) =>
    planSnapshot({
      prior: record,
      marks,
      written: { ...image, sourceHash: "mine" },
      providerRegion: null,
      words: toolWords(),
    }).warnings;
  expect(warnings({})).toEqual([]);
  expect(warnings({ imported: true })).toHaveLength(1);
});

test("a source that cannot be read is a change of the hash alone: the name, the spelling and all outputs stay", () => {
  const program = written({ name: "agent", dockerfile: "Dockerfile", contextDir: "." });
  const prior = {
    ...present().record,
    image: null,
    dockerfile: "old/Dockerfile",
    contextDir: "/abs",
    sourceHash: `v2:${"0".repeat(64)}`,
  };
  for (const name of ["agent", UNKNOWN] as const) {
    const planned = planSnapshot({
      prior,
      marks: {},
      written: { ...program, name, unread: true },
      providerRegion: null,
      words: toolWords(),
    });
    expect(planned).toMatchObject({
      action: "swap",
      warnings: [],
      replaceBy: [],
      planned: { name: "agent", dockerfile: "old/Dockerfile", contextDir: "/abs", sourceHash: UNKNOWN },
    });
    expect(
      Object.entries(planned.planned)
        .filter(([, value]) => value === UNKNOWN)
        .map(([key]) => key),
    ).toEqual(["sourceHash"]);
  }
});

describe("a refresh", () => {
  test("learns a region, and a late entrypoint, with the next change only", () => {
    const { dto, record } = present({ region: null, regionIds: [], entrypoint: null });
    const late = { ...dto, regionIds: ["eu", "us"], entrypoint: ["sh"] };
    expect(observe(late, record)).toMatchObject({ region: null, entrypoint: null });
    expect(observe({ ...late, state: "inactive" }, record)).toMatchObject({ region: "eu", entrypoint: ["sh"] });
    expect(observe({ ...late, id: created({ name: "agent" }).id }, record)).toMatchObject({
      region: "eu",
      entrypoint: ["sh"],
    });
  });

  test("shows an entrypoint that changes, and keeps one that the API does not tell", () => {
    const { dto, record } = present({ entrypoint: ["sh"] });
    expect(observe({ ...dto, entrypoint: ["bash"] }, record).entrypoint).toEqual(["bash"]);
    expect(observe({ ...dto, entrypoint: null }, record).entrypoint).toEqual(["sh"]);
  });

  test("forgets of another snapshot what the API said of the first, and keeps of the same one what it does not say", () => {
    const { dto, record } = present({ ref: "registry/one", size: 7, gpuType: "H100" });
    const { ref: _ref, size: _size, gpuType: _gpuType, ...silent } = dto;
    expect(observe(silent as typeof dto, record)).toMatchObject({ ref: "registry/one", size: 7, gpuType: "H100" });
    expect(observe({ ...silent, state: "inactive" } as typeof dto, record)).toMatchObject({
      ref: "registry/one",
      gpuType: "H100",
    });
    expect(observe({ ...silent, id: created({ name: "agent" }).id } as typeof dto, record)).toMatchObject({
      ref: null,
      size: null,
      gpuType: null,
    });
  });

  test("takes what changes by itself over from another snapshot of the same state", () => {
    const { record } = present({ size: 7 });
    const other = { ...created({ name: "agent", imageName: "ubuntu:24.04", cpu: 2 }), size: 9 };
    expect(observe(other, record)).toMatchObject({ id: other.id, size: 9, ref: other.ref });
  });
});

test("the order in which the API names a build's files makes no other build", () => {
  const build = (contextHashes: string[]) => ({
    ...created({ name: "a", buildInfo: { dockerfileContent: "FROM a:1\n" } }),
    buildInfo: { dockerfileContent: "FROM a:1\r\n", contextHashes },
  });
  expect(sourceKeyOf(build(["b", "a"]))).toBe(sourceKeyOf(build(["a", "b"])));
  expect(sourceKeyOf(build(["a"]))).not.toBe(sourceKeyOf(build(["a", "b"])));
  const planned = {
    ...plan(null, written({ name: "a", dockerfileContent: "FROM a:1\n" })).planned,
    prepared: { text: "FROM a:1\n", hash: "v2:x", contextHashes: ["b", "a"] },
  };
  expect(sourceKey(planned)).toBe(sourceKeyOf(build(["a", "b"])));
});

describe("what differs from a snapshot that is there", () => {
  test("a region where the API names regions, and an entrypoint where it names one", () => {
    const wanted = written({ ...base, region: "eu", entrypoint: ["sh"] });
    const dto = created({ name: "agent", imageName: "ubuntu:24.04", cpu: 2, entrypoint: ["sh"] });
    for (const regionIds of [undefined, null, [], ["us", "eu"]])
      expect(differences(wanted, { ...dto, regionIds } as typeof dto)).toEqual([]);
    expect(differences(wanted, { ...dto, regionIds: ["us"] })).toEqual(['region: requested "eu", found ["us"]']);
    expect(differences(wanted, { ...dto, regionIds: ["eu"], entrypoint: undefined } as never)).toEqual([]);
    expect(differences(wanted, { ...dto, regionIds: ["eu"], entrypoint: ["sh", "-c"] })).toEqual([
      'entrypoint: requested ["sh"], found ["sh","-c"]',
    ]);
  });
});

test("a time limit that says nothing is the default", () => {
  const limits = (create: string | null) => timeoutOf({ create, update: null, delete: null }, "create");
  expect(["0s", "soon", null, "1ms"].map(limits)).toEqual([1_800_000, 1_800_000, 1_800_000, 1]);
});

test("a provider may send from 1 to 1000 requests at once", () => {
  const none = {
    apiKey: null,
    jwtToken: null,
    organizationId: null,
    apiUrl: null,
    region: null,
    profile: null,
    resolveTags: null,
  };
  expect([1, 1_000].map((maxConcurrency) => validateProvider({ ...none, maxConcurrency }))).toEqual([[], []]);
  for (const maxConcurrency of [-1, 1_001]) {
    expect(validateProvider({ ...none, maxConcurrency })).toEqual([
      {
        attribute: ["maxConcurrency"],
        summary: "Invalid concurrency",
        detail: `The value must be a whole number from 1 to 1000 (got ${maxConcurrency}).`,
      },
    ]);
  }
});

test("the size of a request is judged of a program that is valid otherwise", () => {
  const large = written({ name: "agent", dockerfileContent: `FROM a:1\n${"x".repeat(110_000)}` });
  expect(validateWritten(large, "terraform").map(({ summary }) => summary)).toEqual(["Dockerfile too large"]);
  expect(validateWritten({ ...large, cpu: 0.5 }, "terraform").map(({ summary }) => summary)).toEqual(["Invalid cpu"]);
});

test("an automatic name has nothing in it that the API takes for a link", () => {
  expect(autoName("WWW.example www.x", "seed").replace(/-[0-9a-f]{7}$/, "")).toBe("www-example-www-x");
});

describe("a local image in place of the image that it was pushed as", () => {
  const hash = `v2:${"ab".repeat(32)}`;
  const prepared = { text: "", hash, contextHashes: [] };
  const program = written({ name: "agent", localImage: "agent:dev", prepared });
  const actionOf = (pushed: string, marks: { imported?: boolean } = {}) =>
    plan(present({ image: pushed, sourceHash: null }), { ...program, cpu: 2 }, marks).action;

  test("is the same where the name tells the same content, another where it tells another", () => {
    expect(actionOf(`r.test/daytona/agent-20260101000000000:v2-${"ab".repeat(32)}`)).toBe("state-only");
    expect(actionOf(`r.test/daytona/agent-20260101000000000:v2-${"cd".repeat(32)}`)).toBe("swap");
    expect(actionOf(`r.test/daytona/agent-20260101000000000:v2-${"cd".repeat(32)}`, { imported: true })).toBe("swap");
  });

  test("may be the same after an import where only the repository tells, and never else", () => {
    expect(actionOf("r.test/daytona/agent:20260101000000", { imported: true })).toBe("state-only");
    expect(actionOf("r.test/daytona/agent:20260101000000")).toBe("swap");
    expect(actionOf("r.test/daytona/other:20260101000000", { imported: true })).toBe("swap");
  });

  test("settles under the lock of its content, whatever it was pushed as", () => {
    const dto = created({ name: "agent", imageName: `r.test/daytona/agent-20260101000000000:v2-${"ab".repeat(32)}` });
    expect(sourceKey(program)).toBe(sourceKeyOf(dto));
    expect(sourceKey({ ...program, prepared: undefined, sourceHash: hash })).toBe(sourceKeyOf(dto));
  });
});

test("a change of the source does not wait for a snapshot that is still being made, everything else does", () => {
  for (const state of ["pending", "pulling", "building", "snapshotting"]) {
    expect(plan(present({ state }), { ...image, cpu: 4 }).action).toBe("swap");
    expect(plan(present({ state }), { ...image, active: false }).action).toBe("wait");
  }
});

test("a failure in other words is the same failure", () => {
  const cause = new Error("cause");
  const failure = new Failure(
    { summary: "a", detail: "b", attribute: ["image"] },
    { code: "source", status: 418, cause },
  );
  expect(failure.saying({ summary: "c" })).toMatchObject({
    notice: { summary: "c", detail: "b", attribute: ["image"] },
    message: "c",
    code: "source",
    status: 418,
    cause,
  });
  expect(new Failure({ summary: "a", detail: "" })).toMatchObject({ code: "refused", status: null });
});

test("a link is one in any case, and anywhere in a name", () => {
  expect(
    ["WWW.a", "a/HTTPS://b", "x-MAILTO:y", "aDaTa:b"].map(
      (name) => /contains "(.*?)", which the API treats as a link/.exec(nameProblem(name) ?? "")?.[1],
    ),
  ).toEqual(["WWW.", "HTTPS://", "MAILTO:", "DaTa:"]);
});

test("a record has no unknown value, and nothing of how a plan was made", () => {
  const prepared = { text: "FROM a:1\n", hash: `v2:${"0".repeat(64)}`, contextHashes: ["c"] };
  const { planned } = plan(null, written({ name: "agent", dockerfile: "Dockerfile", prepared, active: UNKNOWN }));
  const dto = { ...created({ name: "agent", buildInfo: { dockerfileContent: "FROM a:1\n" } }), state: "pending" };
  const record = recordAfter({ ...planned, sourceHash: UNKNOWN, unread: true, places: {} as never }, dto);
  expect(record).toMatchObject({ active: true, sourceHash: prepared.hash, state: "pending", id: dto.id });
  expect(Object.keys(record)).toEqual(expect.not.arrayContaining(["prepared", "unread", "places"]));
  expect(Object.values(record)).not.toContain(UNKNOWN);
});

test("a value of any length is told in one line of 200 characters", () => {
  const long = "x".repeat(300);
  const [line] = differences(
    written({ ...base, sandboxClass: long }),
    created({ name: "agent", imageName: "ubuntu:24.04", cpu: 2, sandboxClass: "container" }),
  );
  expect(line).toBe(`sandboxClass: requested "${long.slice(0, 199)}…, found "container"`);
});
