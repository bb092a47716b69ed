import * as http from "node:http";
import type { AddressInfo } from "node:net";

/** A registry on this machine that takes everything, keeps nothing, and can be told to answer otherwise. */
export interface FakeRegistry {
  /** Host and port. */
  readonly host: string;
  readonly seen: { method: string; url: string; range: string | undefined; type: string | undefined; bytes: number }[];
  /** A status in place of the usual one. `earlier`: requests of the same method before. */
  answer: (request: http.IncomingMessage, earlier: number) => number | null;
  close(): Promise<void>;
}

/** Serves what a real registry does not do when a test needs it: refuse, forget, answer late. */
export async function serveRegistry(): Promise<FakeRegistry> {
  const server = http.createServer((request, response) => {
    let bytes = 0;
    request
      .on("data", (chunk: Buffer) => void (bytes += chunk.length))
      .on("end", () => {
        const earlier = it.seen.filter(({ method }) => method === request.method).length;
        it.seen.push({
          method: request.method!,
          url: request.url!,
          range: request.headers["content-range"],
          type: request.headers["content-type"],
          bytes,
        });
        const usual =
          { HEAD: request.url!.includes("/manifests/") ? 200 : 404, POST: 202, PATCH: 202, PUT: 201 }[
            request.method!
          ] ?? 200;
        response.writeHead(it.answer(request, earlier) ?? usual, { location: "/upload/1" }).end();
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const it: FakeRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    answer: () => null,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return it;
}
