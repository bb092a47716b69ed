import { Failure, systemClock } from "../lifecycle";
import { imageResolver } from "../lifecycle/resolve";
import { type ResolvedImage, resolveImages } from "../lifecycle/resolve/resolve-images";
import { limitMs } from "./connection";
import { AbortError, errorOf, textOf } from "./errors";

export type { ResolvedImage } from "../lifecycle/resolve/resolve-images";

export interface ResolveImageOptions {
  /** Ends the call with an `AbortError`. */
  signal?: AbortSignal;
  /** Time limit for all steps, in seconds. Default 30; 0: none. */
  timeout?: number;
  /** Where Docker's files, its credential helpers and the proxies are looked for. Default `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Asks the registry which digest a tag has now. It is asked anew by each call, with the credentials of Docker (DOCKER_CONFIG, `config.json`, credential
 * helpers), else of Podman, else without any; neither Docker nor credentials of Daytona are needed. On Docker Hub it counts as a pull.
 *
 * ```ts
 * const { pinned } = await resolveImage("ghcr.io/team/app:1"); // ghcr.io/team/app@sha256:…
 * ```
 *
 * @param reference as Docker writes it: `ubuntu:24.04`, `ghcr.io/team/app:1`; without a tag, `latest`. One with a digest is answered without a request
 * @throws InvalidArgumentError if it is not the name of an image @throws NotFoundError if the registry has no such image
 * @throws AuthenticationError if the registry wants other credentials @throws AbortError
 * @throws DaytonaError if the registry cannot be asked within the time
 */
export async function resolveImage(reference: string, options: ResolveImageOptions = {}): Promise<ResolvedImage> {
  const { signal, timeout = 30, env = process.env } = options;
  const resolver = imageResolver({
    env,
    clock: systemClock,
    log: { debug: () => undefined },
    timeLimitMs: limitMs(timeout),
    needsPlatforms: true,
  });
  try {
    const [image] = await resolveImages([reference], resolver, signal);
    return image!;
  } catch (error) {
    if (signal?.aborted) throw new AbortError(`resolving ${JSON.stringify(reference)}: interrupted`);
    throw error instanceof Failure ? errorOf(textOf(error.notice), error) : error;
  } finally {
    resolver.close();
  }
}
