import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Answer } from "../protocol/answer";
import { BUCKET } from "../options";
import type { OrganizationRow } from "../world/rows";

interface StoredObject {
  body: Buffer;
  etag: string;
  modified: number;
}

interface Access {
  secret: string;
  sessionToken: string;
  organizationId: string;
}

const XML = { "Content-Type": "application/xml" };
const escape = (text: string) => text.replace(/[<>&'"]/g, (c) => `&#${c.charCodeAt(0)};`);

/**
 * Object storage in memory, with the S3 operations that the official clients use. Signatures are not checked; key, session
 * and prefix are. The bucket lies right below the origin: the official CLI leaves a path of the storage's address out.
 */
export class Storage {
  readonly #objects = new Map<string, StoredObject>();
  readonly #access = new Map<string, Access>();
  readonly #uploads = new Map<string, { key: string; parts: Map<number, Buffer> }>();

  /** `GET /object-storage/push-access` */
  pushAccess(organization: OrganizationRow, origin: string) {
    const accessKey = `local-${randomBytes(8).toString("hex")}`;
    const access = {
      secret: randomBytes(20).toString("hex"),
      sessionToken: randomBytes(24).toString("hex"),
      organizationId: organization.id,
    };
    this.#access.set(accessKey, access);
    return {
      accessKey,
      secret: access.secret,
      sessionToken: access.sessionToken,
      storageUrl: origin,
      organizationId: organization.id,
      bucket: BUCKET,
      region: "us-east-1",
    };
  }

  keys(): string[] {
    return [...this.#objects.keys()].sort();
  }

  content(key: string): Buffer | null {
    return this.#objects.get(key)?.body ?? null;
  }

  /** Whether a context was uploaded. */
  hasContext(organizationId: string, hash: string): boolean {
    return this.#objects.has(`${organizationId}/${hash}/context.tar`);
  }

  read(key: string): Buffer | undefined {
    return this.#objects.get(key)?.body;
  }

  clear(): void {
    this.#objects.clear();
    this.#uploads.clear();
  }

  /** Whether the request has credentials that were issued here. */
  knows(request: IncomingMessage): boolean {
    return this.#caller(request) !== undefined;
  }

  /** One request below the bucket. @param raw null: the body is too large */
  handle(request: IncomingMessage, path: string, query: URLSearchParams, raw: Buffer | null): Answer {
    const failure = failureOn(path);
    const key = keyOf(path);
    if (key === null) return failure(400, "InvalidURI", "Couldn't parse the specified URI.");
    const access = this.#caller(request);
    if (!access) return failure(403, "InvalidAccessKeyId", "The access key ID or session token is unknown.");
    const prefix = query.get("prefix") ?? "";
    // What the credentials' policy leaves out is denied: where the bucket lies, deleting, other organizations' prefixes.
    const listing = key === "" && request.method === "GET" && !query.has("location");
    const allowed = listing
      ? prefix === access.organizationId || prefix.startsWith(`${access.organizationId}/`)
      : key.startsWith(`${access.organizationId}/`);
    if (!allowed) return failure(403, "AccessDenied", "Access Denied.");
    if (raw === null) return failure(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.");
    if (listing) return this.#list(prefix, query);
    return this.#handleObject(request, key, query, raw, failure);
  }

  /** One request about an object, or about a part of one, of a caller who may make it. */
  #handleObject(
    request: IncomingMessage,
    key: string,
    query: URLSearchParams,
    raw: Buffer,
    failure: ReturnType<typeof failureOn>,
  ): Answer {
    const unknown = failure(404, "NoSuchUpload", "The specified upload does not exist.");
    switch (request.method) {
      case "PUT":
        return query.has("uploadId")
          ? (this.#part(payload(request, raw), query) ?? unknown)
          : this.#put(key, payload(request, raw));
      case "POST":
        return query.has("uploads") ? this.#begin(key) : (this.#complete(key, query) ?? unknown);
      case "HEAD":
      case "GET":
        return this.#get(key) ?? failure(404, "NoSuchKey", "The specified key does not exist.");
      case "DELETE":
        if (!query.has("uploadId")) return failure(403, "AccessDenied", "Access Denied.");
        return this.#uploads.delete(query.get("uploadId")!) ? { status: 204 } : unknown;
      default:
        return failure(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    }
  }

  #caller(request: IncomingMessage): Access | undefined {
    const key = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1];
    const access = key === undefined ? undefined : this.#access.get(key);
    return access?.sessionToken === request.headers["x-amz-security-token"] ? access : undefined;
  }

  #put(key: string, body: Buffer): Answer {
    const etag = `"${createHash("md5").update(body).digest("hex")}"`;
    this.#objects.set(key, { body, etag, modified: Date.now() });
    return { status: 200, headers: { ETag: etag } };
  }

  #get(key: string): Answer | undefined {
    const object = this.#objects.get(key);
    if (!object) return undefined;
    return {
      status: 200,
      headers: {
        ETag: object.etag,
        "Content-Type": "application/octet-stream",
        "Last-Modified": new Date(object.modified).toUTCString(),
      },
      body: object.body,
    };
  }

  /** Keys by page; with a delimiter, what lies below the next one is folded into one prefix. */
  #list(prefix: string, query: URLSearchParams): Answer {
    const max = Math.min(1000, Number(query.get("max-keys") ?? 1000));
    const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
    const delimiter = query.get("delimiter") ?? "";
    const encoded = query.get("encoding-type") === "url";
    const name = (text: string) => escape(encoded ? encodeURIComponent(text).replace(/%2F/g, "/") : text);
    const folded = (key: string) => {
      const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + delimiter.length);
    };
    const found = [
      ...new Set(
        this.keys()
          .filter((key) => key.startsWith(prefix))
          .map(folded),
      ),
    ].filter((entry) => entry > after);
    const shown = found.slice(0, max);
    const entries = shown.map((entry) => {
      const object =
        delimiter !== "" && entry.endsWith(delimiter) && entry !== prefix ? undefined : this.#objects.get(entry);
      if (!object) return `<CommonPrefixes><Prefix>${name(entry)}</Prefix></CommonPrefixes>`;
      return `<Contents><Key>${name(entry)}</Key><LastModified>${new Date(object.modified).toISOString()}</LastModified><ETag>${escape(object.etag)}</ETag><Size>${object.body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
    });
    const more = found.length > shown.length;
    const next = more ? `<NextContinuationToken>${escape(shown.at(-1) ?? "")}</NextContinuationToken>` : "";
    const asked = `${delimiter === "" ? "" : `<Delimiter>${escape(delimiter)}</Delimiter>`}${encoded ? "<EncodingType>url</EncodingType>" : ""}`;
    return xml(
      `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${BUCKET}</Name><Prefix>${name(prefix)}</Prefix>${asked}<KeyCount>${shown.length}</KeyCount><MaxKeys>${max}</MaxKeys><IsTruncated>${more}</IsTruncated>${next}${entries.join("")}</ListBucketResult>`,
    );
  }

  #begin(key: string): Answer {
    const id = randomUUID();
    this.#uploads.set(id, { key, parts: new Map() });
    return xml(
      `<InitiateMultipartUploadResult><Bucket>${BUCKET}</Bucket><Key>${escape(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  #part(body: Buffer, query: URLSearchParams): Answer | undefined {
    const upload = this.#uploads.get(query.get("uploadId") ?? "");
    if (!upload) return undefined;
    upload.parts.set(Number(query.get("partNumber")), body);
    return { status: 200, headers: { ETag: `"${createHash("md5").update(body).digest("hex")}"` } };
  }

  #complete(key: string, query: URLSearchParams): Answer | undefined {
    const upload = this.#uploads.get(query.get("uploadId") ?? "");
    if (!upload) return undefined;
    this.#uploads.delete(query.get("uploadId") ?? "");
    const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, body]) => body);
    const etag = this.#put(upload.key, Buffer.concat(parts)).headers!.ETag!;
    return xml(
      `<CompleteMultipartUploadResult><Bucket>${BUCKET}</Bucket><Key>${escape(key)}</Key><ETag>${escape(etag)}</ETag></CompleteMultipartUploadResult>`,
    );
  }
}

/** The key that a path names below the bucket; null: it cannot be decoded. */
function keyOf(path: string): string | null {
  try {
    return path.split("/").slice(2).map(decodeURIComponent).join("/");
  } catch {
    return null;
  }
}

/** Makes the error answers to a request for `path`. */
const failureOn =
  (path: string) =>
  (status: number, code: string, message: string): Answer =>
    xml(
      `<Error><Code>${code}</Code><Message>${message}</Message><Resource>${escape(path)}</Resource><RequestId>${randomBytes(8).toString("hex").toUpperCase()}</RequestId></Error>`,
      status,
    );

/** The body; clients may send it in signed or checksummed chunks. */
function payload(request: IncomingMessage, body: Buffer): Buffer {
  const chunked =
    request.headers["content-encoding"]?.includes("aws-chunked") ||
    String(request.headers["x-amz-content-sha256"]).startsWith("STREAMING-");
  if (!chunked) return body;
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf("\r\n", at);
    if (end < 0) break;
    const size = parseInt(body.toString("latin1", at, end), 16);
    if (!(size > 0)) break;
    chunks.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}

const xml = (text: string, status = 200): Answer => ({
  status,
  headers: XML,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${text}`,
});
