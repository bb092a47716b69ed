// Longer than most: each call of the engine once, without an engine.
import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Bag,
  Redactor,
  UNKNOWN,
  check,
  create,
  diff,
  dynamicName,
  fromPlain,
  inputsFrom,
  learn,
  marksFrom,
  nativeName,
  outputsFrom,
  pathText,
  recordFrom,
  secretOutputs,
  textOf,
  toPlain,
  toolWords,
} from "../../../provider/pulumi/shared";
import { KeptDigests } from "../../../provider/pulumi/shared/kept-digests";
import { type Session, configFrom, checkConfig } from "../../../provider/pulumi/shared/session";
import type { SnapshotRecord } from "../../../provider/resources/snapshot";
import { createSourceReader } from "../../../provider/source/source-reader";
import { NOTHING } from "../resources/snapshot/nothing";

const naming = { logicalName: "agent" };
const record: SnapshotRecord = {
  ...NOTHING,
  image: "ubuntu:24.04",
  name: "agent",
  cpu: 1,
  memory: 1,
  disk: 3,
  gpu: 0,
  sandboxClass: "container",
  region: "us",
  active: true,
  replacement: "swap",
  adoptExisting: false,
  pinDigest: false,
  trackTag: false,
  id: "0c3fb6a5-77a4-4f0b-93a1-2d0c8f1f7a11",
  state: "active",
  imageName: "ubuntu:24.04",
  ref: "r",
  size: 0.75,
  regionIds: ["us"],
  createdAt: "2026-01-01T00:00:00.000Z",
  organizationId: "org",
};
const inputs = (more: Bag = {}): Bag =>
  check({ olds: null, news: { name: "agent", image: "ubuntu:24.04", ...more }, naming }).inputs;
const diffOf = (news: Bag, state: Partial<SnapshotRecord> = {}, marks = {}) =>
  diff({
    id: "agent",
    olds: outputsFrom({ ...record, ...state }, marks),
    news,
    region: null,
    sources: createSourceReader(),
    images: null,
  });

describe("properties", () => {
  test("a record survives the way through a state, marks and all", () => {
    const full: SnapshotRecord = {
      ...record,
      timeouts: { create: "45m", update: null, delete: null },
      triggers: { commit: "a" },
      gpuTypes: ["H100"],
    };
    const outputs = outputsFrom(full, { imported: true, removing: true });
    expect(outputs).toMatchObject({
      snapshotId: record.id,
      __marks: ["imported", "removing"],
      timeouts: { create: "45m" },
    });
    expect(outputs).not.toHaveProperty("id");
    expect(outputs).not.toHaveProperty("namePrefix");
    expect(Object.values(outputs)).not.toContain(null);
    expect(recordFrom(outputs)).toEqual(full);
    expect(marksFrom(outputs)).toEqual({ imported: true, removing: true });
    expect(outputsFrom(record)).not.toHaveProperty("__marks");
  });

  test("a state of another release: what is unknown or of a wrong type reads as null, the id stands in for the name", () => {
    expect(
      recordFrom({ snapshotId: "x", cpu: "two", state: UNKNOWN, regionIds: [1], extra: true }, "agent"),
    ).toMatchObject({ name: "agent", id: "x", cpu: null, state: null, regionIds: null });
    expect(marksFrom({ __marks: "imported" })).toEqual({});
  });

  test("an imported build has no entrypoint among its inputs", () => {
    expect(
      inputsFrom({ ...record, image: null, dockerfileContent: "FROM a:1\n", entrypoint: ["sleep"] }),
    ).not.toHaveProperty("entrypoint");
    expect(inputsFrom({ ...record, entrypoint: ["sleep"] })).toMatchObject({
      entrypoint: ["sleep"],
      image: "ubuntu:24.04",
    });
  });

  test("plain properties and back: unknowns are the engine's strings", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (json) => {
        const bag = JSON.parse(JSON.stringify(json)) as Record<string, unknown>;
        expect(toPlain(fromPlain(bag))).toEqual(bag);
      }),
    );
    expect(
      fromPlain({
        a: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        b: ["3eeb2bf0-c639-47a8-9e75-3b44932eb421"],
        c: undefined,
      }),
    ).toEqual({ a: UNKNOWN, b: [UNKNOWN] });
    expect(toPlain({ a: UNKNOWN })).toEqual({ a: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" });
  });

  test("paths", () => {
    expect(pathText(["entrypoint", 1])).toBe("entrypoint[1]");
    expect(pathText(["triggers", "commit"])).toBe("triggers.commit");
    expect(pathText(["triggers", 'a "b"'])).toBe('triggers["a \\"b\\""]');
  });
});

