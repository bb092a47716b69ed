import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import type { ContextArchive } from "../../../../provider/source/archive/context-archive";
import { access, archiveOf, bytesOf, failureOf, ORGANIZATION, TOKEN, upload } from "./support";
import { TEMPORARY, startStorage, versitygw } from "./versitygw";

const MIB = 2 ** 20;
type Storage = Awaited<ReturnType<typeof startStorage>>;
let storage: Storage;

/** Without the server these are skipped, by name. */
const suite = versitygw === undefined ? describe.skip : describe;

suite(`uploads to versitygw${versitygw === undefined ? " (skipped: DAYTONA_IAC_VERSITYGW is not set)" : ""}`, () => {
  beforeAll(async () => void (storage = await startStorage()), 60_000);
  afterAll(async () => storage.stop());
  beforeEach(() => storage.reset());

  const keyOf = ({ hash }: { hash: string }): string => `${ORGANIZATION}/${hash}/context.tar`;

  /** By hash: Jest compares buffers byte by byte, which takes minutes for large ones. */
  const expectStored = async (archive: ContextArchive): Promise<void> =>
    expect(sha256(await storage.read(keyOf(archive)))).toBe(sha256(await bytesOf(archive)));
  const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

  test("a small archive is one object, and is not sent again", async () => {
    const archive = archiveOf(1000);
    expect(await upload(storage.url, [archive, archive]).done).toEqual([archive.hash]);
    await expectStored(archive);
    expect(await upload(storage.url, [archive]).done).toEqual([archive.hash]);
    expect([storage.count("put"), storage.count("begin")]).toEqual([1, 0]);
    expect(storage.seen.flatMap(({ checksums }) => checksums)).toEqual([]);
  });

  test("30 MiB go in parts, with progress", async () => {
    const archive = archiveOf(30 * MIB);
    const small = archiveOf(10);
    const told: { sentBytes: number; totalBytes: number }[] = [];
    const { done, lines } = upload(storage.url, [archive, small], {
      onProgress: (progress) => void told.push(progress),
    });
    expect(await done).toEqual([archive.hash, small.hash].sort());
    await expectStored(archive);
    expect(storage.count("part")).toBe(7);
    expect(told.at(-1)).toMatchObject({ sentBytes: archive.size + small.size, totalBytes: archive.size + small.size });
    expect(lines).toContainEqual(expect.stringMatching(/^uploading the build context: 30\.0 of 30\.0 MiB/));
  });

  test("an object of another size under the key is replaced", async () => {
    const archive = archiveOf(1000);
    await upload(storage.url, [
      { ...archive, size: 5, open: () => Readable.from([Buffer.from("other")], { objectMode: false }) },
    ]).done;
    await upload(storage.url, [archive]).done;
    await expectStored(archive);
  });

  test("two uploads of one archive at once", async () => {
    const archive = archiveOf(12 * MIB);
    await Promise.all([upload(storage.url, [archive]).done, upload(storage.url, [archive]).done]);
    await expectStored(archive);
    expect(await storage.unfinished()).toBe(0);
  });

  test.each([
    ["a connection that breaks in the middle of a part", "part", "reset"],
    ["a storage that wants less", "part", { status: 503, code: "SlowDown" }],
    ["a failure of the storage", "begin", { status: 500, code: "InternalError" }],
    ["a lost answer to the last request", "complete", "lose"],
    ["a lost answer to a part", "part", "lose"],
    ["a broken connection while looking", "list", "reset"],
  ] as const)("%s is got over", async (_name, operation, fault) => {
    const archive = archiveOf(12 * MIB);
    storage.harm((seen) =>
      seen.operation === operation && seen.earlier < 2
        ? operation === "complete" && seen.earlier > 0
          ? null
          : fault
        : null,
    );
    await upload(storage.url, [archive]).done;
    expect(storage.count(operation)).toBeGreaterThan(operation === "part" ? 3 : 1);
    await expectStored(archive);
    expect(await storage.unfinished()).toBe(0);
  });

  test("credentials that run out in mid-upload are renewed once for all parts", async () => {
    const archive = archiveOf(30 * MIB);
    let asked = 0;
    storage.harm(({ operation, earlier }) =>
      operation === "part" && asked === 1 && earlier >= 2 ? { status: 400, code: "ExpiredToken" } : null,
    );
    await upload(storage.url, [archive], {
      access: async () => (
        (asked += 1),
        access(storage.url, { sessionToken: `${TOKEN}-${asked}`, ...(asked === 1 ? {} : {}) })
      ),
    }).done;
    expect(asked).toBeGreaterThan(1);
    await expectStored(archive);
  });

  test("cancelled in mid-upload, nothing half made stays", async () => {
    const archive = archiveOf(30 * MIB);
    const stop = new AbortController();
    storage.harm(({ operation, earlier }) =>
      operation === "part" && earlier === 3 ? (stop.abort(new Error("stopped")), { slowMs: 500 }) : null,
    );
    await expect(upload(storage.url, [archive], { signal: stop.signal }).done).rejects.toThrow("stopped");
    // The removal may be sent again: versitygw can fail while a part is still being written.
    expect([await storage.left(), storage.count("begin"), storage.count("abort") > 0]).toEqual([0, 1, true]);
    expect(await storage.keys()).not.toContain(keyOf(archive));
  });

  test("cancelled in mid-upload, an upload that comes back after its removal is removed again", async () => {
    const archive = archiveOf(30 * MIB);
    const stop = new AbortController();
    storage.harm(({ operation, earlier }) => {
      if (operation === "part" && earlier === 3) return (stop.abort(new Error("stopped")), { slowMs: 500 });
      // Answered as done, and the upload is there: as after a part that was being written.
      return operation === "abort" && earlier === 0 ? { status: 204, code: "" } : null;
    });
    await expect(upload(storage.url, [archive], { signal: stop.signal }).done).rejects.toThrow("stopped");
    expect([await storage.left(), storage.count("abort") > 1]).toEqual([0, true]);
  });

  test("cancelled while the upload is begun, nothing stays either", async () => {
    const archive = archiveOf(30 * MIB);
    const stop = new AbortController();
    storage.harm(({ operation }) =>
      operation === "begin" ? (stop.abort(new Error("stopped")), { slowMs: 100 }) : null,
    );
    await expect(upload(storage.url, [archive], { signal: stop.signal }).done).rejects.toThrow("stopped");
    expect([await storage.left(), storage.count("abort")]).toEqual([0, 1]);
  });

  test("a file that changed after the plan: both hashes, and no object", async () => {
    const archive = archiveOf(12 * MIB);
    writeFileSync(archive.onDisk, Buffer.alloc(12 * MIB));
    const failure = await failureOf(upload(storage.url, [archive]).done);
    expect(failure.summary).toBe('creating snapshot "x": cannot send the build context');
    expect(failure.detail).toMatch(
      /^"app\/data\.bin" in the build context changed after it was hashed: its SHA-256 was [0-9a-f]{64} and is [0-9a-f]{64} now\./,
    );
    expect([await storage.unfinished(), (await storage.keys()).includes(keyOf(archive))]).toEqual([0, false]);
  });

  test("a file that is gone", async () => {
    const archive = archiveOf(100);
    rmSync(archive.onDisk);
    expect((await failureOf(upload(storage.url, [archive]).done)).detail).toContain(
      '"app/data.bin" in the build context changed after it was hashed: it does not exist.',
    );
  });

  test("an archive of another length than planned is not completed", async () => {
    const archive = archiveOf(12 * MIB);
    expect((await failureOf(upload(storage.url, [{ ...archive, size: 7 }]).done)).detail).toContain(
      `The archive ${archive.hash} was planned with 7 bytes and is ${archive.size} bytes now.`,
    );
    expect([await storage.unfinished(), (await storage.keys()).includes(keyOf(archive))]).toEqual([0, false]);
  });

  test.each([
    [
      "ExpiredToken",
      400,
      "the object storage keeps rejecting the credentials",
      "Check that the API server and the storage belong together and that their clocks agree",
    ],
    [
      "AccessDenied",
      403,
      "the object storage denied the upload",
      'must allow writing below "org-1/" in the bucket "contexts"',
    ],
    ["SlowDown", 503, "the object storage is busy or failing", "after 6 attempts.\nTry again later."],
    ["RequestTimeTooSkewed", 403, "the clocks differ", "Set this machine's clock, then try again."],
    [
      "AuthorizationHeaderMalformed",
      400,
      "the object storage rejected the upload",
      "check its object storage settings",
    ],
  ])(
    "%s to every part fails, names the next step, shows no secret and leaves nothing",
    async (code, status, summary, detail) => {
      storage.harm(({ operation }) => (operation === "part" ? { status, code } : null));
      const secrets: string[] = [];
      const { done, lines } = upload(storage.url, [archiveOf(12 * MIB)], {
        onSecrets: (found) => void secrets.push(...found),
      });
      const failure = await failureOf(done);
      expect(failure.summary).toBe(`creating snapshot "x": ${summary}`);
      expect(failure.detail).toContain(detail);
      expect(failure.detail).toContain(`${new URL(storage.url).host} returned ${status} ${code}`);
      expect(await storage.unfinished()).toBe(0);
      const error = await done.catch((it: unknown) => it);
      const shown = [JSON.stringify(failure), ...lines, inspect(error, { depth: 9, showHidden: true })].join("\n");
      for (const secret of [TEMPORARY.accessKeyId, TEMPORARY.secretAccessKey, TOKEN])
        expect(shown).not.toContain(secret);
      expect(shown).toContain("made up for [secret]");
      expect(new Set(secrets)).toEqual(new Set([TEMPORARY.accessKeyId, TEMPORARY.secretAccessKey, TOKEN]));
    },
  );

  test("a missing bucket", async () => {
    const failure = await failureOf(
      upload(storage.url, [archiveOf(10)], {
        access: () => Promise.resolve(access(storage.url, { bucket: "nowhere" })),
      }).done,
    );
    expect(failure.summary).toBe('creating snapshot "x": the object storage has no bucket "nowhere"');
    expect(failure.detail).toContain("`S3_DEFAULT_BUCKET`");
  });
});
