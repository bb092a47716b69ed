import fc from "fast-check";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { planSnapshot } from "../../../../provider/resources/snapshot";
import type { Planned, SnapshotRecord, Written } from "../../../../provider/resources/snapshot";
import { SPELLED } from "../../../../provider/resources/snapshot/record";
import { toolWords } from "../../../../provider/terraform/words";
import { created, written } from "./model";
import { recordAfter } from "../../../../provider/resources/snapshot/observed";

const prepared = { text: "FROM a:1\nCOPY x /\n", hash: `v2:${"a".repeat(64)}`, contextHashes: ["c"] };
const other = { ...prepared, hash: `v2:${"b".repeat(64)}` };
const base: Partial<Written> = {
  name: "agent",
  dockerfile: "app/Dockerfile",
  contextDir: "app",
  context: ["x"],
  cpu: 1,
  prepared,
};

function plan(prior: SnapshotRecord | null, program: Partial<Written>, marks = {}) {
  return planSnapshot({ prior, marks, written: written(program), providerRegion: null, words: toolWords() });
}

function record(program: Partial<Written> = base): SnapshotRecord {
  const { planned } = plan(null, program);
  return recordAfter(
    { ...planned, id: "00000000-0000-4000-8000-000000000001" },
    created({ name: "agent", buildInfo: { dockerfileContent: prepared.text, contextHashes: ["c"] }, cpu: 1 }),
  );
}

describe("a source that is spelled otherwise", () => {
  it.each<[string, Partial<Written>]>([
    ["an absolute path", { dockerfile: "/ci/1/app/Dockerfile" }],
    ["another folder", { contextDir: "/ci/1/app" }],
    ["another list", { context: ["./x"] }],
    ["all at once", { dockerfile: "/ci/1/app/Dockerfile", contextDir: "/ci/1/app", context: ["/ci/1/app/x"] }],
  ])("%s is no change, and the plan is the state", (_what, spelling) => {
    const prior = record();
    const { planned, ...rest } = plan(prior, { ...base, ...spelling });
    expect(rest).toEqual({ action: "none", changed: [], replaceBy: [], warnings: [] });
    const { prepared: _prepared, places, ...attributes } = planned as Planned & { prepared?: unknown };
    expect(attributes).toEqual(prior);
    expect(places).toEqual({
      localImage: null,
      dockerfile: base.dockerfile,
      contextDir: base.contextDir,
      context: base.context,
      ...spelling,
    });
  });

  it("is read where the program says, whatever else changes, and keeps the prior spelling", () => {
    const { action, planned, changed } = plan(record(), { ...base, dockerfile: "/ci/Dockerfile", cpu: 2 });
    expect([action, changed]).toEqual(["swap", ["cpu"]]);
    expect(planned).toMatchObject({ dockerfile: "app/Dockerfile", cpu: 2, places: { dockerfile: "/ci/Dockerfile" } });
  });

  it("is written as it is now once the source changes", () => {
    const { action, planned, changed } = plan(record(), {
      ...base,
      dockerfile: "/ci/Dockerfile",
      context: ["y"],
      prepared: other,
    });
    expect([action, changed]).toEqual(["swap", ["dockerfile", "context", "sourceHash"]]);
    expect(planned).toMatchObject({ dockerfile: "/ci/Dockerfile", context: ["y"], sourceHash: other.hash });
    expect(planned.places).toBeUndefined();
  });

  it("counts where the program gives the hash", () => {
    const given = { ...base, sourceHash: "build-1" };
    expect(plan(record(given), { ...given, dockerfile: "/ci/Dockerfile", prepared: other }).action).toBe("none");
    expect(plan(record(given), { ...given, dockerfile: "/ci/Dockerfile", sourceHash: "build-2" })).toMatchObject({
      action: "swap",
      planned: { dockerfile: "/ci/Dockerfile" },
    });
  });

  it("is another tag of a local image with the same content", () => {
    const local = { name: "agent", localImage: "agent:dev", prepared };
    const prior = record(local);
    expect(plan(prior, { ...local, localImage: "ghcr.io/acme/agent:2" })).toMatchObject({
      action: "none",
      changed: [],
      planned: { localImage: "agent:dev", places: { localImage: "ghcr.io/acme/agent:2" } },
    });
    expect(plan(prior, { ...local, localImage: "agent:2", prepared: other })).toMatchObject({
      action: "swap",
      planned: { localImage: "agent:2" },
    });
    expect(plan(prior, { ...local, localImage: "agent:2", prepared: undefined })).toMatchObject({
      action: "swap",
      changed: ["localImage"],
    });
  });

  it.each<[string, Partial<Written>, Partial<Written>]>([
    ["a folder that is written now", { contextDir: null }, { contextDir: "app" }],
    ["a folder that is no longer written", {}, { contextDir: null }],
    ["a list that is written now", { context: null }, { context: ["x"] }],
    ["a build argument that no instruction uses", {}, { buildArgs: { UNUSED: "1" } }],
    ["both a path and a build argument", {}, { dockerfile: "/ci/Dockerfile", buildArgs: { UNUSED: "1" } }],
  ])("%s is written into the state, because a tool may not keep the prior value", (_what, before, now) => {
    const { action, planned, changed } = plan(record({ ...base, ...before }), { ...base, ...before, ...now });
    expect(action).toBe("state-only");
    expect([...changed].sort()).toEqual(Object.keys(now).sort());
    expect(planned).toMatchObject(now);
  });

  it("is kept or written alike, whatever else becomes known later (Terraform holds the plan to its word)", () => {
    const rest = fc.record({
      cpu: fc.constantFrom(1, 2),
      active: fc.constantFrom(true, false),
      triggers: fc.constantFrom(null, { a: "1" }),
      timeouts: fc.constantFrom(null, { create: "5m", update: null, delete: null }),
    });
    const hidden = fc.subarray(["cpu", "active", "triggers", "timeouts"] as const);
    const spelling = fc.record({
      dockerfile: fc.constantFrom("app/Dockerfile", "/ci/Dockerfile"),
      contextDir: fc.constantFrom("app", "/ci"),
      context: fc.constantFrom<string[]>(["x"], ["./x"]),
      prepared: fc.constantFrom(prepared, other),
    });
    fc.assert(
      fc.property(rest, hidden, spelling, (values, hide, spelled) => {
        const prior = record();
        const late = plan(prior, { ...base, ...values, ...spelled }).planned;
        const early = plan(prior, {
          ...base,
          ...values,
          ...spelled,
          ...Object.fromEntries(hide.map((name) => [name, UNKNOWN])),
        }).planned;
        for (const name of SPELLED) expect({ [name]: late[name] }).toEqual({ [name]: early[name] });
      }),
    );
  });

  it("stays out of records", () => {
    const { planned } = plan(record(), { ...base, dockerfile: "/ci/Dockerfile", cpu: 2 });
    const after = recordAfter(
      { ...planned, id: "x" },
      created({ name: "agent", buildInfo: { dockerfileContent: prepared.text }, cpu: 2 }),
    );
    expect(Object.keys(after)).not.toContain("places");
    expect(after.dockerfile).toBe("app/Dockerfile");
  });
});

