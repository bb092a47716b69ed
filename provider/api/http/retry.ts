import type { Answer } from "./answers";
import { TOO_LARGE, type TransportError } from "./transport";

/**
 * Which calls may be retried. `read`: always. `idempotent` (DELETE, activate, deactivate): also after a lost answer, because the caller knows
 * what the second answer means. `create`: only if it certainly has not been processed.
 */
export type Repeat = "read" | "idempotent" | "create";

/** What to do after one attempt. */
export type Verdict =
  | { kind: "done" }
  /** `pauseMs`: the pause that the server asked for, for every request of the process. `lost`: the request may have taken effect. */
  | { kind: "again"; pauseMs: number | null; lost: boolean; limit: number }
  /** The outcome is unknown: the request was sent, but no answer tells whether it was processed. */
  | { kind: "ambiguous" };

/** Total number of attempts, by the kind of failure. */
export const ATTEMPTS = { connection: 6, name: 3, timeout: 3, rateLimit: 12, unavailable: 6, internal: 3 };

/** The longest pause to wait for, in ms (10 minutes). If the server asks for more, the call fails. */
export const LONGEST_PAUSE = 600_000;

const BASE_MS = 400;
const CAP_MS = 10_000;

/** Full jitter: a random pause between zero and a bound that doubles, so that many clients do not retry at the same time. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1)));
}

/**
 * The pause that the server asked for, in ms; null: none. Seconds or a date, in the standard header or in one with a limiter's suffix
 * (`Retry-After-authenticated`). The longest wins.
 */
export function retryAfter(headers: Answer["headers"], now: number): number | null {
  let longest: number | null = null;
  for (const [name, value] of Object.entries(headers)) {
    if (!/^retry-after(-|$)/i.test(name) || typeof value !== "string") continue;
    const text = value.trim();
    const ms = /^\d+(\.\d+)?$/.test(text) ? Math.ceil(Number(text) * 1000) : Date.parse(text) - now;
    if (Number.isFinite(ms)) longest = Math.max(longest ?? 0, ms, 0);
  }
  return longest;
}

/** Judges an answer. 408 and 520 to 530 come from gateways, which do not know whether the request was processed. */
export function judgeAnswer(repeat: Repeat, answer: Answer, now: number): Verdict {
  const { status } = answer;
  const pauseMs = status === 429 || status === 503 ? retryAfter(answer.headers, now) : null;
  if (status === 429) return { kind: "again", pauseMs, lost: false, limit: ATTEMPTS.rateLimit };
  if (status === 503 && pauseMs !== null) return { kind: "again", pauseMs, lost: false, limit: ATTEMPTS.unavailable };
  if (status === 408 || status === 502 || status === 503 || status === 504 || (status >= 520 && status <= 530)) {
    return repeat === "create"
      ? { kind: "ambiguous" }
      : { kind: "again", pauseMs: null, lost: true, limit: ATTEMPTS.unavailable };
  }
  if (status === 500 && repeat === "read")
    return { kind: "again", pauseMs: null, lost: false, limit: ATTEMPTS.internal };
  return { kind: "done" };
}

/** Judges a missing answer. `done`: a retry is pointless. */
export function judgeFailure(repeat: Repeat, error: TransportError): Verdict {
  if (error.sent && repeat === "create") return { kind: "ambiguous" };
  // The next answer would be as large.
  if (error.code === TOO_LARGE) return { kind: "done" };
  if (error.sent) {
    return {
      kind: "again",
      pauseMs: null,
      lost: true,
      limit: error.code === "TIMEOUT" ? ATTEMPTS.timeout : ATTEMPTS.connection,
    };
  }
  // A wrong certificate, protocol or setting does not go away.
  if (/^(CLOSED$|PROXY_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO)/.test(error.code))
    return { kind: "done" };
  const limit =
    error.code === "ENOTFOUND" ? ATTEMPTS.name : error.code === "TIMEOUT" ? ATTEMPTS.timeout : ATTEMPTS.connection;
  return { kind: "again", pauseMs: null, lost: false, limit };
}
