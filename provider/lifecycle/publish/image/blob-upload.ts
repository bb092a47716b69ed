import { backoff } from "../../../api/http/retry";
import type { Clock } from "../../contract";
import type { Exchange } from "../../image-registry/exchange";
import { type HttpAnswer, isPassing, registryError, RegistryError } from "../../image-registry/errors";
import type { UploadTries } from "./upload-tries";

/** How long the removal of an upload that was given up may take, in ms. */
const CANCEL_MS = 1_000;

/** What an upload needs of its registry. */
interface UploadDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Sends a request, and once more after a challenge. */
  once(exchange: Exchange): Promise<HttpAnswer>;
  /** The same for a request that may be repeated. */
  send(exchange: Exchange): Promise<HttpAnswer>;
  /** The address that an answer names. @throws RegistryError */
  located(answer: HttpAnswer, from: string): Promise<string>;
}

/** The upload of a blob, from when the registry has begun it. */
export class BlobUpload {
  constructor(
    private readonly deps: UploadDeps,
    private location: string,
    private readonly tries: UploadTries,
  ) {}

  /** Sends the next bytes; after a failure that may pass, those that the registry has not got. @throws RegistryError */
  async append(data: readonly Buffer[], offset: number): Promise<void> {
    const { clock, signal } = this.deps;
    const end = offset + lengthOf(data);
    for (let from = offset; from < end;) {
      try {
        await this.patch(partsFrom(data, from - offset), from);
        from = end;
      } catch (error) {
        if (signal.aborted || !(error instanceof RegistryError) || !isPassing(error) || !this.tries.again())
          throw error;
        await clock.sleep(backoff(this.tries.failed), signal).catch(() => undefined);
        from = (await this.received()) ?? -1;
        // The whole blob has to be sent again.
        if (from < offset || from > end) throw error;
      }
    }
    this.tries.reached(end);
  }

  /**
   * Ends the upload.
   * @param whole the whole blob, if nothing was appended; it goes in the same request
   * @throws RegistryError
   */
  async finish(digest: string, whole: readonly Buffer[] = []): Promise<void> {
    const url = new URL(this.location);
    url.searchParams.set("digest", digest);
    const headers: Record<string, string> = whole.length === 0 ? {} : { "content-type": "application/octet-stream" };
    const answer = await this.deps.once({ method: "PUT", url: url.href, headers, data: whole });
    if (answer.status !== 201 && answer.status !== 204) throw registryError(answer, true);
  }

  /** Tells the registry to forget what it has got, for which it takes up to a second. */
  async cancel(): Promise<void> {
    const [over, late] = [new AbortController(), new AbortController()];
    const time = this.deps.clock.sleep(CANCEL_MS, over.signal).catch(() => undefined);
    const request: Exchange = { method: "DELETE", url: this.location, signal: late.signal };
    await Promise.race([this.deps.once(request).catch(() => undefined), time]);
    over.abort();
    late.abort();
  }

  private async patch(data: readonly Buffer[], offset: number): Promise<void> {
    const headers = {
      "content-type": "application/octet-stream",
      "content-range": `${offset}-${offset + lengthOf(data) - 1}`,
    };
    const answer = await this.deps.once({ method: "PATCH", url: this.location, headers, data });
    if (answer.status !== 202 && answer.status !== 204) throw registryError(answer, true);
    this.location = await this.deps.located(answer, this.location);
  }

  /** Bytes that the registry has got; null: it does not tell, or has forgotten the upload. */
  private async received(): Promise<number | null> {
    const answer = await this.deps.send({ method: "GET", url: this.location });
    const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(String(answer.headers["range"] ?? "")) ?? [];
    if (answer.status !== 204 || last === undefined) return null;
    if (typeof answer.headers["location"] === "string") this.location = await this.deps.located(answer, this.location);
    // Registries write an empty upload as one of one byte.
    return Number(last) === 0 ? 0 : Number(last) + 1;
  }
}

function lengthOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** The parts without their first bytes. */
function partsFrom(parts: readonly Buffer[], bytes: number): readonly Buffer[] {
  const rest: Buffer[] = [];
  let left = bytes;
  for (const part of parts) {
    if (left < part.length) rest.push(part.subarray(left));
    left = Math.max(0, left - part.length);
  }
  return rest;
}
