import { contentHash } from "./content-hash";
import { checkPlatform, ImageError } from "./image-error";
import { isObject, textsOf } from "./shape";

/** Parses a JSON file of an archive. @throws ImageError */
export function json(bytes: Buffer, name: string, label: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new ImageError(`${label} is damaged: ${name} is not valid JSON. Write the archive again.`);
}

/** What an image's configuration says. */
export interface ImageFacts {
  /** `v2:<64 hex>` over the content. */
  readonly hash: string;
  /** Digests of the unpacked layers, from the bottom up. */
  readonly diffIds: readonly string[];
  /** Generation of the processor; null: the baseline, or not said. */
  readonly variant: string | null;
}

/** @throws ImageError for another platform than linux/amd64, and for what is no configuration */
export function readConfig(bytes: Buffer, name: string, label: string): ImageFacts {
  const config = json(bytes, name, label);
  const text = (key: string): string => (typeof config[key] === "string" ? config[key] : "");
  const variant = text("variant") || undefined;
  checkPlatform(
    label,
    text("os"),
    text("architecture"),
    variant,
    "Build it with `docker build --platform linux/amd64`, and write the archive again.",
  );
  const listed = isObject(config["rootfs"]) ? config["rootfs"]["diff_ids"] : undefined;
  if (!Array.isArray(listed))
    throw new ImageError(`${label} is damaged: ${name} lists no layers. Write the archive again.`);
  const diffIds = textsOf(listed, `"diff_ids" in ${name}`, label);
  const inner = config["config"] ?? {};
  if (!isObject(inner))
    throw new ImageError(`${label} is damaged: "config" in ${name} is not an object. Write the archive again.`);
  const hash = contentHash({ os: "linux", architecture: "amd64", variant, layers: diffIds, config: inner });
  return { hash, diffIds, variant: variant ?? null };
}
