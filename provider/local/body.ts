import type { IncomingMessage } from "node:http";

/** @throws TooLarge */
export async function readBody(request: IncomingMessage, limit = Infinity): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read on, so that the client gets to see the refusal.
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw new TooLarge();
  return Buffer.concat(chunks);
}

export class TooLarge extends Error {}

/** A body that the framework refuses. */
export const INVALID = Symbol("invalid JSON");

/** Types that the framework parses, and limits, before the request reaches the server's own code. */
const PARSED = ["application/json", "application/x-www-form-urlencoded"];
const typeOf = (request: IncomingMessage) => (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();

/** The framework's parsers take no more than 100 KiB; other types are read without a limit. */
export const bodyLimit = (request: IncomingMessage) => (PARSED.includes(typeOf(request)) ? 100 * 1024 : Infinity);

/** What the server's parsers make of a body: without a type it is tried as JSON, other types are left out. */
export function parseBody(request: IncomingMessage, raw: Buffer): unknown {
  const text = raw.toString("utf8");
  const type = typeOf(request);
  if (text === "") return {};
  if (type === "application/x-www-form-urlencoded") return Object.fromEntries(new URLSearchParams(text));
  const strict = type === "application/json";
  if (!strict && type !== "" && !/application\/json|text\/json/.test(type)) return {};
  try {
    if (strict && !/^\s*[{[]/.test(text)) return INVALID;
    return JSON.parse(text);
  } catch {
    return strict ? INVALID : {};
  }
}
