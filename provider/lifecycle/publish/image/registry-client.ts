import type { AxiosResponse, AxiosStatic } from "axios";
import { abortReason } from "../../../api/clock";
import { backoff } from "../../../api/http/retry";
import { proxyFor, type ProxyEnvironment } from "../../../api/http/proxy";
import type { RegistryAccess } from "../../../api/types";
import type { Clock } from "../../contract";
import type { PushTarget } from "./push-request";
import { RegistryAuth } from "./registry-auth";
import { type HttpAnswer, isPassing, registryError, RegistryError } from "./registry-failure";

const MANIFESTS = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json"].join(", ");
/** A request on which nothing moves for so long is given up, in ms. */
const SILENT_MS = 120_000;
const ATTEMPTS = 4;

export interface RegistryDeps {
  readonly access: RegistryAccess;
  readonly target: PushTarget;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly env: ProxyEnvironment;
}

interface Exchange {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: Buffer;
}

/** Pushes to one repository of a registry, by the OCI distribution specification (https://github.com/opencontainers/distribution-spec). */
export class RegistryClient {
  private readonly auth: RegistryAuth;
  private readonly agents = new Map<string, { destroy(): void }>();
  private base: Promise<string> | null = null;

  constructor(private readonly deps: RegistryDeps) {
    this.auth = new RegistryAuth(deps.access, deps.target.repository, (url, authorization) => this.exchange({ method: "GET", url, headers: authorization === null ? {} : { authorization } }));
  }

  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
  }

  /** Whether the repository has a blob. Where nobody may look it has not. */
  async hasBlob(digest: string): Promise<boolean> {
    const { status } = await this.send({ method: "HEAD", url: await this.url(`blobs/${digest}`) });
    return status < 400;
  }

  /** The status of reading the pushed manifest. */
  async manifestStatus(): Promise<number> {
    const { status } = await this.send({ method: "HEAD", url: await this.url(`manifests/${this.deps.target.tag}`), headers: { accept: MANIFESTS } });
    return status;
  }

  /** @throws RegistryError */
  async putManifest(data: Buffer, mediaType: string): Promise<void> {
    const answer = await this.send({ method: "PUT", url: await this.url(`manifests/${this.deps.target.tag}`), headers: { "content-type": mediaType }, data });
    if (answer.status !== 201) throw registryError(answer);
  }

  /** Begins the upload of a blob. @throws RegistryError */
  async startUpload(): Promise<{ append(chunk: Buffer, offset: number): Promise<void>; finish(digest: string): Promise<void> }> {
    const begun = await this.send({ method: "POST", url: await this.url("blobs/uploads/"), headers: { "content-length": "0" } });
    if (begun.status !== 202) throw registryError(begun);
    let location = this.location(begun, await this.url("blobs/uploads/"));
    return {
      append: async (data, offset) => {
        // Not repeated: whether the registry took a part of it is not known.
        const headers = { "content-type": "application/octet-stream", "content-range": `${offset}-${offset + data.length - 1}` };
        const answer = await this.once({ method: "PATCH", url: location, headers, data });
        if (answer.status !== 202 && answer.status !== 204) throw registryError(answer);
        location = this.location(answer, location);
      },
      finish: async (digest) => {
        const url = new URL(location);
        url.searchParams.set("digest", digest);
        const answer = await this.once({ method: "PUT", url: url.href, headers: { "content-length": "0" } });
        if (answer.status !== 201 && answer.status !== 204) throw registryError(answer);
      },
    };
  }

  private location({ headers }: HttpAnswer, from: string): string {
    const found = headers["location"];
    if (typeof found !== "string") throw new RegistryError(0, "", "the answer has no Location header");
    const url = new URL(found, from);
    // A registry behind a proxy that ends TLS names itself with http.
    if (url.host === new URL(from).host) url.protocol = new URL(from).protocol;
    return url.href;
  }

  private async url(path: string): Promise<string> {
    this.base ??= this.findBase();
    return `${await this.base}/v2/${this.deps.target.repository}/${path}`;
  }

  /** HTTPS; on this machine also HTTP, as the engines do. */
  private async findBase(): Promise<string> {
    const { access, target } = this.deps;
    if (access.registryUrl.startsWith("http://")) return `http://${target.host}`;
    const secure = `https://${target.host}`;
    const { hostname } = new URL(secure);
    if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) return secure;
    return this.exchange({ method: "GET", url: `${secure}/v2/` }).then(() => secure, () => `http://${target.host}`);
  }

  /** Sends a request that may be repeated. */
  private async send(exchange: Exchange): Promise<HttpAnswer> {
    const { clock, signal } = this.deps;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.once(exchange);
        if (attempt >= ATTEMPTS || !isPassing({ status: answer.status, code: "" })) return answer;
      } catch (error) {
        if (signal.aborted || attempt >= ATTEMPTS || !(error instanceof RegistryError) || !isPassing(error)) throw error;
      }
      await clock.sleep(backoff(attempt), signal).catch(() => undefined);
      if (signal.aborted) throw abortReason(signal);
    }
  }

  /** Sends a request with the credentials; after a challenge once again. */
  private async once(exchange: Exchange): Promise<HttpAnswer> {
    const authorized = (): Promise<HttpAnswer> => {
      // The upload of a blob may go to another host, which gets no credentials.
      const own = new URL(exchange.url).host === this.deps.target.host;
      const authorization = own ? this.auth.authorization : null;
      return this.exchange({ ...exchange, headers: { ...exchange.headers, ...(authorization === null ? {} : { authorization }) } });
    };
    const answer = await authorized();
    return answer.status === 401 && (await this.auth.answer(answer)) ? authorized() : answer;
  }

  private async exchange({ method, url, headers, data }: Exchange): Promise<HttpAnswer> {
    const { signal } = this.deps;
    if (signal.aborted) throw abortReason(signal);
    const axios = (await import("axios")).default as unknown as AxiosStatic;
    try {
      const answer: AxiosResponse<Buffer> = await axios.request<Buffer>({
        method, url, data, signal, headers: { ...headers }, ...(await this.agent(new URL(url))),
        responseType: "arraybuffer", adapter: "http", maxRedirects: 0, maxBodyLength: Infinity, maxContentLength: 8 * 2 ** 20, proxy: false, timeout: SILENT_MS, validateStatus: () => true,
      });
      return { status: answer.status, headers: answer.headers as Record<string, unknown>, body: answer.data };
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      // An axios error contains the request with its credentials.
      const { code, message } = error as NodeJS.ErrnoException;
      throw new RegistryError(0, code ?? "", message);
    }
  }

  private async agent(url: URL): Promise<object> {
    const proxy = proxyFor(url, this.deps.env);
    const key = `${url.protocol} ${proxy?.href ?? ""}`;
    let agent = this.agents.get(key);
    if (agent === undefined) {
      const [http, https] = [process.getBuiltinModule("node:http"), process.getBuiltinModule("node:https")];
      const options = { keepAlive: true };
      agent = proxy !== null ? new (await import("https-proxy-agent")).HttpsProxyAgent(proxy, options) : url.protocol === "https:" ? new https.Agent(options) : new http.Agent(options);
      this.agents.set(key, agent);
    }
    return { httpAgent: agent, httpsAgent: agent };
  }
}
