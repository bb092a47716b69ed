import type { AxiosRequestConfig, AxiosResponse, AxiosStatic } from "axios";
import type * as http from "node:http";
import type * as https from "node:https";
import type { Readable } from "node:stream";
import { abortReason } from "../clock";
import { proxyAuthorization, ProxyError, proxyFor, type ProxyEnvironment } from "./proxy";

/** One HTTP exchange, without retries. */
export interface HttpRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Complete URL, encoded. */
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Timeout in ms until the answer is complete. For a stream, until its headers have arrived. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Whether to use a new connection, which the server cannot have closed while it was idle. */
  fresh?: boolean;
}

/** No complete answer. Contains neither headers nor body of the request. */
export class TransportError extends Error {
  /** A system error code such as `ECONNREFUSED`, or `TIMEOUT`; empty if unknown. */
  readonly code: string;
  /** false: no connection was made, so the server cannot have seen the request. */
  readonly sent: boolean;
  /** Host and port of the proxy; null: none. */
  readonly proxy: string | null;

  constructor(message: string, code: string, sent: boolean, proxy: string | null = null) {
    super(message);
    this.name = "TransportError";
    this.code = code;
    this.sent = sent;
    this.proxy = proxy;
  }
}

/** Of an answer that is read as a whole, unpacked, in bytes: a page of 200 snapshots with their Dockerfiles, and three times more. */
const LARGEST_ANSWER = 64 * 2 ** 20;
/** The `code` of a larger one. */
export const TOO_LARGE = "TOO_LARGE";
/** The `code` where the environment names a proxy that cannot be used. */
export const UNUSABLE_PROXY = "PROXY_UNUSABLE";

/** Codes of failures that happen before any byte of the request is sent. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ConnectionRefused|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|DNSResolve|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO|EMFILE|ENFILE|PROXY)/i;

/** Only Node reports reliably when a connection is established. Elsewhere a failed request counts as sent, to be safe. */
const TELLS_CONNECTING = process.versions["bun"] === undefined;

/** Loaded with the first request, so that a provider that only returns its schema starts faster. */
interface Libraries {
  readonly axios: AxiosStatic;
  /** Node's `https` or `http`: TLS takes longer to load than everything else, and an API on this machine has none. */
  readonly web: (secure: boolean) => typeof http | typeof https;
}

/** Keep-alive connections to one origin, directly or through the environment's proxy. */
export class Transport {
  private readonly agents = new Map<string, Promise<http.Agent>>();
  private libraries: Promise<Libraries> | null = null;
  private closed = false;

  constructor(private readonly env: ProxyEnvironment) {}

  /** Loads the libraries for a request that follows. The request reports a failure. */
  prepare(): void {
    this.loaded().catch(() => undefined);
  }

  private loaded(): Promise<Libraries> {
    return (this.libraries ??= import("axios")
      .then((axios) => ({
        axios: axios.default as unknown as AxiosStatic,
        web: (secure: boolean) => process.getBuiltinModule(secure ? "node:https" : "node:http"),
      }))
      .catch((error: unknown) => {
        // Too many open files, say: the next request tries again.
        this.libraries = null;
        throw error;
      }));
  }

  /** Sends a request and resolves when the headers of the answer have arrived. @throws TransportError, or the signal's reason */
  async open(request: HttpRequest): Promise<{ status: number; stream: Readable }> {
    const { status, data } = await this.exchange<Readable>(request, "stream");
    return { status, stream: data };
  }

