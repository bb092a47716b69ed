import type { SnapshotRow } from "./rows";

/** What the runner's container engine holds, and so what sandboxes really run: a `ref` does not prove it (behaviour of v0.190). */
export class Engine {
  /** Digest of what was pulled for a tag. The engine does not ask the registry again for a tag that it has. */
  readonly #tags = new Map<string, string>();
  /** Digest of what is stored under a ref. */
  readonly #stored = new Map<string, string>();

  /** @param digestOf hex of the digest that the registry gives for an image now */
  constructor(private readonly digestOf: (image: string) => string) {}

  /** A pull has ended: what the engine has for the tag is stored under the ref, even if the ref was made of another digest. */
  pulled(image: string, ref: string, keepsTags: boolean): void {
    const digest = (keepsTags ? this.#tags.get(image) : undefined) ?? this.digestOf(image);
    this.#tags.set(image, digest);
    this.#stored.set(ref, digest);
  }

  /** A build has ended. The builder asks the registry for its base image every time. */
  built(dockerfile: string, ref: string): void {
    const base = baseOf(dockerfile);
    if (base !== null) this.#stored.set(ref, this.digestOf(base));
  }

  /** A sandbox was committed: its content is stored under the ref of the new image. */
  committed(ref: string, digest: string): void {
    this.#stored.set(ref, digest);
  }

  /**
   * Hex of the digest of what sandboxes of a snapshot run; of a build, that of its base image. null: there is nothing to run.
   * @param isReady whether the runner has the image, though nothing may have been pulled or built: a command made it
   */
  contentOf(row: SnapshotRow, dockerfile: string | undefined, isReady: boolean): string | null {
    if (row.ref === null) return null;
    const stored = this.#stored.get(row.ref);
    if (stored !== undefined || !isReady) return stored ?? null;
    if (dockerfile === undefined) return /-([0-9a-f]{64}):/.exec(row.ref)?.[1] ?? null;
    const base = baseOf(dockerfile);
    return base === null ? null : this.digestOf(base);
  }

  /** The images are removed from the engine, as by `docker image prune`; what is stored for sandboxes stays. */
  forgetImages(): void {
    this.#tags.clear();
  }

  reset(): void {
    this.#tags.clear();
    this.#stored.clear();
  }
}

/** The image that the last stage of a Dockerfile is made from; null: none from outside. */
export function baseOf(dockerfile: string): string | null {
  const stages = new Map<string, string>();
  let base: string | null = null;
  for (const [, from = "", name] of dockerfile.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/gim)) {
    base = stages.get(from.toLowerCase()) ?? from;
    if (name !== undefined) stages.set(name.toLowerCase(), base);
  }
  return base === "scratch" ? null : base;
}
