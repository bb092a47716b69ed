import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Answer } from "../protocol/answer";
import { MOST_OF_BODY, readBody, TooLarge } from "../protocol/body";
import { BlobStore, type Upload } from "./blob-store";
import { entrypointOf, missingBlobs, MOST_OF_CONFIG, parseManifest, sizeOf } from "./manifest";

/** The project that pushes go to. */
export const PROJECT = "daytona";
/** How long credentials of a push are valid, in ms, as on the real server. */
export const ACCESS_MS = 3_600_000;

/** What the simulated runner knows of an image that was pushed here. */
export interface PushedImage {
  /** Hex of the manifest's digest. */
  readonly digest: string;
  /** GiB, compressed. */
  readonly size: number;
  readonly entrypoint: string[] | undefined;
}

interface Manifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly image: PushedImage;
}

interface Repository {
  readonly blobs: Set<string>;
  /** By digest. */
  readonly manifests: Map<string, Manifest>;
  readonly tags: Map<string, string>;
}

interface Call {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly name: string;
  /** What follows the repository: a digest, a tag, the ID of an upload. */
  readonly rest: string;
  readonly query: URLSearchParams;
}

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;
const ROUTE = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags)\/([^/]*)$/;
const VERSION = { "Docker-Distribution-Api-Version": "registry/2.0" };

/** Whether a path belongs to the registry. */
export const isRegistry = (path: string): boolean => path === "/v2" || path.startsWith("/v2/");

/**
 * A registry for pushed images, by the OCI distribution specification (https://github.com/opencontainers/distribution-spec): blobs in one
 * piece or in chunks, mounts, manifests and tags. Credentials are those that `issue` gave out. Contents are kept until the API ends.
 */
export class Registry {
  readonly #store = new BlobStore();
  readonly #repositories = new Map<string, Repository>();
  /** Password and end of validity, by user name. */
  readonly #access = new Map<string, { secret: string; until: number }>();

  constructor(private readonly now: () => number) {}

  /** Credentials for one push. */
  issue(): { username: string; secret: string } {
    const username = `robot$daytona+temp-push-robot-${randomBytes(6).toString("hex")}`;
    const secret = randomBytes(16).toString("hex");
    this.#access.set(username, { secret, until: this.now() + ACCESS_MS });
    return { username, secret };
  }

  /** The images that are there: `daytona/agent-…:v2-…`. */
  images(): string[] {
    return [...this.#repositories]
      .flatMap(([name, { tags }]) => [...tags.keys()].map((tag) => `${name}:${tag}`))
      .sort();
  }

  /** @param reference `daytona/agent:1`, or with a digest; null: there is no such image */
  find(reference: string): PushedImage | null {
    const [, name = "", tag, digest] = /^([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(reference) ?? [];
    const repository = this.#repositories.get(name);
    const found = digest ?? repository?.tags.get(tag ?? "");
    return (found === undefined ? undefined : repository?.manifests.get(found)?.image) ?? null;
  }

  /** The server removes what it has pulled. */
  untag(reference: string): void {
    const [, name = "", tag = ""] = /^([^:@]+):([^@]+)/.exec(reference) ?? [];
    this.#repositories.get(name)?.tags.delete(tag);
  }

  /** Forgets all images, and removes their files. */
  clear(): void {
    this.#repositories.clear();
    this.#store.clear();
  }

  async handle(request: IncomingMessage, path: string, query: URLSearchParams): Promise<Answer> {
    const method = request.method ?? "GET";
    if (!this.#mayPush(request)) return unauthorized();
    if (path === "/v2/" || path === "/v2") return { status: 200, headers: VERSION, json: {} };
    const [, name, kind, rest] = ROUTE.exec(path) ?? [];
    if (name === undefined || kind === undefined || rest === undefined) return failure(404, "NOT_FOUND", "not found");
    if (!NAME.test(name) || name.length > 255) return failure(400, "NAME_INVALID", "invalid repository name");
    if (!name.startsWith(`${PROJECT}/`)) return failure(403, "DENIED", "requested access to the resource is denied");
    return this.#handleRepository(kind, { request, method, name, rest, query });
  }

  #handleRepository(kind: string, call: Call): Promise<Answer> | Answer {
    if (kind === "blobs/uploads") return call.rest === "" ? this.#beginUpload(call) : this.#changeUpload(call);
    if (kind === "blobs") return this.#blob(call);
    if (kind === "manifests") return this.#manifest(call);
    return this.#tags(call);
  }

  #mayPush({ headers }: IncomingMessage): boolean {
    const [, basic = ""] = /^Basic (\S+)$/i.exec(headers.authorization ?? "") ?? [];
    const [, username = "", secret = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, "base64").toString("utf8")) ?? [];
    const access = this.#access.get(username);
    if (access === undefined || access.until < this.now()) return false;
    const [given, wanted] = [secret, access.secret].map((text) => createHash("sha256").update(text).digest());
    return timingSafeEqual(given!, wanted!);
  }

  #repository(name: string): Repository {
    let repository = this.#repositories.get(name);
    if (repository === undefined)
      this.#repositories.set(name, (repository = { blobs: new Set(), manifests: new Map(), tags: new Map() }));
    return repository;
  }