describe("check", () => {
  test("fills in defaults and a name; a name once given stays", () => {
    expect(
      check({ olds: null, news: { image: "ubuntu:24.04" }, naming: { ...naming, randomSeed: new Uint8Array([1]) } }),
    ).toEqual({
      inputs: {
        image: "ubuntu:24.04",
        name: expect.stringMatching(/^agent-[0-9a-f]{7}$/) as string,
        active: true,
        replacement: "swap",
        adoptExisting: false,
        pinDigest: false,
        trackTag: false,
      },
      failures: [],
    });
    expect(check({ olds: { name: "agent-1234567" }, news: { image: "ubuntu:24.04" }, naming }).inputs["name"]).toBe(
      "agent-1234567",
    );
    expect(check({ olds: { name: UNKNOWN }, news: { image: "ubuntu:24.04" }, naming }).inputs["name"]).toBe(UNKNOWN);
  });

  test("names: the engine's modes, and what stays the same in preview and up", () => {
    expect(nativeName({ ...naming, proposedName: "my agent-x" })).toBe("my-agent-x");
    expect(nativeName({ ...naming, proposedName: "my agent-x", mode: "enforce" })).toBe("my agent-x");
    expect(nativeName({ ...naming, mode: "disable" })).toBeNull();
    expect(nativeName({ ...naming, randomSeed: new Uint8Array([1]) })).not.toBe(
      nativeName({ ...naming, randomSeed: new Uint8Array([2]) }),
    );
    const of = { organization: "o", project: "p", stack: "s", type: "t", logicalName: "agent" };
    expect(dynamicName(of)).toBe(dynamicName({ ...of }));
    expect(dynamicName(of)).not.toBe(dynamicName({ ...of, stack: "prod" }));
    expect(
      check({ olds: null, news: { image: "ubuntu:24.04" }, naming: { ...naming, mode: "disable" } }).failures,
    ).toMatchObject([{ property: "name", reason: expect.stringContaining("automatic names are disabled") as string }]);
  });

  test("every failure has its property path", () => {
    const { failures } = check({
      olds: null,
      news: { name: "agent", image: "ubuntu", entrypoint: ["a", " "], timeouts: { create: "soon" } },
      naming,
    });
    expect(failures.map(({ property }) => property).sort()).toEqual(["entrypoint[1]", "image", "timeouts.create"]);
    expect(
      check({ olds: null, news: { imagee: "x", cpu: {}, timeouts: { creat: "1m" }, entrypoint: [{}] }, naming })
        .failures,
    ).toEqual([
      { property: "imagee", reason: expect.stringContaining('no input "imagee". The inputs are image, ') as string },
      { property: "cpu", reason: "Expected a number, got an object." },
      { property: "timeouts.creat", reason: "Unknown property. The properties are create, update, delete." },
      { property: "entrypoint[0]", reason: "Expected a string, got an object." },
    ]);
    expect(
      check({ olds: null, news: { image: "ubuntu:24.04", name: "x" }, naming, secrets: new Set(["name"]) }).failures,
    ).toMatchObject([{ property: "name" }]);
  });

  test("an unknown value of any input is no failure", () => {
    for (const input of [
      "image",
      "name",
      "entrypoint",
      "cpu",
      "memory",
      "disk",
      "gpu",
      "gpuTypes",
      "sandboxClass",
      "region",
      "active",
      "replacement",
      "adoptExisting",
      "triggers",
      "timeouts",
      "sourceHash",
    ]) {
      const answer = check({ olds: null, news: { name: "agent", image: "ubuntu:24.04", [input]: UNKNOWN }, naming });
      expect({ input, failures: answer.failures, value: answer.inputs[input] }).toEqual({
        input,
        failures: [],
        value: UNKNOWN,
      });
    }
  });

  test("scalars that YAML writes otherwise, and a dynamic provider's mark, are carried over", () => {
    const { inputs: checked, failures } = check({
      olds: { __provider: "shim" },
      news: {
        name: "agent",
        image: "ubuntu:24.04",
        cpu: "2",
        active: "false",
        triggers: { build: 42 },
        entrypoint: ["sleep", 1],
      },
      naming,
    });
    expect(failures).toEqual([]);
    expect(checked).toMatchObject({
      cpu: 2,
      active: false,
      triggers: { build: "42" },
      entrypoint: ["sleep", "1"],
      __provider: "shim",
    });
  });
});

