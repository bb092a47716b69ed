import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { abortReason, type ApiClock, type ApiLog, allowManyListeners } from "./clock";
import { NotFoundError } from "./errors";
import { LineSplitter } from "./http/lines";
import type { Requester } from "./http/requester";
import { segmentOf } from "./http/segment";
import type { Transport } from "./http/transport";

export interface BuildLogOptions {
  apiUrl: string;
  headers: Record<string, string>;
  requester: Requester;
  transport: Transport;
  clock: ApiClock;
  log: ApiLog;
  /** true: what is there now, read once. */
  once?: boolean;
}

/** In ms. The API delays this answer by 30 s while no runner is assigned. */
const URL_TIMEOUT_MS = 45_000;
/** Consecutive attempts that returned nothing new. */
const MAX_FRUITLESS = 10;

/** The result of one attempt to read the stream. */
type End = "complete" | "broken" | "refused" | "not yet";

/**
 * Follows a build log until it ends or `signal` is aborted. Always resolves: the log never decides the outcome.
 * A broken stream is opened again. It starts from the beginning, so lines that were already delivered are skipped.
 */
export async function followBuildLog(
  options: BuildLogOptions,
  id: string,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { log, clock } = options;
  allowManyListeners(signal);
  let delivered = 0;
  try {
    for (let fruitless = 0; fruitless < MAX_FRUITLESS;) {
      const url = await logUrl(options, id, signal);
      if (url === null) return;
      const before = delivered;
      const end =
        url === "not yet"
          ? url
          : await readOnce(options, url, delivered, (line) => (delivered++, onLine(line)), signal);
      if (end === "complete" || end === "refused" || options.once) return;
      // No limit on waiting for a runner: whoever waits for the snapshot aborts this.
      if (url !== "not yet") fruitless = delivered > before ? 0 : fruitless + 1;
      log.debug(`build log of ${id}: ${end}; again`);
      await clock.sleep(Math.min(5000, 500 * 2 ** fruitless), signal);
    }
  } catch (error) {
    if (!signal?.aborted) log.debug(`build log of ${id}: ${error instanceof Error ? error.message : "failed"}`);
  }
}

/** URL of the log; null if there is none. */
async function logUrl(
  options: BuildLogOptions,
  id: string,
  signal: AbortSignal | undefined,
): Promise<URL | "not yet" | null> {
  const path = `/snapshots/${segmentOf("snapshot", id, "GET /snapshots")}/build-logs-url`;
  try {
    const json = await options.requester.call({
      method: "GET",
      path,
      repeat: "read",
      timeoutMs: URL_TIMEOUT_MS,
      unlimited: true,
      signal,
    });
    const url = new URL(String((json as { url?: unknown } | null)?.url));
    if (url.protocol !== "http:" && url.protocol !== "https:") return null;
    if (!options.once) url.searchParams.set("follow", "true");
    return url;
  } catch (error) {
    if (error instanceof NotFoundError && /runner assignment/i.test(error.reason)) return "not yet";
    throw error;
  }
}

async function readOnce(
  options: BuildLogOptions,
  url: URL,
  skip: number,
  onLine: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<End> {
  // The log is on another host, which requires the same credential. If the API's address is encrypted, the credential is never sent unencrypted.
  const downgrade = new URL(options.apiUrl).protocol === "https:" && url.protocol !== "https:";
  const headers: Record<string, string> = { ...options.headers, Accept: "*/*", "Accept-Encoding": "identity" };
  if (downgrade) delete headers["Authorization"];

  let response: Awaited<ReturnType<Transport["open"]>>;
  try {
    response = await options.transport.open({
      method: "GET",
      url: url.href,
      headers,
      timeoutMs: URL_TIMEOUT_MS,
      signal,
      fresh: true,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    return "broken";
  }
  const { status, stream } = response;
  if (status !== 200) {
    stream.destroy();
    // The proxy answers 400 or 404 until the runner begins to write.
    return status === 400 || status === 404 || status === 429 || status >= 500 ? "not yet" : "refused";
  }
  return readLines(stream, skip, onLine, signal);
}

function readLines(
  stream: Readable,
  skip: number,
  onLine: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<End> {
  let seen = 0;
  const splitter = new LineSplitter((line) => {
    if (seen++ >= skip) onLine(line);
  });
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      stream.destroy();
      if (signal !== undefined) reject(abortReason(signal));
    };
    const settle = (end: End): void => {
      signal?.removeEventListener("abort", abort);
      resolve(end);
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    stream.on("data", (chunk: Buffer) => {
      if (!signal?.aborted) splitter.push(chunk);
    });
    stream.on("end", () => {
      const complete = (stream as Partial<IncomingMessage>).complete !== false;
      if (complete) splitter.end();
      settle(complete ? "complete" : "broken");
    });
    stream.on("error", () => settle("broken"));
    stream.on("close", () => settle("broken"));
  });
}
