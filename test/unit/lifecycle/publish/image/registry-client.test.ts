import type { RegistryAccess } from "../../../../../provider/api/types";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { RegistryClient } from "../../../../../provider/lifecycle/publish/image/registry-client";
import type { Wire } from "../../../../../provider/lifecycle/image-registry/wire";
import { RegistryError } from "../../../../../provider/lifecycle/image-registry/errors";
import { registryFailure } from "../../../../../provider/lifecycle/publish/image/registry-failure";

interface Sent {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
}
type Answered = { status: number; headers?: Record<string, string>; body?: string };

const ACCESS = { username: "planted-user", secret: "planted-password" };
const BASIC = `Basic ${Buffer.from("planted-user:planted-password").toString("base64")}`;
const targetOf = (host: string) => ({
  doing: 'creating snapshot "x"',
  host,
  repository: "daytona/agent",
  tag: "v1",
  written: "agent:dev",
});

/** What goes over the wire: hosts of the internet, and TLS, cannot be had in a test. */
let sent: Sent[];
let answer: (request: Sent, earlier: number) => Answered | Error;
beforeEach(() => void (sent = []));
const wire: Wire = ({ method, url, headers }) => {
  const request = { method, url, headers };
  const earlier = sent.length;
  sent.push(request);
  const given = answer(request, earlier);
  return given instanceof Error
    ? Promise.reject(given)
    : Promise.resolve({ status: given.status, headers: given.headers ?? {}, body: Buffer.from(given.body ?? "") });
};

