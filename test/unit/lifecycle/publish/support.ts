import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PushAccess } from "../../../../provider/api/types";
import { systemClock } from "../../../../provider/lifecycle";
import { uploadContexts, type UploadRequest } from "../../../../provider/lifecycle/publish";
import { contextArchive, type ContextArchive } from "../../../../provider/source/archive/context-archive";
import { BUCKET, TEMPORARY } from "./versitygw";

const folder = mkdtempSync(join(tmpdir(), "contexts-"));
export const ORGANIZATION = "org-1";
export const TOKEN = "planted-session-token";

/** An archive of one file with content that no other has. */
export function archiveOf(bytes: number, path = "app/data.bin"): ContextArchive & { onDisk: string } {
  const onDisk = join(folder, randomBytes(6).toString("hex"));
  const content = randomBytes(bytes);
  writeFileSync(onDisk, content);
  return {
    ...contextArchive([
      { path, onDisk, executable: false, size: bytes, sha256: createHash("sha256").update(content).digest("hex") },
    ]),
    onDisk,
  };
}

export async function bytesOf(archive: ContextArchive): Promise<Buffer> {
  return Buffer.concat(await archive.open().toArray());
}

export const access = (storageUrl: string, more: Partial<PushAccess> = {}): PushAccess => ({
  accessKey: TEMPORARY.accessKeyId,
  secret: TEMPORARY.secretAccessKey,
  sessionToken: TOKEN,
  storageUrl,
  organizationId: ORGANIZATION,
  bucket: BUCKET,
  region: "us-east-1",
  ...more,
});

/** An upload without pauses between attempts. What is limited has ten times as long, for a machine with other work. */
export function upload(storageUrl: string, archives: ContextArchive[], more: Partial<UploadRequest> = {}) {
  const lines: string[] = [];
  const log = { debug: (line: string) => void lines.push(line), progress: (line: string) => void lines.push(line) };
  const done = uploadContexts({
    archives,
    access: () => Promise.resolve(access(storageUrl)),
    clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms >= 1000 ? 10 * ms : Math.min(ms, 5), signal) },
    random: () => 0,
    signal: new AbortController().signal,
    log,
    doing: 'creating snapshot "x"',
    env: {},
    ...more,
  });
  return { done, lines };
}

/** Summary and detail of the failure. */
export async function failureOf(done: Promise<unknown>): Promise<{ summary: string; detail: string }> {
  return done.then(
    () => Promise.reject(new Error("expected a failure")),
    (error: { notice?: { summary: string; detail: string } }) => error.notice ?? Promise.reject(error),
  );
}
