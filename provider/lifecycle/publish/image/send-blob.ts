import { createHash, type Hash } from "node:crypto";
import { Readable, type Transform } from "node:stream";
import { backoff } from "../../../api/http/retry";
import { Failure } from "../../call/errors";
import type { PushRequest, PushTarget } from "./push-request";
import type { BlobUpload } from "./blob-upload";
import type { RegistryClient } from "./registry-client";
import { isWorthRestarting } from "./registry-failure";
import { UploadTries } from "./upload-tries";

/** Bytes of one request. Proxies refuse larger bodies than they know. */
export const CHUNK = 16 * 2 ** 20;
/** By how much compression may make a layer larger, in bytes. */
const GROWTH = 64 * 2 ** 10;

/** Content of the image, to be read as often as needed. */
export interface Content {
  /** Bytes as it is in the archive. */
  readonly size: number;
  /** Whether it is compressed while it is sent. */
  readonly plain: boolean;
  open(signal: AbortSignal): Readable;
  /** All of it, as it is sent, where that is in memory already. */
  readonly bytes?: readonly Buffer[];
  /** Called for the bytes that are read. */
  onRead(bytes: number): void;
}

/** A blob as the registry knows it. */
export interface Blob {
  readonly digest: string;
  /** In bytes, as it is sent. */
  readonly size: number;
}

/** One of the blobs of a push under way. */
export interface Sending {
  readonly request: PushRequest;
  readonly target: PushTarget;
  readonly client: RegistryClient;
  readonly signal: AbortSignal;
}

/** The memory that sending a content takes, in bytes. */
export function memoryFor({ size }: Pick<Content, "size">): number {
  return Math.min(CHUNK, size + GROWTH);
}

/**
 * Sends a blob in chunks, from the beginning again where that may help. An upload that fails is cancelled.
 * @param expected what the content has to be; null: it is known only when all has been sent
 * @param begun the upload that the registry has begun already, and its failures; null: none
 * @throws Failure, RegistryError, what reading throws
 */
export async function sendBlob(
  sending: Sending,
  content: Content,
  expected: Blob | null,
  begun: BlobUpload | null = null,
  tries = new UploadTries(),
): Promise<Blob> {
  const { request, target, client, signal } = sending;
  let counted = 0;
  for (let upload = begun; ; upload = null) {
    let read = 0;
    const onRead = (bytes: number): void => {
      read += bytes;
      // What an earlier attempt has counted is not counted twice.
      if (read > counted) content.onRead(read - counted);
      counted = Math.max(counted, read);
    };
    try {
      return await sendOnce(sending, { ...content, onRead }, expected, upload ?? client.startUpload(tries));
    } catch (error) {
      if (signal.aborted || !isWorthRestarting(error) || !tries.again()) throw error;
      request.log.debug(
        `registry ${target.host}: a layer was not accepted (${(error as Error).message}), attempt ${tries.failed}`,
      );
      await request.clock.sleep(backoff(tries.failed), signal).catch(() => undefined);
      // The answer to its last request may have been lost.
      if (expected !== null && (await client.hasBlob(expected.digest))) return expected;
    }
  }
}

async function sendOnce(
  { request, target, signal }: Sending,
  content: Content,
  expected: Blob | null,
  begun: BlobUpload | Promise<BlobUpload>,
): Promise<Blob> {
  const hash = createHash("sha256");
  const chunks = chunksOf(content, hash, signal);
  // Read while the registry begins the upload.
  const first = chunks.next();
  first.catch(() => undefined);
  const upload = await Promise.resolve(begun).catch(async (error: unknown) => {
    await first.catch(() => undefined);
    await chunks.return(undefined);
    throw error;
  });
  let [size, finished] = [0, false];
  /** A blob of one request, as containerd sends it; larger ones can go on where they were interrupted. */
  let whole: readonly Buffer[] = [];
  try {
    for (let next = await first; next.done !== true; next = await chunks.next()) {
      const chunk = next.value;
      if (size === 0 && chunk.size < CHUNK) whole = chunk.parts;
      else await upload.append(chunk.parts, size);
      size += chunk.size;
    }
    const digest = `sha256:${hash.digest("hex")}`;
    // A digest of another kind is the registry's to check.
    if (expected !== null && expected.digest !== digest && expected.digest.startsWith("sha256:"))
      throw damaged(request, target, digest, expected.digest);
    await upload.finish(expected?.digest ?? digest, whole);
    finished = true;
    return { digest: expected?.digest ?? digest, size };
  } finally {
    await chunks.return(undefined);
    if (!finished) await upload.cancel();
  }
}

function damaged({ doing }: PushRequest, { written }: PushTarget, found: string, expected: string): Failure {
  return new Failure(
    {
      summary: `${doing}: the image archive is damaged`,
      detail: `A layer of "${written}" has the digest ${found}, but its manifest says ${expected}. No snapshot was created. Write the archive again.`,
      attribute: ["localImage"],
    },
    { code: "source" },
  );
}

/** What one request sends. */
export interface Chunk {
  readonly parts: readonly Buffer[];
  /** In bytes. */
  readonly size: number;
}

/** The content as it is sent, in chunks of the size of a request. All of it goes into `hash`. */
export async function* chunksOf(content: Content, hash: Hash, signal: AbortSignal): AsyncGenerator<Chunk> {
  const source = content.bytes === undefined ? content.open(signal) : Readable.from(content.bytes);
  const gzip = content.plain && content.bytes === undefined ? process.getBuiltinModule("node:zlib").createGzip() : null;
  const counting = counted(source, content.onRead);
  let [parts, size]: [Buffer[], number] = [[], 0];
  try {
    for await (const part of gzip === null ? counting : compressed(counting, gzip)) {
      hash.update(part);
      for (let rest = part; rest.length > 0;) {
        const taken = rest.subarray(0, CHUNK - size);
        parts.push(taken);
        size += taken.length;
        rest = rest.subarray(taken.length);
        if (size < CHUNK) continue;
        yield { parts, size };
        [parts, size] = [[], 0];
      }
    }
    if (size > 0) yield { parts, size };
  } finally {
    source.destroy();
    gzip?.destroy();
  }
}

async function* counted(content: Readable, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const part of content as AsyncIterable<Buffer>) {
    onRead(part.length);
    yield part;
  }
}

async function* compressed(content: AsyncIterable<Buffer>, gzip: Transform): AsyncGenerator<Buffer> {
  const source = Readable.from(content);
  source.on("error", (error) => gzip.destroy(error));
  for await (const part of source.pipe(gzip) as AsyncIterable<Buffer>) yield part;
}
