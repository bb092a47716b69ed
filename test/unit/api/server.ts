import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { type Connection, resolveConnection } from "../../../provider/config";

/** What the test server saw. */
export interface Seen {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export type Handler = (
  seen: Seen,
  response: http.ServerResponse,
  request: http.IncomingMessage,
) => void | Promise<void>;

/** A real HTTP server on loopback. */
export interface TestServer {
  url: string;
  port: number;
  requests: Seen[];
  /** Most requests that were under way at once. */
  peak(): number;
  handler: Handler;
  server: http.Server;
  close(): Promise<void>;
}

export async function serve(handler: Handler): Promise<TestServer> {
  let now = 0;
  let peak = 0;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    peak = Math.max(peak, ++now);
    response.on("close", () => now--);
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const seen = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      it.requests.push(seen);
      void it.handler(seen, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const it: TestServer = {
    url: `http://127.0.0.1:${port}/api`,
    port,
    requests: [],
    peak: () => peak,
    handler,
    server,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return it;
}

export const KEY = "dtn_secret_0123456789";

export function connect(apiUrl: string, more: { maxConcurrency?: number; jwt?: boolean } = {}): Connection {
  return resolveConnection({
    args: more.jwt
      ? { jwtToken: KEY, organizationId: "org-1", apiUrl }
      : { apiKey: KEY, apiUrl, ...(more.maxConcurrency ? { maxConcurrency: more.maxConcurrency } : {}) },
    env: {},
    readProfile: () => null,
  });
}

export function json(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

/** An error in the API's own shape. */
export function refuse(
  response: http.ServerResponse,
  seen: Seen,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  json(
    response,
    status,
    {
      path: seen.path,
      timestamp: new Date(0).toISOString(),
      statusCode: status,
      error: http.STATUS_CODES[status],
      message,
    },
    headers,
  );
}

export function snapshot(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    name: `name-${id}`,
    organizationId: "org-1",
    general: false,
    imageName: "ubuntu:24.04",
    state: "active",
    size: 1,
    entrypoint: null,
    cpu: 1,
    gpu: 0,
    mem: 1,
    disk: 3,
    errorReason: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    regionIds: ["us"],
    ...more,
  };
}

/** Answers the first requests with these, and every later one with the last. */
export function sequence(...handlers: Handler[]): Handler {
  let at = 0;
  return (...args) => (handlers[at++] ?? (handlers.at(-1) as Handler))(...args);
}
