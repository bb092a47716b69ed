import type { IncomingMessage } from "node:http";
import { HttpError } from "../protocol/http-error";
import type { Settings } from "../options";

interface Window {
  hits: number;
  ends: number;
  blockedUntil: number;
}

const seconds = (ms: number) => String(Math.max(1, Math.ceil(ms / 1000)));
const EXCEEDED = "ThrottlerException: Too Many Requests";

/** The server's request limits: per organization, for anonymous calls, and for failed authentications per address. */
export class RateLimits {
  readonly #windows = new Map<string, Window>();

  constructor(private readonly settings: Settings) {}

  /** Counts one call. @returns headers of the answer @throws HttpError 429 */
  count(name: "authenticated" | "anonymous", tracker: string): Record<string, string> {
    const limit = name === "anonymous" ? { limit: 600, seconds: 60 } : this.settings.rateLimit;
    if (!limit) return {};
    const now = Date.now();
    const window = this.#window(`${name} ${tracker}`, limit.seconds, now);
    if (window.blockedUntil <= now && ++window.hits > limit.limit) window.blockedUntil = now + limit.seconds * 1000;
    if (window.blockedUntil > now)
      throw new HttpError(429, EXCEEDED, { [`Retry-After-${name}`]: seconds(window.blockedUntil - now) });
    return headers(name, limit.limit, limit.limit - window.hits, window.ends - now);
  }

  /** @throws HttpError 429 when the address is blocked, whatever key comes from it */
  notBlocked(request: IncomingMessage): void {
    const limit = this.settings.failedAuthLimit;
    const window = limit && this.#windows.get(`failed-auth ${addressOf(request)}`);
    if (window && window.blockedUntil > Date.now()) throw this.#blocked(limit.limit, window.blockedUntil - Date.now());
  }

  /** Counts a failed authentication. @returns headers of the 401 @throws HttpError 429 at the limit */
  failed(request: IncomingMessage): Record<string, string> {
    const limit = this.settings.failedAuthLimit;
    if (!limit) return {};
    const now = Date.now();
    const window = this.#window(`failed-auth ${addressOf(request)}`, limit.seconds, now);
    if (++window.hits >= limit.limit) {
      window.blockedUntil = now + limit.seconds * 1000;
      throw this.#blocked(limit.limit, limit.seconds * 1000);
    }
    return headers("failed-auth", limit.limit, limit.limit - window.hits, window.ends - now);
  }

  reset(): void {
    this.#windows.clear();
  }

  #blocked(limit: number, ms: number): HttpError {
    return new HttpError(429, EXCEEDED, { ...headers("failed-auth", limit, 0, ms), "Retry-After": seconds(ms) });
  }

  #window(key: string, ttl: number, now: number): Window {
    let window = this.#windows.get(key);
    if (!window || (window.ends <= now && window.blockedUntil <= now)) {
      window = { hits: 0, ends: now + ttl * 1000, blockedUntil: 0 };
      this.#windows.set(key, window);
    }
    return window;
  }
}

function headers(name: string, limit: number, remaining: number, ms: number): Record<string, string> {
  return {
    [`X-RateLimit-Limit-${name}`]: String(limit),
    [`X-RateLimit-Remaining-${name}`]: String(Math.max(0, remaining)),
    [`X-RateLimit-Reset-${name}`]: seconds(ms),
  };
}

/** The server trusts the proxy in front of it. */
export function addressOf(request: IncomingMessage): string {
  const forwarded = request.headers["x-forwarded-for"];
  return (typeof forwarded === "string" && forwarded.split(",")[0]?.trim()) || request.socket.remoteAddress || "";
}
