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

/** Hash and number of layers of the image whose configuration this is. @throws ImageError for another platform */
export function readConfig(bytes: Buffer, name: string, label: string): { hash: string; layers: number } {
  const config = json(bytes, name, label);
  const text = (key: string): string => (typeof config[key] === "string" ? config[key] : "");
  const variant = text("variant") || undefined;
  checkPlatform(label, text("os"), text("architecture"), variant, "Build it with `docker build --platform linux/amd64`, and write the archive again.");
  const layers = (config["rootfs"] as { diff_ids?: unknown } | undefined)?.diff_ids;
  if (!Array.isArray(layers)) throw new ImageError(`${label} is damaged: ${name} lists no layers. Write the archive again.`);
  const hash = contentHash({ os: "linux", architecture: "amd64", variant, layers: layers as string[], config: (config["config"] as Record<string, unknown> | undefined) ?? {} });
  return { hash, layers: layers.length };
}
