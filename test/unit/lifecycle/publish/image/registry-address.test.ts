import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Failure } from "../../../../../provider/lifecycle/call/errors";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { pushImage } from "../../../../../provider/lifecycle/publish/image/push-image";
import { namedAddress } from "../../../../../provider/lifecycle/image-registry/address";
import { readLocalImage } from "../../../../../provider/source/local-image/read-local-image";
import { ociFiles, writeFolder } from "../../../source/local-image/images";
import { type Registry, startRegistry, withEngine } from "./real";

const ACCESS = { username: "planted-user", secret: "planted-password" };
const BASIC = `Basic ${Buffer.from("planted-user:planted-password").toString("base64")}`;

test.each([
  ["https://registry.test", "https://auth.other.test/token", "https://auth.other.test/token"],
  ["https://registry.test", "http://auth.other.test/token", "is http://auth.other.test, without TLS"],
  ["https://registry.test", "http://auth.registry.test/token", "is http://auth.registry.test, without TLS"],
  ["https://registry.test", "http://registry.test/token", "https://registry.test/token"],
  ["https://registry.test", "http://registry.test:5000/token", "is http://registry.test:5000, without TLS"],
  ["https://registry.test:8443", "http://registry.test:8443/up?a=b", "https://registry.test:8443/up?a=b"],
  ["https://registry.test", "http://localhost:1/token", "http://localhost:1/token"],
  ["https://registry.test", "http://127.0.0.9/token", "http://127.0.0.9/token"],
  ["https://registry.test", "http://[::1]:1/token", "http://[::1]:1/token"],
  ["https://registry.test", "http://localhost.evil.test/token", "is http://localhost.evil.test, without TLS"],
  ["https://registry.test", "http://127.0.0.1.evil.test/token", "is http://127.0.0.1.evil.test, without TLS"],
  ["http://registry.test:5000", "http://registry.test:5001/token", "http://registry.test:5001/token"],
  ["http://registry.test:5000", "http://auth.test:5001/token", "is http://auth.test:5001, without TLS"],
  ["https://registry.test", "https://who:what@auth.test/token", "https://auth.test/token"],
  ["https://registry.test", "ftp://auth.test/token", "begins with ftp:"],
  ["https://registry.test", "file:///etc/passwd", "begins with file:"],
  ["https://registry.test", "not a URL", "is not a URL"],
])("of %s, %s: %s", (base, named, expected) => {
  const found = (): string => {
    try {
      return namedAddress("password", named, new URL(base)).href;
    } catch (error) {
      return (error as { address: string }).address;
    }
  };
  expect(found()).toBe(expected);
});

test("an upload address may be relative", () => {
  expect(
    namedAddress(
      "layers",
      "/v2/x?state=1",
      new URL("https://registry.test"),
      new URL("https://registry.test/v2/y/blobs/uploads/"),
    ).href,
  ).toBe("https://registry.test/v2/x?state=1");
});

