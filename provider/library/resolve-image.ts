import { Failure, systemClock } from "../lifecycle";
import { imageResolver } from "../lifecycle/resolve";
import { type ResolvedImage, resolveImages } from "../lifecycle/resolve/resolve-images";
import { limitMs } from "./connection";
import { AbortError, errorOf, textOf } from "./errors";

export type { ResolvedImage } from "../lifecycle/resolve/resolve-images";

export interface ResolveImageOptions {
  /** Aborts the call with an `AbortError`. */
  signal?: AbortSignal;
  /** Time limit for the whole call, in seconds. 0 means no limit. Default: 30. */
  timeout?: number;
  /** Environment variables that locate Docker's configuration, its credential helpers and proxies. Default: `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Asks the registry which digest a tag currently resolves to. Every call sends a new request. It uses Docker's credentials (DOCKER_CONFIG, `config.json`,
 * credential helpers), otherwise Podman's, otherwise none. It needs neither Docker nor Daytona credentials. On Docker Hub, each call counts as a pull.
 *
 * ```ts
 * const { pinned } = await resolveImage("ghcr.io/team/app:1"); // ghcr.io/team/app@sha256:…
 * ```
 *
 * @param reference image name as in Docker: `ubuntu:24.04`, `ghcr.io/team/app:1`. Without a tag, `latest` is used. A name with a digest needs no request
 * @throws InvalidArgumentError if it is not an image name
 * @throws NotFoundError if the registry has no such image
 * @throws AuthenticationError if the registry requires other credentials
 * @throws AbortError if `signal` was aborted
 * @throws DaytonaError if the registry does not answer within the time limit
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
