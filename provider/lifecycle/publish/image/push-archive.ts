import { createHash, type Hash } from "node:crypto";
import { Readable, type Transform } from "node:stream";
import { backoff } from "../../../api/http/retry";
import type { ImageLayer, LocalImage } from "../../../source/local-image/local-image";
import { Failure } from "../../call/errors";
import { transferMeter } from "../upload-progress";
import type { PushRequest, PushTarget } from "./push-request";
import type { RegistryClient } from "./registry-client";
import { isPassing, RegistryError } from "./registry-failure";

/** Bytes of one request. Proxies refuse larger bodies than they know. */
const CHUNK = 16 * 2 ** 20;
/** How often one blob is sent, from its beginning. */
const ATTEMPTS = 4;
const CONFIG = "application/vnd.oci.image.config.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

interface Sent {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Pushes an image from an archive: its layers, its configuration and, when all of them are there, its manifest. @throws Failure, RegistryError, the signal's reason */
export async function pushArchive(request: PushRequest, target: PushTarget, client: RegistryClient, image: Extract<LocalImage["content"], { kind: "archive" }>): Promise<void> {
  const { clock, log } = request;
  const config = sha256(image.config);
  const total = image.layers.reduce((sum, { size }) => sum + size, 0) + image.config.length;
  const meter = transferMeter(log, clock, total, "pushing the local image");
  const layers: Sent[] = [];
  for (const layer of image.layers) layers.push(await pushLayer(request, target, client, layer, (bytes) => meter.add(bytes)));
  if (!(await client.hasBlob(config))) await sendBlob(request, target, client, { digest: config, open: () => Readable.from([image.config]), onRead: (bytes) => meter.add(bytes) });
  const made = { schemaVersion: 2, mediaType: MANIFEST, config: { mediaType: CONFIG, digest: config, size: image.config.length }, layers };
  const { bytes, mediaType } = image.manifest ?? { bytes: Buffer.from(JSON.stringify(made)), mediaType: MANIFEST };
  await client.putManifest(bytes, mediaType);
}

async function pushLayer(request: PushRequest, target: PushTarget, client: RegistryClient, layer: ImageLayer, onRead: (bytes: number) => void): Promise<Sent> {
  if (layer.digest !== null && (await client.hasBlob(layer.digest))) {
    onRead(layer.size);
    return { mediaType: layer.mediaType, digest: layer.digest, size: layer.size };
  }
  const { digest, size } = await sendBlob(request, target, client, { digest: layer.digest, open: (signal) => layer.open(signal), plain: layer.plain, onRead });
  return { mediaType: layer.mediaType, digest, size };
}

interface Blob {
  /** null: it is known only when all has been sent. */
  readonly digest: string | null;
  /** Whether it is compressed while it is sent. */
  readonly plain?: boolean;
  open(signal: AbortSignal): Readable;
  onRead(bytes: number): void;
}

/** Sends a blob in chunks, from the beginning again where that may help. */
async function sendBlob(request: PushRequest, target: PushTarget, client: RegistryClient, blob: Blob): Promise<{ digest: string; size: number }> {
  const { clock, signal, log } = request;
  for (let attempt = 1, counted = 0; ; attempt += 1) {
    let read = 0;
    const onRead = (bytes: number): void => {
      read += bytes;
      // What an earlier attempt has counted is not counted twice.
      if (read > counted) blob.onRead(read - counted);
      counted = Math.max(counted, read);
    };
    try {
      return await sendOnce(request, target, client, { ...blob, onRead });
    } catch (error) {
      if (signal.aborted || !(error instanceof RegistryError) || !isPassing(error) || attempt >= ATTEMPTS) throw error;
      log.debug(`registry ${target.host}: a layer was not accepted (${error.status} ${error.code}), attempt ${attempt}`);
      await clock.sleep(backoff(attempt), signal).catch(() => undefined);
    }
  }
}

async function sendOnce({ signal, doing }: PushRequest, target: PushTarget, client: RegistryClient, blob: Blob): Promise<{ digest: string; size: number }> {
  const upload = await client.startUpload();
  const content = blob.open(signal);
  const counting = counted(content, blob.onRead);
  const gzip: Transform | null = blob.plain ? process.getBuiltinModule("node:zlib").createGzip() : null;
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const chunk of chunks(gzip === null ? counting : compressed(counting, gzip), hash)) {
      await upload.append(chunk, size);
      size += chunk.length;
    }
    const digest = `sha256:${hash.digest("hex")}`;
    if (blob.digest !== null && blob.digest !== digest && blob.digest.startsWith("sha256:")) {
      throw new Failure({
        summary: `${doing}: the image archive is damaged`,
        detail: `A layer of "${target.written}" has the digest ${digest}, but its manifest says ${blob.digest}. No snapshot was created. Write the archive again.`,
        attribute: ["localImage"],
      });
    }
    await upload.finish(blob.digest ?? digest);
    return { digest: blob.digest ?? digest, size };
  } finally {
    content.destroy();
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

/** Collects chunks of the size of a request. */
async function* chunks(content: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const part of content) {
    hash.update(part);
    parts.push(part);
    size += part.length;
    if (size < CHUNK) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts);
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
