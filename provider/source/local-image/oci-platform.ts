import type { BlobStore } from "./blob-store";
import { json } from "./config-blob";
import { ImageError } from "./image-error";
import { type Descriptor, type OciImage, readDocument } from "./oci-manifest";
import { isObject } from "./shape";

/** Nested indexes that are followed. */
const DEPTH = 4;
/** Manifests that are read in search of the image. */
const MOST_READ = 1_000;

/** An image for linux/amd64. */
export interface Fitting {
  readonly image: OciImage;
  /** Generation of the processor; null: the baseline, which every machine has. */
  readonly variant: string | null;
}

/** What an archive has for linux/amd64. */
export interface Found {
  /** The lowest generation only; several are different images. */
  readonly lowest: readonly Fitting[];
  /** Every generation, the lowest first. */
  readonly variants: readonly string[];
}

/**
 * The linux/amd64 images that descriptors lead to, through indexes. What a descriptor does not say about its platform, the configuration does.
 * @throws ImageError if there is none
 */
export async function fittingImages(
  store: BlobStore,
  descriptors: readonly Descriptor[],
  label: string,
): Promise<Found> {
  const search = new Search(store, label);
  await search.visit(descriptors, 0);
  const found = once(search.found).sort((a, b) => rank(a.variant) - rank(b.variant));
  const [first] = found;
  if (first === undefined) return { lowest: [search.only()], variants: [] };
  return {
    lowest: found.filter(({ variant }) => rank(variant) === rank(first.variant)),
    variants: [...new Set(found.map(({ variant }) => variant ?? "v1"))],
  };
}

/** The baseline first; a name that is not known last. */
function rank(variant: string | null): number {
  const found = /^v([1-9])$/.exec(variant ?? "v1");
  return found === null ? 99 : Number(found[1]);
}

interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
}

class Search {
  readonly found: Fitting[] = [];
  /** For another platform, by their configurations. */
  private readonly others: Fitting[] = [];
  private readonly platforms = new Set<string>();
  private readonly artifacts = new Set<string>();
  private read = 0;

  constructor(
    private readonly store: BlobStore,
    private readonly label: string,
  ) {}

  async visit(descriptors: readonly Descriptor[], depth: number): Promise<void> {
    for (const descriptor of descriptors) {
      // The configuration speaks for an image that was named.
      const said = depth === 0 && descriptors.length === 1 ? null : platformOf(descriptor.platform);
      if (said !== null && !fits(said)) this.platforms.add(nameOf(said));
      else await this.document(descriptor, said, depth);
    }
  }

  /** Where nothing fits: an image that is alone, which its configuration speaks for. @throws ImageError */
  only(): Fitting {
    const [other, ...more] = this.others;
    if (other !== undefined && more.length === 0 && this.platforms.size === 0 && this.artifacts.size === 0)
      return other;
    throw this.nothing();
  }

  private nothing(): ImageError {
    const [artifact] = this.artifacts;
    const own = this.others.map(({ image }) => nameOf(this.platformIn(image)));
    const platforms = [...new Set([...this.platforms, ...own])].filter((name) => name !== "unknown/unknown");
    if (platforms.length === 0 && artifact !== undefined)
      return new ImageError(
        `${this.label} is not an image: it is an artifact of the type "${artifact}". Specify an archive of an image, such as one that \`docker save\` writes.`,
      );
    return new ImageError(
      `${this.label} has no image for linux/amd64, but sandboxes need one. Platforms: ${platforms.join(", ") || "none"}. Build it with \`docker build --platform linux/amd64\`, and write the archive again.`,
    );
  }

  private async document(descriptor: Descriptor, said: Platform | null, depth: number): Promise<void> {
    this.read += 1;
    if (this.read > MOST_READ)
      throw new ImageError(
        `${this.label} has more than ${MOST_READ} manifests. Write an archive with one image, for linux/amd64.`,
      );
    const document = await readDocument(this.store, descriptor, this.label);
    if (document.kind === "artifact") return void this.artifacts.add(document.type);
    if (document.kind === "index") {
      if (depth >= DEPTH) throw new ImageError(`${this.label} has indexes inside indexes, more than ${DEPTH} deep.`);
      return this.visit(document.manifests, depth + 1);
    }
    const own = this.platformIn(document);
    const fitting = { image: document, variant: platformOf(descriptor.platform)?.variant ?? own?.variant ?? null };
    (said !== null || fits(own) ? this.found : this.others).push(fitting);
  }

  private platformIn({ config }: OciImage): Platform | null {
    return platformOf(json(config.bytes, config.digest, this.label));
  }
}

/** One of those with the same content: the same image may be there in several compressions. */
function once(found: readonly Fitting[]): Fitting[] {
  return found.filter(
    ({ image, variant }, index) =>
      found.findIndex((other) => other.image.config.digest === image.config.digest && other.variant === variant) ===
      index,
  );
}

/** null: it says nothing. */
function platformOf(value: unknown): Platform | null {
  if (!isObject(value)) return null;
  const text = (name: string): string => (typeof value[name] === "string" ? value[name] : "");
  const [os, architecture] = [text("os"), text("architecture")];
  return os === "" && architecture === "" ? null : { os, architecture, variant: text("variant") || null };
}

function fits(platform: Platform | null): boolean {
  return platform?.os === "linux" && platform.architecture === "amd64";
}

function nameOf(platform: Platform | null): string {
  return `${platform?.os || "?"}/${platform?.architecture || "?"}`;
}
