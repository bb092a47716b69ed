import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { parseQuery } from "./query";

/** A body that the framework's parsers refuse for another reason than its JSON: too large, of an unknown charset or encoding, broken. */
export class Unreadable extends Error {}

/** A body that no client of this API sends; it was not read to its end. */
export class TooLarge extends Error {
  /** @param limit in bytes */
  constructor(readonly limit: number) {
    super(`The body is larger than ${limit / MIB} MiB, the limit of this local API.`);
  }
}

/** A body that is no JSON. */
export const INVALID = Symbol("invalid JSON");

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
const FORM_CHARSETS = ["utf-8", "iso-8859-1"];
const MIB = 2 ** 20;
/** The framework's parsers take no more than 100 KiB, also after unpacking. */
const LIMIT = 100 * 1024;
/** What is drained of a body, so that the client receives the answer, and what is kept of one that no parser is for. */
export const MOST_OF_BODY = 16 * MIB;
/** Of an object or a part of one. Clients that do not know a size send parts of up to 525 MiB. */
export const MOST_OF_OBJECT = 640 * MIB;
/** How long the rest of a body may come after the answer, in ms. */
const LINGER_MS = 5_000;
const UNPACK: Record<string, (packed: Buffer) => Promise<Buffer>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  identity: (packed) => Promise.resolve(packed),
};

const typeOf = (request: IncomingMessage) =>
  (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
const parsed = (request: IncomingMessage) => [JSON_TYPE, FORM_TYPE].includes(typeOf(request));

/**
 * The bytes of a request.
 * @param most bytes of a body that is not for the framework's parsers; null: it is for them
 * @throws Unreadable, TooLarge, or the connection's error
 */
export async function readBody(request: IncomingMessage, most: number | null = null): Promise<Buffer> {
  const limit = most === null && parsed(request) ? LIMIT : (most ?? MOST_OF_BODY);
  const raw = await collect(request, limit, most ?? MOST_OF_BODY);
  if (raw === null) throw new Unreadable();
  return limit !== LIMIT || raw.length === 0 ? raw : unpackText(request, raw);
}

/** What the framework's parsers get: unpacked, and in UTF-8. @throws Unreadable */
async function unpackText(request: IncomingMessage, raw: Buffer): Promise<Buffer> {
  const unpack = UNPACK[(request.headers["content-encoding"] ?? "identity").toLowerCase()];
  const charset =
    /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(request.headers["content-type"]!)?.[1]?.toLowerCase() ?? "utf-8";
  const known = typeOf(request) === JSON_TYPE ? charset.startsWith("utf-") : FORM_CHARSETS.includes(charset);
  if (!unpack || !known) throw new Unreadable();
  const plain = await unpack(raw).catch(() => {
    throw new Unreadable();
  });
  if (plain.length > LIMIT) throw new Unreadable();
  if (charset === "utf-8") return plain;
  try {
    return Buffer.from(new TextDecoder(charset).decode(plain));
  } catch {
    throw new Unreadable();
  }
}

/** Lets the rest of a body come and go, for a while, so that the client receives the answer. */
export function discard(request: IncomingMessage): void {
  request.resume();
  const late = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once("end", () => clearTimeout(late));
}

/** The bytes; null if there are more than `limit`. @throws TooLarge beyond `most`, or the connection's error */
function collect(request: IncomingMessage, limit: number, most: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (): void => {
      request.removeListener("data", take);
      chunks.length = 0;
      discard(request);
      reject(new TooLarge(most));
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > most) return refuse();
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
    };
    if (Number(request.headers["content-length"] ?? 0) > most) return refuse();
    request.on("data", take);
    request.once("end", () => resolve(size > limit ? null : Buffer.concat(chunks)));
    request.once("error", reject);
    request.once("close", () => reject(new Error("the client has gone")));
  });
}

/** What the server's parsers make of a body: without a type it is tried as JSON, other types are left out. */
export function parseBody(request: IncomingMessage, raw: Buffer): unknown {
  const type = typeOf(request);
  const text = parsed(request) ? raw.toString("utf8").replace(/^\ufeff/, "") : raw.toString("utf8");
  if (text === "") return {};
  if (type === FORM_TYPE) return parseQuery(text);
  const strict = type === JSON_TYPE;
  if (!strict && type !== "" && !/application\/json|text\/json/i.test(request.headers["content-type"]!)) return {};
  try {
    if (strict && !/^[ \t\r\n]*[{[]/.test(text)) return INVALID;
    return JSON.parse(text);
  } catch {
    return strict ? INVALID : {};
  }
}

/** The token that a client may put into the body instead of the header. */
export const bodyToken = (body: unknown): unknown => (body as { access_token?: unknown } | null)?.access_token;
