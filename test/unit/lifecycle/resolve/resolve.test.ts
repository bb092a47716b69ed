import type { WireRequest } from "../../../../provider/lifecycle/image-registry/wire";
import { answerOf, hanging, Imitated, MANIFEST, OCI, refusing, sha256 } from "./answers";

const DIGEST = sha256(MANIFEST);
const RESOLVED = { kind: "resolved", digest: DIGEST, platforms: null };

let here: Imitated;
beforeEach(() => void (here = new Imitated()));
afterEach(() => here.end());

const asked = (): string[] => here.requests.map(({ method, url }) => `${method} ${url}`);

describe("a name", () => {
  test.each([
    ["ubuntu", "registry-1.docker.io/v2/library/ubuntu/manifests/latest"],
    ["team/app:1", "registry-1.docker.io/v2/team/app/manifests/1"],
    ["docker.io/ubuntu:24.04", "registry-1.docker.io/v2/library/ubuntu/manifests/24.04"],
    ["index.docker.io/team/app", "registry-1.docker.io/v2/team/app/manifests/latest"],
    ["ghcr.io/team/sub/app:1", "ghcr.io/v2/team/sub/app/manifests/1"],
    ["GHCR.io/app:1", "ghcr.io/v2/app/manifests/1"],
    ["registry.test:5000/app", "registry.test:5000/v2/app/manifests/latest"],
  ])("%s is asked for as Docker does", async (name, url) => {
    here.answer = () => answerOf(200, MANIFEST, { "docker-content-digest": DIGEST });
    expect(await here.resolver().resolve(name)).toEqual(RESOLVED);
    expect(here.requests.at(-1)!.url).toBe(`https://${url}`);
  });

  test.each(["ghcr.io/team/app", "ghcr.io/team/app:1", "ubuntu"])("%s with a digest needs no request", async (name) => {
    expect(await here.resolver().resolve(`${name}@${DIGEST}`)).toEqual(RESOLVED);
    expect(asked()).toEqual([]);
  });

  test("with a digest of another kind is not resolved", async () => {
    const name = `app@sha512:${"a".repeat(128)}`;
    expect(await here.resolver().resolve(name)).toEqual({
      kind: "unasked",
      reason: `"${name}" has a digest that is not sha256`,
    });
  });

  test.each(["", "team/App", "ghcr.io/", "a b", "app@sha256:abc"])(
    "that is none (%j) is asked nowhere",
    async (name) => {
      expect(await here.resolver().resolve(name)).toEqual({
        kind: "unasked",
        reason: `${JSON.stringify(name)} is not the name of an image`,
      });
      expect(asked()).toEqual([]);
    },
  );
});

