import { abortReason } from "../../../api/clock";
import { backoff } from "../../../api/http/retry";
import type { ProxyEnvironment } from "../../../api/http/proxy";
import type { RegistryAccess } from "../../../api/types";
import type { Clock } from "../../contract";
import { namedAddress, parseRegistryUrl } from "../../image-registry/address";
import { RegistryAuth } from "../../image-registry/auth";
import { MANIFESTS, RegistryConnection } from "../../image-registry/connection";
import { type HttpAnswer, isPassing, registryError, RegistryError } from "../../image-registry/errors";
import type { Exchange } from "../../image-registry/exchange";
import type { Wire } from "../../image-registry/wire";
import { BlobUpload } from "./blob-upload";
import type { PushTarget } from "./push-request";
import { UploadTries } from "./upload-tries";

const ATTEMPTS = 4;
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
  private readonly connection: RegistryConnection;

  /** @param root whose credentials and connections are used; default: its own */
  constructor(
    private readonly deps: RegistryDeps,
    private readonly root: RegistryClient | null = null,
  ) {
    const { access, target, env, signal, wire } = deps;
    const connection = (this.connection =
      root?.connection ??
      new RegistryConnection({
        host: target.host,
        plain: parseRegistryUrl(access.registryUrl).plain,
        env,
        signal,
        wire,
      }));
    this.auth =
      root?.auth ??
      new RegistryAuth({
        credentials: access,
        repository: target.repository,
        actions: ["pull", "push"],
        base: () => connection.base(),
        send: (exchange) => connection.exchange(exchange),
      });
  }

  /** The same client for work that a signal of its own ends. */
  within(signal: AbortSignal): RegistryClient {
    return new RegistryClient({ ...this.deps, signal }, this.root ?? this);
  }

  close(): void {
    this.connection.close();
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
      headers: { accept: MANIFESTS.join(", ") },
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
      headers: { accept: MANIFESTS.join(", ") },
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
    if (typeof found !== "string") throw new RegistryError(0, "", "the response has no Location header");
    return namedAddress("layers", found, await this.connection.base(), new URL(from)).href;
  }

  private async url(path: string, repository = this.deps.target.repository): Promise<string> {
    return `${(await this.connection.base()).origin}/v2/${repository}/${path}`;
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

  private once(exchange: Exchange): Promise<HttpAnswer> {
    return this.connection.authorized(this.auth, { signal: this.deps.signal, ...exchange });
  }
}
