import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { ImageLayer, LocalImage } from "../../../source/local-image/local-image";
import { transferMeter } from "../upload-progress";
import { inLanes } from "../../pushes/limits";
import { type BlobPlacer } from "./place-blob";
import type { PushRequest } from "./push-request";
import type { RegistryClient } from "./registry-client";
import type { Sent } from "../../pushes/pushes";

/** Blobs under way at a time. */
const LANES = 8;
const CONFIG = "application/vnd.oci.image.config.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/**
 * Pushes an image from an archive: its layers and its configuration side by side and, when all of them are there, its manifest.
 * @returns the digest of the manifest. @throws Failure, RegistryError, the signal's reason
 */
export async function pushArchive(
  request: PushRequest,
  placer: BlobPlacer,
  client: RegistryClient,
  image: Extract<LocalImage["content"], { kind: "archive" }>,
): Promise<string> {
  const { clock, log, signal } = request;
  const config = sha256(image.config);
  const total = image.layers.reduce((sum, { size }) => sum + size, 0) + image.config.length;
  const meter = transferMeter(log, clock, total, "pushing the local image");
  const onRead = (bytes: number): void => meter.add(bytes);
  const configLayer: ImageLayer = {
    digest: config,
    mediaType: CONFIG,
    size: image.config.length,
    plain: false,
    open: () => Readable.from([image.config]),
  };
  // From the top: what is new is mostly there, and takes longest.
  const blobs = [...image.layers, configLayer].map((layer, index) => ({ layer, index })).reverse();
  const placed: Sent[] = await inLanes(LANES, blobs, signal, ({ layer, index }, _, ending) =>
    placer.place(layer, index, onRead, ending),
  );
  const [, ...layers] = placed;
  const made = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, digest: config, size: image.config.length },
    layers: layers.reverse(),
  };
  const { bytes, mediaType } = image.manifest ?? { bytes: Buffer.from(JSON.stringify(made)), mediaType: MANIFEST };
  await client.putManifest(bytes, mediaType);
  return sha256(bytes);
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
