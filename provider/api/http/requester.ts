import { type Answer, type Asked, cutShort, errorOf, parseJson, unreachable } from "./answers";
import { abortReason, type ApiClock, type ApiLog, allowManyListeners } from "../clock";
import { AmbiguousAnswerError, type ApiError, RateLimitError, UnauthorizedError } from "../errors";
import { Limiter } from "./limiter";
import { backoff, judgeAnswer, judgeFailure, LONGEST_PAUSE, type Repeat, type Verdict } from "./retry";
import { type Transport, TransportError } from "./transport";

/** One call of the API, retried where that is safe. */
export interface Call {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path below the API URL, encoded: `/snapshots/…`. */
  path: string;
  body?: unknown;
  repeat: Repeat;
  /** Timeout of one attempt in ms. Defaults to 30 s. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** Does not count towards `maxConcurrency`, for a call that blocks by design. */
  unlimited?: boolean;
  /** Called when a retry fails but an earlier attempt may have taken effect. Returns the answer instead, or throws. */
  recover?(error: ApiError): Promise<unknown>;
}

export interface RequesterOptions {
  apiUrl: string;
  headers: Record<string, string>;
  maxConcurrency: number;
  transport: Transport;
  clock: ApiClock;
  log: ApiLog;
  redact(text: string): string;
  random?: () => number;
}

const TIMEOUT_MS = 30_000;
/** How long the server counts failed authentications of an IP address, in ms. */
const UNAUTHORIZED_MS = 60_000;

function isSuccess(outcome: Answer | TransportError): outcome is Answer {
  return !(outcome instanceof TransportError) && outcome.status >= 200 && outcome.status < 300;
}

/** Sends calls: queue, shared pauses, retries, typed errors. */
export class Requester {
  private readonly limiter: Limiter;
  private verified = false;
  private pausedUntil = 0;
  /** The last failure after which a request waits to be retried; null once a request has been answered. */
  trouble: string | null = null;
  private refused: { until: number; error: UnauthorizedError } | null = null;

  constructor(private readonly options: RequesterOptions) {
    // The first request goes alone: many at once with a bad credential would block the IP address.
    this.limiter = new Limiter(1);
  }

  /** Returns the parsed body of the answer; null if it is empty. @throws ApiError, or the signal's reason */
  async call(call: Call): Promise<unknown> {
    const { clock, log } = this.options;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const asked: Asked = {
      request: `${call.method} ${call.path.split("?")[0] ?? call.path}`,
      apiUrl: this.options.apiUrl,
      bodyBytes: body === undefined ? 0 : Buffer.byteLength(body),
      redact: this.options.redact,
    };
    allowManyListeners(call.signal);
    let lost = false;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(call, asked, body);
      const verdict: Verdict =
        outcome instanceof TransportError
          ? judgeFailure(call.repeat, outcome)
          : judgeAnswer(call.repeat, outcome, clock.now());

      if (verdict.kind === "again") {
        lost ||= verdict.lost;
        const tooLong = verdict.pauseMs !== null && verdict.pauseMs > LONGEST_PAUSE;
        if (attempt < verdict.limit && !tooLong) {
          this.trouble = this.failure(outcome, verdict, asked).message;
          await this.waitToRetry(verdict.pauseMs, attempt, outcome, asked, call.signal);
          continue;
        }
      }
      if (isSuccess(outcome)) {
        this.trouble = null;
        log.debug(`${asked.request}: ${outcome.status}`);
        return parseJson(outcome, asked);
      }
      const error = this.failure(outcome, verdict, asked);
      if (lost && call.recover !== undefined) return call.recover(error);
      throw error;
    }
  }

  /** @param pauseMs that the server asked for; null: none @param attempt the one that ended with `outcome` */
  private async waitToRetry(
    pauseMs: number | null,
    attempt: number,
    outcome: Answer | TransportError,
    asked: Asked,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { clock, log } = this.options;
    // A Retry-After of 0 names no time: retrying a dozen times within a moment helps nobody.
    const named = pauseMs !== null && pauseMs > 0 ? pauseMs : null;
    const wait = named ?? backoff(attempt, this.options.random);
    const why = outcome instanceof TransportError ? outcome.code || "no response" : String(outcome.status);
    log.debug(`${asked.request}: ${why}; attempt ${attempt + 1} in ${wait} ms`);
    // The next attempt waits with all others.
    if (named !== null) this.pausedUntil = Math.max(this.pausedUntil, clock.now() + wait);
    else await clock.sleep(wait, signal);
  }

  private failure(outcome: Answer | TransportError, verdict: Verdict, asked: Asked): ApiError {
    const error = outcome instanceof TransportError ? unreachable(outcome, asked) : errorOf(outcome, asked);
    if (verdict.kind === "ambiguous") {
      return new AmbiguousAnswerError(
        `the response to ${asked.request} was lost, so it may or may not have taken effect: ${error.message}`,
        {
          status: error.status,
          reason: error.reason,
          request: asked.request,
          answered: error.answered,
          cause: error,
        },
      );
    }
    if (error instanceof RateLimitError && verdict.kind === "again" && verdict.pauseMs !== null) {
      return new RateLimitError(
        `${error.message}; the server asks to wait ${Math.ceil(verdict.pauseMs / 1000)} seconds`,
        error,
      );
    }
    return error;
  }

  /** One exchange within the limits: an answer, or the reason why there is none. @throws the signal's reason, or another call's UnauthorizedError */
  private async attempt(call: Call, asked: Asked, body: string | undefined): Promise<Answer | TransportError> {
    this.throwRefused();
    const release = call.unlimited === true ? () => undefined : await this.limiter.acquire(call.signal);
    try {
      await this.pause(call.signal);
      this.throwRefused();
      if (call.signal?.aborted) throw abortReason(call.signal);
      const answer = await this.send(call, body);
      if (answer.status === 401) this.refuse(errorOf(answer, asked) as UnauthorizedError);
      else if (answer.status !== 429) this.verify();
      return cutShort(answer) ? new TransportError("the response ended early", "", true) : answer;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      // Without an answer there was no failed authentication, so other requests may go.
      this.verify();
      return error;
    } finally {
      release();
    }
  }

  private async send(call: Call, body: string | undefined): Promise<Answer> {
    const { options } = this;
    const headers: Record<string, string> = { ...options.headers };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      return await options.transport.send({
        method: call.method,
        url: `${options.apiUrl}${call.path}`,
        headers,
        ...(body === undefined ? {} : { body }),
        timeoutMs: call.timeoutMs ?? TIMEOUT_MS,
        signal: call.signal,
        fresh: call.repeat === "create",
      });
    } catch (error) {
      // A create that is aborted in transit may still arrive, so the caller has to know.
      if (call.repeat === "create" && call.signal?.aborted === true)
        throw new TransportError("the call ended before the response arrived", "ABORTED", true);
      throw error;
    }
  }

  private async pause(signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.options;
    for (let left = this.pausedUntil - clock.now(); left > 0; left = this.pausedUntil - clock.now())
      await clock.sleep(left, signal);
  }

  private verify(): void {
    if (this.verified) return;
    this.verified = true;
    this.limiter.setLimit(this.options.maxConcurrency);
  }

  /** Waiting calls, and those of the next minute, fail with the same error and without a request. */
  private refuse(error: UnauthorizedError): void {
    this.refused = { until: this.options.clock.now() + UNAUTHORIZED_MS, error };
  }

  private throwRefused(): void {
    if (this.refused !== null && this.options.clock.now() < this.refused.until) throw this.refused.error;
  }
}