  async #beginUpload(call: Call): Promise<Answer> {
    const { method, name, query } = call;
    if (method !== "POST") return unsupported();
    const [mount, from, digest] = ["mount", "from", "digest"].map((key) => query.get(key));
    if (typeof mount === "string" && typeof from === "string" && this.#repositories.get(from)?.blobs.has(mount)) {
      this.#repository(name).blobs.add(mount);
      return created(`/v2/${name}/blobs/${mount}`, mount);
    }
    const upload = this.#store.begin(name);
    return typeof digest === "string" ? this.#finish(call, upload, digest) : accepted(upload);
  }

  async #changeUpload(call: Call): Promise<Answer> {
    const { method, request, name, rest, query } = call;
    const upload = this.#store.upload(rest, name);
    if (upload === undefined) return failure(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
    if (method === "GET") return { ...accepted(upload), status: 204 };
    // Two requests at once would mix their bytes.
    if (upload.busy) return failure(409, "BLOB_UPLOAD_INVALID", "another request is writing to this upload");
    if (method === "DELETE") {
      this.#store.cancel(upload);
      return { status: 204 };
    }
    if (method === "PUT") return this.#finish(call, upload, query.get("digest") ?? "");
    if (method !== "PATCH") return unsupported();
    const [, start] = /^(?:bytes )?(\d+)-\d+/.exec(String(request.headers["content-range"] ?? "")) ?? [];
    if (start !== undefined && Number(start) !== upload.size) return { ...accepted(upload), status: 416 };
    await this.#store.append(upload, request);
    return accepted(upload);
  }

  async #finish({ request, name }: Call, upload: Upload, digest: string): Promise<Answer> {
    await this.#store.append(upload, request);
    if (!this.#store.finish(upload, digest))
      return failure(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    this.#repository(name).blobs.add(digest);
    return created(`/v2/${name}/blobs/${digest}`, digest);
  }

  #blob({ method, name, rest: digest }: Call): Answer {
    if (method !== "GET" && method !== "HEAD") return unsupported();
    const size = this.#repositories.get(name)?.blobs.has(digest) ? this.#store.size(digest) : undefined;
    if (size === undefined) return failure(404, "BLOB_UNKNOWN", "blob unknown to registry");
    const headers = {
      ...VERSION,
      "Content-Type": "application/octet-stream",
      "Content-Length": String(size),
      "Docker-Content-Digest": digest,
    };
    return {
      status: 200,
      headers,
      stream: (response) => void (method === "HEAD" ? response.end() : this.#store.read(digest).pipe(response)),
    };
  }

  #manifest(call: Call): Promise<Answer> | Answer {
    const { method, name, rest } = call;
    if (method === "PUT") return this.#putManifest(call);
    if (method !== "GET" && method !== "HEAD") return unsupported();
    const repository = this.#repositories.get(name);
    const digest = DIGEST.test(rest) ? rest : (repository?.tags.get(rest) ?? "");
    const manifest = repository?.manifests.get(digest);
    if (manifest === undefined) return failure(404, "MANIFEST_UNKNOWN", "manifest unknown");
    const headers = { ...VERSION, "Content-Type": manifest.mediaType, "Docker-Content-Digest": digest };
    return { status: 200, headers, body: manifest.bytes };
  }

  async #putManifest({ request, name, rest: reference }: Call): Promise<Answer> {
    const bytes = await readBody(request, MOST_OF_BODY).catch((error: unknown) => {
      if (error instanceof TooLarge) return null;
      throw error;
    });
    if (bytes === null) return failure(400, "SIZE_INVALID", "the manifest is too large");
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    if (!TAG.test(reference) && !DIGEST.test(reference))
      return failure(400, "TAG_INVALID", "manifest tag did not match URI");
    if (DIGEST.test(reference) && reference !== digest)
      return failure(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    const manifest = parseManifest(bytes);
    if (manifest === null) return failure(400, "MANIFEST_INVALID", "manifest invalid");
    const repository = this.#repository(name);
    const missing = missingBlobs(manifest, repository.blobs, repository.manifests);
    if (missing.length > 0)
      return failure(400, "MANIFEST_BLOB_UNKNOWN", `blob unknown to registry: ${missing.join(", ")}`);
    const { config } = manifest;
    const readable = config !== undefined && (this.#store.size(config.digest) ?? 0) <= MOST_OF_CONFIG;
    repository.manifests.set(digest, {
      bytes,
      mediaType: String(request.headers["content-type"] ?? manifest.mediaType ?? "application/octet-stream"),
      image: {
        digest: digest.slice("sha256:".length),
        size: sizeOf(manifest) / 2 ** 30,
        entrypoint: readable ? await entrypointOf(this.#store.read(config.digest)) : undefined,
      },
    });
    if (!DIGEST.test(reference)) repository.tags.set(reference, digest);
    return created(`/v2/${name}/manifests/${digest}`, digest);
  }

  #tags({ method, name, rest }: Call): Answer {
    const repository = this.#repositories.get(name);
    if (rest !== "list" || (method !== "GET" && method !== "HEAD")) return unsupported();
    if (repository === undefined) return failure(404, "NAME_UNKNOWN", "repository name not known to registry");
    return { status: 200, headers: VERSION, json: { name, tags: [...repository.tags.keys()].sort() } };
  }
}

function accepted({ id, repository, size }: Upload): Answer {
  return {
    status: 202,
    headers: {
      ...VERSION,
      Location: `/v2/${repository}/blobs/uploads/${id}`,
      "Docker-Upload-UUID": id,
      Range: `0-${Math.max(0, size - 1)}`,
    },
  };
}

function created(location: string, digest: string): Answer {
  return { status: 201, headers: { ...VERSION, Location: location, "Docker-Content-Digest": digest } };
}

function failure(status: number, code: string, message: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...VERSION, ...headers }, json: { errors: [{ code, message, detail: null }] } };
}

const unsupported = (): Answer => failure(405, "UNSUPPORTED", "The operation is unsupported.");

const unauthorized = (): Answer =>
  failure(401, "UNAUTHORIZED", "authentication required", {
    "WWW-Authenticate": 'Basic realm="Local Daytona registry"',
  });
