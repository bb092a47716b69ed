import type { Marks, SnapshotRecord, Written } from "../../../../provider/resources/snapshot";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { differences } from "../../../../provider/resources/snapshot";
import { fromImport } from "../../../../provider/resources/snapshot/observed";
import { compareFiles, contextHashesOf } from "../../../../provider/resources/snapshot/own/source/files";
import { apply, created, plan, written } from "./model";

const text = "FROM a:1\nCOPY src /src\nCOPY run.sh /\n";
const [one, two, other] = ["1", "2", "3"].map((digit) => digit.repeat(64)) as [string, string, string];
const official = "5".repeat(32);
const fileSets = [
  { hash: one, files: 2, from: "COPY src" },
  { hash: two, files: 1, from: "COPY run.sh" },
];
const prepared = { text, hash: `v2:${"a".repeat(64)}`, contextHashes: [one, two], fileSets };
const program = written({ name: "agent", dockerfile: "Dockerfile", prepared });

const HERE = "2 sets of 3 files on this machine (COPY src: 2 files, COPY run.sh: 1 file)";

describe("comparing files by their hashes", () => {
  it.each<[string, readonly string[] | undefined, string, string]>([
    [
      "in any order, each as often as it comes",
      [two, one, one],
      "same",
      `the files are those that the snapshot was built from: compared ${HERE} with 2 sets of the snapshot`,
    ],
    [
      "another one",
      [one, other],
      "different",
      `the files of the build context differ from those that the snapshot was built from: compared ${HERE} with 2 sets of the snapshot; different: COPY run.sh`,
    ],
    [
      "one that is only here",
      [two],
      "different",
      `the files of the build context differ from those that the snapshot was built from: compared ${HERE} with 1 set of the snapshot; different: COPY src`,
    ],
    [
      "one that is only there",
      [one, two, other],
      "different",
      `the files of the build context differ from those that the snapshot was built from: compared ${HERE} with 3 sets of the snapshot; not on this machine: 1 set`,
    ],
    ["none there", [], "different", `requested a build with files, found one without a build context: ${HERE}`],
    [
      "those of an official client",
      [official, "6".repeat(32)],
      "unknown",
      `whether the files are those that the snapshot was built from is unknown: an SDK or the command line of Daytona built it with 2 sets, whose hashes cannot be compared with those of ${HERE}`,
    ],
    [
      "those of whatever client, even if one is ours",
      [one, official, "abc123"],
      "unknown",
      `whether the files are those that the snapshot was built from is unknown: another client built it with 3 sets, whose hashes cannot be compared with those of ${HERE}`,
    ],
    [
      "a server that does not tell",
      undefined,
      "unknown",
      `whether the files are those that the snapshot was built from is unknown: the API returns no hashes to compare with those of ${HERE}`,
    ],
  ])("%s", (_what, found, is, said) => {
    expect(compareFiles(prepared, found)).toEqual({ is, text: said });
  });

  it("no files at all are the same, and only some there are different", () => {
    for (const found of [[], undefined]) expect(compareFiles({ contextHashes: [] }, found).is).toBe("same");
    expect(compareFiles({ contextHashes: [] }, [one])).toEqual({
      is: "different",
      text: "requested a build without files, found one with a build context (1 sent)",
    });
  });

  it("names at most five sets, and none where nobody has read them", () => {
    const many = Array.from({ length: 7 }, (_, index) => ({
      hash: `${index}`.repeat(64),
      files: 1,
      from: `f${index}`,
    }));
    const found = compareFiles({ contextHashes: many.map(({ hash }) => hash), fileSets: many }, [other]).text;
    expect(found).toContain("f4: 1 file and 2 more)");
    expect(found).toContain("different: f0, f1, f2, f4, f5 and 1 more");
    expect(compareFiles({ contextHashes: [one] }, [other]).text).toContain(
      "compared 1 set on this machine with 1 set of the snapshot; different: 1 set",
    );
  });

  it("reads the hashes in every form that the API has answered; a missing field is no empty list", () => {
    const of = (contextHashes: unknown) =>
      contextHashesOf({ buildInfo: { dockerfileContent: text, contextHashes: contextHashes as string[] } });
    expect([of([one]), of(null), of([]), of(`${one},${two}`), of(""), of(undefined)]).toEqual([
      [one],
      [],
      [],
      [one, two],
      [],
      undefined,
    ]);
    expect(contextHashesOf({})).toBeUndefined();
  });
});

/** A snapshot that was built with these hashes, as an import stores it. */
function imported(contextHashes: string[] | null | undefined): { record: SnapshotRecord; marks: Marks } {
  const dto = created({ name: "agent", buildInfo: { dockerfileContent: text } });
  return fromImport({
    ...dto,
    buildInfo: { dockerfileContent: text, ...(contextHashes === undefined ? {} : { contextHashes }) },
  });
}

const planned = (contextHashes: string[] | null | undefined, some: Partial<Written> = {}) => {
  const { record, marks } = imported(contextHashes);
  return plan({ record, dto: null as never }, { ...program, ...some }, marks);
};

