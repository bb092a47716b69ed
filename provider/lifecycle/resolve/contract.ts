import type { ImageResolution } from "../../kit/image-resolution";

export type { ImageResolution } from "../../kit/image-resolution";

/**
 * Asks registries what tags name now. One instance serves a process: each reference is asked for once, side by side with others.
 * Never throws but for the signal's reason.
 */
export interface ImageResolver {
  /** @param image as a program writes it: `ubuntu:24.04`, `ghcr.io/team/app:1`; one with a digest is answered without a request */
  resolve(image: string, signal?: AbortSignal): Promise<ImageResolution>;
}
