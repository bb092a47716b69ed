import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** The answer of a handler. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** Raw body, sent unchanged. */
  body?: string | Buffer;
  /** Sent as JSON. */
  json?: unknown;
  /** `json` is a snapshot that this request created. */
  created?: boolean;
  /** Writes the whole answer itself. */
  stream?: (response: ServerResponse) => void;
}

/** Sends the answer with the weak ETag that the server's framework computes, and a 304 where the client has it already. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.stream) {
    answer.stream(response);
    return;
  }
  let body = answer.body;
  if (answer.json !== undefined) {
    body = JSON.stringify(answer.json);
    response.setHeader("Content-Type", "application/json; charset=utf-8");
    const etag = `W/"${Buffer.byteLength(body).toString(16)}-${createHash("sha1").update(body).digest("base64").slice(0, 27)}"`;
    response.setHeader("ETag", etag);
    if (answer.status === 200 && fresh(request, etag)) {
      response.removeHeader("Content-Type");
      response.writeHead(304).end();
      return;
    }
  }
  response.statusCode = answer.status;
  if (body === undefined) {
    response.end();
    return;
  }
  response.setHeader("Content-Length", Buffer.byteLength(body));
  response.end(request.method === "HEAD" ? undefined : body);
}

/** Answers a request whose own answer cannot be sent, such as that of a fault with an impossible status: the client must not wait for ever. */
export function sendFailure(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const message = `The local API could not respond: ${error instanceof Error ? error.message : String(error)}`;
  response
    .writeHead(500, { "Content-Type": "application/json; charset=utf-8" })
    .end(JSON.stringify({ statusCode: 500, message }));
}

/** Whether the client has this very answer. `Cache-Control: no-cache` is not asked: `fetch` adds it by itself. */
function fresh({ method, headers }: IncomingMessage, etag: string): boolean {
  const known = headers["if-none-match"];
  if (known === undefined || (method !== "GET" && method !== "HEAD")) return false;
  const weak = (tag: string) => tag.replace(/^W\//, "");
  return known === "*" || known.split(/\s*,\s*/).some((tag) => weak(tag) === weak(etag));
}

/** Any origin may ask. */
export function corsOf(request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  return origin === undefined ? { Vary: "Origin" } : { "Access-Control-Allow-Origin": origin, Vary: "Origin" };
}

/** The answer to a CORS preflight request. */
export function preflight({ headers }: IncomingMessage): Answer {
  const wanted = headers["access-control-request-headers"];
  return {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS",
      "Content-Length": "0",
      Vary: "Origin, Access-Control-Request-Headers",
      ...(wanted === undefined ? {} : { "Access-Control-Allow-Headers": wanted }),
    },
  };
}
