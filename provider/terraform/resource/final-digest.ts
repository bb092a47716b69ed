import { isUnknown, known } from "../../kit/unknown";
import type { ImageResolution, ImageResolver } from "../../lifecycle";
import { parentCommand, type ParentCommand } from "../../process/parent-command";
import type { SnapshotPlan, Written } from "../../resources/snapshot/record";
import { DigestMemory } from "../../source/digest-memory";
import { planText } from "./final-plan";
import { type PlannedSnapshot, plannedSnapshots } from "./planned-digests";

/**
 * Terraform plans every change once more while it applies, and fails if a known value is another one. A tag can have moved by then, or its
 * registry be down. So the second plan does not ask again: it has the digest of the first, from the saved plan, or from what was remembered.
 */
export class FinalDigests {
  #memory: DigestMemory | undefined;
  /** By program: whether its plan has asked for the digest. */
  readonly #asked = new Set<string>();
  /** By program: the digest of a replacement. */
  readonly #replaced = new Map<string, string | null>();
  #parent: ParentCommand | undefined;
  #saved: readonly PlannedSnapshot[] | null | undefined;

  /** As for `FinalPlans`. */
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly parent: () => ParentCommand = () => parentCommand(env),
    private readonly pid = process.pid,
    private readonly now = () => Date.now(),
  ) {}

  /**
   * The resolver for the plan of a program: one that answers as the plan of this apply, if there is one.
   * @param anew whether it is planned without a prior state: of a replacement, the second time, which keeps what the first has kept
   */
  resolverFor(written: Written, anew: boolean, images: ImageResolver | null): ImageResolver | null {
    const kept = anew ? (this.#replaced.get(keyOf(written)) ?? undefined) : undefined;
    const planned = this.planned(written);
    const before = planned === undefined ? kept : planned;
    if (before === undefined || (images === null && before === null)) return this.noticed(keyOf(written), images);
    const answer: ImageResolution =
      before === null
        ? { kind: "unasked", reason: "The registry could not be asked when this was planned" }
        : { kind: "resolved", digest: before, platforms: null };
    return { resolve: () => Promise.resolve(answer) };
  }

  /** The same resolver, which leaves a note when it is asked. */
  private noticed(key: string, images: ImageResolver | null): ImageResolver | null {
    if (images === null) return null;
    return {
      resolve: (image, signal) => {
        this.#asked.add(key);
        return images.resolve(image, signal);
      },
    };
  }

  /** Remembers what a plan shows. One that has asked no registry and keeps no digest for a change is the same the second time. */
  remember(written: Written, { action, planned: { imageDigest } }: Pick<SnapshotPlan, "action" | "planned">): void {
    if (known(written.image) === null) return;
    const digest = isUnknown(imageDigest) ? null : imageDigest;
    const key = keyOf(written);
    if (action === "replace") this.#replaced.set(key, digest);
    if (!this.#asked.has(key) && (digest === null || action === "none")) return;
    this.memory.remember(key, digest);
  }

  /** What the plan of this apply has; undefined: this is no such plan, or it does not tell. */
  private planned(written: Written): string | null | undefined {
    if (known(written.image) === null) return undefined;
    const parent = this.read();
    if (parent.command !== null && parent.command !== "apply") return undefined;
    if (parent.planFile !== null) return this.inFile(parent.planFile, written);
    return this.memory.planned(keyOf(written));
  }

  private inFile(path: string, written: Written): string | null | undefined {
    if (this.#saved === undefined) {
      const text = planText(path);
      this.#saved = text === null ? null : plannedSnapshots(text);
    }
    const image = known(written.image);
    const found = (this.#saved ?? []).filter(
      (one) =>
        one.image === image &&
        (known(written.name) === null
          ? one.namePrefix === known(written.namePrefix)
          : one.name === known(written.name)),
    );
    const digests = [...new Set(found.map(({ imageDigest }) => imageDigest))];
    return digests.length === 1 ? digests[0] : undefined;
  }

  private get memory(): DigestMemory {
    return (this.#memory ??= new DigestMemory(this.env, { run: this.read().run, pid: this.pid }, this.now));
  }

  private read(): ParentCommand {
    return (this.#parent ??= this.parent());
  }
}

/** One resource and its image. Terraform does not tell the address. */
function keyOf({ name, namePrefix, image }: Written): string {
  return JSON.stringify([process.cwd(), "image", known(name), known(namePrefix), known(image)]);
}
