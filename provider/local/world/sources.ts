import { createHash } from "node:crypto";
import { INTERNAL_REGISTRY } from "../options";
import type { PushedImage, Registry } from "../registry/registry";
import type { SnapshotRow } from "./rows";
import type { World } from "./world";

/** How the simulated runner shall treat images and Dockerfiles. The last rule that matches wins. */
export interface SourceRule {
  /** The exact image. */
  image?: string;
  /** A part of the Dockerfile. */
  dockerfile?: string;
  /** The snapshot's exact name. */
  name?: string;
  /** How many pulls or builds the rule is good for. Default: all. */
  times?: number;
  /**
   * `fail`: the pull or build ends in error. `not-found`, `unauthorized`, `unreachable`: what the registry says of the image, or of a build's base image.
   * `push-refused`: Daytona's own registry has no room: v2 fails, a build of v0 stays `building`, a pull of v0 is active all the same. `hang`: it does not
   * end until `finishHung`, as when the runner that has the job is lost; v2 gives the job up after two hours. `reject`: the runner refuses at once (v0 only).
   */
  outcome?: "fail" | "not-found" | "unauthorized" | "unreachable" | "push-refused" | "hang" | "reject";
  /** Text of `errorReason`. */
  reason?: string;
  /** What a build writes to its log before it ends, as it is: output without a line end is glued to the next line. */
  output?: string;
  /** GiB. */
  size?: number;
  /** The image's own entrypoint. */
  entrypoint?: string[];
  /** Seconds that the pull or build takes. */
  seconds?: number;
  /** Seconds that reading the image's digest takes. */
  inspectSeconds?: number;
}

const DEFAULT_SIZE = 0.75;

/** Rules for sources, and what the simulated registries say about images. */
export class Sources {
  #rules: (SourceRule & { left: number })[] = [];
  readonly #moved = new Map<string, number>();

  constructor(
    private readonly world: World,
    private readonly registry: Pick<Registry, "find" | "untag">,
  ) {}

  add(rule: SourceRule): void {
    this.#rules.unshift({ ...rule, left: rule.times ?? Infinity });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The tag points to another image from now on. */
  moveTag(image: string): void {
    this.#moved.set(image, (this.#moved.get(image) ?? 0) + 1);
  }

  /** Hex of the digest that the registry gives for the image now. */
  digest(image: string): string {
    const pinned = /@sha256:([a-f0-9]{64})$/.exec(image);
    if (pinned) return pinned[1]!;
    const pushed = this.#pushed(image);
    if (pushed) return pushed.digest;
    return createHash("sha256")
      .update(`${image}#${this.#moved.get(image) ?? 0}`)
      .digest("hex");
  }

  /** Where the image is kept for sandboxes. */
  ref(image: string): string {
    return `${INTERNAL_REGISTRY}/daytona/daytona-${this.digest(image)}:daytona`;
  }

  /** Rule for the snapshot's source; looking does not use it up. */
  rule(row: SnapshotRow): SourceRule & { size: number } {
    return { ...this.#standard(row), ...this.#find(row) };
  }

  /** Counts one pull or build against the rule. */
  use(row: SnapshotRow): SourceRule & { size: number } {
    const found = this.#find(row);
    if (found) found.left--;
    return { ...this.#standard(row), ...found };
  }

  /** The server removes an image that was pushed for a create from its registry once it has it. */
  remove(image: string): void {
    const own = this.#inOwnRegistry(image);
    if (own === null) this.add({ image, outcome: "not-found" });
    else this.registry.untag(own);
  }

  /** What is so without a rule: an image that should be in the API's own registry is what was pushed there, or nothing. */
  #standard(row: SnapshotRow): SourceRule & { size: number } {
    // A snapshot that was taken from a sandbox names no image that a runner could pull: v0.190 cannot wake one.
    if (row.buildRef === null && row.imageName === "" && row.sandboxClass !== "windows")
      return { size: DEFAULT_SIZE, outcome: "fail", reason: "failed to pull image: invalid reference format" };
    if (row.buildRef !== null || this.#inOwnRegistry(row.imageName) === null) return { size: DEFAULT_SIZE };
    const pushed = this.#pushed(row.imageName);
    if (!pushed) return { size: DEFAULT_SIZE, outcome: "not-found" };
    return { size: pushed.size, ...(pushed.entrypoint ? { entrypoint: pushed.entrypoint } : {}) };
  }

  #pushed(image: string): PushedImage | null {
    const own = this.#inOwnRegistry(image);
    return own === null ? null : this.registry.find(own);
  }

  /** The image without its host; null: it is in another registry. */
  #inOwnRegistry(image: string): string | null {
    const { registry, registryHost } = this.world.settings;
    return registry === null && image.startsWith(`${registryHost}/`) ? image.slice(registryHost.length + 1) : null;
  }

  #find(row: SnapshotRow) {
    const dockerfile = row.buildRef === null ? undefined : this.world.builds.get(row.buildRef)?.dockerfileContent;
    return this.#rules.find((rule) => {
      if (rule.left <= 0) return false;
      if (rule.name !== undefined && rule.name !== row.name) return false;
      if (rule.image !== undefined && rule.image !== row.imageName) return false;
      if (rule.dockerfile !== undefined && !dockerfile?.includes(rule.dockerfile)) return false;
      return rule.image !== undefined || rule.dockerfile !== undefined || rule.name !== undefined;
    });
  }
}

/** Image as the server names it in messages. */
export function fullImageName(image: string): string {
  const host = image.split("/")[0]!;
  const hasHost = image.includes("/") && (host.includes(".") || host.includes(":") || host === "localhost");
  return hasHost ? image : `docker.io/${image}`;
}
