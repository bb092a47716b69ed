import { sha256 } from "../../kit/sha256";
import { namedAddress } from "../image-registry/address";
import { MANIFESTS } from "../image-registry/connection";
import { type HttpAnswer, isPassing, RegistryError } from "../image-registry/errors";
import type { Exchange } from "../image-registry/exchange";
import { backoff } from "../../api/http/retry";
import type { Clock } from "../contract";
import type { ImageResolution } from "./contract";
import { readManifest, SCHEMA_1 } from "./manifest";
import { isBroken, refusedAnswer } from "./reasons";
import { countsReads, type ImageReference } from "./reference";
import type { Asker, RegistryHost } from "./registry-host";

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** A registry sends to another one, and that to a storage. */
const MOST_REDIRECTS = 5;
/** Of a request that failed in a way that may pass. */
const ATTEMPTS = 2;

export interface Question {
  readonly reference: ImageReference;
  readonly host: RegistryHost;
  readonly asker: Asker;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether the platforms are worth a request that the registry counts as a pull. */
  readonly needsPlatforms: boolean;
}

/**
 * Asks a registry what a tag names: one request, but for the credentials. A GET, whose answer tells the platforms and proves the digest; a HEAD
 * where the registry counts each GET.
 * @throws RegistryError, ProxyError, the signal's reason
 */
export async function askForImage(question: Question): Promise<ImageResolution> {
  if (countsReads(question.reference) && !question.needsPlatforms) {
    const answer = await send(question, "HEAD");
    const digest = digestOf(answer);
    if (answer.status === 200 && digest !== null && MANIFESTS.some((type) => type === typeOf(answer)))
      return { kind: "resolved", digest, platforms: null };
    if (answer.status !== 200 && answer.status !== 405) return unresolved(question, answer);
  }
  const answer = await send(question, "GET");
  return answer.status === 200 ? resolved(question, answer) : unresolved(question, answer);
}

function resolved({ reference }: Question, answer: HttpAnswer): ImageResolution {
  const { host, written } = reference;
  const found = readManifest(answer.body);
  const unasked = (reason: string): ImageResolution => ({ kind: "unasked", reason });
  if (found.kind === "schema1" || SCHEMA_1.test(typeOf(answer)))
    return unasked(`${host} has "${written}" only as a manifest of Docker's schema 1, which has no digest to pull by`);
  if (found.kind === "other") return unasked(`what ${host} sent for "${written}" is not the manifest of an image`);
  const digest = `sha256:${sha256(answer.body)}`;
  const said = digestOf(answer);
  if (said !== null && said !== digest)
    return unasked(`${host} sent a manifest for "${written}" that does not match its digest, ${said}`);
  return { kind: "resolved", digest, platforms: found.kind === "index" ? found.platforms : null };
}

function unresolved({ reference, host, asker }: Question, answer: HttpAnswer): ImageResolution {
  const told = refusedAnswer(answer, reference, asker.found);
  // Of everybody's requests from here; more of them make it worse.
  if (answer.status === 429 && answer.host === undefined) host.giveUp(told.reason);
  return told;
}

function digestOf({ headers }: HttpAnswer): string | null {
  const digest = headers["docker-content-digest"];
  return typeof digest === "string" && DIGEST.test(digest) ? digest : null;
}

function typeOf({ headers }: HttpAnswer): string {
  return String(headers["content-type"] ?? "")
    .replace(/;.*$/s, "")
    .trim()
    .toLowerCase();
}

async function send(question: Question, method: "GET" | "HEAD"): Promise<HttpAnswer> {
  const { host, reference, signal } = question;
  const base = await host.connection.base();
  const url = `${base.origin}/v2/${reference.repository}/manifests/${reference.tag}`;
  const exchange: Exchange = { method, url, headers: { accept: MANIFESTS.join(", ") }, signal };
  let answer = await sendTwice(question, exchange);
  for (let redirects = 1; /^30[1278]$/.test(String(answer.status)); redirects += 1) {
    if (redirects > MOST_REDIRECTS) throw new RegistryError(0, "", `it redirects more than ${MOST_REDIRECTS} times`);
    const location = answer.headers["location"];
    if (typeof location !== "string") throw new RegistryError(0, "", "it redirects without an address");
    const next = namedAddress("image", location, base, new URL(exchange.url));
    answer = await sendTwice(question, { ...exchange, url: next.href });
  }
  return answer;
}

/** Once more for what may pass by itself, but not for a rate limit. */
async function sendTwice({ host, asker, clock, signal }: Question, exchange: Exchange): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await host.connection.authorized(asker.auth, exchange);
      if (attempt >= ATTEMPTS || answer.status === 429 || !isPassing({ status: answer.status, code: "" }))
        return answer;
    } catch (error) {
      if (signal.aborted || attempt >= ATTEMPTS || !isBroken(error)) throw error;
    }
    await clock.sleep(backoff(attempt), signal).catch(() => undefined);
    signal.throwIfAborted();
  }
}