function client(registryUrl: string): RegistryClient {
  const access: RegistryAccess = { ...ACCESS, registryUrl, project: "daytona" };
  const clock = { ...systemClock, sleep: () => Promise.resolve() };
  return new RegistryClient({
    access,
    target: targetOf(registryUrl.replace(/^https?:\/\//, "")),
    clock: clock as never,
    signal: new AbortController().signal,
    env: {},
    wire,
  });
}
const urls = (): string[] => sent.map(({ method, url }) => `${method} ${url}`);
const authorizations = (): (string | undefined)[] => sent.map(({ headers }) => headers["authorization"]);

test.each([
  ["registry.test", ["HEAD https://registry.test/v2/daytona/agent/blobs/sha256:1"]],
  ["https://registry.test:8443", ["HEAD https://registry.test:8443/v2/daytona/agent/blobs/sha256:1"]],
  ["http://registry.test:5000", ["HEAD http://registry.test:5000/v2/daytona/agent/blobs/sha256:1"]],
  ["localhost.evil.test", ["HEAD https://localhost.evil.test/v2/daytona/agent/blobs/sha256:1"]],
  ["localhost:5000", ["GET https://localhost:5000/v2/", "HEAD https://localhost:5000/v2/daytona/agent/blobs/sha256:1"]],
])("%s: TLS, unless the API says otherwise", async (registryUrl, expected) => {
  answer = () => ({ status: 200 });
  expect(await client(registryUrl).hasBlob("sha256:1")).toBe(true);
  expect(urls()).toEqual(expected);
});

test("a registry on this machine without TLS is asked without it", async () => {
  answer = ({ url }) => (url.startsWith("https:") ? new Error("wrong version number") : { status: 404 });
  const own = client("127.0.0.1:5000");
  for (const digest of ["sha256:1", "sha256:2"]) expect(await own.hasBlob(digest)).toBe(false);
  expect(urls()).toEqual([
    "GET https://127.0.0.1:5000/v2/",
    "HEAD http://127.0.0.1:5000/v2/daytona/agent/blobs/sha256:1",
    "HEAD http://127.0.0.1:5000/v2/daytona/agent/blobs/sha256:2",
  ]);
});

test("one elsewhere is never asked without TLS, also if it fails with it", async () => {
  answer = () => Object.assign(new Error("certificate"), { code: "CERT_HAS_EXPIRED" });
  await expect(client("registry.test").hasBlob("sha256:1")).rejects.toThrow("certificate");
  expect(sent.every(({ url }) => url.startsWith("https://registry.test/"))).toBe(true);
});

test("the password goes to the token service once, the registry gets the token, and the layers' host nothing", async () => {
  answer = ({ method, url, headers }) => {
    if (url.startsWith("https://auth.test/")) return { status: 200, body: '{"access_token":"planted-token"}' };
    if (url.startsWith("https://blobs.test/"))
      return { status: method === "PUT" ? 201 : 202, headers: { location: "https://blobs.test/up/2" } };
    if (headers["authorization"] !== "Bearer planted-token")
      return {
        status: 401,
        headers: { "www-authenticate": 'Bearer realm="https://auth.test/token",service="registry"' },
      };
    return { status: 202, headers: { location: "https://blobs.test/up/1" } };
  };
  const upload = await client("registry.test").startUpload();
  await upload.append([Buffer.from("abc")], 0);
  await upload.append([Buffer.from("defg")], 3);
  await upload.finish("sha256:1");
  expect(urls()).toEqual([
    "POST https://registry.test/v2/daytona/agent/blobs/uploads/",
    "GET https://auth.test/token?service=registry&scope=repository%3Adaytona%2Fagent%3Apull%2Cpush&account=planted-user",
    "POST https://registry.test/v2/daytona/agent/blobs/uploads/",
    "PATCH https://blobs.test/up/1",
    "PATCH https://blobs.test/up/2",
    "PUT https://blobs.test/up/2?digest=sha256%3A1",
  ]);
  expect(authorizations()).toEqual([undefined, BASIC, "Bearer planted-token", undefined, undefined, undefined]);
  expect(sent.filter(({ method }) => method === "PATCH").map(({ headers }) => headers["content-range"])).toEqual([
    "0-2",
    "3-6",
  ]);
});

test("a challenge of another host is not answered: its token service would get the password", async () => {
  answer = ({ url }) =>
    url.startsWith("https://blobs.test/")
      ? { status: 401, headers: { "www-authenticate": 'Bearer realm="https://blobs.test/token"' } }
      : { status: 202, headers: { location: "https://blobs.test/up/1" } };
  const upload = await client("registry.test").startUpload();
  await expect(upload.append([Buffer.from("abc")], 0)).rejects.toMatchObject({ status: 401 });
  expect(urls().filter((line) => line.includes("/token"))).toEqual([]);
});

test("the registry's name on another port, or without TLS, is another host", async () => {
  const locations = ["https://registry.test:8443/up/1", "https://other.test/up/1"];
  for (const location of locations) {
    sent = [];
    answer = ({ url, headers }) =>
      url.startsWith("https://registry.test/") && headers["authorization"] === undefined
        ? { status: 401, headers: { "www-authenticate": "Basic realm=x" } }
        : { status: 202, headers: { location } };
    await (await client("registry.test").startUpload()).append([Buffer.from("abc")], 0);
    expect(authorizations()).toEqual([undefined, BASIC, undefined]);
  }
  // Back to the registry, with TLS.
  sent = [];
  answer = ({ url, method }) => ({
    status: 202,
    headers: {
      location:
        method === "POST"
          ? "https://other.test/up/1"
          : url.startsWith("https://other")
            ? "http://registry.test/up/2"
            : "/up/3",
    },
  });
  const upload = await client("registry.test").startUpload();
  await upload.append([Buffer.from("abc")], 0);
  await upload.append([Buffer.from("abc")], 3);
  expect(urls().at(-1)).toBe("PATCH https://registry.test/up/2");
});

test("a password that is refused is not offered again; a token that runs out is renewed, but not without end", async () => {
  answer = () => ({ status: 401, headers: { "www-authenticate": "Basic realm=x" } });
  expect(await client("registry.test").manifestStatus()).toBe(401);
  expect(authorizations()).toEqual([undefined, BASIC]);
  sent = [];
  answer = ({ url }) =>
    url.includes("/token")
      ? { status: 200, body: '{"token":"planted-token"}' }
      : { status: 401, headers: { "www-authenticate": 'Bearer realm="https://auth.test/token",scope="a:b:c"' } };
  const own = client("registry.test");
  expect(await own.manifestStatus()).toBe(401);
  for (let times = 0; times < 100; times += 1) await own.manifestStatus();
  expect(urls().filter((line) => line.includes("/token")).length).toBeLessThanOrEqual(50);
  expect(urls()[1]).toBe("GET https://auth.test/token?scope=a%3Ab%3Ac&account=planted-user");
});

test("a token that expires is renewed each time, however long the push; a second one in a row that is refused is not", async () => {
  let [issued, uses] = [0, 0];
  const challenge = { status: 401, headers: { "www-authenticate": 'Bearer realm="https://auth.test/token"' } };
  answer = ({ url, headers }) => {
    if (url.startsWith("https://auth.test/"))
      return ((uses = 0), { status: 200, body: `{"token":"planted-token-${(issued += 1)}"}` });
    // Each is good for two requests.
    if (headers["authorization"] !== `Bearer planted-token-${issued}` || (uses += 1) > 2) return challenge;
    return { status: 202, headers: { location: "/up/1" } };
  };
  const upload = await client("registry.test").startUpload();
  for (let part = 0; part < 9; part += 1) await upload.append([Buffer.from("abc")], part * 3);
  expect(issued).toBe(5);
  expect(urls().filter((line) => line === "PATCH https://registry.test/up/1")).toHaveLength(9 + 4);

  sent = [];
  answer = ({ url }) => (url.includes("/token") ? { status: 200, body: '{"token":"planted-token"}' } : challenge);
  const refused = client("registry.test");
  const asked: number[] = [];
  for (let times = 0; times < 4; times += 1) {
    const before = urls().filter((line) => line.startsWith("HEAD")).length;
    expect(await refused.manifestStatus()).toBe(401);
    asked.push(urls().filter((line) => line.startsWith("HEAD")).length - before);
  }
  expect(asked).toEqual([2, 2, 1, 1]);
});

test("204 is as good as what the specification says", async () => {
  answer = ({ method }) => ({ status: method === "POST" ? 202 : 204, headers: { location: "/up" } });
  const upload = await client("registry.test").startUpload();
  await upload.append([Buffer.from("abc")], 0);
  await upload.finish("sha256:1");
  expect(urls()).toEqual([
    "POST https://registry.test/v2/daytona/agent/blobs/uploads/",
    "PATCH https://registry.test/up",
    "PUT https://registry.test/up?digest=sha256%3A1",
  ]);
});

test("a challenge of another kind, or without a realm, is not answered", async () => {
  for (const challenge of ["Negotiate", 'Bearer service="x"', "", 'Digest realm="https://auth.test"']) {
    sent = [];
    answer = () => ({ status: 401, headers: { "www-authenticate": challenge } });
    expect(await client("registry.test").manifestStatus()).toBe(401);
    expect(urls().length).toBe(1);
  }
});

test("what passes is asked again a few times, what does not is not", async () => {
  answer = () => ({ status: 503 });
  expect(await client("registry.test").manifestStatus()).toBe(503);
  expect(sent.length).toBe(4);
  sent = [];
  answer = () => ({ status: 404 });
  expect(await client("registry.test").manifestStatus()).toBe(404);
  expect(sent.length).toBe(1);
  sent = [];
  answer = (_, earlier) => (earlier < 2 ? Object.assign(new Error("reset"), { code: "ECONNRESET" }) : { status: 200 });
  expect(await client("registry.test").manifestStatus()).toBe(200);
  sent = [];
  answer = () => Object.assign(new Error("bad certificate"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  await expect(client("registry.test").manifestStatus()).rejects.toThrow("bad certificate");
  expect(sent.length).toBe(1);
});

test("a manifest that is not stored, an upload that does not begin or end, is an error", async () => {
  answer = () => ({ status: 200 });
  await expect(client("registry.test").putManifest(Buffer.from("{}"), "x")).rejects.toMatchObject({ status: 200 });
  await expect(client("registry.test").startUpload()).rejects.toMatchObject({ status: 200 });
  answer = () => ({ status: 202 });
  await expect(client("registry.test").startUpload()).rejects.toThrow("the response has no Location header");
  answer = ({ method }) => ({ status: method === "PUT" ? 202 : 202, headers: { location: "/up" } });
  await expect((await client("registry.test").startUpload()).finish("sha256:1")).rejects.toMatchObject({ status: 202 });
});

test("neither password nor user name is in a message; short ones would only blank words", () => {
  const failed = (text: string, access: { username: string; secret: string }) =>
    registryFailure(targetOf("r.test"), new RegistryError(400, "X", text), {
      ...access,
      registryUrl: "r.test",
      project: "p",
    }).notice.detail;
  expect(failed("planted-user sent planted-password", ACCESS)).toContain(
    "r.test returned 400 X: [redacted] sent [redacted].",
  );
  expect(failed("a cat", { username: "a", secret: "cat" })).toContain("a cat.");
});
