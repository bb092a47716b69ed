import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer";
import { BUCKET } from "./options";
import type { OrganizationRow } from "./rows";

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

/** Object storage in memory, with the S3 operations that the official clients use, path-style. Signatures are not checked; key, session and prefix are. */
export class Storage {
  readonly #objects = new Map<string, StoredObject>();
  readonly #access = new Map<string, Access>();
  readonly #uploads = new Map<string, { key: string; parts: Map<number, Buffer> }>();

  /** `GET /object-storage/push-access` */
  pushAccess(organization: OrganizationRow, origin: string) {
    const accessKey = `local-${randomBytes(8).toString("hex")}`;
    const access = { secret: randomBytes(20).toString("hex"), sessionToken: randomBytes(24).toString("hex"), organizationId: organization.id };
    this.#access.set(accessKey, access);
    return { accessKey, secret: access.secret, sessionToken: access.sessionToken, storageUrl: `${origin}/_s3`, organizationId: organization.id, bucket: BUCKET, region: "us-east-1" };
  }

  keys(): string[] {
    return [...this.#objects.keys()].sort();
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

  /** One request below `/_s3`. */
  handle(request: IncomingMessage, path: string, query: URLSearchParams, raw: Buffer): Answer {
    const [, bucket = "", ...rest] = path.slice("/_s3".length).split("/");
    const key = rest.map(decodeURIComponent).join("/");
    const access = this.#caller(request);
    if (!access) return failure(403, "InvalidAccessKeyId", "The access key ID or session token is not known.");
    if (bucket !== BUCKET) return failure(404, "NoSuchBucket", "The specified bucket does not exist");
    const prefix = query.get("prefix") ?? "";
    const allowed = key === "" ? prefix === access.organizationId || prefix.startsWith(`${access.organizationId}/`) : key.startsWith(`${access.organizationId}/`);
    if (!allowed) return failure(403, "AccessDenied", "Access Denied.");
    if (key === "") return request.method === "GET" ? this.#list(bucket, prefix, query) : failure(405, "MethodNotAllowed", "Not allowed");
    switch (request.method) {
      case "PUT":
        return query.has("uploadId") ? this.#part(payload(request, raw), query) : this.#put(key, payload(request, raw));
      case "POST":
        return query.has("uploads") ? this.#begin(bucket, key) : this.#complete(bucket, key, query);
      case "HEAD":
      case "GET":
        return this.#get(key);
      case "DELETE":
        this.#uploads.delete(query.get("uploadId") ?? "");
        return { status: 204 };
      default:
        return failure(405, "MethodNotAllowed", "Not allowed");
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

  #get(key: string): Answer {
    const object = this.#objects.get(key);
    if (!object) return failure(404, "NoSuchKey", "The specified key does not exist.");
    return { status: 200, headers: { ETag: object.etag, "Content-Type": "application/octet-stream", "Last-Modified": new Date(object.modified).toUTCString() }, body: object.body };
  }

  #list(bucket: string, prefix: string, query: URLSearchParams): Answer {
    const max = Math.min(1000, Number(query.get("max-keys") ?? 1000));
    const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
    const found = this.keys().filter((key) => key.startsWith(prefix) && key > after);
    const shown = found.slice(0, max);
    const contents = shown.map((key) => {
      const object = this.#objects.get(key)!;
      return `<Contents><Key>${escape(key)}</Key><LastModified>${new Date(object.modified).toISOString()}</LastModified><ETag>${escape(object.etag)}</ETag><Size>${object.body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
    });
    const more = found.length > shown.length;
    const next = more ? `<NextContinuationToken>${escape(shown.at(-1) ?? "")}</NextContinuationToken>` : "";
    return xml(`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${escape(prefix)}</Prefix><KeyCount>${shown.length}</KeyCount><MaxKeys>${max}</MaxKeys><IsTruncated>${more}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`);
  }

  #begin(bucket: string, key: string): Answer {
    const id = randomUUID();
    this.#uploads.set(id, { key, parts: new Map() });
    return xml(`<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escape(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }

  #part(body: Buffer, query: URLSearchParams): Answer {
    const upload = this.#uploads.get(query.get("uploadId") ?? "");
    if (!upload) return failure(404, "NoSuchUpload", "The specified upload does not exist.");
    upload.parts.set(Number(query.get("partNumber")), body);
    return { status: 200, headers: { ETag: `"${createHash("md5").update(body).digest("hex")}"` } };
  }

  #complete(bucket: string, key: string, query: URLSearchParams): Answer {
    const upload = this.#uploads.get(query.get("uploadId") ?? "");
    if (!upload) return failure(404, "NoSuchUpload", "The specified upload does not exist.");
    this.#uploads.delete(query.get("uploadId") ?? "");
    const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, body]) => body);
    const etag = this.#put(upload.key, Buffer.concat(parts)).headers!.ETag!;
    return xml(`<CompleteMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escape(key)}</Key><ETag>${escape(etag)}</ETag></CompleteMultipartUploadResult>`);
  }
}

/** The body; clients may send it in signed or checksummed chunks. */
function payload(request: IncomingMessage, body: Buffer): Buffer {
  const chunked = request.headers["content-encoding"]?.includes("aws-chunked") || String(request.headers["x-amz-content-sha256"]).startsWith("STREAMING-");
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

const xml = (text: string, status = 200): Answer => ({ status, headers: XML, body: `<?xml version="1.0" encoding="UTF-8"?>\n${text}` });
const failure = (status: number, code: string, message: string) => xml(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`, status);
