import type { RegistryAccess } from "../../../../../provider/api/types";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { RegistryClient } from "../../../../../provider/lifecycle/publish/image/registry-client";
import { type HttpAnswer, RegistryError } from "../../../../../provider/lifecycle/image-registry/errors";
import { registryFailure } from "../../../../../provider/lifecycle/publish/image/registry-failure";
import type { WireRequest } from "../../../../../provider/lifecycle/image-registry/wire";

const ACCESS = { username: "planted-user", secret: "planted-password" };
const OWN = "repository:daytona/agent:pull,push";
const OLD = "repository:daytona/old:pull";

/** A registry whose tokens name what they are good for, and for how many requests. */
class TokenRegistry {
  readonly scopes: string[][] = [];
  readonly requests: string[] = [];
  /** Requests that one token is good for. */
  uses = Infinity;
  /** What a request needs. */
  needs: (request: WireRequest) => string[] = () => [OWN];
  /** What the service makes of what it is asked for; null: it refuses. */
  grants: (asked: string[]) => string[] | null = (asked) => asked;
  /** What happens while a token is asked for. */
  service: () => Promise<void> = () => Promise.resolve();
  answer: (request: WireRequest) => Omit<HttpAnswer, "body"> = ({ method }) => ({
    status: method === "PUT" ? 201 : 202,
    headers: { location: "/up/1" },
  });
  private readonly left = new Map<string, number>();

  readonly wire = async (request: WireRequest): Promise<HttpAnswer> => {
    const url = new URL(request.url);
    if (url.host === "auth.test") {
      const asked = url.searchParams.getAll("scope");
      this.scopes.push(asked);
      await this.service();
      const granted = this.grants(asked);
      if (granted === null) return { status: 401, headers: {}, body: Buffer.from("") };
      const token = `${granted.join(" ")} #${this.scopes.length}`;
      this.left.set(token, this.uses);
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ token })) };
    }
    // A registry takes its time, so that requests overlap.
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const token = (request.headers["authorization"] ?? "").replace(/^Bearer /, "");
    const left = this.left.get(token) ?? 0;
    const needed = this.needs(request);
    const has = (scope: string): boolean => {
      const [, repository, actions = ""] = /^repository:(.+):(.+)$/.exec(scope) ?? [];
      const granted = token.replace(/ #\d+$/, "").split(" ");
      return actions
        .split(",")
        .every((action) =>
          granted.some((one) => one.startsWith(`repository:${repository}:`) && one.split(/[:,]/).includes(action)),
        );
    };
    if (left <= 0 || !needed.every(has))
      return {
        status: 401,
        headers: {
          "www-authenticate": `Bearer realm="https://auth.test/token",service="test",scope="${needed.join(" ")}"`,
        },
        body: Buffer.from('{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}'),
      };
    this.left.set(token, left - 1);
    return { ...this.answer(request), body: Buffer.from("") };
  };

  client(registryUrl = "registry.test"): RegistryClient {
    const access: RegistryAccess = { ...ACCESS, registryUrl, project: "daytona" };
    return new RegistryClient({
      access,
      target: {
        doing: 'creating snapshot "x"',
        host: registryUrl.replace(/^https?:\/\//i, ""),
        repository: "daytona/agent",
        tag: "v1",
        written: "agent:dev",
      },
      clock: { ...systemClock, sleep: () => Promise.resolve() } as never,
      signal: new AbortController().signal,
      env: {},
      wire: this.wire,
    });
  }
}

let registry: TokenRegistry;
beforeEach(() => void (registry = new TokenRegistry()));

/** `requests` at a time, `times` after each other. */
async function push(client: RegistryClient, lanes: number, blobs: number): Promise<void> {
  let left = blobs;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await client.hasBlob("sha256:1");
      const upload = await client.startUpload();
      await upload.append([Buffer.from("abc")], 0);
      await upload.finish("sha256:1");
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

test.each([1, 8])("each expiry gets one new token, however many there are (%i at a time)", async (lanes) => {
  registry.uses = 16;
  await push(registry.client(), lanes, 120);
  // 480 requests, 16 by each token.
  expect(registry.scopes.length).toBe(30);
  expect(new Set(registry.scopes.map((asked) => asked.join()))).toEqual(new Set([OWN]));
});

test.each([1, 8])("a registry that names pull and push apart gets one token for both (%i at a time)", async (lanes) => {
  registry.needs = ({ method }) => [`repository:daytona/agent:${method === "HEAD" ? "pull" : "push"}`];
  await push(registry.client(), lanes, 40);
  expect(registry.scopes).toEqual([[OWN]]);
});

test("one whose service grants only what a challenge names gets a token for each change", async () => {
  registry.needs = ({ method }) => [`repository:daytona/agent:${method === "HEAD" ? "pull" : "push"}`];
  registry.grants = (asked) => (asked.join() === OWN ? null : asked);
  await push(registry.client(), 1, 10);
  expect(registry.scopes.length).toBe(40);
});

test("a service that refuses is an error with its status; nothing is asked without end", async () => {
  registry.grants = () => null;
  await expect(registry.client().startUpload()).rejects.toMatchObject({ status: 401 });
  expect(registry.scopes).toEqual([[OWN]]);
});

test("parallel requests wait for one token, and all of them fail with it", async () => {
  registry.grants = () => null;
  registry.service = () => new Promise((resolve) => setTimeout(resolve, 100));
  const client = registry.client();
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => client.startUpload()));
  expect(results.map(({ status }) => status)).toEqual(Array(8).fill("rejected"));
  expect(registry.scopes.length).toBe(1);
});

