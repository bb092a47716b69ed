import { inLanes } from "../../pushes/limits";
import type { PushedImage } from "../../pushes/pushes";
import type { RegistryClient } from "./registry-client";

/** Blobs under way at a time. */
const LANES = 8;

/**
 * Takes an image over from another repository of the registry, without sending its layers.
 * @returns whether it did; false: the registry has not got all of it any more, or does not let it be taken over
 * @throws RegistryError, the signal's reason
 */
export async function copyImage(client: RegistryClient, from: PushedImage, signal: AbortSignal): Promise<boolean> {
  if (from.digest === null) return false;
  const manifest = await client.manifestIn(from.repository, from.digest);
  const digests = manifest === null ? null : digestsOf(manifest.bytes);
  if (manifest === null || digests === null) return false;
  const mounted = await inLanes(LANES, digests, signal, async (digest, _, ending) => {
    const answer = await client.within(ending).mountBlob(digest, from.repository);
    if (typeof answer === "object") await answer.cancel();
    return answer === "mounted";
  });
  if (!mounted.every(Boolean)) return false;
  await client.putManifest(manifest.bytes, manifest.mediaType);
  return true;
}

/** The blobs that a manifest names, each once; null: it is not an image's, or some of its layers are elsewhere. */
function digestsOf(bytes: Buffer): string[] | null {
  try {
    const { config, layers } = JSON.parse(bytes.toString("utf8")) as {
      config: { digest: string };
      layers: readonly { digest: string; urls?: unknown }[];
    };
    const digests = [config.digest, ...layers.map(({ digest }) => digest)];
    const complete = digests.every((digest) => typeof digest === "string") && !layers.some(({ urls }) => urls);
    return complete ? [...new Set(digests)] : null;
  } catch {
    return null;
  }
}
