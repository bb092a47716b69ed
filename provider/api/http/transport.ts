import type { IncomingMessage, RequestOptions } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import { abortReason } from "../clock";
import { proxyAuthorization, proxyFor, type ProxyEnvironment } from "./proxy";

/** One HTTP exchange, without retries. */
export interface HttpRequest {
  method: "GET" | "POST" | "DELETE";
  /** Whole and already encoded; sent literally. */
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** ms, until the answer is complete (a stream: until its head is there). */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** true: on a connection of its own, so that the other end cannot have closed it while it lay idle. */
  fresh?: boolean;
}

/** No complete answer. */
export class TransportError extends Error {
  /** `ECONNREFUSED` and the like; `TIMEOUT` for the time limit; empty where nothing is known. */
  readonly code: string;
  /** false: no connection was made, so the server cannot have seen the request. */
  readonly sent: boolean;
  /** Host and port of the proxy that was to be used; null: none. */
  readonly proxy: string | null;

  constructor(message: string, code: string, sent: boolean, proxy: string | null = null) {
    super(message);
    this.name = "TransportError";
    this.code = code;
    this.sent = sent;
    this.proxy = proxy;
  }
}

/** Codes that end an attempt before any byte of the request is sent. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ConnectionRefused|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|DNSResolve|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO|PROXY)/i;

/** Only Node tells reliably when a connection stands; elsewhere a failure counts as sent, which is the careful side. */
const TELLS_CONNECTING = process.versions["bun"] === undefined;

/** Keep-alive connections to one origin, directly or through the environment's proxy. */
export class Transport {
  private readonly agents = new Map<string, Promise<http.Agent>>();

  private closed = false;

  constructor(private readonly env: ProxyEnvironment) {}

  /** Sends and answers as soon as the head of the answer is there. @throws TransportError, or the signal's reason */
  async open(request: HttpRequest): Promise<IncomingMessage> {
    const { signal } = request;
    if (signal?.aborted) throw abortReason(signal);
    if (this.closed) throw new TransportError("the client is closed", "CLOSED", false);
    const options = await this.options(request);
    if (signal?.aborted) throw abortReason(signal);
    return new Promise<IncomingMessage>((resolve, reject) => {
      let connected = false;
      let timedOut = false;
      const fail = (error: NodeJS.ErrnoException): void => {
        finish();
        if (signal?.aborted) return reject(abortReason(signal));
        const code = timedOut ? "TIMEOUT" : (error.code ?? "");
        const sent = !(TELLS_CONNECTING && !connected) && !BEFORE_SENDING.test(code);
        reject(new TransportError(error.message, code, sent, proxyFor(new URL(request.url), this.env)?.host ?? null));
      };
      const abort = (): void => {
        finish();
        sending.destroy();
        if (signal !== undefined) reject(abortReason(signal));
      };
      const timer = setTimeout(() => {
        timedOut = true;
        const error = new Error(`no answer within ${request.timeoutMs / 1000} s`);
        sending.destroy(error);
        fail(error);
      }, request.timeoutMs);
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      signal?.addEventListener("abort", abort, { once: true });
      const sending = (options.protocol === "https:" ? https : http).request(options, (response) => {
        finish();
        resolve(response);
      });
      sending.on("error", fail);
      sending.on("socket", (socket) => {
        if (socket.connecting) socket.once(options.protocol === "https:" ? "secureConnect" : "connect", () => (connected = true));
        else connected = true;
      });
      sending.end(request.body);
    });
  }

  /** Sends and reads the whole answer. @throws TransportError, or the signal's reason */
  async send(request: HttpRequest): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }> {
    const started = performance.now();
    const response = await this.open(request);
    const text = await readAll(response, Math.max(1, request.timeoutMs - (performance.now() - started)), request);
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  /** For other protocols' clients (web sockets): the agent that tunnels through the proxy, if there is one. */
  async tunnel(target: URL): Promise<http.Agent | null> {
    const proxy = proxyFor(target, this.env);
    return proxy === null ? null : this.agent(`tunnel ${proxy.href}`, async () => new (await import("https-proxy-agent")).HttpsProxyAgent(proxy));
  }

  /** Ends all connections; nothing can be sent any more. */
  close(): void {
    this.closed = true;
    for (const agent of this.agents.values()) agent.then((it) => it.destroy(), () => undefined);
    this.agents.clear();
  }

  private async options(request: HttpRequest): Promise<RequestOptions> {
    const target = new URL(request.url);
    const proxy = proxyFor(target, this.env);
    // The path is cut from the text: URL would resolve names such as `..`.
    const start = request.url.indexOf("/", request.url.indexOf("://") + 3);
    const path = start < 0 ? `/${target.search}` : request.url.slice(start);
    const headers: Record<string, string> = { ...request.headers, Host: target.host };
    if (request.body !== undefined) headers["Content-Length"] = String(Buffer.byteLength(request.body));
    const keep = request.fresh !== true;
    const settings = { keepAlive: keep, scheduling: "lifo" as const };
    const common = { method: request.method, headers };
    const direct = (url: URL): Pick<RequestOptions, "protocol" | "host" | "port"> => ({
      protocol: url.protocol,
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port || (url.protocol === "https:" ? 443 : 80),
    });
    const plain = (secure: boolean): Promise<http.Agent> =>
      this.agent(`${secure} ${keep}`, async () => (secure ? new https.Agent(settings) : new http.Agent(settings)));

    if (proxy === null) return { ...common, ...direct(target), path, agent: await plain(target.protocol === "https:") };
    if (target.protocol === "http:") {
      const authorization = proxyAuthorization(proxy);
      if (authorization !== null) headers["Proxy-Authorization"] = authorization;
      return { ...common, ...direct(proxy), path: `${target.origin}${path}`, agent: await plain(proxy.protocol === "https:") };
    }
    const agent = await this.agent(`connect ${keep}`, async () => new (await import("https-proxy-agent")).HttpsProxyAgent(proxy, settings));
    return { ...common, ...direct(target), path, agent };
  }

  private agent(name: string, make: () => Promise<http.Agent>): Promise<http.Agent> {
    let agent = this.agents.get(name);
    if (agent === undefined) this.agents.set(name, (agent = make()));
    return agent;
  }
}

async function readAll(response: IncomingMessage, timeoutMs: number, request: HttpRequest): Promise<string> {
  const { signal } = request;
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const lost = (message: string, code: string): void => reject(new TransportError(message, code, true));
    const abort = (): void => {
      response.destroy();
      if (signal !== undefined) reject(abortReason(signal));
    };
    const timer = setTimeout(() => {
      response.destroy();
      lost(`the answer was not complete within ${request.timeoutMs / 1000} s`, "TIMEOUT");
    }, timeoutMs);
    const done = (settle: () => void) => (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      settle();
    };
    if (signal?.aborted) return done(abort)();
    signal?.addEventListener("abort", abort, { once: true });
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", done(() => (response.complete ? resolve() : lost("the answer ended early", "ECONNRESET"))));
    response.on("error", (error: NodeJS.ErrnoException) => done(() => lost(error.message, error.code ?? ""))());
    response.on("close", done(() => lost("the connection closed before the answer was complete", "ECONNRESET")));
  });
  const whole = Buffer.concat(chunks);
  if (response.headers["content-encoding"] !== "gzip") return whole.toString("utf8");
  const { gunzipSync } = await import("node:zlib");
  try {
    return gunzipSync(whole).toString("utf8");
  } catch {
    throw new TransportError("the answer could not be unpacked", "", true);
  }
}