  /** Sends a request and reads the whole answer. @throws TransportError, or the signal's reason */
  async send(request: HttpRequest): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }> {
    const { status, headers, data } = await this.exchange<Buffer>(request, "arraybuffer");
    return { status, headers: { ...headers } as http.IncomingHttpHeaders, text: data.toString("utf8") };
  }

  /** The agent that tunnels through the proxy, for web sockets; null without a proxy. */
  async tunnel(target: URL): Promise<http.Agent | null> {
    const proxy = proxyFor(target, this.env);
    return proxy === null
      ? null
      : this.agent(`tunnel ${proxy.href}`, async () => new (await import("https-proxy-agent")).HttpsProxyAgent(proxy));
  }

  /** Closes all connections. Later requests fail. */
  close(): void {
    this.closed = true;
    for (const agent of this.agents.values())
      agent.then(
        (it) => it.destroy(),
        () => undefined,
      );
    this.agents.clear();
  }

  private async exchange<T>(request: HttpRequest, responseType: "stream" | "arraybuffer"): Promise<AxiosResponse<T>> {
    const { signal, timeoutMs } = request;
    if (signal?.aborted) throw abortReason(signal);
    if (this.closed) throw new TransportError("the client is closed", "CLOSED", false);
    const connection = { stands: false };
    const over = new AbortController();
    let timedOut = false;
    const abort = (): void => over.abort();
    // The timeout of axios only counts silence, so a slow answer would never end.
    const timer = setTimeout(() => {
      timedOut = true;
      over.abort();
    }, timeoutMs);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const libraries = await this.loaded();
      const config = await this.config(request, connection, libraries, responseType === "arraybuffer");
      if (signal?.aborted) throw abortReason(signal);
      return await libraries.axios.request<T>({ ...config, responseType, signal: over.signal });
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal);
      throw this.failureOf(error, request, timedOut, connection);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** An axios error contains the request with its credential. Only its message and code are passed on. */
  private failureOf(
    error: unknown,
    { url, timeoutMs }: HttpRequest,
    timedOut: boolean,
    connection: { readonly stands: boolean },
  ): TransportError {
    if (error instanceof ProxyError) return new TransportError(error.message, UNUSABLE_PROXY, false);
    const { message, code: known } = error as NodeJS.ErrnoException;
    if (/^maxContentLength/.test(message))
      return new TransportError(`its response is larger than ${LARGEST_ANSWER / 2 ** 20} MiB`, TOO_LARGE, true);
    const code = timedOut ? "TIMEOUT" : known === "ERR_BAD_RESPONSE" ? "ECONNRESET" : (known ?? "");
    const sent = !(TELLS_CONNECTING && !connection.stands) && !BEFORE_SENDING.test(code);
    const what = timedOut ? `no complete response within ${timeoutMs / 1000} seconds` : message;
    return new TransportError(what, code, sent, this.proxyOf(url));
  }

  /** Host and port of the proxy; null: none. Never fails: this is for a failure that has to be told. */
  private proxyOf(url: string): string | null {
    try {
      return proxyFor(new URL(url), this.env)?.host ?? null;
    } catch {
      return null;
    }
  }

  /** @param whole whether the answer is read as a whole, not as a stream */
  private async config(
    request: HttpRequest,
    connection: { stands: boolean },
    libraries: Libraries,
    whole: boolean,
  ): Promise<AxiosRequestConfig> {
    const target = new URL(request.url);
    const proxy = proxyFor(target, this.env);
    const secure = target.protocol === "https:";
    const keep = request.fresh !== true;
    const settings = { keepAlive: keep, scheduling: "lifo" as const };
    const direct = (tls: boolean): Promise<http.Agent> =>
      this.agent(`${tls} ${keep}`, async () => new (libraries.web(tls).Agent)(settings));
    const tunnel = (through: URL): Promise<http.Agent> =>
      this.agent(
        `connect ${keep}`,
        async () => new (await import("https-proxy-agent")).HttpsProxyAgent(through, settings),
      );

    const headers: Record<string, string | false> = {
      "User-Agent": false,
      Accept: false,
      "Accept-Encoding": "gzip",
      ...request.headers,
    };
    // A plain HTTP request goes to the proxy itself, with the full URL in its first line.
    const via = proxy !== null && !secure ? proxy : null;
    const authorization = via === null ? null : proxyAuthorization(via);
    if (authorization !== null) headers["Proxy-Authorization"] = authorization;
    const agent = await (proxy !== null && secure
      ? tunnel(proxy)
      : direct(via === null ? secure : via.protocol === "https:"));
    return {
      method: request.method,
      url: request.url,
      headers,
      data: request.body,
      httpAgent: agent,
      httpsAgent: agent,
      // We choose the proxy: axios does not support address blocks in NO_PROXY.
      proxy: false,
      // A redirect would send the credential to any address that the answer names.
      maxRedirects: 0,
      maxBodyLength: -1,
      // -1 is "no limit"; with any other value, axios wraps a stream so that ending it leaves a silent connection open.
      maxContentLength: whole ? LARGEST_ANSWER : -1,
      validateStatus: () => true,
      transformRequest: (data: unknown) => data,
      transformResponse: (data: unknown) => data,
      transport: {
        request: (options: http.RequestOptions, onAnswer: (answer: http.IncomingMessage) => void) =>
          begin(libraries.web, throughProxy(options, target, via), onAnswer, connection),
      },
    } as AxiosRequestConfig;
  }

  private agent(name: string, make: () => Promise<http.Agent>): Promise<http.Agent> {
    let agent = this.agents.get(name);
    if (agent === undefined) this.agents.set(name, (agent = make()));
    return agent;
  }
}

function throughProxy(options: http.RequestOptions, target: URL, proxy: URL | null): http.RequestOptions {
  if (proxy === null) return options;
  const { protocol, hostname, port } = proxy;
  return {
    ...options,
    protocol,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port || (protocol === "https:" ? 443 : 80),
    path: `${target.origin}${options.path ?? "/"}`,
    headers: { ...(options.headers as http.OutgoingHttpHeaders), Host: target.host },
  };
}

/** Starts the request and notes when its connection is established. Before that, the server cannot have seen it. */
function begin(
  web: Libraries["web"],
  options: http.RequestOptions,
  onAnswer: (answer: http.IncomingMessage) => void,
  connection: { stands: boolean },
): http.ClientRequest {
  const secure = options.protocol === "https:";
  const sending = web(secure).request(options, onAnswer);
  sending.on("socket", (socket) => {
    if (socket.connecting) socket.once(secure ? "secureConnect" : "connect", () => (connection.stands = true));
    else connection.stands = true;
  });
  return sending;
}
