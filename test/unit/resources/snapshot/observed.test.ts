import fc from "fast-check";
import { buildText, fromImport, observe, recordAfter, successorName } from "../../../../provider/resources/snapshot";
import type { SnapshotDto } from "../../../../provider/api/types";
import { apply, created, plan, program, written } from "./model";

const image = written({ name: "agent", image: "ubuntu:24.04", cpu: 2 });

describe("observe", () => {
  it("shows no change of a snapshot that nobody touched, whatever changes by itself", () => {
    const noise = fc.record(
      {
        updatedAt: fc.constant("2027-01-01T00:00:00Z"),
        lastUsedAt: fc.constantFrom(null, "2027-01-01T00:00:00Z"),
        general: fc.boolean(),
        regionIds: fc.constantFrom<string[] | null>(null, [], ["eu"], ["eu", "us"], ["us"]),
        errorReason: fc.constantFrom(null, "old news"),
        fooBar: fc.integer(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(program, noise, (config, change) => {
        const { dto, record } = apply(null, config);
        expect(observe({ ...dto, ...change } as SnapshotDto, record)).toEqual(record);
      }),
    );
  });

  it("stores a size and an entrypoint that come late with the next change only", () => {
    const config = image;
    const dto = { ...created({ name: "agent", imageName: "ubuntu:24.04", cpu: 2 }), size: null };
    const record = recordAfter(plan(null, config).planned, dto);
    const later = { ...dto, size: 1.5, entrypoint: ["bash"] };
    expect(observe(later, record)).toEqual(record);
    expect(observe({ ...later, state: "inactive" }, record)).toMatchObject({
      size: 1.5,
      entrypoint: ["bash"],
      active: false,
      state: "inactive",
    });
  });

  it("activates where it is, and swaps nothing, when a region was taken from the organization meanwhile", () => {
    const config = written({ ...image, region: "us" });
    const { dto, record } = apply(null, config);
    const seen = observe({ ...dto, state: "inactive", regionIds: ["eu"] }, record);
    expect(seen).toMatchObject({ region: "us", regionIds: ["eu"], active: false });
    expect(plan({ dto, record: seen }, config)).toMatchObject({ action: "activate", changed: ["active"] });
  });

  it("keeps active but for the states that say", () => {
    const { dto, record } = apply(null, image);
    for (const [state, active] of [
      ["active", true],
      ["inactive", false],
      ["pending", true],
      ["removing", true],
      ["error", true],
      ["new", true],
    ] as const) {
      expect(observe({ ...dto, state }, record).active).toBe(active);
      expect(observe({ ...dto, state }, { ...record, active: false, state: "inactive" }).active).toBe(
        state === "active",
      );
    }
  });

  it("shows why a snapshot failed, and forgets it when it did not", () => {
    const { dto, record } = apply(null, image);
    const failed = observe({ ...dto, state: "error", errorReason: "no such image" }, record);
    expect(failed).toMatchObject({ state: "error", errorReason: "no such image" });
    expect(observe({ ...dto, state: "active", errorReason: "no such image" }, failed).errorReason).toBeNull();
  });

  it("keeps name, source and resources of an unfinished swap, and takes the successor's id", () => {
    const { record } = apply(null, image);
    const successor = created({ name: successorName("agent", record.id), imageName: "debian:12", cpu: 4 });
    const seen = observe(successor, record);
    expect(seen).toMatchObject({
      id: successor.id,
      name: "agent",
      image: "ubuntu:24.04",
      cpu: 2,
      sourceHash: record.sourceHash,
      ref: successor.ref,
    });
  });

  it("shows a source and resources that differ", () => {
    const { dto, record } = apply(null, image);
    expect(observe({ ...dto, imageName: "debian:12", cpu: 4, mem: 8 }, record)).toMatchObject({
      image: "debian:12",
      cpu: 4,
      memory: 8,
      name: "agent",
    });
    const build = { ...dto, imageName: "", buildInfo: { dockerfileContent: buildText("FROM a:1", { a: "1" }) } };
    expect(observe(build, record)).toMatchObject({ image: null, dockerfileContent: "FROM a:1" });
  });

  it("survives any state, missing and surplus fields", () => {
    const { record } = apply(null, image);
    const anything = fc.dictionary(
      fc.constantFrom(
        "state",
        "imageName",
        "entrypoint",
        "regionIds",
        "size",
        "buildInfo",
        "errorReason",
        "ref",
        "gpuType",
        "sandboxClass",
      ),
      fc.constantFrom(null, undefined),
      { maxKeys: 10 },
    );
    fc.assert(
      fc.property(fc.string(), anything, fc.boolean(), (state, holes, known) => {
        const dto = { ...created({ name: "agent", imageName: "a:1" }), ...holes, state } as SnapshotDto;
        const seen = observe(dto, known ? record : null);
        expect(Object.values(seen)).not.toContain(undefined);
        expect(seen.state).toBe(state);
      }),
    );
  });
});

describe("fromImport", () => {
  it("fills in the source that applies, and static defaults", () => {
    const { record, marks } = fromImport(
      created({ name: "b", buildInfo: { dockerfileContent: buildText("FROM a:1\n", { a: "1" }) } }),
    );
    expect(marks).toEqual({ imported: true, builtWith: [] });
    expect(record).toMatchObject({
      name: "b",
      image: null,
      dockerfileContent: "FROM a:1\n",
      sourceHash: null,
      namePrefix: null,
      active: true,
      replacement: "swap",
      adoptExisting: false,
      region: "us",
      timeouts: null,
    });
    expect(fromImport(created({ name: "b", imageName: "a:1" }, "inactive")).record).toMatchObject({
      image: "a:1",
      dockerfileContent: null,
      active: false,
    });
    expect(fromImport(created({ name: "b", imageName: "a:1" }, "error")).record.active).toBe(true);
  });
});

describe("recordAfter", () => {
  it("does not claim what an interrupted apply has not done", () => {
    const { planned } = plan(null, { ...image, active: false });
    expect(recordAfter(planned, created({ name: "agent", imageName: "ubuntu:24.04" }, "active")).active).toBe(true);
    expect(recordAfter(planned, created({ name: "agent", imageName: "ubuntu:24.04" }, "pending"))).toMatchObject({
      active: false,
      state: "pending",
    });
  });
});
