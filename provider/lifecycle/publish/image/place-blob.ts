import { createHash } from "node:crypto";
import type { ImageLayer } from "../../../source/local-image/local-image";
import type { PushRequest, PushTarget } from "./push-request";
import { type Pushes, repositoryIn, type Sent } from "../../pushes/pushes";
import { hostKey } from "../../pushes/host-key";
import type { BlobUpload } from "./blob-upload";
import type { RegistryClient } from "./registry-client";
import { type Blob, CHUNK, chunksOf, type Content, memoryFor, sendBlob, type Sending } from "./send-blob";
import { UploadTries } from "./upload-tries";

/** Brings the blobs of one push into its repository: those that the registry has elsewhere without sending them. */
export class BlobPlacer {
  /** Repositories that may have what this process does not know of; one that may not be read leaves. */
  private readonly sources: Set<string>;
  /** Whether the registry takes requests to mount. */
  private mounts = true;

  constructor(
    private readonly request: PushRequest,
    private readonly target: PushTarget,
    private readonly client: RegistryClient,
    private readonly pushes: Pushes,
  ) {
    const found = (request.earlier ?? []).map((name) => repositoryIn(target.host, name));
    this.sources = new Set(found.filter((repository) => repository !== null));
  }

  /**
   * @param index of the layer in the image
   * @param onRead is told of all bytes of the layer, sent or not
   * @returns how the manifest names it. @throws Failure, RegistryError, what reading throws, the signal's reason
   */
  async place(layer: ImageLayer, index: number, onRead: (bytes: number) => void, signal: AbortSignal): Promise<Sent> {
    const { request, target, client } = this;
    const sending: Sending = { request, target, signal, client: client.within(signal) };
    const content: Content = { size: layer.size, plain: layer.plain, open: (ending) => layer.open(ending), onRead };
    if (layer.digest !== null) {
      await this.placeKnown(sending, content, { digest: layer.digest, size: layer.size });
      return { mediaType: layer.mediaType, digest: layer.digest, size: layer.size };
    }
    return this.pushes.alone(`layer ${this.registry} ${request.image.hash} ${index}`, signal, async () => {
      const before = this.pushes.compressed(request.image.hash, index);
      if (before === null) {
        const sent = { mediaType: layer.mediaType, ...(await this.placeUnknown(sending, content)) };
        this.pushes.hasCompressed(request.image.hash, index, sent);
        return sent;
      }
      await this.placeKnown(sending, content, before);
      return before;
    });
  }

  private get registry(): string {
    return hostKey(this.target.host);
  }

  /** A blob whose digest is known only when it has been compressed: before it is sent, if that may spare sending it. */
  private async placeUnknown(sending: Sending, content: Content): Promise<Blob> {
    const { pushes } = this;
    const { host, repository } = this.target;
    let free = await pushes.memory.take(memoryFor(content), sending.signal);
    try {
      if (this.sources.size === 0 && !pushes.knows(host)) {
        const blob = await sendBlob(sending, content, null);
        pushes.hasBlob(host, blob.digest, repository);
        return blob;
      }
      const { blob, bytes } = await compress(content, sending.signal);
      const silent = { ...content, onRead: () => undefined };
      if (bytes !== null && !pushes.isRunning(this.keyOf(blob.digest))) {
        await this.placeKnown(sending, { ...silent, bytes }, blob, free);
        return blob;
      }
      // Whoever sends it now may be waiting for memory.
      free();
      free = () => undefined;
      await this.placeKnown(sending, silent, blob);
      return blob;
    } finally {
      free();
    }
  }

  /** @param free the memory is taken already; null: it is not */
  private placeKnown(sending: Sending, content: Content, blob: Blob, free: (() => void) | null = null): Promise<void> {
    const { pushes } = this;
    const { host, repository } = this.target;
    return pushes.alone(this.keyOf(blob.digest), sending.signal, async () => {
      const known = pushes.repositoryOf(host, blob.digest);
      const tries = new UploadTries();
      const there = known === repository ? "mounted" : await this.find(sending.client, blob.digest, known, tries);
      if (there === "mounted") {
        content.onRead(content.size);
        return pushes.hasBlob(host, blob.digest, repository);
      }
      const begun = typeof there === "object" ? there : null;
      const done = free ?? (await pushes.memory.take(memoryFor(content), sending.signal));
      try {
        await sendBlob(sending, content, blob, begun, tries);
      } finally {
        done();
      }
      pushes.hasBlob(host, blob.digest, repository);
    });
  }

  /**
   * Asks for a blob in the repository that has it, or else where it may be. A repository that mounts from itself tells whether it has a blob,
   * and begins the upload if not, in one request.
   */
  private async find(
    client: RegistryClient,
    digest: string,
    known: string | null,
    tries: UploadTries,
  ): Promise<"mounted" | "missing" | BlobUpload> {
    const { repository } = this.target;
    const from = known ?? this.sources.values().next().value ?? (this.mounts ? repository : null);
    const found = from === null ? "refused" : await client.mountBlob(digest, from, tries);
    if (found !== "refused") return found;
    if (from === repository) this.mounts = false;
    else if (from !== null) this.sources.delete(from);
    return (await client.hasBlob(digest)) ? "mounted" : "missing";
  }

  private keyOf(digest: string): string {
    return `blob ${this.registry} ${digest}`;
  }
}

/** What a content is when it has been compressed, with all its bytes where they fit into one request. */
async function compress(
  content: Content,
  signal: AbortSignal,
): Promise<{ blob: Blob; bytes: readonly Buffer[] | null }> {
  const hash = createHash("sha256");
  let [size, bytes]: [number, readonly Buffer[] | null] = [0, []];
  for await (const chunk of chunksOf(content, hash, signal)) {
    bytes = size === 0 && chunk.size < CHUNK ? chunk.parts : null;
    size += chunk.size;
  }
  return { blob: { digest: `sha256:${hash.digest("hex")}`, size }, bytes };
}