describe("the plan after an import", () => {
  it("the same files: only the state, with the hash, and without a word", () => {
    const found = planned([two, one]);
    expect(found).toMatchObject({ action: "state-only", planned: { sourceHash: prepared.hash }, warnings: [] });
    expect(found.files?.compared.is).toBe("same");
  });

  it("other files: another snapshot, and which files differ", () => {
    const found = planned([one, other]);
    expect(found).toMatchObject({ action: "swap", planned: { sourceHash: prepared.hash } });
    expect(found.changed).toContain("sourceHash");
    expect(found.warnings.map(({ summary }) => summary)).toEqual([
      'The files are not those that snapshot "agent" was built from',
      'A swap replaces snapshot "agent"',
    ]);
    expect(found.warnings[0]?.detail).toBe(
      `Snapshot "agent" was imported: the files of the build context differ from those that the snapshot was built from: compared ${HERE} with 2 sets of the snapshot; different: COPY run.sh. Paths, contents and modes count. To keep the snapshot, restore the files. Or set source_hash to your own value: it is recorded without a new snapshot, and from then on only a new value counts as a change of the files.`,
    );
    expect(found.warnings[1]?.detail).toMatch(/^Building from the files on this machine creates a new snapshot\./);
    for (const none of [[], null]) expect(planned(none).action).toBe("swap");
    const beside = planned([one, other], { cpu: 2 });
    expect(beside.warnings[1]?.detail).toMatch(/^Changing cpu creates/);
  });

  it("with recreate, a replacement by the hash, which is what changes in the state", () => {
    const found = planned([one, other], { replacement: "recreate" });
    expect(found).toMatchObject({ action: "replace", replaceBy: ["sourceHash"] });
    expect(found.warnings).toEqual(found.files?.notices);
    expect(found.warnings).toHaveLength(1);
  });

  it.each([[[official]], [undefined]])("what cannot be known (%p) is kept, recorded and said", (hashes) => {
    const found = planned(hashes);
    expect(found).toMatchObject({ action: "state-only", planned: { sourceHash: prepared.hash } });
    expect(found.changed).toContain("sourceHash");
    expect(found.warnings).toHaveLength(1);
    expect(found.warnings[0]?.summary).toBe(
      'It is unknown whether the files are those that snapshot "agent" was built from',
    );
    expect(found.warnings[0]?.detail).toMatch(
      /^Snapshot "agent" was imported: whether the files .* is unknown: .*\. The next apply keeps the snapshot and records the hash of the files on this machine, so that their next change creates a new snapshot\. To have it built from the files on this machine, change triggers after that\.$/,
    );
    // It is built from the files here in any case.
    expect(planned(hashes, { cpu: 2 })).toMatchObject({ action: "swap", files: { notices: [] } });
  });

  it("an import of an earlier release has no hashes, so nothing is known", () => {
    const { record } = imported([one, two]);
    const found = plan({ record, dto: null as never }, program, { imported: true });
    expect(found.files?.compared.is).toBe("unknown");
    expect(found.action).toBe("state-only");
  });

  it("a program without a place for files changes nothing, and is told where they belong", () => {
    const inline = {
      ...program,
      dockerfile: null,
      dockerfileContent: text,
      prepared: { ...prepared, contextHashes: [], fileSets: [] },
    };
    const { record, marks } = imported([one, two]);
    const found = plan({ record, dto: null as never }, inline, marks);
    expect(found).toMatchObject({ action: "none", planned: { sourceHash: null } });
    expect(found.warnings).toEqual([
      {
        summary: 'The files that snapshot "agent" was built from are not configured',
        detail:
          'Snapshot "agent" was imported: it was built with 2 sets of files. Nothing was compared with them, and a new snapshot would be built without them. Set context_dir to the folder that has them. Then their hashes are compared.',
      },
    ]);
    expect(plan({ record, dto: null as never }, { ...inline, contextDir: "." }, marks).action).toBe("swap");
    const without = imported(null);
    expect(plan({ record: without.record, dto: null as never }, inline, without.marks)).toMatchObject({
      action: "none",
      warnings: [],
    });
  });

  it("a hash that the program gives stands for the files, and so does one in the state", () => {
    const given = planned([other], { sourceHash: "mine" });
    expect(given).toMatchObject({ action: "state-only", planned: { sourceHash: "mine" } });
    expect(given).not.toHaveProperty("files");
    const { record, marks } = imported([other]);
    const known = { ...record, sourceHash: prepared.hash };
    expect(plan({ record: known, dto: null as never }, program, marks)).not.toHaveProperty("files");
    expect(plan({ record, dto: null as never }, program, {})).not.toHaveProperty("files");
    expect(planned([other], { sourceHash: UNKNOWN })).not.toHaveProperty("files");
  });

  it("another text is a change of its own", () => {
    const found = planned([one, two], { prepared: { ...prepared, text: "FROM a:2\n" } });
    expect(found.action).toBe("swap");
    expect(found).not.toHaveProperty("files");
  });
});

it("an adoption is refused with the words of an import's plan", () => {
  const dto = created({ name: "agent", buildInfo: { dockerfileContent: text } });
  const desired = apply(null, written({ name: "agent", dockerfileContent: text })).record;
  for (const found of [[one, other], [official], [], undefined]) {
    const holder = {
      ...dto,
      buildInfo: { dockerfileContent: text, ...(found === undefined ? {} : { contextHashes: found }) },
    };
    expect(differences({ ...desired, prepared }, holder)).toEqual([`context: ${compareFiles(prepared, found).text}`]);
  }
  expect(
    differences(
      { ...desired, prepared },
      { ...dto, buildInfo: { dockerfileContent: text, contextHashes: [two, one] } },
    ),
  ).toEqual([]);
});