describe("diff", () => {
  test("nothing, also in a state of before there was pinDigest", async () => {
    expect(await diffOf(inputs(), { pinDigest: null, trackTag: null })).toMatchObject({ action: "none", detailed: {} });
    expect(await diffOf(inputs())).toMatchObject({ action: "none", changes: false, replaces: [], detailed: {} });
  });

  test.each<[string, Bag, Partial<SnapshotRecord>, object]>([
    [
      "another image is a swap",
      { image: "debian:12.5" },
      {},
      {
        action: "swap",
        replaces: [],
        deleteBeforeReplace: false,
        detailed: { image: { kind: "update", replace: false } },
        diffs: ["image"],
      },
    ],
    [
      "with recreate it replaces, the old one first",
      { image: "debian:12.5", replacement: "recreate" },
      {},
      { action: "replace", replaces: ["image"], deleteBeforeReplace: true, stables: [] },
    ],
    [
      "a name replaces, the new one first",
      { name: "other" },
      {},
      { action: "replace", replaces: ["name"], deleteBeforeReplace: false },
    ],
    [
      "a name with recreate and another image",
      { name: "other", image: "debian:12.5", replacement: "recreate" },
      {},
      { replaces: ["name", "image"], deleteBeforeReplace: false },
    ],
    [
      "triggers are added",
      { triggers: { a: "b" } },
      {},
      { action: "swap", detailed: { triggers: { kind: "add", replace: false } } },
    ],
    [
      "triggers are taken out",
      {},
      { triggers: { a: "b" } },
      { action: "swap", detailed: { triggers: { kind: "delete", replace: false } } },
    ],
    ["cpu is taken out: kept", {}, { cpu: 4 }, { action: "none" }],
    [
      "only the state holds it",
      { adoptExisting: true },
      {},
      { action: "state-only", changes: true, detailed: { adoptExisting: { kind: "update", replace: false } } },
    ],
    [
      "found inactive",
      {},
      { active: false, state: "inactive" },
      { action: "activate", detailed: { active: { kind: "update", replace: false } } },
    ],
    [
      "failed",
      {},
      { state: "error" },
      { action: "rebuild", changes: true, detailed: { state: { kind: "update", replace: false } } },
    ],
    [
      "still pulling",
      {},
      { state: "pulling" },
      { action: "wait", changes: true, detailed: { state: { kind: "update", replace: false } } },
    ],
  ])("%s", async (_name, news, state, expected) => {
    expect(await diffOf(inputs(news), state)).toMatchObject(expected);
  });

  test("an unfinished swap is finished; the warning is in Pulumi's words", async () => {
    expect(await diffOf(inputs(), {}, { successor: true })).toMatchObject({
      action: "swap",
      detailed: { snapshotId: { kind: "update" } },
    });
    const [warning] = (await diffOf(inputs({ image: "debian:12.5" }))).warnings;
    expect(warning?.detail).toContain("The `protect` resource option does not prevent this");
    expect(warning?.detail).not.toMatch(/prevent_destroy|create_before_destroy/);
  });

  test("what stays is said to stay", async () => {
    const { stables } = await diffOf(inputs({ active: false }));
    expect(stables).toEqual(expect.arrayContaining(["name", "snapshotId", "image", "createdAt"]));
    expect(stables).not.toEqual(expect.arrayContaining(["active"]));
  });
});

test("outputs written as inputs are refused, with the input that was probably meant", () => {
  const { failures } = check({
    olds: null,
    news: { image: "a:1", state: "inactive", gpuType: "H100", regionIds: UNKNOWN, snapshotId: "x" },
    naming,
  });
  expect(failures).toEqual([
    {
      property: "state",
      reason: "`state` is set by the API and is read-only. Remove it, or set `active` instead.",
    },
    {
      property: "gpuType",
      reason: "`gpuType` is set by the API and is read-only. Remove it, or set `gpuTypes` instead.",
    },
    {
      property: "regionIds",
      reason: "`regionIds` is set by the API and is read-only. Remove it, or set `region` instead.",
    },
    { property: "snapshotId", reason: "`snapshotId` is set by the API and is read-only. Remove it." },
  ]);
});