describe("a mount", () => {
  beforeEach(() => {
    registry.needs = ({ url }) => (url.includes("from=daytona%2Fold") ? [OWN, OLD] : [OWN]);
    registry.answer = ({ url }) => ({ status: url.includes("mount=") ? 201 : 202, headers: { location: "/up/1" } });
  });

  test("asks for pull on the source, and keeps the token of the rest", async () => {
    const client = registry.client();
    await client.startUpload();
    expect(await client.mountBlob("sha256:1", "daytona/old")).toBe("mounted");
    await client.startUpload();
    expect(await client.mountBlob("sha256:2", "daytona/old")).toBe("mounted");
    expect(registry.scopes).toEqual([[OWN], [OWN, OLD]]);
    expect(registry.requests.at(-1)).toBe("POST /v2/daytona/agent/blobs/uploads/?mount=sha256%3A2&from=daytona%2Fold");
  });

  test("of a source that may not be read is refused, and the push goes on", async () => {
    registry.grants = (asked) => asked.filter((scope) => scope !== OLD);
    const client = registry.client();
    await client.startUpload();
    for (let times = 0; times < 5; times += 1)
      expect(await client.mountBlob("sha256:1", "daytona/old")).toBe("refused");
    await client.startUpload();
    // One to begin with, and not one for each refusal.
    expect(registry.scopes.length).toBeLessThanOrEqual(3);
  });

  test("that the registry answers with an upload is one", async () => {
    registry.answer = ({ method }) => ({ status: method === "PUT" ? 201 : 202, headers: { location: "/up/1" } });
    const upload = await registry.client().mountBlob("sha256:1", "daytona/old");
    if (typeof upload === "string") throw new Error(upload);
    await upload.finish("sha256:1", [Buffer.from("abc")]);
    expect(registry.requests.at(-1)).toBe("PUT /up/1?digest=sha256%3A1");
  });
});

test.each([
  "https://Registry.Test:443",
  "REGISTRY.TEST",
  "HTTPS://registry.test:443/",
  "registry.test:443",
  "HTTP://Registry.Test:80",
])("%s is the registry: it gets the credentials, also where it names itself otherwise", async (registryUrl) => {
  const own = /^http:/i.test(registryUrl) ? "http://registry.test" : "https://registry.test";
  registry.answer = () => ({ status: 202, headers: { location: `${own}/up/1` } });
  const upload = await registry.client(registryUrl).startUpload();
  await upload.append([Buffer.from("abc")], 0);
  await upload.append([Buffer.from("abc")], 3);
  expect(registry.scopes).toEqual([[OWN]]);
  expect(registry.requests.slice(-2)).toEqual(["PATCH /up/1", "PATCH /up/1"]);
});

describe("a 401", () => {
  const told = (error: unknown): string => {
    const { summary, detail } = registryFailure(
      {
        doing: 'creating snapshot "x"',
        host: "registry.test",
        repository: "daytona/agent",
        tag: "v1",
        written: "agent:dev",
      },
      error,
      { ...ACCESS, registryUrl: "registry.test", project: "daytona" },
    ).notice;
    return `${summary}\n${detail}`;
  };
  const failureOf = async (work: Promise<unknown>): Promise<string> =>
    told(
      await work.then(
        () => null,
        (error: unknown) => error,
      ),
    );

  test("at the beginning is of the credentials", async () => {
    registry.uses = 0;
    expect(await failureOf(registry.client().startUpload())).toBe(
      'creating snapshot "x": the registry rejected the credentials\nregistry.test returned 401 UNAUTHORIZED: no.\nThe API has just issued them. Ask the operator of the Daytona server to check its transient registry.\nNo snapshot was created.',
    );
  });

  test.each(["append", "finish"])("in the middle of an upload says so (%s)", async (step) => {
    const upload = await registry.client().startUpload();
    registry.needs = () => ["repository:daytona/other:push"];
    registry.grants = () => [];
    const work = step === "append" ? upload.append([Buffer.from("abc")], 0) : upload.finish("sha256:1");
    expect(await failureOf(work)).toBe(
      'creating snapshot "x": the registry no longer accepts the credentials\nregistry.test returned 401 UNAUTHORIZED: no.\nIt had accepted them for this layer before. They may have expired. Try again: the API issues new ones.\nNo snapshot was created.',
    );
  });

  test("of another host names it", () => {
    expect(told(new RegistryError(401, "", "", null, "blobs.test", true))).toBe(
      'creating snapshot "x": a host other than the registry asks for credentials\nblobs.test, to which registry.test redirected the upload, returned 401.\nIt received none, because only the registry itself may receive them. Ask the operator of the Daytona server to check the storage of its transient registry.\nNo snapshot was created.',
    );
  });

  test("any other failure of another host names it, too", () => {
    expect(told(new RegistryError(403, "Expired", "", null, "blobs.test", true))).toContain(
      "\nblobs.test, to which registry.test redirected the upload, returned 403 Expired.\n",
    );
  });
});
