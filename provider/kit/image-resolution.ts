/** What a registry says of an image name. */
export type ImageResolution =
  | {
      readonly kind: "resolved";
      /** `sha256:<64 hex>`, of the index where the image is for several platforms. */
      readonly digest: string;
      /** `linux/amd64`, `linux/arm64/v8`, …, as far as the registry says them without another request; null: it does not. */
      readonly platforms: readonly string[] | null;
    }
  | {
      /** `missing`: the registry knows no such image; `refused`: it wants other credentials; `unasked`: it could not be asked within the time. */
      readonly kind: "missing" | "refused" | "unasked";
      /** One sentence without the full stop, for people: which registry, and what happened. Never contains a credential. */
      readonly reason: string;
    };

/**
 * Asks registries what tags name now. One instance serves a process: each reference is asked for once, side by side with others.
 * Never throws but for the signal's reason.
 */
export interface ImageResolver {
  /** @param image as a program writes it: `ubuntu:24.04`, `ghcr.io/team/app:1`; one with a digest is answered without a request */
  resolve(image: string, signal?: AbortSignal): Promise<ImageResolution>;
}
