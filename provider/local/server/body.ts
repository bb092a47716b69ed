import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { parseQuery } from "./query";

/** A body that the framework's parsers refuse for another reason than its JSON: too large, of an unknown charset or encoding, broken. */
export class Unreadable extends Error {}

/** A body that is no JSON. */
export const INVALID = Symbol("invalid JSON");

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
/** The framework's parsers take no more than 100 KiB, also after unpacking; other types are read without a limit. */
const LIMIT = 100 * 1024;
const UNPACK: Record<string, (packed: Buffer) => Promise<Buffer>> = {
  gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress), identity: (packed) => Promise.resolve(packed),
};

const typeOf = (request: IncomingMessage) => (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
const parsed = (request: IncomingMessage) => [JSON_TYPE, FORM_TYPE].includes(typeOf(request));

/** The bytes of a request; `foreign` ones are not for the framework's parsers. @throws Unreadable, or the connection's error */
export async function readBody(request: IncomingMessage, foreign = false): Promise<Buffer> {
  const limit = !foreign && parsed(request) ? LIMIT : Infinity;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Drain the body, so that the client receives the error.
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw new Unreadable();
  const raw = Buffer.concat(chunks);
  if (limit === Infinity || size === 0) return raw;
  const unpack = UNPACK[(request.headers["content-encoding"] ?? "identity").toLowerCase()];
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(request.headers["content-type"]!)?.[1]?.toLowerCase() ?? "utf-8";
  if (!unpack || !(typeOf(request) === JSON_TYPE ? charset.startsWith("utf-") : ["utf-8", "iso-8859-1"].includes(charset))) throw new Unreadable();
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
