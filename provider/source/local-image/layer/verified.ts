import { createHash, type Hash } from "node:crypto";
import { Readable, type Transform } from "node:stream";
import { type Compression, unpacker } from "./compression";

/** A layer is not the one that its image names. The message continues "A layer of this image": `has the digest …, but its manifest says …`. */
export class DamagedLayer extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DamagedLayer";
  }
}

/** What a layer has to be. */
export interface ExpectedLayer {
  /** Digest of the bytes as they are; null: nothing names one. */
  readonly digest: string | null;
  /** Digest of the unpacked bytes, as the image's configuration lists it. */
  readonly diffId: string;
  readonly compression: Compression;
}

/**
 * The same bytes, checked while they pass. The last part comes only when everything is right, so that nobody ever has a whole wrong layer.
 * What this program cannot unpack is held to its digest alone; see `canUnpack`.
 * @returns a stream that fails with a DamagedLayer, or with what the given one fails with
 */
export function verified(bytes: Readable, expected: ExpectedLayer): Readable {
  return Readable.from(checked(bytes, expected), { objectMode: false });
}

async function* checked(bytes: Readable, { digest, diffId, compression }: ExpectedLayer): AsyncGenerator<Buffer> {
  const hash = digest === null ? null : createHash(algorithmOf(digest));
  const content = contentOf(compression, createHash(algorithmOf(diffId)));
  let held: Buffer | null = null;
  try {
    for await (const part of bytes as AsyncIterable<Buffer>) {
      hash?.update(part);
      await content?.write(part);
      // The rest of a layer that cannot be unpacked is only read for its digest, which says more.
      if (held !== null && content?.failed !== true) yield held;
      held = part;
    }
    const found = hash === null ? digest : `${algorithmOf(digest)}:${hash.digest("hex")}`;
    if (found !== digest) throw new DamagedLayer(`has the digest ${found}, but its manifest says ${digest}`);
    const unpacked = content === null ? diffId : `${algorithmOf(diffId)}:${await content.end()}`;
    if (unpacked !== diffId)
      throw new DamagedLayer(
        `${compression === "none" ? "has the digest" : "unpacks to"} ${unpacked}, but the configuration of the image says ${diffId}`,
      );
    if (held !== null) yield held;
  } finally {
    content?.destroy();
  }
}

/** Hashes the content of a layer. */
interface Content {
  readonly failed: boolean;
  write(part: Buffer): Promise<void>;
  /** @returns the digest in hex @throws DamagedLayer */
  end(): Promise<string>;
  destroy(): void;
}

/** null: this program cannot unpack it. */
function contentOf(compression: Compression, hash: Hash): Content | null {
  if (compression === "none")
    return {
      failed: false,
      write: (part) => Promise.resolve(void hash.update(part)),
      end: () => Promise.resolve(hash.digest("hex")),
      destroy: () => undefined,
    };
  const stream = unpacker(compression);
  return stream === null ? null : new Unpacking(stream, hash);
}

/** `sha256` of `sha256:…`. */
function algorithmOf(digest: string | null): string {
  return digest?.startsWith("sha512:") ? "sha512" : "sha256";
}

/** Hashes what a stream unpacks. */
class Unpacking implements Content {
  private readonly over: Promise<void>;
  private failure: Error | null = null;
  private ended = false;
  private written = 0;
  /** The part before. */
  private unpacked: Promise<void> = Promise.resolve();

  constructor(
    private readonly stream: Transform,
    private readonly hash: Hash,
  ) {
    this.over = new Promise((resolve) => {
      stream.on("data", (part: Buffer) => void hash.update(part));
      stream.once("end", () => resolve(void (this.ended = true)));
      stream.once("error", (error: Error) => resolve(void (this.failure = error)));
    });
  }

  get failed(): boolean {
    return this.failure !== null;
  }

  async write(part: Buffer): Promise<void> {
    this.written += part.length;
    // One part is unpacked while the next is read, and this one goes on.
    await this.unpacked;
    if (this.failed || this.ended) return;
    // A stream that has met its end never answers.
    this.unpacked = Promise.race([this.over, new Promise<void>((resolve) => this.stream.write(part, () => resolve()))]);
  }

  async end(): Promise<string> {
    await this.unpacked;
    if (!this.failed && !this.ended) this.stream.end();
    await this.over;
    if (this.failure !== null) throw new DamagedLayer(`cannot be unpacked: ${this.failure.message}`);
    if ((this.stream as Transform & { bytesWritten: number }).bytesWritten < this.written)
      throw new DamagedLayer("continues after the end of its compressed content");
    return this.hash.digest("hex");
  }

  destroy(): void {
    this.stream.destroy();
  }
}
