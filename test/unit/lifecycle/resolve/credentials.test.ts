import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HttpAnswer } from "../../../../provider/lifecycle/image-registry/errors";
import type { WireRequest } from "../../../../provider/lifecycle/image-registry/wire";
import { answerOf, Imitated, MANIFEST, sha256 } from "./answers";

const RESOLVED = { kind: "resolved", digest: sha256(MANIFEST), platforms: null };
const USER = "planted-user";
const SECRET = "planted-secret";
const basic = (user = USER, secret = SECRET): string => `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
const auth = (user = USER, secret = SECRET) => ({ auth: Buffer.from(`${user}:${secret}`).toString("base64") });

let here: Imitated;
beforeEach(() => {
  here = new Imitated();
  here.answer = wantsBasic;
});
afterEach(() => {
  // In no message of the log, whatever the test is about.
  expect(here.log.join("\n")).not.toMatch(/planted/);
  here.end();
});

/** A registry with basic authentication. */
const wantsBasic = ({ headers }: WireRequest): HttpAnswer =>
  headers["authorization"] === basic()
    ? answerOf(200, MANIFEST)
    : answerOf(401, "", { "www-authenticate": 'Basic realm="x"' });

/** A registry with tokens, imitated, and its service, which grants what `grants` says. */
function wantsToken(grants: (request: WireRequest) => HttpAnswer | string, realm = "https://auth.test/token"): void {
  here.answer = (request) => {
    if (!request.url.includes("/v2/")) {
      const granted = grants(request);
      return typeof granted === "string" ? answerOf(200, JSON.stringify({ token: granted })) : granted;
    }
    return request.headers["authorization"] === "Bearer good"
      ? answerOf(200, MANIFEST)
      : answerOf(401, "", {
          "www-authenticate": `Bearer realm="${realm}",service="registry.test",scope="repository:team/app:pull"`,
        });
  };
}

const resolve = (name = "registry.test/team/app:1", env: Record<string, string> = {}) =>
  here.resolver({ env }).resolve(name);
const reasonOf = async (name?: string, env?: Record<string, string>): Promise<[string, string]> => {
  const { kind, reason } = (await resolve(name, env)) as { kind: string; reason: string };
  expect(reason).not.toMatch(/planted/);
  return [kind, reason];
};

describe("Docker's configuration", () => {
  test.each<[string, object]>([
    ["user name and password in Base64", { "registry.test": auth() }],
    ["user name and password", { "registry.test": { username: USER, password: SECRET } }],
    ["an entry with a scheme and a path", { "https://registry.test/v1/": auth() }],
    ["a password that ends in zeros", { "registry.test": auth(USER, `${SECRET}\0\0`) }],
    ["an entry beside others", { "other.test": auth("x", "y"), "registry.test": auth() }],
  ])("gives %s", async (_, auths) => {
    here.write(".docker/config.json", { auths });
    expect(await resolve()).toEqual(RESOLVED);
    expect(here.requests.map(({ authorization }) => authorization)).toEqual([undefined, basic()]);
  });

  test("is where DOCKER_CONFIG says", async () => {
    here.write("elsewhere/config.json", { auths: { "registry.test": auth() } });
    here.write(".docker/config.json", "not read");
    expect(await resolve(undefined, { DOCKER_CONFIG: join(here.home, "elsewhere") })).toEqual(RESOLVED);
  });

  test("may be in DOCKER_AUTH_CONFIG, which goes first", async () => {
    here.write(".docker/config.json", { auths: { "registry.test": auth("x", "wrong") } });
    const given = JSON.stringify({ auths: { "registry.test": auth() } });
    expect(await resolve(undefined, { DOCKER_AUTH_CONFIG: given })).toEqual(RESOLVED);
  });

  test("calls Docker Hub by the address that it had once", async () => {
    here.write(".docker/config.json", {
      auths: { "https://index.docker.io/v1/": auth(), "docker.io": auth("x", "wrong") },
    });
    expect(await here.resolver({ needsPlatforms: true }).resolve("team/app:1")).toEqual(RESOLVED);
  });

  test("without the registry leaves it without credentials", async () => {
    here.write(".docker/config.json", { auths: { "other.test": auth(), "registry.test": {} } });
    expect((await reasonOf())[0]).toBe("refused");
    expect(here.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test.each<[string, object | string, (path: string) => string]>([
    ["is no JSON", `{"auths": ${SECRET}`, (path) => `${path} is not valid JSON`],
    ["is no object", "[]", (path) => `${path} is not a JSON object`],
    [
      "has an odd entry",
      { auths: { "registry.test": { auth: Buffer.from(SECRET).toString("base64") } } },
      (path) => `the "auth" of registry.test in ${path} is not a user name and password in Base64`,
    ],
  ])("that %s is told, and nobody is asked", async (_, content, reason) => {
    here.write(".docker/config.json", content);
    expect(await reasonOf()).toEqual(["unasked", reason(join(here.home, ".docker/config.json"))]);
    expect(here.requests).toEqual([]);
  });

  test("with wrong credentials: the registry's answer, and where they are from", async () => {
    here.write(".docker/config.json", { auths: { "registry.test": auth(USER, `${SECRET}-wrong`) } });
    here.answer = () =>
      answerOf(401, JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: `${USER} with ${SECRET}-wrong` }] }), {
        "www-authenticate": 'Basic realm="x"',
      });
    expect(await reasonOf()).toEqual([
      "refused",
      `registry.test does not provide "registry.test/team/app:1" with the credentials from ${join(here.home, ".docker/config.json")}: they are wrong or do not allow it, or the image does not exist (401 UNAUTHORIZED: [redacted] with [redacted])`,
    ]);
  });
});

describe("a credential helper", () => {
  /** A program of the test: what it prints, after it has noted what it was asked. */
  const helper = (name: string, script: string): void =>
    here.write(
      `bin/docker-credential-${name}`,
      `#!/bin/sh\necho "$1 $(cat)" >> "${here.home}/asked"\n${script}\n`,
      0o755,
    );
  const path = (): Record<string, string> => ({ PATH: `${join(here.home, "bin")}:/usr/bin:/bin` });
  const asked = (): string => readFileSync(join(here.home, "asked"), "utf8");
  const prints = (value: object): string => `echo '${JSON.stringify(value)}'`;

  test.each([
    ["of the registry", { credHelpers: { "registry.test": "one" }, credsStore: "two" }],
    ["of all registries", { credsStore: "one" }],
  ])("%s is asked as docker does, once for all images", async (_, config) => {
    here.write(".docker/config.json", config);
    helper("one", prints({ ServerURL: "registry.test", Username: USER, Secret: SECRET }));
    const resolver = here.resolver({ env: path() });
    const all = ["team/app:1", "team/app:2", "team/other:1"].map((name) => resolver.resolve(`registry.test/${name}`));
    expect(await Promise.all(all)).toEqual([RESOLVED, RESOLVED, RESOLVED]);
    expect(asked()).toBe("get registry.test\n");
  });

  test("gets Docker Hub's old address", async () => {
    here.write(".docker/config.json", { credsStore: "one" });
    helper("one", prints({ Username: USER, Secret: SECRET }));
    expect(await here.resolver({ env: path(), needsPlatforms: true }).resolve("ubuntu")).toEqual(RESOLVED);
    expect(asked()).toBe("get https://index.docker.io/v1/\n");
  });

  test("without credentials for the registry: it is asked without", async () => {
    here.write(".docker/config.json", { credsStore: "one" });
    helper("one", "echo credentials not found in native keychain; exit 1");
    here.answer = () => answerOf(200, MANIFEST);
    expect(await resolve(undefined, path())).toEqual(RESOLVED);
  });

  test.each<[string, string, string]>([
    [
      "fails",
      `echo ${SECRET}; echo ${SECRET} >&2; exit 3`,
      "could not return the credentials for registry.test (exit code 3)",
    ],
    ["prints something else", `echo ${SECRET}`, "did not print the credentials for registry.test"],
    ["prints null", "echo null", "did not print the credentials for registry.test"],
    ["prints without end", `while :; do echo ${SECRET}; done`, "printed more than 64 KiB"],
  ])("that %s is told without what it printed", async (_, script, what) => {
    here.write(".docker/config.json", { credsStore: "one" });
    helper("one", script);
    expect(await reasonOf(undefined, path())).toEqual(["unasked", `docker-credential-one ${what}`]);
    expect(here.requests).toEqual([]);
  });

  test("that is not there is told", async () => {
    here.write(".docker/config.json", { credsStore: "none" });
    expect(await reasonOf(undefined, path())).toEqual([
      "unasked",
      "docker-credential-none, which the Docker configuration names for registry.test, is not on PATH",
    ]);
  });

  test("with a path in its name is not started", async () => {
    here.write(".docker/config.json", { credsStore: "../../evil" });
    expect(await reasonOf(undefined, path())).toEqual([
      "unasked",
      "the Docker configuration contains an invalid name of a credential helper for registry.test",
    ]);
  });

  test("that hangs ends with the time limit", async () => {
    here.write(".docker/config.json", { credsStore: "one" });
    helper("one", `echo $$ > "${here.home}/pid"\nexec sleep 60`);
    const resolver = here.resolver({ env: path(), timeLimitMs: 500 });
    expect(await resolver.resolve("registry.test/team/app:1")).toEqual({
      kind: "unasked",
      reason: "registry.test did not respond within 0.5 seconds",
    });
    const pid = Number(readFileSync(join(here.home, "pid"), "utf8"));
    const gone = (): boolean => {
      try {
        return !process.kill(pid, 0);
      } catch {
        return true;
      }
    };
    for (let tries = 0; !gone() && tries < 100; tries += 1) await new Promise((go) => setTimeout(go, 20));
    expect(gone()).toBe(true);
  });
});

