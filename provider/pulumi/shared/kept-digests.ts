import type { ImageResolver } from "../../lifecycle";
import { isUnknown, known } from "../../kit/unknown";
import type { SnapshotPlan } from "../../resources/snapshot/record";

/**
 * The digests with which Diff has planned new snapshots. If the engine replaces the resource, the Create that follows in the same process plans
 * without the snapshot before, so it takes from here what Diff has said, such as the digest that a change of `cpu` keeps.
 */
export class KeptDigests {
  /** By resource. */
  readonly #planned = new Map<string, { readonly image: string; readonly digest: string }>();

  /** Remembers what Diff says of a resource. */
  planned(owner: string, { action, planned }: Pick<SnapshotPlan, "action" | "planned">): void {
    this.#planned.delete(owner);
    const image = known(planned.image);
    const { imageDigest: digest } = planned;
    if (action === "none" || image === null || isUnknown(digest) || digest === null) return;
    this.#planned.set(owner, { image, digest });
  }

  /** The resolver for a Create of the resource: of a replacement, one that answers as its Diff has. @param images null: no registry is asked */
  resolverFor(owner: string | undefined, images: ImageResolver | null): ImageResolver | null {
    const kept = owner === undefined ? undefined : this.#planned.get(owner);
    if (kept === undefined) return images;
    return {
      resolve: (image, signal) => {
        if (image === kept.image) return Promise.resolve({ kind: "resolved", digest: kept.digest, platforms: null });
        return images === null
          ? Promise.resolve({ kind: "unasked", reason: "No registry is asked" })
          : images.resolve(image, signal);
      },
    };
  }

  /** Forgets everything: another connection. */
  reset(): void {
    this.#planned.clear();
  }
}
