import { createHash, type Hash, randomUUID } from "node:crypto";
import { createReadStream, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { makeOwnFolder } from "../../kit/own-folder";

/** An upload of a blob that has not been finished. */
export interface Upload {
  readonly id: string;
  readonly repository: string;
  /** Bytes so far. */
  size: number;
  readonly hash: Hash;
  /** Whether a request is writing to it. */
  busy: boolean;
}

/** How their temporary folder begins. */
export const BLOB_FOLDER = "daytona-iac-registry-";

/** Blobs of pushed images, as files in a temporary folder that is made with the first one and removed at the end. */
export class BlobStore {
  #folder: string | undefined;
  readonly #uploads = new Map<string, Upload>();
  /** Sizes in bytes, by digest. */
  readonly #sizes = new Map<string, number>();

  begin(repository: string): Upload {
    const upload: Upload = { id: randomUUID(), repository, size: 0, hash: createHash("sha256"), busy: false };
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  upload(id: string, repository: string): Upload | undefined {
    const upload = this.#uploads.get(id);
    return upload?.repository === repository ? upload : undefined;
  }

  /** Appends what comes. What came before the connection broke stays: the client asks how much that is. */
  async append(upload: Upload, content: Readable): Promise<void> {
    upload.busy = true;
    try {
      const file = await open(this.#file(upload.id), "a");
      try {
        for await (const chunk of content as AsyncIterable<Buffer>) {
          await file.appendFile(chunk);
          // Counted once it is written: a stream to the file would lose what it holds back when the connection breaks.
          upload.hash.update(chunk);
          upload.size += chunk.length;
        }
      } finally {
        await file.close();
      }
    } finally {
      upload.busy = false;
    }
  }

  /** Makes a blob of it. @returns whether it has the digest */
  finish(upload: Upload, digest: string): boolean {
    this.#uploads.delete(upload.id);
    const file = this.#file(upload.id);
    if (`sha256:${upload.hash.digest("hex")}` !== digest) {
      rmSync(file, { force: true });
      return false;
    }
    renameSync(file, this.#file(digest.slice("sha256:".length)));
    this.#sizes.set(digest, upload.size);
    return true;
  }

  cancel(upload: Upload): void {
    this.#uploads.delete(upload.id);
    rmSync(this.#file(upload.id), { force: true });
  }

  /** Size in bytes; undefined: there is no such blob. */
  size(digest: string): number | undefined {
    return this.#sizes.get(digest);
  }

  read(digest: string): Readable {
    return createReadStream(this.#file(digest.slice("sha256:".length)));
  }

  clear(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    this.#uploads.clear();
    this.#sizes.clear();
  }

  #file(name: string): string {
    this.#folder ??= makeOwnFolder(BLOB_FOLDER);
    return join(this.#folder, name);
  }
}
