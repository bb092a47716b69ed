import { abortable } from "../../api/clock";
import { MemoryBudget } from "./limits";
import { hostKey } from "./host-key";

/** What all pushes of this process may hold in memory, in bytes. */
const MEMORY = 64 * 2 ** 20;

/** A blob as a manifest names it. */
export interface Sent {
  readonly mediaType: string;
  readonly digest: string;
  /** In bytes, as it is in the registry. */
  readonly size: number;
}

/** An image that was pushed: its name for `POST /snapshots`, and where its manifest is. */
export interface PushedImage {
  readonly name: string;
  readonly repository: string;
  /** Of the manifest; null: the registry does not tell. */
  readonly digest: string | null;
}

/**
 * What this process has pushed, and is pushing: blobs that a registry has are not sent to it again. The server removes an image from its
 * registry once a snapshot of it is active, so that an image is used by one create, and every create has a repository of its own.
 */
export class Pushes {
  readonly memory = new MemoryBudget(MEMORY);
  /** Registry and digest to the repository that has the blob. */
  private readonly blobs = new Map<string, string>();
  /** Registry, content and number of a layer whose digest is known only by compressing it. */
  private readonly layers = new Map<string, Sent>();
  private readonly images = new Map<string, PushedImage>();
  /** Names that no snapshot was made from. */
  private readonly unused = new Set<string>();
  /** Names of images that a snapshot was to be made from which never was active, oldest first. */
  private readonly leftOver = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();
  private last = 0;

  /** A time in ms that no other push has: it is in the name of the repository. @param now that it should be */
  time(now: number): number {
    return (this.last = Math.max(now, this.last + 1));
  }

  /** Waits while another push does the same, then does it. Keys are those of the caller. @throws the signal's reason, and what `body` throws */
  async alone<T>(key: string, signal: AbortSignal, body: () => Promise<T>): Promise<T> {
    for (let other = this.running.get(key); other !== undefined; other = this.running.get(key))
      await abortable(other, signal);
    const work = body();
    const over = work.then(
      () => undefined,
      () => undefined,
    );
    this.running.set(
      key,
      over.then(() => void this.running.delete(key)),
    );
    return work;
  }

  /** Whether `alone` would wait. */
  isRunning(key: string): boolean {
    return this.running.has(key);
  }

  /** The repository of a registry that has a blob, as far as this process knows; null: none. */
  repositoryOf(host: string, digest: string): string | null {
    return this.blobs.get(`${hostKey(host)} ${digest}`) ?? null;
  }

  hasBlob(host: string, digest: string, repository: string): void {
    this.blobs.set(`${hostKey(host)} ${digest}`, repository);
  }

  /** Whether any blob of a registry is known. */
  knows(host: string): boolean {
    const key = `${hostKey(host)} `;
    for (const blob of this.blobs.keys()) if (blob.startsWith(key)) return true;
    return false;
  }

  /** A layer of an image as it was compressed before. @param hash of the image's content */
  compressed(hash: string, index: number): Sent | null {
    return this.layers.get(`${hash} ${index}`) ?? null;
  }

  hasCompressed(hash: string, index: number, sent: Sent): void {
    this.layers.set(`${hash} ${index}`, sent);
  }

  /** The last push of an image. @param key registry, project and hash of the content */
  image(key: string): PushedImage | null {
    return this.images.get(key) ?? null;
  }

  hasImage(key: string, image: PushedImage): void {
    this.images.set(key, image);
    this.unused.delete(image.name);
  }

  /** No snapshot was made from this name, so that the server has not removed it on that account. */
  release(name: string): void {
    this.unused.add(name);
  }

  /** A snapshot of this image, pushed by whichever process, is deleted without ever having been active: the server has not removed the image. */
  leaves(name: string): void {
    this.leftOver.add(name);
  }

  /** The names of `leaves`, the newest first: where blobs may be. */
  leftOvers(): readonly string[] {
    return [...this.leftOver].reverse();
  }

  /** Takes a name that no snapshot was made from: from now on one may be. */
  takeUnused(key: string): PushedImage | null {
    const image = this.images.get(key);
    return image !== undefined && this.unused.delete(image.name) ? image : null;
  }
}

/** The repository of an image name in this registry; null: it is in another one. */
export function repositoryIn(host: string, imageName: string): string | null {
  const [, registry = "", repository = ""] = /^([^/]+)\/(.+?)(?::[^/:]*)?(?:@.*)?$/.exec(imageName) ?? [];
  return repository !== "" && hostKey(registry) === hostKey(host) ? repository : null;
}
