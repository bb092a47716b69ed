import { createHash, randomBytes } from "node:crypto";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { ImageLayer, LocalImage } from "../../../../../provider/source/local-image/local-image";

export const digestOf = (content: Buffer | string): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** A layer of an image in memory, as it is; `plain`: without a digest, to be compressed. */
export function layerOf(content: Buffer, plain = false): ImageLayer {
  return {
    digest: plain ? null : digestOf(content),
    mediaType: `application/vnd.oci.image.layer.v1.tar${plain ? "+gzip" : ""}`,
    size: content.length,
    plain,
    open: () => Readable.from([content], { objectMode: false }),
  };
}

/** An image of these layers. Its hash is that of their contents, as that of real ones. */
export function imageOf(contents: readonly Buffer[], plain = false): LocalImage {
  const hash = createHash("sha256");
  for (const content of contents) hash.update(digestOf(content));
  return {
    written: "oci:agent",
    hash: `v2:${hash.digest("hex")}`,
    content: {
      kind: "archive",
      config: Buffer.from(
        JSON.stringify({
          os: "linux",
          architecture: "amd64",
          rootfs: { type: "layers", diff_ids: contents.map(digestOf) },
        }),
      ),
      manifest: null,
      layers: contents.map((content) => layerOf(content, plain)),
    },
  };
}

/** Contents that compression does not make smaller. */
export const contentsOf = (count: number, bytes: number): Buffer[] =>
  Array.from({ length: count }, () => randomBytes(bytes));

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Of the body. */
  readonly bytes: number;
}

/** Passes everything on to a real registry, and counts. */
export interface Counting {
  /** Host and port. */
  readonly host: string;
  seen: Seen[];
  /** Requests under way, at most so far. */
  most: number;
  /** In place of passing a request on: a status, or what happens to the connection. A promise holds it up. */
  fault: (request: http.IncomingMessage) => number | "reset" | null | Promise<null>;
  /** Bytes of blobs that were sent. */
  blobBytes(): number;
  /** Requests of a method and a part of their path that were answered with a status. */
  count(method: string, part: string, status?: number): number;
  close(): Promise<void>;
}

export async function startCounting(target: () => string): Promise<Counting> {
  let running = 0;
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const { method = "", url = "" } = request;
    running += 1;
    it.most = Math.max(it.most, running);
    response.on("close", () => (running -= 1));
    const fault = await it.fault(request);
    let bytes = 0;
    request.on("data", (part: Buffer) => (bytes += part.length));
    if (fault === "reset") return void request.socket.destroy();
    if (fault !== null) {
      request.on("end", () => {
        it.seen.push({ method, url, status: fault, bytes });
        response.writeHead(fault).end();
      });
      return;
    }
    const [host, port] = target().split(":");
    const passed = http.request({ host, port, method, path: url, headers: request.headers }, (answer) => {
      it.seen.push({ method, url, status: answer.statusCode!, bytes });
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    request.on("close", () => request.complete || passed.destroy());
    request.pipe(passed);
  };
  const server = http.createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const it: Counting = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    most: 0,
    fault: () => null,
    blobBytes: () =>
      it.seen.filter(({ url }) => url.includes("/blobs/uploads/")).reduce((sum, one) => sum + one.bytes, 0),
    count: (method, part, status) =>
      it.seen.filter(
        (one) => one.method === method && one.url.includes(part) && (status === undefined || one.status === status),
      ).length,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return it;
}