describe("Podman's auth.json", () => {
  test("is for those without Docker's; its longest entry for the image counts", async () => {
    here.write("run/containers/auth.json", {
      auths: {
        "registry.test": auth("x", "wrong"),
        "registry.test/team": auth(),
        "registry.test/te": auth("x", "wrong"),
      },
    });
    expect(await resolve(undefined, { XDG_RUNTIME_DIR: join(here.home, "run") })).toEqual(RESOLVED);
  });

  test("goes behind Docker's", async () => {
    here.write(".config/containers/auth.json", { auths: { "registry.test": auth("x", "wrong") } });
    here.write(".docker/config.json", { auths: { "registry.test": auth() } });
    expect(await resolve()).toEqual(RESOLVED);
  });
});

describe("a token", () => {
  test("without credentials is asked for without any", async () => {
    wantsToken(() => "good");
    expect(await resolve()).toEqual(RESOLVED);
    expect(here.requests.map(({ method, url, authorization }) => [method, url, authorization])).toEqual([
      ["GET", "https://registry.test/v2/team/app/manifests/1", undefined],
      ["GET", "https://auth.test/token?service=registry.test&scope=repository%3Ateam%2Fapp%3Apull", undefined],
      ["GET", "https://registry.test/v2/team/app/manifests/1", "Bearer good"],
    ]);
  });

  test("is shared by the tags of a repository", async () => {
    wantsToken(() => "good");
    const resolver = here.resolver();
    const tags = Array.from({ length: 8 }, (_, n) => resolver.resolve(`registry.test/team/app:${n}`));
    expect(await Promise.all(tags)).toEqual(Array(8).fill(RESOLVED));
    expect(here.requests.filter(({ url }) => url.startsWith("https://auth.test/")).length).toBe(1);
  });

  test("with a password is asked for with it; the registry itself does not get it", async () => {
    here.write(".docker/config.json", { auths: { "registry.test": auth() } });
    wantsToken(({ headers }) => (headers["authorization"] === basic() ? "good" : answerOf(401)));
    expect(await resolve()).toEqual(RESOLVED);
    expect(here.requests.map(({ authorization }) => authorization)).toEqual([undefined, basic(), "Bearer good"]);
  });

  test.each<[string, () => void]>([
    [
      "in the file",
      () => here.write(".docker/config.json", { auths: { "registry.test": { ...auth(), identitytoken: SECRET } } }),
    ],
    [
      "of a helper",
      () => {
        here.write(".docker/config.json", { credsStore: "one" });
        here.write(
          "bin/docker-credential-one",
          `#!/bin/sh\necho '${JSON.stringify({ Username: "<token>", Secret: SECRET })}'\n`,
          0o755,
        );
      },
    ],
  ])("with an identity token is asked for by a POST (%s)", async (_, write) => {
    write();
    wantsToken(() => answerOf(200, JSON.stringify({ access_token: "good" })));
    const env = { PATH: `${join(here.home, "bin")}:/usr/bin:/bin` };
    expect(await resolve(undefined, env)).toEqual(RESOLVED);
    const { method, url, authorization, body } = here.requests[1]!;
    expect([method, url, authorization]).toEqual(["POST", "https://auth.test/token", undefined]);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: "refresh_token",
      service: "registry.test",
      client_id: "daytona-iac",
      scope: "repository:team/app:pull",
      refresh_token: SECRET,
    });
  });

  test.each([
    [
      "401",
      answerOf(401, '{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}'),
      "(401 UNAUTHORIZED: incorrect username or password)",
    ],
    ["400, as OAuth 2 says", answerOf(400, '{"error":"invalid_grant"}'), "(400)"],
  ])("that the service refuses (%s)", async (_, answer, end) => {
    here.write(".docker/config.json", { auths: { "registry.test": auth() } });
    wantsToken(() => answer);
    const [kind, reason] = await reasonOf();
    expect(kind).toBe("refused");
    expect(reason).toBe(
      `registry.test does not provide "registry.test/team/app:1" with the credentials from ${join(here.home, ".docker/config.json")}: they are wrong or do not allow it, or the image does not exist ${end}`,
    );
  });

  test.each([
    [answerOf(500), "the token service of registry.test returned 500"],
    [
      answerOf(429),
      "the token service of registry.test accepts no more requests for now: its rate limit is exceeded (429)",
    ],
    [answerOf(200, "{}"), "registry.test cannot be asked: the response of the token service contains no token"],
    [
      answerOf(200, JSON.stringify({ token: "a\nb" })),
      "registry.test cannot be asked: the token of the token service contains a character that is not allowed in an HTTP header",
    ],
  ])("that does not come (%#)", async (answer, reason) => {
    wantsToken(() => answer);
    expect(await reasonOf()).toEqual(["unasked", reason]);
  });

  test("is not asked for where the password could be read on the way", async () => {
    here.write(".docker/config.json", { auths: { "registry.test": auth() } });
    wantsToken(() => "good", "http://auth.test/token");
    expect(await reasonOf()).toEqual([
      "unasked",
      "registry.test cannot be asked: the address for the password is http://auth.test, without TLS",
    ]);
    expect(here.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test("that does not help is not asked for without end", async () => {
    wantsToken(() => "bad");
    expect((await reasonOf())[0]).toBe("refused");
    expect(here.requests.length).toBe(3);
  });
});