describe("a source that could not be read", () => {
  const unread: Partial<Written> = { ...base, prepared: undefined, unread: true };

  it.each<[string, Partial<SnapshotRecord>]>([
    ["a computed hash", {}],
    ["no hash", { sourceHash: null }],
    ["a hash of another release", { sourceHash: "v9:x" }],
  ])("is a change of the hash alone, over %s", (_what, state) => {
    const prior = { ...record(), ...state };
    const { action, changed, replaceBy, planned, warnings } = plan(prior, unread);
    expect({ action, changed, replaceBy, warnings }).toEqual({
      action: "swap",
      changed: ["sourceHash"],
      replaceBy: [],
      warnings: [],
    });
    const { prepared: _prepared, places: _places, ...attributes } = planned;
    expect(attributes).toEqual({ ...prior, sourceHash: UNKNOWN });
  });

  it("never replaces, with recreate and another name as well", () => {
    const prior = { ...record(), replacement: "recreate" as const };
    const { action, changed, replaceBy, planned } = plan(prior, {
      ...unread,
      replacement: "recreate",
      name: "other",
      cpu: 3,
      dockerfile: "/ci/Dockerfile",
    });
    expect({ action, changed, replaceBy }).toEqual({
      action: "swap",
      changed: ["name", "sourceHash", "cpu"],
      replaceBy: [],
    });
    expect(planned).toMatchObject({
      name: "agent",
      cpu: 3,
      id: prior.id,
      dockerfile: "app/Dockerfile",
      sourceHash: UNKNOWN,
    });
  });

  it("is judged by the hash where the program gives one", () => {
    const prior = record({ ...base, sourceHash: "build-1" });
    expect(plan(prior, { ...unread, sourceHash: "build-1" })).toMatchObject({
      action: "none",
      changed: [],
      planned: { sourceHash: "build-1" },
    });
    expect(plan(prior, { ...unread, sourceHash: "build-2" })).toMatchObject({
      action: "swap",
      changed: ["sourceHash"],
      planned: { sourceHash: "build-2", id: UNKNOWN },
    });
  });

  it("is a change where a local image could not be read, and where it takes the place of an image", () => {
    const local: Partial<Written> = { name: "agent", localImage: "agent:dev", unread: true };
    expect(plan(record({ name: "agent", localImage: "agent:dev", prepared }), local)).toMatchObject({
      action: "swap",
      changed: ["sourceHash"],
      planned: { sourceHash: UNKNOWN },
    });
    expect(plan(record({ name: "agent", image: "a:1" }), local)).toMatchObject({
      action: "swap",
      planned: { sourceHash: UNKNOWN, localImage: "agent:dev", image: null },
    });
  });

  it("is known all the same for a Dockerfile in the program", () => {
    const inline: Partial<Written> = { name: "agent", dockerfileContent: "FROM a:1\nCOPPY\n" };
    expect(plan(record(inline), { ...inline, unread: true })).toMatchObject({ action: "none" });
    expect(plan(record(inline), { ...inline, dockerfileContent: "FROM a:2\nCOPPY\n", unread: true })).toMatchObject({
      action: "swap",
      planned: { id: UNKNOWN },
    });
  });
});
