import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { marksFrom, outputsFrom, type Bag } from "../../../provider/pulumi/shared";
import { fromImport } from "../../../provider/resources/snapshot/observed";
import type { SnapshotDto } from "../../../provider/api/types";
import { type Face, dynamicFace, nativeFace } from "./faces";

let api: LocalApi;
let folder: string;
let face: Face;

beforeAll(async () => {
  api = await startLocalApi({ pullSeconds: 0.05, buildSeconds: 0.05, cronSeconds: 0.05 });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "daytona-imported-"));
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "Dockerfile"), "FROM alpine:3.20\nCOPY src /src\nCOPY run.sh /\n");
  writeFileSync(join(folder, "src/a.txt"), "one");
  writeFileSync(join(folder, "run.sh"), "#!/bin/sh\n");
});
afterEach(() => {
  face.close();
  api.control.reset();
  rmSync(folder, { recursive: true });
});
afterAll(() => api.close());

const COMPARED =
  "compared 2 sets of 2 files on this machine (COPY src: 1 file, COPY run.sh: 1 file) with 2 sets of the snapshot";

describe.each([
  ["dynamic", dynamicFace],
  ["native", nativeFace],
])("%s: a build with files that a state has from an import", (_name, make) => {
  const news = (some: Bag = {}): Bag => ({ name: "agent", dockerfile: join(folder, "Dockerfile"), ...some });
  const present = (): SnapshotDto => api.control.snapshot("agent") as unknown as SnapshotDto;

  /** A process of its own, which has told nothing yet. */
  function reopen(): void {
    face.close();
    face = make({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
  }

  /** What an import stores of the snapshot, that was built from the files as they are. */
  async function imported(): Promise<Bag> {
    face = make({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await face.create(await face.check(news()));
    const { record, marks } = fromImport(present());
    const olds = outputsFrom(record, marks);
    expect(olds["__marks"]).toEqual(["imported", expect.stringMatching(/^builtWith:[0-9a-f]{64},[0-9a-f]{64}$/)]);
    expect(marksFrom(olds)).toEqual(marks);
    // A refresh keeps what was found.
    expect((await face.refresh(olds))["__marks"]).toEqual(olds["__marks"]);
    return olds;
  }

  test("the same files are recorded without a request that changes anything", async () => {
    const olds = await imported();
    api.control.clearRequests();
    expect(await face.warns(olds, news())).toEqual([]);
    const updated = await face.update(olds, news());
    expect(updated).toMatchObject({ snapshotId: present().id, sourceHash: expect.stringMatching(/^v2:/) as string });
    expect(updated).not.toHaveProperty("__marks");
    expect(api.control.requests().filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("other files are another snapshot, and the reason is told", async () => {
    const olds = await imported();
    const before = present().id;
    writeFileSync(join(folder, "run.sh"), "#!/bin/bash\n");
    const told = (await face.warns(olds, news())).join("\n");
    expect(told).toContain('The files are not those that snapshot "agent" was built from');
    expect(told).toContain(`${COMPARED}; different: COPY run.sh.`);
    expect(told).toContain("Or set sourceHash to your own value");
    reopen();
    const recreated = (await face.warns(olds, news({ replacement: "recreate" }))).join("\n");
    expect(recreated).toContain(`${COMPARED}; different: COPY run.sh.`);
    expect((await face.diff(olds, news({ replacement: "recreate" }))).replaces).toEqual(["sourceHash"]);
    expect((await face.update(olds, news()))["snapshotId"]).not.toBe(before);
  });

  test("what cannot be known is told, and the snapshot stays", async () => {
    const olds = { ...(await imported()), __marks: ["imported", `builtWith:${"0".repeat(32)}`] };
    const before = present().id;
    expect((await face.warns(olds, news())).join("\n")).toContain(
      "an SDK or the command line of Daytona built it with 1 set, whose hashes cannot be compared with those of 2 sets of 2 files on this machine (COPY src: 1 file, COPY run.sh: 1 file). The next `pulumi up` keeps the snapshot",
    );
    // A run without a preview has not told it.
    reopen();
    expect((await face.update(olds, news()))["snapshotId"]).toBe(before);
    expect(face.told().filter((text) => text.includes("whose hashes cannot be compared"))).toHaveLength(1);
  });

  test("an adoption decides in the same way", async () => {
    const olds = await imported();
    reopen();
    writeFileSync(join(folder, "run.sh"), "#!/bin/bash\n");
    await expect(face.create(await face.check(news({ adoptExisting: true })))).rejects.toThrow(
      `context: the files of the build context differ from those that the snapshot was built from: ${COMPARED}; different: COPY run.sh`,
    );
    writeFileSync(join(folder, "run.sh"), "#!/bin/sh\n");
    const adopted = await face.create(await face.check(news({ adoptExisting: true })));
    expect(adopted["snapshotId"]).toBe(olds["snapshotId"]);
  });
});
