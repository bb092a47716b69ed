import { UNKNOWN } from "../../../../provider/kit/unknown";
import { planSnapshot } from "../../../../provider/resources/snapshot";
import type { Marks, SnapshotRecord, Written } from "../../../../provider/resources/snapshot";
import { apply, created, plan, written } from "./model";
import { toolWords as pulumiWords } from "../../../../provider/pulumi/shared/words";
import { toolWords } from "../../../../provider/terraform/words";

const base: Partial<Written> = { name: "agent", image: "ubuntu:24.04", cpu: 2 };
const thing = () => apply(null, written(base));
const withState = (state: string, some: Partial<SnapshotRecord> = {}) => {
  const { dto, record } = thing();
  return {
    dto: { ...dto, state },
    record: { ...record, state, active: state === "inactive" ? false : record.active, ...some },
  };
};
const unknowns = (planned: object) =>
  Object.entries(planned)
    .filter(([, value]) => value === UNKNOWN)
    .map(([key]) => key)
    .sort();

const REBUILT = ["createdAt", "errorReason", "gpuType", "id", "imageName", "ref", "regionIds", "size", "state"];
const SETTLED = ["errorReason", "ref", "size", "state"];

describe("planSnapshot", () => {
  it("creates with every default that it can know", () => {
    const { action, planned } = planSnapshot({
      prior: null,
      marks: {},
      written: written(base),
      providerRegion: "eu",
      words: toolWords(),
    });
    expect(action).toBe("create");
    expect(planned).toMatchObject({
      name: "agent",
      cpu: 2,
      memory: UNKNOWN,
      region: "eu",
      active: true,
      replacement: "swap",
      adoptExisting: false,
      timeouts: null,
      triggers: null,
      entrypoint: UNKNOWN,
    });
    expect(planned.sourceHash).toMatch(/^v1:[0-9a-f]{64}$/);
  });

  it("leaves the name open only where it is generated", () => {
    expect(plan(null, written({ image: "a:1", namePrefix: "p-" })).planned.name).toBe(UNKNOWN);
  });

  it("plans a swap in place, with a warning that names what will be deleted and the gap", () => {
    const present = thing();
    const { action, changed, planned, warnings } = plan(present, written({ ...base, image: "ubuntu:22.04" }));
    expect(action).toBe("swap");
    expect(changed).toEqual(["image", "sourceHash"]);
    expect(unknowns(planned)).toEqual([...REBUILT, "entrypoint"].sort());
    expect(planned).toMatchObject({ name: "agent", memory: 1, disk: 3, organizationId: "org" });
    expect(warnings).toEqual([
      {
        summary: 'A swap replaces snapshot "agent"',
        detail: `Changing image creates a new snapshot. A successor is created first and has to become active. Then snapshot "agent" (${present.record.id}) is deleted, and "agent" is recreated. Between these two steps, no sandbox can be created with this name: for seconds if the server reuses the image, or for as long as a second pull or build if it does not. \`prevent_destroy\` does not prevent this, and \`lifecycle { destroy = false }\` does not keep the old snapshot. For zero downtime, use \`name_prefix\` with \`create_before_destroy\`.`,
      },
    ]);
  });

  it("speaks of the tool that it plans for", () => {
    const { record } = thing();
    const [warning] = planSnapshot({
      prior: record,
      marks: {},
      written: written({ ...base, cpu: 3 }),
      providerRegion: null,
      words: pulumiWords("agent", "native"),
    }).warnings;
    expect(warning?.detail).toMatch(
      /The `protect` resource option does not prevent this\. For zero downtime, change the name as well: the new snapshot is then created before the old one is deleted\.$/,
    );
  });

  it("says that a swap may happen where the change is not known yet", () => {
    const { action, warnings, planned } = plan(thing(), written({ ...base, image: UNKNOWN }));
    expect(action).toBe("swap");
    expect(warnings[0]?.summary).toBe('A swap may replace snapshot "agent"');
    expect(planned).toMatchObject({ image: UNKNOWN, sourceHash: UNKNOWN });
  });

  it.each<[string, Partial<Written>, string[]]>([
    ["cpu", { cpu: 3 }, ["cpu"]],
    ["entrypoint", { entrypoint: ["sh"] }, ["entrypoint"]],
    ["region", { region: "eu" }, ["region"]],
    ["sandbox class", { sandboxClass: "linux-vm" }, ["sandboxClass"]],
    ["GPU types", { gpuTypes: ["H100"] }, ["gpuTypes"]],
    ["kind of source", { image: null, dockerfileContent: "FROM a:1" }, ["image", "dockerfileContent", "sourceHash"]],
  ])("replaces for another %s with recreate, and says by what", (_, change, replaceBy) => {
    const present = apply(null, written({ ...base, replacement: "recreate" }));
    const result = plan(present, written({ ...base, replacement: "recreate", ...change }));
    expect(result).toMatchObject({ action: "replace", replaceBy, warnings: [] });
    expect(plan(thing(), written({ ...base, ...change })).action).toBe("swap");
  });

  const keeps = (causes: string, image = "ubuntu:24.04"): string =>
    `Changing ${causes} creates a new snapshot, but a runner does not pull a tag that it already has, even if the tag has moved in the registry since. To use the current content of the tag, set pin_digest to true, write its digest in image ("${image}@sha256:…"), or use a Dockerfile with FROM, whose base image is looked up again for every build.`;

  it.each<[string, Partial<Written>, Partial<Written>, string, string[]]>([
    ["triggers", {}, { triggers: { a: "1" } }, "triggers", ["triggers"]],
    ["triggers that are taken out", { triggers: { a: "1" } }, {}, "triggers", ["triggers"]],
    ["triggers that are not known yet", {}, { triggers: UNKNOWN }, "triggers", ["triggers"]],
    ["a given source hash", { sourceHash: "a" }, { sourceHash: "b", cpu: 3 }, "source_hash", ["sourceHash"]],
    [
      "a source hash that is no longer given",
      { sourceHash: `v1:${"0".repeat(64)}` },
      {},
      "source_hash",
      ["sourceHash"],
    ],
    [
      "both",
      { sourceHash: "a" },
      { sourceHash: "b", triggers: { a: "1" } },
      "triggers and source_hash",
      ["triggers", "sourceHash"],
    ],
  ])("warns that a tag may keep its content, for a change of %s", (_, before, after, causes, names) => {
    for (const replacement of ["swap", "recreate"] as const) {
      const present = apply(null, written({ ...base, replacement, ...before }));
      const { action, changed, warnings } = plan(present, written({ ...base, replacement, ...after }));
      expect(action).toBe(replacement === "swap" ? "swap" : "replace");
      expect(changed).toEqual(expect.arrayContaining(names));
      expect(warnings.slice(replacement === "swap" ? 1 : 0)).toEqual([
        {
          summary: 'Snapshot "agent" may keep the old content of ubuntu:24.04',
          detail: keeps(causes),
          attribute: [names[0]],
        },
      ]);
    }
    const failed = apply(null, written({ ...base, ...before }));
    const again = { dto: failed.dto, record: { ...failed.record, state: "error" } };
    expect(plan(again, written({ ...base, ...after })).warnings).toMatchObject([{ detail: keeps(causes) }]);
  });

  it.each<[string, Partial<Written>, Partial<Written>]>([
    ["a digest", { image: `ubuntu:24.04@sha256:${"a".repeat(64)}` }, { triggers: { a: "1" } }],
    ["another image", {}, { image: "ubuntu:25.04", triggers: { a: "1" } }],
    ["an image that is not known yet", {}, { image: UNKNOWN, triggers: { a: "1" } }],
    ["a Dockerfile", { image: null, dockerfileContent: "FROM a:1\n" }, { triggers: { a: "1" } }],
    ["another size", {}, { cpu: 3 }],
    ["an import, which makes nothing", {}, {}],
  ])("does not warn of the content of %s", (what, before, after) => {
    const present = apply(null, written({ ...base, ...before }));
    const imported = what.startsWith("an import");
    const { action, warnings } = plan(
      present,
      written({ ...base, ...before, ...after, ...(imported ? { triggers: { a: "1" } } : {}) }),
      imported ? { imported } : {},
    );
    expect(action).toBe(imported ? "state-only" : "swap");
    expect(warnings.map(({ summary }) => summary).join()).not.toContain("may keep");
    expect(warnings).toHaveLength(1);
  });

  it("replaces for another name, and for a prefix that the name does not have or may not have", () => {
    expect(plan(thing(), written({ ...base, name: "b" }))).toMatchObject({ action: "replace", replaceBy: ["name"] });
    expect(plan(thing(), written({ ...base, name: UNKNOWN }))).toMatchObject({
      action: "replace",
      replaceBy: ["name"],
    });
    expect(plan(thing(), written({ ...base, name: null, namePrefix: "b-" }))).toMatchObject({
      action: "replace",
      replaceBy: ["namePrefix"],
    });
    expect(plan(thing(), written({ ...base, name: null, namePrefix: UNKNOWN }))).toMatchObject({
      action: "replace",
      replaceBy: ["namePrefix"],
    });
    expect(plan(thing(), written({ ...base, name: null, namePrefix: "ag" }))).toMatchObject({
      action: "state-only",
      changed: ["namePrefix"],
    });
  });

  it("keeps the present value of what is taken out of a program", () => {
    const present = apply(
      null,
      written({ ...base, memory: 4, region: "eu", sandboxClass: "linux-vm", entrypoint: ["sh"] }),
    );
    const { action, planned } = plan(present, written({ name: "agent", image: "ubuntu:24.04" }));
    expect(action).toBe("none");
    expect(planned).toMatchObject({ cpu: 2, memory: 4, region: "eu", sandboxClass: "linux-vm", entrypoint: ["sh"] });
  });

  it.each<[string, Marks, string, string[]]>([
    ["inactive", {}, "activate", SETTLED],
    ["error", {}, "rebuild", REBUILT],
    ["build_failed", {}, "rebuild", REBUILT],
    ["removing", {}, "rebuild", REBUILT],
    ["pending", {}, "wait", SETTLED],
    ["snapshotting", {}, "wait", SETTLED],
    ["active", { removing: true }, "rebuild", REBUILT],
    ["active", { successor: true }, "swap", REBUILT],
    ["something-new", {}, "none", []],
  ])("mends %s %j by %s", (state, marks, action, open) => {
    const result = plan(withState(state, { entrypoint: ["sh"] }), written(base), marks);
    expect(result.action).toBe(action);
    expect(unknowns(result.planned)).toEqual(open.includes("id") ? [...open, "entrypoint"].sort() : open);
  });

  it("announces the end of an unfinished swap", () => {
    const { warnings } = plan(thing(), written(base), { successor: true });
    expect(warnings).toMatchObject([{ summary: 'The unfinished swap of snapshot "agent" resumes' }]);
  });

  it("activates and deactivates as the program says", () => {
    expect(plan(thing(), written({ ...base, active: false }))).toMatchObject({
      action: "deactivate",
      changed: ["active"],
    });
    expect(plan(withState("inactive"), written({ ...base, active: false })).action).toBe("none");
    expect(plan(withState("inactive"), written(base))).toMatchObject({ action: "activate", changed: ["active"] });
  });

  it("rebuilds a failed snapshot rather than swap it, also with another source", () => {
    expect(plan(withState("error"), written({ ...base, image: "ubuntu:22.04" })).action).toBe("rebuild");
  });

  it("takes a change of how a snapshot is managed into the state alone", () => {
    const { action, changed, planned, warnings } = plan(
      thing(),
      written({
        ...base,
        replacement: "recreate",
        adoptExisting: true,
        timeouts: { create: "1m", update: null, delete: null },
      }),
    );
    expect({ action, changed, warnings }).toEqual({
      action: "state-only",
      changed: ["replacement", "adoptExisting", "timeouts"],
      warnings: [],
    });
    expect(unknowns(planned)).toEqual([]);
  });

  it("takes one of the snapshot's regions for the written one", () => {
    const present = thing();
    present.record.regionIds = ["eu", "us"];
    expect(plan(present, written({ ...base, region: "eu" }))).toMatchObject({
      action: "state-only",
      changed: ["region"],
    });
  });

  it("compares a given source hash as it is, and never takes a missing one or another version for a change", () => {
    const given = apply(null, written({ ...base, sourceHash: "abc" }));
    expect(plan(given, written({ ...base, sourceHash: "abc" })).action).toBe("none");
    expect(plan(given, written({ ...base, sourceHash: "def" })).action).toBe("swap");
    expect(plan(given, written(base))).toMatchObject({ action: "none", planned: { sourceHash: "abc" } });
    const other = thing();
    other.record.sourceHash = "v0:123";
    expect(plan(other, written(base))).toMatchObject({ action: "none", planned: { sourceHash: "v0:123" } });
    expect(plan(other, written({ ...base, cpu: 4 })).planned.sourceHash).toMatch(/^v1:/);
    other.record.sourceHash = null;
    expect(plan(other, written({ ...base, sourceHash: "abc" }))).toMatchObject({
      action: "state-only",
      changed: ["sourceHash"],
    });
  });

  it("takes other line ends for the same Dockerfile", () => {
    const present = apply(null, written({ name: "b", dockerfileContent: "FROM a:1\nRUN x\n" }));
    expect(plan(present, written({ name: "b", dockerfileContent: "FROM a:1\r\nRUN x\r\n" }))).toMatchObject({
      action: "state-only",
      changed: ["dockerfileContent"],
    });
  });

  it("takes over after an import what the API does not store", () => {
    const dto = created({ name: "agent", imageName: "ubuntu:24.04", cpu: 2 });
    const { record } = thing();
    const prior = { ...record, id: dto.id, sourceHash: null };
    const program = written({ ...base, triggers: { a: "1" }, gpuTypes: ["H100"], sourceHash: "abc" });
    expect(plan({ dto, record: prior }, program, { imported: true })).toMatchObject({
      action: "state-only",
      changed: ["sourceHash", "gpuTypes", "triggers"],
    });
    expect(plan({ dto, record: prior }, program).action).toBe("swap");
  });

  it("stores a region without a swap where neither the state nor the API has one to compare with", () => {
    const { dto, record } = thing();
    const without = { dto, record: { ...record, region: null, regionIds: [] } };
    expect(plan(without, written({ ...base, region: "eu" }))).toMatchObject({
      action: "state-only",
      changed: ["region"],
    });
    expect(
      plan({ ...without, record: { ...without.record, region: "us" } }, written({ ...base, region: "eu" })),
    ).toMatchObject({ action: "swap", changed: ["region"] });
  });

  it("says what is taken over after an import instead of making a new snapshot, and how to get one", () => {
    const { dto, record } = thing();
    const imported = (some: Partial<Written>, marks: Marks = { imported: true }, words = toolWords()) =>
      planSnapshot({
        prior: { ...record, sourceHash: null },
        marks,
        written: written({ ...base, ...some }),
        providerRegion: null,
        words,
      });
    const late = imported({ triggers: { a: "1" } });
    expect(late.action).toBe("state-only");
    expect(late.warnings).toEqual([
      {
        summary: 'Snapshot "agent" was imported: triggers is recorded without creating a new snapshot',
        detail:
          "The API does not store triggers, so the value at creation is unknown. To create a new snapshot, run apply with this change, then change triggers again.",
        attribute: ["triggers"],
      },
    ]);
    expect(imported({ gpuTypes: ["H100"], sourceHash: "mine" }).warnings[0]?.summary).toBe(
      'Snapshot "agent" was imported: source_hash and gpu_types are recorded without creating a new snapshot',
    );
    for (const some of [
      {},
      { triggers: {}, gpuTypes: [] },
      { timeouts: { create: "1h", update: null, delete: null }, adoptExisting: true },
    ])
      expect(imported(some).warnings).toEqual([]);
    // Taken over once, the next change makes a new snapshot.
    const taken = apply({ dto, record }, written({ ...base, triggers: { a: "1" } }), { imported: true });
    expect(plan(taken, written({ ...base, triggers: { a: "2" } }))).toMatchObject({
      action: "swap",
      warnings: [
        { summary: 'A swap replaces snapshot "agent"' },
        { summary: 'Snapshot "agent" may keep the old content of ubuntu:24.04' },
      ],
    });
  });
});
