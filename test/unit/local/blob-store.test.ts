import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { BlobStore } from "../../../provider/local/registry/blob-store";

const sha = (content: Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

async function contentOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

// The first is less than a stream to a file holds back, and is brought before the file is open.
test.each([100, 200_000])("of %i bytes that a connection brought before it broke all are there", async (brought) => {
  const store = new BlobStore();
  try {
    const whole = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
    const upload = store.begin("daytona/agent");
    async function* broken(): AsyncGenerator<Buffer> {
      for (let at = 0; at < brought; at += 10_000) yield whole.subarray(at, Math.min(at + 10_000, brought));
      throw new Error("aborted");
    }
    await expect(store.append(upload, Readable.from(broken()))).rejects.toThrow("aborted");
    expect([upload.busy, upload.size]).toEqual([false, brought]);
    await store.append(upload, Readable.from([whole.subarray(upload.size)]));
    expect(store.finish(upload, sha(whole))).toBe(true);
    expect(store.size(sha(whole))).toBe(whole.length);
    expect((await contentOf(store.read(sha(whole)))).equals(whole)).toBe(true);
  } finally {
    store.clear();
  }
});
