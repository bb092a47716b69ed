import type { Agent } from "node:http";
import { abortReason } from "../../../api/clock";
import { backoff } from "../../../api/http/retry";
import { ProxyError, proxyFor, type ProxyEnvironment } from "../../../api/http/proxy";
import type { RegistryAccess } from "../../../api/types";
import type { Clock } from "../../contract";
import { BlobUpload } from "./blob-upload";
import type { Exchange } from "./exchange";
import type { PushTarget } from "./push-request";
import { isLoopback, namedAddress, parseRegistryUrl } from "./registry-address";
import { RegistryAuth } from "./registry-auth";
import { LARGEST_ANSWER, sendOverWire, type Wire } from "./registry-wire";
import { UploadTries } from "./upload-tries";
import { type HttpAnswer, isPassing, registryError, RegistryError, TOO_LARGE } from "./registry-failure";

const MANIFESTS = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");
const ATTEMPTS = 4;
/** How often a request is sent again because another one has got a new token meanwhile. */
const MOST_LATE = 3;
const DIGEST = /^[a-z0-9]+:[0-9a-f]{32,}$/;

export interface RegistryDeps {
  readonly access: RegistryAccess;
  readonly target: PushTarget;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly env: ProxyEnvironment;
  /** Default: the network. */
  readonly wire?: Wire;
}

