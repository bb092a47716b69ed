import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, sign, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { Failure } from "../../../../../provider/lifecycle/call/errors";
import { pushImage } from "../../../../../provider/lifecycle/publish/image/push-image";
import { readLocalImage } from "../../../../../provider/source/local-image/read-local-image";
import { dockerFiles, ociFiles, writeFolder, writeTar } from "../../../source/local-image/images";
import { told, type Told } from "../../support";
import { type Registry, startRegistry, withEngine } from "./real";

const SECRET = "planted-token-secret";
/** Whether a request sends a blob, or a part of it. */
const isUpload = ({ method, url }: http.IncomingMessage): boolean =>
  method === "PATCH" || (method === "PUT" && url!.includes("/blobs/uploads/"));
type Fault = (request: http.IncomingMessage, earlier: number) => number | "reset" | null;

withEngine("an archive is pushed", () => {
  let folder: string;
  let registry: Registry;
  let proxy: http.Server;
  let fault: Fault;
  let seen: string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "push-archive-"));
    registry = await startRegistry();
    proxy = http.createServer((request, response) => {
      const earlier = seen.filter((line) => line.startsWith(`${request.method} `)).length;
      seen.push(`${request.method} ${request.url?.replace(/\?.*/, "")}`);
      const broken = fault(request, earlier);
      if (broken === "reset") return void request.socket.destroy();
      if (broken !== null)
        return void request
          .resume()
          .on("end", () =>
            response
              .writeHead(broken, { "content-type": "application/json" })
              .end('{"errors":[{"code":"PLANTED","message":"for the test"}]}'),
          );
      const [host, port] = registry.host.split(":");
      const forwarded = http.request(
        {
          host,
          port,
          method: request.method,
          path: request.url,
          headers: { ...request.headers, host: request.headers.host },
        },
        (answer) => {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        },
      );
      forwarded.on("error", () => response.destroy());
      request.pipe(forwarded);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    writeFolder(join(folder, "layout"), ociFiles([{}]));
    writeTar(join(folder, "docker.tar"), dockerFiles([{ text: "x".repeat(100_000) }]));
  });
  beforeEach(() => {
    fault = () => null;
    seen = [];
  });
  afterAll(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await registry.stop();
    rmSync(folder, { recursive: true });
  });
  const proxied = () => `127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  async function push(
    written: string,
    options: { host?: string; signal?: AbortSignal; heard?: Told } = {},
  ): Promise<string> {
    const image = await readLocalImage(written, folder, { env: {}, home: folder, platform: "linux" });
    const { host = proxied(), signal = new AbortController().signal, heard = told() } = options;
    const access = { username: "planted-user", secret: SECRET, registryUrl: host, project: "daytona" };
    const clock = {
      ...systemClock,
      sleep: (ms: number, ending?: AbortSignal) => systemClock.sleep(Math.min(ms, 5), ending),
    };
    const name = await pushImage({
      image,
      access,
      clock: clock as typeof systemClock,
      signal,
      log: { debug: (line) => void heard.debug.push(line), progress: (line) => void heard.progress.push(line) },
      doing: 'creating snapshot "agent"',
      env: {},
    });
    expect(JSON.stringify(heard)).not.toContain(SECRET);
    return name;
  }
  const failure = async (written: string, options: Parameters<typeof push>[1] = {}): Promise<string> => {
    const error: unknown = await push(written, options).then(
      () => null,
      (it: unknown) => it,
    );
    if (!(error instanceof Failure)) throw error ?? new Error("the push succeeded");
    expect(JSON.stringify(error.notice)).not.toContain(SECRET);
    return `${error.notice.summary}\n${error.notice.detail}`.replaceAll(proxied(), "REGISTRY");
  };
  async function arrived(name: string): Promise<{ layers: { digest: string; size: number; mediaType: string }[] }> {
    const [, repository, tag] = /^[^/]+\/(.*):(.*)$/.exec(name)!;
    const answer = await registry.get(`/v2/${repository}/manifests/${tag}`);
    expect(answer.status).toBe(200);
    const manifest = (await answer.json()) as Awaited<ReturnType<typeof arrived>>;
    for (const { digest } of manifest.layers) {
      const blob = Buffer.from(await (await registry.get(`/v2/${repository}/blobs/${digest}`)).arrayBuffer());
      expect(`sha256:${createHash("sha256").update(blob).digest("hex")}`).toBe(digest);
    }
    return manifest;
  }

  test("layers that are not compressed are, on the way; the manifest of a layout is sent as it is", async () => {
    const { layers } = await arrived(await push("docker-archive:docker.tar"));
    expect(layers).toEqual([
      {
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
        digest: expect.any(String),
        size: expect.any(Number),
      },
    ]);
    expect(layers[0]!.size).toBeLessThan(2000);
    await arrived(await push("oci:layout"));
  });

  test.each<[string, Fault]>([
    [
      "a server error",
      (request, earlier) => (["POST", "PUT", "HEAD"].includes(request.method!) && earlier === 0 ? 503 : null),
    ],
    ["too many requests", (_, earlier) => (earlier === 0 ? 429 : null)],
    [
      "a lost connection in the middle of a layer",
      (request, earlier) => (isUpload(request) && earlier < 2 ? "reset" : null),
    ],
    ["lost connections everywhere", (_, earlier) => (earlier === 1 ? "reset" : null)],
  ])("%s is survived", async (_what, broken) => {
    fault = broken;
    await arrived(await push("docker-archive:docker.tar"));
  });

  test("what stays is told, and ends in a bounded number of requests", async () => {
    const [layer] = Object.entries(ociFiles([{}])).find(([, content]) => typeof content !== "string")!;
    const digest = layer.slice(layer.lastIndexOf("/") + 1);
    let sent = 0;
    fault = (request) => (isUpload(request) && request.url!.includes(digest) ? ((sent += 1), 507) : null);
    expect(await failure("oci:layout")).toBe(
      'creating snapshot "agent": the registry is busy or failing\nREGISTRY returned 507 PLANTED: for the test.\nTry again later.\nNo snapshot was created.',
    );
    expect(sent).toBe(4);
    // The image is not made of the rest.
    expect(seen.filter((line) => line.includes("/manifests/"))).toEqual([]);
    fault = (request) => (request.method === "POST" ? 403 : null);
    expect(await failure("oci:layout")).toMatch(
      /^creating snapshot "agent": the registry denied the push\nREGISTRY returned 403 PLANTED: for the test\.\nThe API's temporary credentials must allow pushing to "daytona\/layout-\d{17}"/,
    );
    fault = (request) => (isUpload(request) ? 413 : null);
    expect(await failure("oci:layout")).toContain("the registry rejected the size of the image\n");
    fault = (request) => (request.method === "PUT" && request.url!.includes("/manifests/") ? 400 : null);
    expect(await failure("oci:layout")).toContain(
      "the registry rejected the image\nREGISTRY returned 400 PLANTED: for the test.",
    );
  });

  test("a manifest that appears late is waited for; credentials that may not read are enough", async () => {
    fault = (request, earlier) =>
      request.method === "HEAD" && request.url!.includes("/manifests/") && earlier < 6 ? 404 : null;
    await arrived(await push("oci:layout"));
    fault = (request) => (request.method === "HEAD" && request.url!.includes("/manifests/") ? 403 : null);
    const heard = told();
    await arrived(await push("oci:layout", { heard }));
    expect(heard.debug.join()).toContain("the credentials only allow pushing (403)");
  });

  test("an interrupt ends the push", async () => {
    const stop = new AbortController();
    fault = (request) => {
      if (isUpload(request)) stop.abort(new Error("interrupted"));
      return null;
    };
    await expect(push("docker-archive:docker.tar", { signal: stop.signal })).rejects.toThrow("interrupted");
  });

  test("a layer that changes while it is sent is refused", async () => {
    const files = ociFiles([{ text: "will change" }]);
    writeFolder(join(folder, "changing"), files);
    const [layer] = Object.entries(files)
      .filter(([, content]) => typeof content !== "string")
      .map(([name]) => name);
    fault = (request) => {
      if (request.method === "POST")
        writeFolder(join(folder, "changing"), { [layer!]: readFileSync(join(folder, "changing", layer!)).fill(0, 20) });
      return null;
    };
    expect(await failure("oci:changing")).toMatch(
      /the image archive is damaged\nA layer of "oci:changing" has the digest sha256:\w+, but its manifest says sha256:\w+\. No snapshot was created\. Write the archive again\./,
    );
  });

  test("a registry with tokens: the token service gets the credentials, the registry a token", async () => {
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=test",
        "-days",
        "2",
        "-keyout",
        join(folder, "key.pem"),
        "-out",
        join(folder, "cert.pem"),
      ],
      { stdio: "ignore" },
    );
    const key = createPrivateKey(readFileSync(join(folder, "key.pem")));
    const x5c = [new X509Certificate(readFileSync(join(folder, "cert.pem"))).raw.toString("base64")];
    const asked: { query: Record<string, string>; authorization: string | undefined }[] = [];
    const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const service = http.createServer((request, response) => {
      const query = Object.fromEntries(new URL(request.url!, "http://x").searchParams);
      asked.push({ query, authorization: request.headers.authorization });
      if (request.headers.authorization !== `Basic ${Buffer.from(`planted-user:${SECRET}`).toString("base64")}`)
        return void response.writeHead(401).end();
      const [, repository] = /^repository:(.+):[^:]+$/.exec(query["scope"] ?? "") ?? [];
      const now = Math.floor(Date.now() / 1000);
      const body = `${encoded({ typ: "JWT", alg: "RS256", x5c })}.${encoded({ iss: "test", sub: "", aud: "test", exp: now + 60, nbf: now - 5, iat: now, jti: "1", access: [{ type: "repository", name: repository, actions: ["pull", "push"] }] })}`;
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ token: `${body}.${sign("sha256", Buffer.from(body), key).toString("base64url")}` }),
      );
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    const secured = await startRegistry({
      realm: `http://127.0.0.1:${(service.address() as AddressInfo).port}/token`,
      bundle: join(folder, "cert.pem"),
    });
    try {
      await push("docker-archive:docker.tar", { host: secured.host });
      expect(asked[0]?.query).toMatchObject({
        service: "test",
        scope: expect.stringMatching(/^repository:daytona\/docker-\d{17}:/),
        account: "planted-user",
      });
    } finally {
      await secured.stop();
      service.close();
    }
  });
});
