import { homedir } from "node:os";
import { abortable } from "../../api/clock";
import { Limiter } from "../../api/http/limiter";
import { parseImageName } from "../../kit/text/image-names";
import type { Clock, LifecycleLog } from "../contract";
import type { Wire } from "../image-registry/wire";
import { askForImage } from "./ask";
import type { ImageResolution, ImageResolver } from "./contract";
import type { FoundCredentials } from "./credentials/find";
import { isOfHost, thrownReason } from "./reasons";
import { type ImageReference, referenceOf } from "./reference";
import { RegistryHost } from "./registry-host";

export type { ImageResolution, ImageResolver } from "./contract";

/** How long a registry may take for one image, all steps together, in ms. */
const TIME_LIMIT_MS = 5_000;
/** Images that are asked for at a time, of all registries. */
const LANES = 16;

export interface ResolverOptions {
  /** For the proxy variables, and for where Docker's files are: DOCKER_CONFIG, DOCKER_AUTH_CONFIG, HOME, PATH, … */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Pick<LifecycleLog, "debug">;
  /** For one image, from when its registry is asked, in ms; default 5000. After it has passed once, the registry is not asked again. */
  readonly timeLimitMs?: number;
  /** Whether to get the platforms where that counts as a pull, as on Docker Hub; default: no. */
  readonly needsPlatforms?: boolean;
  /** Default: the network. */
  readonly wire?: Wire;
}

/** A resolver whose connections can be closed; an open one keeps no process from ending. */
export interface OpenResolver extends ImageResolver {
  close(): void;
}

/** Makes the resolver of a process. */
export function imageResolver(options: ResolverOptions): OpenResolver {
  return new Resolver(options);
}

/** An image that is asked for, by any number of callers. */
interface Shared {
  readonly work: Promise<ImageResolution>;
  readonly controller: AbortController;
  waiting: number;
  done: boolean;
}

class Resolver implements OpenResolver {
  private readonly hosts = new Map<string, RegistryHost>();
  private readonly asked = new Map<string, Shared>();
  private readonly limiter = new Limiter(LANES);

  constructor(private readonly options: ResolverOptions) {}

  async resolve(image: string, signal?: AbortSignal): Promise<ImageResolution> {
    signal?.throwIfAborted();
    const name = parseImageName(image);
    if (name === null) return { kind: "unasked", reason: `${JSON.stringify(image)} is not the name of an image` };
    if (name.digest !== null)
      return name.digest.startsWith("sha256:")
        ? { kind: "resolved", digest: name.digest, platforms: null }
        : { kind: "unasked", reason: `"${image}" has a digest that is not sha256` };
    return this.wait(referenceOf(image, name), signal);
  }

  close(): void {
    for (const { controller } of this.asked.values()) controller.abort();
    for (const host of this.hosts.values()) host.close();
  }

  /** Asks once for all who ask for the same. The last one who goes away ends the work, and it can be asked for anew. */
  private async wait(reference: ImageReference, signal: AbortSignal | undefined): Promise<ImageResolution> {
    const key = `${reference.host}/${reference.repository}:${reference.tag}`;
    let shared = this.asked.get(key);
    if (shared === undefined) this.asked.set(key, (shared = this.begin(reference)));
    shared.waiting += 1;
    try {
      return await abortable(shared.work, signal);
    } finally {
      shared.waiting -= 1;
      if (shared.waiting === 0 && !shared.done) {
        if (this.asked.get(key) === shared) this.asked.delete(key);
        shared.controller.abort();
      }
    }
  }

  private begin(reference: ImageReference): Shared {
    const controller = new AbortController();
    const work = this.inTurn(reference, controller.signal);
    const shared: Shared = { work, controller, waiting: 0, done: false };
    const end = (): void => void (shared.done = true);
    work.then(end, end);
    return shared;
  }

  private async inTurn(reference: ImageReference, signal: AbortSignal): Promise<ImageResolution> {
    const host = this.hostOf(reference);
    host.active += 1;
    try {
      const releaseHost = await host.limiter.acquire(signal);
      try {
        const release = await this.limiter.acquire(signal);
        try {
          return await this.inTime(host, reference, signal);
        } finally {
          release();
        }
      } finally {
        releaseHost();
      }
    } finally {
      host.active -= 1;
      // What a registry was asked for beside one image, such as a token, ends with the last one who needs it.
      if (signal.aborted && host.active === 0) {
        host.close();
        if (this.hosts.get(reference.host) === host) this.hosts.delete(reference.host);
      }
    }
  }

  private hostOf(reference: ImageReference): RegistryHost {
    let host = this.hosts.get(reference.host);
    if (host === undefined) {
      const { env, wire } = this.options;
      host = new RegistryHost(reference, { env, wire, home: env["HOME"] || homedir() });
      this.hosts.set(reference.host, host);
    }
    return host;
  }

  private async inTime(host: RegistryHost, reference: ImageReference, signal: AbortSignal): Promise<ImageResolution> {
    const { clock, timeLimitMs = TIME_LIMIT_MS } = this.options;
    const over = new AbortController();
    void clock
      .sleep(timeLimitMs, over.signal)
      .catch(() => undefined)
      .then(() => {
        if (!over.signal.aborted) host.giveUp(`${reference.host} did not respond within ${timeLimitMs / 1000} seconds`);
      });
    try {
      return await this.ask(host, reference, AbortSignal.any([signal, host.signal]));
    } finally {
      over.abort();
    }
  }

  private async ask(host: RegistryHost, reference: ImageReference, signal: AbortSignal): Promise<ImageResolution> {
    const { clock, log, needsPlatforms = false } = this.options;
    let found: FoundCredentials | null = null;
    try {
      signal.throwIfAborted();
      log.debug(`asking ${reference.host} for ${reference.repository}:${reference.tag}`);
      const work = async (): Promise<ImageResolution> => {
        const asker = await host.asker(reference.repository);
        found = asker.found;
        return askForImage({ reference, host, asker, clock, signal, needsPlatforms });
      };
      return await abortable(work(), signal);
    } catch (error) {
      if (host.down !== null) return { kind: "unasked", reason: host.down };
      const reason = signal.aborted ? null : thrownReason(error, reference, found);
      if (reason === null) throw error;
      if (isOfHost(error)) host.giveUp(reason.reason);
      return reason;
    }
  }
}