describe("the number of requests", () => {
  test("is one for each image, however many ask for it under whichever of its names", async () => {
    const resolver = here.resolver();
    const names = Array.from({ length: 20 }, (_, n) => `registry.test/team/app:${n}`);
    const all = Array.from({ length: 1000 }, (_, n) => names[n % 20]!);
    expect(new Set((await Promise.all(all.map((name) => resolver.resolve(name)))).map(({ kind }) => kind))).toEqual(
      new Set(["resolved"]),
    );
    await resolver.resolve("Registry.Test/team/app:1");
    expect(here.requests.length).toBe(20);
  });

  test("is at most 8 at a time to one registry, and 16 in all", async () => {
    const under = new Map<string, number>();
    let [most, mostInAll] = [0, 0];
    here.answer = async ({ url }) => {
      const { host } = new URL(url);
      under.set(host, (under.get(host) ?? 0) + 1);
      most = Math.max(most, ...under.values());
      mostInAll = Math.max(
        mostInAll,
        [...under.values()].reduce((a, b) => a + b),
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
      under.set(host, under.get(host)! - 1);
      return answerOf(200, MANIFEST);
    };
    const resolver = here.resolver();
    const names = Array.from({ length: 90 }, (_, n) => `r${n % 3}.test/app:${n}`);
    await Promise.all(names.map((name) => resolver.resolve(name)));
    expect([most, mostInAll]).toEqual([8, 16]);
  });

  test("of Docker Hub: a HEAD, which does not count as a pull", async () => {
    here.answer = () =>
      answerOf(200, "", { "docker-content-digest": DIGEST, "content-type": `${OCI}.index.v1+json; charset=utf-8` });
    expect(await here.resolver().resolve("team/app:1")).toEqual(RESOLVED);
    expect(asked()).toEqual(["HEAD https://registry-1.docker.io/v2/team/app/manifests/1"]);
  });

  test.each([
    ["sends no digest", answerOf(200, "", { "content-type": `${OCI}.index.v1+json` })],
    [
      "sends an odd digest",
      answerOf(200, "", { "content-type": `${OCI}.index.v1+json`, "docker-content-digest": "x" }),
    ],
    ["sends no type", answerOf(200, "", { "docker-content-digest": DIGEST })],
    ["does not know HEAD", answerOf(405)],
  ])("where it %s, a GET follows, whose content is hashed", async (_, head) => {
    here.answer = ({ method }) => (method === "HEAD" ? head : answerOf(200, MANIFEST));
    expect(await here.resolver().resolve("team/app:1")).toEqual(RESOLVED);
    expect(here.requests.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
  });

  test("where the platforms are needed: a GET at once", async () => {
    expect(await here.resolver({ needsPlatforms: true }).resolve("team/app:1")).toEqual(RESOLVED);
    expect(here.requests.map(({ method }) => method)).toEqual(["GET"]);
  });
});

describe("a manifest", () => {
  const platform = (os: string, architecture: string, more: object = {}) => ({
    digest: DIGEST,
    platform: { os, architecture, ...more },
  });
  const index = (...manifests: unknown[]): string => JSON.stringify({ schemaVersion: 2, manifests });
  const resolved = (body: string, headers: Record<string, string> = {}) => {
    here.answer = () => answerOf(200, body, headers);
    return here.resolver().resolve("registry.test/app:1");
  };

  test.each<[string, unknown[], string[] | null]>([
    [
      "its platforms",
      [platform("linux", "amd64"), platform("linux", "arm64", { variant: "v8" })],
      ["linux/amd64", "linux/arm64/v8"],
    ],
    ["none where there are only attestations", [platform("unknown", "unknown")], []],
    [
      "none of what is marked as an attestation",
      [
        platform("linux", "amd64"),
        { ...platform("linux", "x"), annotations: { "vnd.docker.reference.type": "attestation-manifest" } },
      ],
      ["linux/amd64"],
    ],
    ["nothing where one has no platform", [platform("linux", "amd64"), { digest: DIGEST }], null],
    ["nothing where one has an odd platform", [platform("linux", "amd\n64")], null],
    ["nothing where one is none", [null], null],
    ["nothing of too many", Array(1001).fill(platform("linux", "amd64")), null],
  ])("that is an index tells %s", async (_, manifests, platforms) => {
    const body = index(...manifests);
    expect(await resolved(body)).toEqual({ kind: "resolved", digest: sha256(body), platforms });
  });

  test("whose content is not what the registry says is not believed", async () => {
    const other = `sha256:${"b".repeat(64)}`;
    expect(await resolved(MANIFEST, { "docker-content-digest": other })).toEqual({
      kind: "unasked",
      reason: `registry.test sent a manifest for "registry.test/app:1" that does not match its digest, ${other}`,
    });
  });

  test.each([
    ["by its content", JSON.stringify({ schemaVersion: 1, fsLayers: [] }), ""],
    ["by its type", MANIFEST, "application/vnd.docker.distribution.manifest.v1+prettyjws"],
  ])("of Docker's schema 1 is no digest to pull by (%s)", async (_, body, type) => {
    expect(await resolved(body, { "content-type": type })).toEqual({
      kind: "unasked",
      reason: `registry.test has "registry.test/app:1" only as a manifest of Docker's schema 1, which has no digest to pull by`,
    });
  });

  test.each([
    "<html>",
    "",
    "[]",
    "{}",
    '{"schemaVersion":2}',
    '{"schemaVersion":2,"layers":[]}',
    '{"manifests":[]}',
    JSON.stringify({ ...(JSON.parse(MANIFEST) as object), manifests: [] }),
  ])("that is none is not believed: %s", async (body) => {
    expect(await resolved(body)).toEqual({
      kind: "unasked",
      reason: 'what registry.test sent for "registry.test/app:1" is not the manifest of an image',
    });
  });
});

describe("a registry that", () => {
  const resolve = (name = "registry.test/app:1") => here.resolver().resolve(name);
  const error = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

  test("has no such image", async () => {
    here.answer = () => answerOf(404, error("MANIFEST_UNKNOWN", "manifest unknown"));
    expect(await resolve()).toEqual({ kind: "missing", reason: 'registry.test has no image "registry.test/app:1"' });
  });

  test.each([401, 403])("shows it to nobody without credentials (%i)", async (status) => {
    here.answer = () => answerOf(status, error("DENIED", "access is denied."));
    expect(await resolve()).toEqual({
      kind: "refused",
      reason: `registry.test does not provide "registry.test/app:1" without credentials, and Docker has none for it on this machine: the image is private or does not exist (${status} DENIED: access is denied)`,
    });
  });

  test("limits the rate is not asked for others", async () => {
    here.answer = () => answerOf(429, error("TOOMANYREQUESTS", "You have reached your pull rate limit."));
    const resolver = here.resolver();
    const reason =
      "registry.test accepts no more requests for now: its rate limit is exceeded (429 TOOMANYREQUESTS: You have reached your pull rate limit)";
    expect(await resolver.resolve("registry.test/app:1")).toEqual({ kind: "unasked", reason });
    expect(await resolver.resolve("registry.test/app:2")).toEqual({ kind: "unasked", reason });
    expect(here.requests.length).toBe(1);
  });

  test("fails is asked twice", async () => {
    here.answer = () => answerOf(502, "bad gateway");
    expect(await resolve()).toEqual({ kind: "unasked", reason: "registry.test returned 502" });
    expect(here.requests.length).toBe(2);
  });

  test("fails once is asked again", async () => {
    here.answer = () => (here.requests.length === 1 ? answerOf(503) : answerOf(200, MANIFEST));
    expect(await resolve()).toEqual(RESOLVED);
  });

  test("breaks a connection that was kept is asked again", async () => {
    here.answer = () =>
      here.requests.length === 1 ? refusing("ECONNRESET", "socket hang up") : answerOf(200, MANIFEST);
    expect(await resolve()).toEqual(RESOLVED);
  });

  test("cannot be reached is asked once, for all images", async () => {
    here.answer = () => refusing("ECONNREFUSED", "connect ECONNREFUSED 192.0.2.1:443");
    const resolver = here.resolver();
    const reason = "registry.test cannot be reached: connect ECONNREFUSED 192.0.2.1:443";
    for (const tag of ["1", "2", "1"])
      expect(await resolver.resolve(`registry.test/app:${tag}`)).toEqual({ kind: "unasked", reason });
    expect(here.requests.length).toBe(1);
  });

  test("has a certificate that nobody trusts", async () => {
    here.answer = () => refusing("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate");
    expect(await resolve()).toEqual({
      kind: "unasked",
      reason:
        "the certificate of registry.test is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT); for a private certificate authority, set NODE_EXTRA_CA_CERTS to its file",
    });
  });

  test("says something that would steer a terminal says it in one plain line", async () => {
    here.answer = () => answerOf(400, error("X", `\u001b[2Jone\ntwo ${"x".repeat(1000)}`));
    const { reason } = (await resolve()) as { reason: string };
    expect(reason).toMatch(/^registry\.test returned 400 X: one two x+$/);
    expect(reason.length).toBeLessThan(350);
  });
});

describe("a redirect", () => {
  const to = (location: string, body = MANIFEST): void => {
    here.answer = ({ url }: WireRequest) =>
      url.startsWith("https://registry.test/") ? answerOf(307, "", { location }) : answerOf(200, body);
  };
  const resolve = () => here.resolver().resolve("registry.test/app:1");

  test("to another host is followed without credentials", async () => {
    here.write(".docker/config.json", {
      auths: { "registry.test": { username: "planted-user", password: "planted" } },
    });
    here.answer = ({ url, headers }) =>
      url.startsWith("https://other.test/")
        ? answerOf(200, MANIFEST)
        : headers["authorization"] === undefined
          ? answerOf(401, "", { "www-authenticate": 'Basic realm="x"' })
          : answerOf(307, "", { location: "https://other.test/v2/app/manifests/1" });
    expect(await resolve()).toEqual(RESOLVED);
    expect(here.requests.map(({ url, authorization }) => [new URL(url).host, authorization !== undefined])).toEqual([
      ["registry.test", false],
      ["registry.test", true],
      ["other.test", false],
    ]);
  });

  test("without TLS is not followed", async () => {
    to("http://other.test/v2/app/manifests/1");
    expect(await resolve()).toEqual({
      kind: "unasked",
      reason: "registry.test cannot be asked: the address for the image is http://other.test, without TLS",
    });
    expect(here.requests.length).toBe(1);
  });

  test("that never ends is given up", async () => {
    to("https://registry.test/v2/app/manifests/1");
    expect(await resolve()).toEqual({
      kind: "unasked",
      reason: "registry.test cannot be asked: it redirects more than 5 times",
    });
    expect(here.requests.length).toBe(6);
  });

  test("to a host that wants credentials of its own ends there", async () => {
    here.answer = ({ url }) =>
      url.startsWith("https://registry.test/")
        ? answerOf(302, "", { location: "https://other.test/x" })
        : answerOf(401, "", { "www-authenticate": 'Bearer realm="https://evil.test/"' });
    expect(await resolve()).toEqual({
      kind: "refused",
      reason: "other.test, to which registry.test redirected the request, returned 401",
    });
    expect(here.requests.length).toBe(2);
  });
});

describe("time", () => {
  test("a registry that hangs costs its limit once, and others are not held up", async () => {
    here.answer = (request) => (request.url.includes("hangs.test") ? hanging(request) : answerOf(200, MANIFEST));
    const resolver = here.resolver({ timeLimitMs: 200 });
    const reason = "hangs.test did not respond within 0.2 seconds";
    const hung = Array.from({ length: 30 }, (_, n) => resolver.resolve(`hangs.test/app:${n}`));
    expect(await resolver.resolve("works.test/app:1")).toEqual(RESOLVED);
    expect(await Promise.all(hung)).toEqual(Array(30).fill({ kind: "unasked", reason }));
    expect(await resolver.resolve("hangs.test/other:1")).toEqual({ kind: "unasked", reason });
    expect(here.requests.filter(({ url }) => url.includes("hangs.test")).length).toBe(8);
  });

  test("the limit is of all steps together", async () => {
    here.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return answerOf(307, "", { location: "https://registry.test/v2/app/manifests/1" });
    };
    expect(await here.resolver({ timeLimitMs: 200 }).resolve("registry.test/app:1")).toEqual({
      kind: "unasked",
      reason: "registry.test did not respond within 0.2 seconds",
    });
  });

  test("one who goes away takes nobody along who waits for the same", async () => {
    let answer = (): void => undefined;
    here.answer = async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return answerOf(200, MANIFEST);
    };
    const resolver = here.resolver();
    const leaver = new AbortController();
    const left = resolver.resolve("registry.test/app:1", leaver.signal);
    const stays = resolver.resolve("registry.test/app:1", new AbortController().signal);
    while (here.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    leaver.abort(new Error("enough"));
    await expect(left).rejects.toThrow("enough");
    answer();
    expect(await stays).toEqual(RESOLVED);
  });

  test("when the last one goes away, the request ends, and the next one asks anew", async () => {
    const ended: unknown[] = [];
    here.answer = (request) => {
      request.signal.addEventListener("abort", () => ended.push(request.url));
      return here.requests.length === 1 ? hanging(request) : answerOf(200, MANIFEST);
    };
    const resolver = here.resolver();
    const leaver = new AbortController();
    const left = resolver.resolve("registry.test/app:1", leaver.signal);
    while (here.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    leaver.abort(new Error("enough"));
    await expect(left).rejects.toThrow("enough");
    expect(ended).toEqual(["https://registry.test/v2/app/manifests/1"]);
    expect(await resolver.resolve("registry.test/app:1")).toEqual(RESOLVED);
  });

  test("one who has gone away asks nothing", async () => {
    await expect(here.resolver().resolve("registry.test/app:1", AbortSignal.abort(new Error("no")))).rejects.toThrow(
      "no",
    );
    expect(asked()).toEqual([]);
  });
});

test("a proxy that cannot be used is told without its address", async () => {
  const resolver = here.resolver({ env: { HTTPS_PROXY: "socks5://planted-user:planted-password@proxy.test" } });
  const { kind, reason } = (await resolver.resolve("registry.test/app:1")) as { kind: string; reason: string };
  expect(kind).toBe("unasked");
  expect(reason).toContain("HTTPS_PROXY begins with socks5://, a kind of proxy that is not supported");
  expect(reason).not.toContain("planted");
});

test.each(["localhost:99999", "registry.test:65536"])("%s, which is no address, is not asked", async (host) => {
  expect(await here.resolver().resolve(`${host}/app:1`)).toEqual({
    kind: "unasked",
    reason: `${host} cannot be asked: its name is not a host, or its port is above 65535`,
  });
  expect(asked()).toEqual([]);
});