describe("a push", () => {
  let folder: string;
  const servers: http.Server[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "registry-address-"));
    writeFolder(join(folder, "layout"), ociFiles([{}]));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function listen(handler: http.RequestListener): Promise<string> {
    const server = http.createServer(handler);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** A proxy that everything outside of this machine would go through; it lets nothing pass. */
  async function watched(): Promise<{ env: Record<string, string>; asked: string[] }> {
    const asked: string[] = [];
    const host = await listen(
      (request, response) => void (asked.push(request.url ?? ""), response.writeHead(502).end()),
    );
    servers
      .at(-1)!
      .on(
        "connect",
        (request: http.IncomingMessage, socket: import("node:stream").Duplex) =>
          void (asked.push(request.url ?? ""), socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")),
      );
    return { env: { HTTP_PROXY: `http://${host}`, HTTPS_PROXY: `http://${host}` }, asked };
  }

  async function push(host: string, env: Record<string, string> = {}, written = "oci:layout"): Promise<string> {
    const image = await readLocalImage(written, folder, { env: {}, home: folder, platform: "linux" });
    const clock = {
      ...systemClock,
      sleep: (ms: number, ending?: AbortSignal) => systemClock.sleep(Math.min(ms, 5), ending),
    };
    const silent = { debug: () => undefined, progress: () => undefined };
    return pushImage({
      image,
      access: { ...ACCESS, registryUrl: host, project: "daytona" },
      clock: clock as typeof systemClock,
      signal: new AbortController().signal,
      log: silent,
      doing: 'creating snapshot "agent"',
      env,
    });
  }
  async function failure(host: string, env: Record<string, string> = {}, written?: string): Promise<string> {
    const error: unknown = await push(host, env, written).then(
      () => null,
      (it: unknown) => it,
    );
    if (!(error instanceof Failure)) throw error ?? new Error("the push succeeded");
    const text = `${error.notice.summary}\n${error.notice.detail}`;
    expect(text).not.toContain(ACCESS.secret);
    return text.replaceAll(host, "REGISTRY");
  }

  test("a token service without TLS elsewhere does not get the password", async () => {
    const { env, asked } = await watched();
    const host = await listen(
      (_, response) =>
        void response
          .writeHead(401, { "www-authenticate": 'Bearer realm="http://auth.elsewhere.test/token",service="test"' })
          .end(),
    );
    expect(await failure(host, env)).toBe(
      "creating snapshot \"agent\": the address of the registry's token service cannot be used\nThe token service that REGISTRY specifies is http://auth.elsewhere.test, without TLS. Nothing was sent there. Ask the operator of the Daytona server to give the registry's token service an https address.\nNo snapshot was created.",
    );
    expect(asked).toEqual([]);
  });

  test("an upload address without TLS elsewhere does not get the layers", async () => {
    const { env, asked } = await watched();
    const host = await listen(
      (request, response) =>
        void (
          request.method === "POST"
            ? response.writeHead(202, { location: "http://blobs.elsewhere.test/upload/1" })
            : response.writeHead(404)
        ).end(),
    );
    expect(await failure(host, env)).toBe(
      "creating snapshot \"agent\": the registry's address for uploads cannot be used\nThe address for uploads that REGISTRY specifies is http://blobs.elsewhere.test, without TLS. Nothing was sent there. Ask the operator of the Daytona server to give the registry's address for uploads an https address.\nNo snapshot was created.",
    );
    expect(asked).toEqual([]);
  });

  test("an upload address that changes in the middle of a layer is looked at again", async () => {
    const { env, asked } = await watched();
    const host = await listen((request, response) => {
      request.resume().on("end", () => {
        if (request.method === "POST") response.writeHead(202, { location: "/upload/1" });
        else
          response.writeHead({ PATCH: 202, PUT: 201 }[request.method!] ?? 404, {
            location: "http://blobs.elsewhere.test/upload/2",
          });
        response.end();
      });
    });
    // More than one request sends.
    const text = randomBytes(17 * 2 ** 20).toString("latin1");
    writeFolder(join(folder, "large"), ociFiles([{ text }]));
    expect(await failure(host, env, "oci:large")).toContain("the registry's address for uploads cannot be used\n");
    expect(asked).toEqual([]);
  });

  test("what the token service answers is not followed elsewhere, and is a sentence", async () => {
    const seen: (string | undefined)[] = [];
    let answer: (response: http.ServerResponse) => void = (response) =>
      void response.writeHead(302, { location: "http://auth.elsewhere.test/token" }).end();
    const { env, asked } = await watched();
    const service = await listen(
      (request, response) => void (seen.push(request.headers.authorization), answer(response)),
    );
    const host = await listen(
      (_, response) =>
        void response.writeHead(401, { "www-authenticate": `Bearer realm="http://${service}/token"` }).end(),
    );
    expect(await failure(host, env)).toContain("the registry rejected the image\nREGISTRY returned 302.");
    expect(seen).toEqual([BASIC]);
    expect(asked).toEqual([]);
    for (const body of ["null", "[]", "7", '"x"', "{}", '{"token":7}', "no json"]) {
      answer = (response) => void response.end(body);
      expect(await failure(host, env)).toContain("the response of the token service contains no token");
    }
  });

  test.each([
    ["null"],
    ['{"errors":null}'],
    ['{"errors":7}'],
    ['{"errors":[null]}'],
    ['{"errors":[{"code":7,"message":{}}]}'],
    ["[]"],
    ["<html>"],
    [""],
  ])("an answer %s of a refusal is told by its status", async (body) => {
    const host = await listen((_, response) => void response.writeHead(400).end(body));
    expect(await failure(host)).toBe(
      'creating snapshot "agent": the registry rejected the image\nREGISTRY returned 400.\nAsk the operator of the Daytona server to check its transient registry.\nNo snapshot was created.',
    );
  });

  test("an answer without end is not read to its end, packed or not", async () => {
    const packed = gzipSync(Buffer.alloc(64 * 2 ** 20));
    for (const headers of [{ "content-encoding": "gzip" }, {}]) {
      const host = await listen((request, response) => {
        if (request.method === "HEAD") return void response.writeHead(404).end();
        response.writeHead(403, headers as Record<string, string>);
        response.end("content-encoding" in headers ? packed : Buffer.alloc(64 * 2 ** 20));
      });
      expect(await failure(host)).toContain(
        "the registry's response is too large\nREGISTRY sent more than 8 MiB, which is more than any response of a registry.\n",
      );
    }
  });

  withEngine("with a real registry that has a password", () => {
    let registry: Registry;
    beforeAll(
      async () => void (registry = await startRegistry({ username: ACCESS.username, password: ACCESS.secret })),
    );
    afterAll(() => registry.stop());

    /** Passes requests on to the real registry. */
    const forward =
      (change: { authorization?: string; location?: (text: string) => string } = {}): http.RequestListener =>
      (request, response) => {
        const [host, port] = registry.host.split(":");
        const headers = {
          ...request.headers,
          ...(change.authorization === undefined ? {} : { authorization: change.authorization }),
        };
        const passed = http.request({ host, port, method: request.method, path: request.url, headers }, (answer) => {
          const { location } = answer.headers;
          response.writeHead(answer.statusCode!, {
            ...answer.headers,
            ...(location === undefined ? {} : { location: change.location?.(location) ?? location }),
          });
          answer.pipe(response);
        });
        request.pipe(passed);
      };

    test("the password goes to the registry", async () => {
      expect(await push(registry.host)).toMatch(/\/daytona\/layout-\d{17}:v2-/);
    });

    test("another host that takes the layers gets no password, even if it asks for it", async () => {
      const seen: (string | undefined)[] = [];
      let ask = true;
      const pass = forward({ authorization: BASIC });
      const elsewhere = await listen((request, response) => {
        seen.push(request.headers.authorization);
        if (!ask) return pass(request, response);
        request.resume().on("end", () => response.writeHead(401, { "www-authenticate": 'Basic realm="mine"' }).end());
      });
      const front = await listen(
        forward({
          location: (text) =>
            text.includes("/blobs/uploads/")
              ? text.replace(/^http:\/\/[^/]+/, "").replace(/^/, `http://${elsewhere}`)
              : text,
        }),
      );
      expect((await failure(front)).replace(elsewhere, "ELSEWHERE")).toBe(
        'creating snapshot "agent": a host other than the registry asks for credentials\nELSEWHERE, to which REGISTRY redirected the upload, returned 401.\nIt received none, because only the registry itself may receive them. Ask the operator of the Daytona server to check the storage of its transient registry.\nNo snapshot was created.',
      );
      ask = false;
      expect(await push(front)).toContain("/daytona/layout-");
      expect(seen.length).toBeGreaterThan(1);
      expect(seen.filter((authorization) => authorization !== undefined)).toEqual([]);
    });
  });
});