describe("secrets and words", () => {
  test("what derives from a secret is one", () => {
    expect([...secretOutputs(["dockerfileContent"])].sort()).toEqual([
      "dockerfileContent",
      "entrypoint",
      "errorReason",
      "ref",
      "sourceHash",
    ]);
    expect(secretOutputs(["cpu"])).toEqual(new Set(["cpu"]));
  });

  test("messages lose secrets: whole, by line, by word", () => {
    const redactor = learn(
      new Redactor(["dtn_0123456789", undefined]),
      { dockerfileContent: "FROM ubuntu:24.04\nRUN login --token=abcdefghij\n", triggers: { a: ["longer-secret"] } },
      ["dockerfileContent", "triggers"],
    );
    expect(redactor.text("key dtn_0123456789, RUN login --token=abcdefghij failed, abcdefghij, longer-secret")).toBe(
      "key [secret], [secret] failed, [secret], [secret]",
    );
    expect(new Redactor(["short"]).text("a short text")).toBe("a short text");
  });

  test("Pulumi's own words", () => {
    expect(toolWords("agent", "native").importCommand("uuid")).toBe("pulumi import daytona:index:Snapshot agent uuid");
    expect(toolWords("agent", "native", true).importCommand("uuid")).toBe(
      "pulumi refresh, then pulumi import daytona:index:Snapshot agent uuid",
    );
    expect(toolWords("agent", "dynamic").importCommand("uuid")).toBeNull();
    expect(toolWords("agent", "dynamic").ownEarlier).toContain("`Snapshot.get`");
  });

  test("a message is one text, and what it quotes stays as it was said", () => {
    const detail = "Reason: plan and apply again.\nLast lines of the build log:\n  kubectl: apply again";
    expect(textOf({ summary: "x", detail })).toBe(`x\n${detail}`);
    expect(textOf({ summary: "x", detail: "" })).toBe("x");
  });

  test("the core names no command of any tool: its messages take the tool's own words", () => {
    const rooms = ["lifecycle", "resources", "kit", "config", "api"].map((room) =>
      join(__dirname, "../../../provider", room),
    );
    const files = rooms
      .flatMap((room) => readdirSync(room, { recursive: true, encoding: "utf8" }).map((file) => join(room, file)))
      .filter((file) => file.endsWith(".ts") && !/\.gen\.ts$|attributes/.test(file));
    const texts = files.flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => !/^\s*(\/\/|\/?\*|import |export .* from )/.test(line))
        .flatMap((line) => line.match(/"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/g) ?? []),
    );
    const said = texts.map((text) => text.replace(/\$\{[^}]*\}/g, "…")).filter((text) => / /.test(text));
    expect(said.length).toBeGreaterThan(100);
    expect(said.filter((text) => /\b(apply|applies|plan|plans|terraform|pulumi)\b/i.test(text))).toEqual([]);
  });

  test("configuration comes as text", () => {
    expect(configFrom({ maxConcurrency: "4", apiKey: "k" })).toMatchObject({
      maxConcurrency: 4,
      apiKey: "k",
      jwtToken: null,
    });
    expect(checkConfig({ maxConcurrency: "many" })).toEqual([
      { property: "maxConcurrency", reason: 'Expected a whole number, got "many".' },
    ]);
    expect(
      ["true", "false", " false ", "", false].map((resolveTags) => configFrom({ resolveTags }).resolveTags),
    ).toEqual([true, false, false, null, false]);
    for (const resolveTags of ["no", 0])
      expect(checkConfig({ resolveTags })).toEqual([
        { property: "resolveTags", reason: `Expected true or false, got "${resolveTags}".` },
      ]);
    expect(checkConfig({ apiKey: UNKNOWN, apiUrl: UNKNOWN, resolveTags: UNKNOWN })).toEqual([]);
  });
});

/** What a session has without a connection. */
const offline = {
  region: null,
  images: null,
  sources: createSourceReader(),
  digests: new KeptDigests(),
  needsCredentials: () => undefined,
};

test("a create without a preview says it, too: the host of dynamic providers asks for none", async () => {
  const call = {
    signal: new AbortController().signal,
    log: { debug: () => undefined, progress: () => undefined, buildLine: () => undefined },
  };
  const { inputs: news } = check({
    olds: null,
    news: { name: "agent", dockerfileContent: "FROM a:1\nCOPY app.py /\n" },
    naming,
  });
  const record = { id: "1", name: "agent" };
  const session = {
    ...offline,
    connected: () => ({
      lifecycle: { create: () => Promise.resolve({ record, marks: {}, warnings: [{ summary: "later", detail: "" }] }) },
    }),
  } as unknown as Session;
  const warningsOf = async (kind: "native" | "dynamic") =>
    (await create(session, { news, preview: false }, { ...call, kind })).warnings;
  expect(await warningsOf("dynamic")).toEqual([
    expect.stringContaining("the build will fail at: COPY app.py."),
    "later",
  ]);
  expect(await warningsOf("native")).toEqual(["later"]);
});

test("a preview of a create says what its build will fail at", async () => {
  const call = {
    signal: new AbortController().signal,
    log: { debug: () => undefined, progress: () => undefined, buildLine: () => undefined },
    kind: "native" as const,
  };
  const { inputs: news } = check({
    olds: null,
    news: { name: "agent", dockerfileContent: "FROM a:1\nCOPY app.py /\n" },
    naming,
  });
  const { warnings } = await create(offline as unknown as Session, { news, preview: true }, call);
  expect(warnings).toEqual([expect.stringContaining("the build will fail at: COPY app.py.")]);
});
