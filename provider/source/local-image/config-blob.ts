import { contentHash } from "./content-hash";
import { checkPlatform, ImageError } from "./image-error";

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

/** The hash of the image whose configuration this is. @throws ImageError for another platform */
export function hashOfConfig(bytes: Buffer, name: string, label: string): string {
  const config = json(bytes, name, label);
  const text = (key: string): string => (typeof config[key] === "string" ? config[key] : "");
  const variant = text("variant") || undefined;
  checkPlatform(label, text("os"), text("architecture"), variant, "Build it with `docker build --platform linux/amd64`, and write the archive again.");
  const layers = (config["rootfs"] as { diff_ids?: unknown } | undefined)?.diff_ids;
  if (!Array.isArray(layers)) throw new ImageError(`${label} is damaged: ${name} lists no layers. Write the archive again.`);
  return contentHash({ os: "linux", architecture: "amd64", variant, layers: layers as string[], config: (config["config"] as Record<string, unknown> | undefined) ?? {} });
}

/** Digests of the uncompressed layers. */
export function layerCount(bytes: Buffer): number {
  const { rootfs } = JSON.parse(bytes.toString("utf8")) as { rootfs?: { diff_ids?: unknown[] } };
  return rootfs?.diff_ids?.length ?? 0;
}
