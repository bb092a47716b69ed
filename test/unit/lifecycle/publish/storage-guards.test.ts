import * as http from "node:http";
import type { AddressInfo } from "node:net";
import type { PushAccess } from "../../../../provider/api/types";
import { StorageAccess } from "../../../../provider/lifecycle/publish/storage-access";
import { access, archiveOf, failureOf, upload } from "./support";

const MINUTE = 60_000;
const never = new AbortController().signal;

describe("the credentials of an upload", () => {
  const issued = (n: number): PushAccess =>
    access("http://storage.test", { accessKey: `key-${n}`, secret: `secret-${n}`, sessionToken: `token-${n}` });
  function counting(): {
    own: StorageAccess;
    asked(): number;
    secrets: string[][];
    pass(ms: number): void;
    fail(error: Error | null): void;
  } {
    let [asked, now] = [0, 1_000_000];
    let failing: Error | null = null;
    const secrets: string[][] = [];
    const ask = async (): Promise<PushAccess> => {
      asked += 1;
      const mine = asked;
      await new Promise((resolve) => setImmediate(resolve));
      if (failing !== null) throw failing;
      return issued(mine);
    };
    const own = new StorageAccess(ask, { now: () => now }, never, (found) => void secrets.push([...found]));
    return { own, asked: () => asked, secrets, pass: (ms) => (now += ms), fail: (error) => (failing = error) };
  }

  test("are renewed ten minutes before their hour is over, not after it", async () => {
    const { own, asked, pass } = counting();
    expect((await own.get()).accessKey).toBe("key-1");
    pass(49 * MINUTE);
    expect((await own.get()).accessKey).toBe("key-1");
    pass(MINUTE);
    expect((await own.get()).accessKey).toBe("key-2");
    expect(own.age).toBe(0);
    pass(49 * MINUTE);
    expect(own.age).toBe(49 * MINUTE);
    expect((await own.get()).accessKey).toBe("key-2");
    expect(asked()).toBe(2);
  });

  test("are asked for once by all parts that need them, and renewed once for all that were rejected", async () => {
    const { own, asked } = counting();
    expect((await Promise.all([own.get(), own.get(), own.get()])).map(({ accessKey }) => accessKey)).toEqual([
      "key-1",
      "key-1",
      "key-1",
    ]);
    expect(asked()).toBe(1);
    await Promise.all([own.renew("key-1"), own.renew("key-1")]);
    expect(asked()).toBe(2);
    // A part that was sent with the old ones learns of their end late.
    await own.renew("key-1");
    expect((await own.get()).accessKey).toBe("key-2");
    expect(asked()).toBe(2);
  });

  test("are asked for again after a failure, and the failure is told", async () => {
    const { own, fail, asked } = counting();
    fail(new Error("no answer"));
    await expect(own.get()).rejects.toThrow("no answer");
    fail(null);
    expect((await own.get()).accessKey).toBe("key-2");
    expect(asked()).toBe(2);
  });

  test("are removed from every text, old ones and those that begin alike", async () => {
    const { own, secrets } = counting();
    await own.get();
    await own.renew("key-1");
    expect(secrets).toEqual([
      ["key-1", "secret-1", "token-1"],
      ["key-2", "secret-2", "token-2"],
    ]);
    expect(own.redact("key-1 secret-1 token-1 key-2 secret-2 token-2 other")).toBe(`${"[secret] ".repeat(6)}other`);
    const odd = new StorageAccess(
      () => Promise.resolve(access("http://s.test", { accessKey: "abc", secret: "abcdef", sessionToken: "abcdefghi" })),
      { now: () => 0 },
      never,
      () => undefined,
    );
    await odd.get();
    expect(odd.redact("abcdefghi abcdef abc")).toBe("[secret] [secret] [secret]");
  });

  test("the request for them ends with the upload", async () => {
    const seen: AbortSignal[] = [];
    const stop = new AbortController();
    const own = new StorageAccess(
      (signal) => (seen.push(signal), Promise.resolve(issued(1))),
      { now: () => 0 },
      stop.signal,
      () => undefined,
    );
    await own.get();
    expect(seen).toEqual([stop.signal]);
  });
});

describe("a storage that does not respond like S3", () => {
  let server: http.Server;
  let handler: http.RequestListener;
  let requests: number;
  beforeEach(async () => {
    requests = 0;
    server = http.createServer(
      (request, response) => void ((requests += 1), request.resume().on("end", () => handler(request, response))),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const host = (): string => new URL(url()).host;

  test.each([[200], [403]])("an answer without end (%i) is not read to its end, and is told", async (status) => {
    let sent = 0;
    handler = (_request, response) => {
      response.writeHead(status, { "content-type": "application/xml" });
      const block = Buffer.alloc(2 ** 20, " ");
      const more = (): void => {
        while (!response.destroyed && sent < 500) {
          sent += 1;
          if (!response.write(block)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    };
    expect(await failureOf(upload(url(), [archiveOf(10)]).done)).toEqual({
      summary: 'creating snapshot "x": the object storage does not respond like S3',
      detail: `${host()} sent more data than an S3 response can have, so the rest was not read.\nThe API named this address. Check that it is an S3 storage, and whether a proxy responds in its place (HTTPS_PROXY).`,
    });
    expect(sent).toBeLessThan(200);
    expect(requests).toBe(1);
  });

  test.each([
    ["HTTPS_PROXY", "https://storage.test", "socks5://user:pa55word@p:1080"],
    ["http_proxy", "http://storage.test", "socks5://p"],
  ])("%s that cannot be used: nothing is sent past it", async (variable, storage, value) => {
    const { done, lines } = upload(storage, [archiveOf(10)], { env: { [variable]: value } });
    expect(await failureOf(done)).toEqual({
      summary: 'creating snapshot "x": the proxy cannot be used',
      detail: `${variable} begins with socks5://, a kind of proxy that is not supported. Set it to the address of an HTTP proxy, such as http://proxy.example:3128, or add the host to NO_PROXY.`,
    });
    expect(lines).toEqual([]);
  });
});
