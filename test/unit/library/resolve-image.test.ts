import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AbortError,
  AuthenticationError,
  DaytonaError,
  InvalidArgumentError,
  NotFoundError,
  resolveImage,
} from "../../../provider";
import { MANIFEST, sha256 } from "../lifecycle/resolve/answers";

let home: string;
let server: Server;
let host: string;
/** A registry that is imitated; the path decides the status. */
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "home-"));
  server = createServer((request, response) => {
    const status = Number(/\/manifests\/s(\d+)$/.exec(request.url!)?.[1] ?? 200);
    if (status === 999) return;
    response.writeHead(status).end(status === 200 ? MANIFEST : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true, force: true });
});

const resolve = (tag: string, more = {}) => resolveImage(`${host}/app:${tag}`, { env: { HOME: home }, ...more });

test("tells what a tag names", async () => {
  const digest = sha256(MANIFEST);
  expect(await resolve("1")).toEqual({
    reference: `${host}/app:1`,
    pinned: `${host}/app@${digest}`,
    repository: `${host}/app`,
    digest,
    platforms: null,
  });
});

test.each([
  ["s404", NotFoundError, 'has no image "'],
  ["s401", AuthenticationError, "without credentials"],
  ["s403", AuthenticationError, "without credentials"],
  ["s429", DaytonaError, "its rate limit is exceeded"],
  ["s400", DaytonaError, "returned 400"],
])("an answer of %s is a typed error that names the image", async (tag, Kind, text) => {
  const error: unknown = await resolve(tag).catch((thrown: unknown) => thrown);
  expect((error as Error).constructor).toBe(Kind);
  expect((error as Error).message).toContain(`resolving "${host}/app:${tag}": no digest`);
  expect((error as Error).message).toContain(text);
});

test("a text that is no name is an InvalidArgumentError", async () => {
  await expect(resolveImage("a b")).rejects.toThrow(InvalidArgumentError);
});

test("a registry that hangs is an error when the time is up", async () => {
  await expect(resolve("s999", { timeout: 0.2 })).rejects.toThrow(`${host} did not respond within 0.2 seconds`);
});

test("a signal ends it with an AbortError", async () => {
  const controller = new AbortController();
  const call = resolve("s999", { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(call).rejects.toThrow(AbortError);
  await expect(resolve("1", { signal: AbortSignal.abort() })).rejects.toThrow(AbortError);
});
