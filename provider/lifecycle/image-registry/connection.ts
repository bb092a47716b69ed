import type { Agent } from "node:http";
import { abortReason } from "../../api/clock";
import { ProxyError, proxyFor, type ProxyEnvironment } from "../../api/http/proxy";
import { isLoopback } from "./address";
import type { RegistryAuth } from "./auth";
import { type HttpAnswer, RegistryError, TOO_LARGE } from "./errors";
import type { Exchange } from "./exchange";
import { LARGEST_ANSWER, sendOverWire, type Wire } from "./wire";

/** How often a request is sent again because another one has got a new token meanwhile. */
const MOST_LATE = 3;

/** What a registry is asked to take or to send as a manifest. */
export const MANIFESTS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
] as const;

export interface ConnectionDeps {
  /** Host and port. */
  readonly host: string;
  /** Whether the registry is known to speak HTTP. */
  readonly plain: boolean;
  readonly env: ProxyEnvironment;
  /** Of requests that have none of their own. */
  readonly signal: AbortSignal;
  /** Default: the network. */
  readonly wire?: Wire | undefined;
}

/** The connections to one registry, and to the hosts that it names. */
export class RegistryConnection {
  private readonly agents = new Map<string, Agent>();
  private found: Promise<URL> | null = null;

  constructor(private readonly deps: ConnectionDeps) {}

  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
  }

  /** The registry's own address. */
  base(): Promise<URL> {
    return (this.found ??= this.chooseBase());
  }

  /** Sends a request as it is. @throws RegistryError if no answer comes @throws ProxyError @throws the signal's reason */
  async exchange({ method, url, headers, data, signal = this.deps.signal }: Exchange): Promise<HttpAnswer> {
    if (signal.aborted) throw abortReason(signal);
    const { wire = sendOverWire } = this.deps;
    try {
      return await wire({ method, url, headers: { ...headers }, data, signal, agent: await this.agent(new URL(url)) });
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      if (error instanceof ProxyError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === TOO_LARGE)
        throw new RegistryError(
          0,
          TOO_LARGE,
          `sent more than ${LARGEST_ANSWER / 2 ** 20} MiB, which is more than any response of a registry`,
        );
      throw new RegistryError(0, code ?? "", message);
    }
  }

  /** Sends a request with the credentials; after a challenge once again, with those that another request got meanwhile more often. */
  async authorized(auth: RegistryAuth, exchange: Exchange): Promise<HttpAnswer> {
    const { use = "own" } = exchange;
    // A registry may name another host. It gets no credentials, and cannot ask for them.
    const url = new URL(exchange.url);
    if (url.origin !== (await this.base()).origin) return { ...(await this.exchange(exchange)), host: url.host };
    for (let late = 0, renewed = false; ;) {
      const authorization = auth.authorization(use);
      const answer = await this.exchange({
        ...exchange,
        headers: { ...exchange.headers, ...(authorization === null ? {} : { authorization }) },
      });
      if (answer.status !== 401) {
        auth.accepted(use);
        return answer;
      }
      if (authorization !== auth.authorization(use) && late < MOST_LATE) late += 1;
      else if (!renewed && (await auth.answer(answer, use))) renewed = true;
      else return answer;
    }
  }

  /** HTTPS; on this machine also HTTP, as the engines do. @throws RegistryError */
  private async chooseBase(): Promise<URL> {
    const { host, plain: isPlain } = this.deps;
    if (!URL.canParse(`https://${host}`))
      throw new RegistryError(0, "", "its name is not a host, or its port is above 65535");
    const [plain, secure] = [new URL(`http://${host}`), new URL(`https://${host}`)];
    if (isPlain) return plain;
    if (!isLoopback(secure.hostname)) return secure;
    return this.exchange({ method: "GET", url: `${secure.origin}/v2/` }).then(
      () => secure,
      () => plain,
    );
  }

  private async agent(url: URL): Promise<Agent> {
    const proxy = proxyFor(url, this.deps.env);
    const key = `${url.protocol} ${proxy?.href ?? ""}`;
    let agent = this.agents.get(key);
    if (agent === undefined) {
      const [http, https] = [process.getBuiltinModule("node:http"), process.getBuiltinModule("node:https")];
      const options = { keepAlive: true };
      agent =
        proxy !== null
          ? new (await import("https-proxy-agent")).HttpsProxyAgent(proxy, options)
          : url.protocol === "https:"
            ? new https.Agent(options)
            : new http.Agent(options);
      this.agents.set(key, agent);
    }
    return agent;
  }
}
