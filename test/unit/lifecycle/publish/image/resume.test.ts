import { randomBytes } from "node:crypto";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { pushImage } from "../../../../../provider/lifecycle/publish/image/push-image";
import { digestOf, imageOf } from "./counting";

const MIB = 2 ** 20;

/** One registry with the upload of blobs as the specification has it: https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
class UploadServer {
  readonly patches: string[] = [];
  readonly blobs = new Map<string, Buffer>();
  posts = 0;
  statuses = 0;
  /** How many bytes of the next PATCH are kept before the connection is lost; null: all of it. */
  cut: (patch: number) => number | null = () => null;
  /** What the status of an upload is answered with. */
  status: (kept: number) => { status: number; range?: string } = (kept) => ({
    status: 204,
    range: `0-${Math.max(0, kept - 1)}`,
  });
  private readonly uploads: { parts: Buffer[]; size: number; step: number }[] = [];
  private readonly server = http.createServer((request, response) => void this.handle(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method, url = "" } = request;
    const digest = new URL(url, "http://x").searchParams.get("digest");
    const [, id = ""] = /^\/upload\/(\d+)/.exec(url) ?? [];
    const upload = this.uploads[id === "" ? -1 : Number(id)] ?? { parts: [], size: 0, step: 0 };
    const next = (at = id): { location: string } => ({ location: `/upload/${at}?step=${(upload.step += 1)}` });
    if (method === "PATCH") {
      this.patches.push(request.headers["content-range"]!);
      const most = this.cut(this.patches.length);
      // Only the address of the last answer is good.
      if (url !== `/upload/${id}?step=${upload.step}`) return void response.writeHead(404).end();
      const [from] = request.headers["content-range"]!.split("-").map(Number);
      if (from !== upload.size) return void response.writeHead(416).end();
      for await (const part of request as AsyncIterable<Buffer>) {
        upload.parts.push(part.subarray(0, (most ?? Infinity) - (upload.size - from)));
        upload.size += upload.parts.at(-1)!.length;
        if (most !== null && upload.size - from >= most) return void request.socket.destroy();
      }
      return void response.writeHead(202, next()).end();
    }
    const body: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) body.push(part);
    if (method === "GET" && id !== "") {
      this.statuses += 1;
      const { status, range } = this.status(upload.size);
      return void response.writeHead(status, range === undefined ? {} : { range, ...next() }).end();
    }
    if (method === "PUT" && digest !== null) {
      const content = Buffer.concat([...upload.parts, ...body]);
      if (digestOf(content) !== digest) return void response.writeHead(400).end();
      this.blobs.set(digest, content);
      return void response.writeHead(201).end();
    }
    if (method === "POST") {
      this.posts += 1;
      return void response.writeHead(202, next(String(this.uploads.push(upload) - 1))).end();
    }
    const [, blob] = /\/blobs\/(.*)$/.exec(url) ?? [];
    if (blob !== undefined) return void response.writeHead(this.blobs.has(blob) ? 200 : 404).end();
    response.writeHead(method === "PUT" ? 201 : 200).end();
  }
}

let server: UploadServer;
let host: string;
beforeEach(async () => {
  server = new UploadServer();
  host = await server.start();
});
afterEach(() => server.close());

const large = randomBytes(40 * MIB);
function push(contents: Buffer[]): Promise<string> {
  return pushImage({
    image: imageOf(contents),
    access: { username: "user", secret: "secret", registryUrl: `http://${host}`, project: "daytona" },
    clock: { ...systemClock, sleep: (ms, ending) => systemClock.sleep(Math.min(ms, 5), ending) } as typeof systemClock,
    signal: new AbortController().signal,
    log: { debug: () => undefined, progress: () => undefined },
    doing: 'creating snapshot "agent"',
    env: {},
  });
}
const arrived = (): void => expect(server.blobs.get(digestOf(large))?.equals(large)).toBe(true);

test("after a lost connection only what the registry has not got is sent again", async () => {
  server.cut = (patch) => (patch === 2 ? 5 * MIB : null);
  await push([large]);
  arrived();
  expect(server.patches).toEqual([
    `0-${16 * MIB - 1}`,
    `${16 * MIB}-${32 * MIB - 1}`,
    `${21 * MIB}-${32 * MIB - 1}`,
    `${32 * MIB}-${40 * MIB - 1}`,
  ]);
  expect(server.statuses).toBe(1);
});

test("a part that arrived whole, with its answer lost, is not sent again", async () => {
  server.cut = (patch) => (patch === 1 ? 16 * MIB : null);
  await push([large]);
  arrived();
  expect(server.patches).toEqual([`0-${16 * MIB - 1}`, `${16 * MIB}-${32 * MIB - 1}`, `${32 * MIB}-${40 * MIB - 1}`]);
});

test("a connection that is lost before anything arrived begins at the beginning of the part", async () => {
  server.cut = (patch) => (patch <= 2 ? 0 : null);
  await push([large]);
  arrived();
  expect(server.patches.slice(0, 3)).toEqual(Array(3).fill(`0-${16 * MIB - 1}`));
});

test("more failures than four are survived, as long as it gets on between them", async () => {
  server.cut = (patch) => (patch % 3 === 0 ? null : 2 * MIB);
  await push([large]);
  arrived();
  expect(server.statuses).toBe(6);
});

test.each([
  ["an upload that the registry has forgotten", { status: 404 }],
  ["a status without a range", { status: 204 }],
  ["a range that ends before this part", { status: 204, range: "0-99" }],
  ["a range that ends behind this part", { status: 204, range: `0-${39 * MIB}` }],
  ["a range that begins elsewhere", { status: 204, range: `5-${20 * MIB}` }],
])("%s: all of it is sent again", async (_, status) => {
  server.cut = (patch) => (patch === 2 ? 5 * MIB : null);
  server.status = () => status;
  const before = server.posts;
  await push([large]);
  arrived();
  expect(server.patches[2]).toBe(`0-${16 * MIB - 1}`);
  // The layer twice, and the configuration.
  expect(server.posts - before).toBe(3);
});

test("what is never accepted is given up", async () => {
  server.cut = () => 0;
  await expect(push([large])).rejects.toThrow("cannot reach the registry");
  expect(server.patches).toHaveLength(4);
});