/** A manifest as a registry has it. */
export interface FoundManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** Pushes to one repository of a registry, by the OCI distribution specification (https://github.com/opencontainers/distribution-spec). */
export class RegistryClient {
  private readonly auth: RegistryAuth;
  private readonly agents: Map<string, Agent>;
  private base: Promise<URL> | null = null;

  /** @param root whose credentials and connections are used; default: its own */
  constructor(
    private readonly deps: RegistryDeps,
    private readonly root: RegistryClient | null = null,
  ) {
    this.agents = root?.agents ?? new Map<string, Agent>();
    this.auth =
      root?.auth ??
      new RegistryAuth(
        deps.access,
        deps.target.repository,
        () => this.findBase(),
        (url, authorization) =>
          this.exchange({ method: "GET", url, headers: authorization === null ? {} : { authorization } }),
      );
  }

  /** The same client for work that a signal of its own ends. */
  within(signal: AbortSignal): RegistryClient {
    return new RegistryClient({ ...this.deps, signal }, this.root ?? this);
  }

  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
  }

  /** Whether the repository has a blob. Where nobody may look it has not. */
  async hasBlob(digest: string): Promise<boolean> {
    const { status } = await this.send({ method: "HEAD", url: await this.url(`blobs/${digest}`) });
    return status < 400;
  }

  /**
   * Asks for a manifest.
   * @param reference tag or digest; default: the tag of the push @param repository default: that of the push
   * @returns the status of reading it, and its digest; null: the registry does not tell
   */
  async headManifest(
    reference = this.deps.target.tag,
    repository = this.deps.target.repository,
  ): Promise<{ status: number; digest: string | null }> {
    const { status, headers } = await this.send({
      method: "HEAD",
      url: await this.url(`manifests/${reference}`, repository),
      headers: { accept: MANIFESTS },
      use: repository === this.deps.target.repository ? "own" : "mount",
    });
    const digest = headers["docker-content-digest"];
    return { status, digest: typeof digest === "string" && DIGEST.test(digest) ? digest : null };
  }

  /** The status of reading the pushed manifest. */
  async manifestStatus(): Promise<number> {
    return (await this.headManifest()).status;
  }

  /** A manifest of another repository by its digest; null: it cannot be read. */
  async manifestIn(repository: string, digest: string): Promise<FoundManifest | null> {
    const { status, headers, body } = await this.send({
      method: "GET",
      url: await this.url(`manifests/${digest}`, repository),
      headers: { accept: MANIFESTS },
      use: "mount",
    });
    return status === 200 ? { bytes: body, mediaType: String(headers["content-type"] ?? "") } : null;
  }

  /** @throws RegistryError */
  async putManifest(data: Buffer, mediaType: string): Promise<void> {
    const answer = await this.send({
      method: "PUT",
      url: await this.url(`manifests/${this.deps.target.tag}`),
      headers: { "content-type": mediaType },
      data: [data],
    });
    if (answer.status !== 201) throw registryError(answer);
  }

  /**
   * Takes a blob over from another repository of the registry.
   * @returns "mounted", "refused" where that repository may not be read or has not got it, or the upload that the registry has begun instead
   */
  async mountBlob(
    digest: string,
    from: string,
    tries = new UploadTries(),
  ): Promise<"mounted" | "refused" | BlobUpload> {
    const url = new URL(await this.url("blobs/uploads/"));
    url.searchParams.set("mount", digest);
    url.searchParams.set("from", from);
    const use = from === this.deps.target.repository ? "own" : "mount";
    const answer = await this.send({ method: "POST", url: url.href, headers: { "content-length": "0" }, use });
    if (answer.status === 201) return "mounted";
    return answer.status === 202 ? this.upload(answer, url.href, tries) : "refused";
  }

  /** Begins the upload of a blob. @throws RegistryError */
  async startUpload(tries = new UploadTries()): Promise<BlobUpload> {
    const url = await this.url("blobs/uploads/");
    const begun = await this.send({ method: "POST", url, headers: { "content-length": "0" } });
    if (begun.status !== 202) throw registryError(begun);
    return this.upload(begun, url, tries);
  }

  private async upload(begun: HttpAnswer, from: string, tries: UploadTries): Promise<BlobUpload> {
    const { clock, signal } = this.deps;
    return new BlobUpload(
      {
        clock,
        signal,
        once: (exchange) => this.once(exchange),
        send: (exchange) => this.send(exchange),
        located: (answer, at) => this.location(answer, at),
      },
      await this.location(begun, from),
      tries,
    );
  }

  private async location({ headers }: HttpAnswer, from: string): Promise<string> {
    const found = headers["location"];
    if (typeof found !== "string") throw new RegistryError(0, "", "the answer has no Location header");
    return namedAddress("layers", found, await this.findBase(), new URL(from)).href;
  }

  private async url(path: string, repository = this.deps.target.repository): Promise<string> {
    return `${(await this.findBase()).origin}/v2/${repository}/${path}`;
  }

  private findBase(): Promise<URL> {
    return this.root?.findBase() ?? (this.base ??= this.chooseBase());
  }

  /** HTTPS; on this machine also HTTP, as the engines do. */
  private async chooseBase(): Promise<URL> {
    const { access, target } = this.deps;
    const [plain, secure] = [new URL(`http://${target.host}`), new URL(`https://${target.host}`)];
    if (parseRegistryUrl(access.registryUrl).plain) return plain;
    if (!isLoopback(secure.hostname)) return secure;
    return this.exchange({ method: "GET", url: `${secure.origin}/v2/` }).then(
      () => secure,
      () => plain,
    );
  }

  /** Sends a request that may be repeated. */
  private async send(exchange: Exchange): Promise<HttpAnswer> {
    const { clock, signal } = this.deps;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.once(exchange);
        if (attempt >= ATTEMPTS || !isPassing({ status: answer.status, code: "" })) return answer;
      } catch (error) {
        if (signal.aborted || attempt >= ATTEMPTS || !(error instanceof RegistryError) || !isPassing(error))
          throw error;
      }
      await clock.sleep(backoff(attempt), signal).catch(() => undefined);
      if (signal.aborted) throw abortReason(signal);
    }
  }

  /** Sends a request with the credentials; after a challenge once again, with those that another request got meanwhile more often. */
  private async once(exchange: Exchange): Promise<HttpAnswer> {
    const { use = "own" } = exchange;
    // The upload of a blob may go to another host. It gets no credentials, and cannot ask for them.
    const url = new URL(exchange.url);
    if (url.origin !== (await this.findBase()).origin) return { ...(await this.exchange(exchange)), host: url.host };
    for (let late = 0, renewed = false; ;) {
      const authorization = this.auth.authorization(use);
      const answer = await this.exchange({
        ...exchange,
        headers: { ...exchange.headers, ...(authorization === null ? {} : { authorization }) },
      });
      if (answer.status !== 401) {
        this.auth.accepted(use);
        return answer;
      }
      if (authorization !== this.auth.authorization(use) && late < MOST_LATE) late += 1;
      else if (!renewed && (await this.auth.answer(answer, use))) renewed = true;
      else return answer;
    }
  }

  private async exchange({ method, url, headers, data, signal = this.deps.signal }: Exchange): Promise<HttpAnswer> {
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
          `sent more than ${LARGEST_ANSWER / 2 ** 20} MiB, which no answer of a registry has`,
        );
      throw new RegistryError(0, code ?? "", message);
    }
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
