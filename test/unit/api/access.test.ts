import { createClient, type SnapshotApi, WrongAddressError } from "../../../provider/api";
import { asPushAccess } from "../../../provider/api/object-storage";
import { asRegistryAccess } from "../../../provider/api/registry-access";
import { connect, json, refuse, serve, type TestServer } from "./server";

const SECRET = "planted-secret";
const STORAGE = {
  accessKey: `key-${SECRET}`,
  secret: SECRET,
  sessionToken: `token-${SECRET}`,
  storageUrl: "https://storage.test",
  organizationId: "org-1",
  bucket: "bucket",
  region: "us",
};
const REGISTRY = { username: `robot-${SECRET}`, secret: SECRET, registryUrl: "registry.test:5000", project: "daytona" };

const problem = (read: (value: unknown) => unknown, value: unknown): string => {
  try {
    read(value);
  } catch (error) {
    expect(error).toBeInstanceOf(WrongAddressError);
    expect(String(error) + JSON.stringify(error)).not.toContain(SECRET);
    return (error as Error).message;
  }
  throw new Error("nothing was refused");
};

describe("credentials of the storage", () => {
  test("are what the API answers; it need not tell the region", () => {
    expect(asPushAccess({ ...STORAGE, more: 1 })).toEqual(STORAGE);
    const { region: _, ...without } = STORAGE;
    for (const region of [undefined, null, "", 7]) expect(asPushAccess({ ...without, region })).toEqual(without);
  });

  test.each(["accessKey", "secret", "sessionToken", "storageUrl", "organizationId", "bucket"])(
    "without %s cannot be used, and the answer is not shown",
    (field) => {
      for (const value of [undefined, null, "", 7, {}])
        expect(problem(asPushAccess, { ...STORAGE, [field]: value })).toBe(
          `the response to GET /object-storage/push-access cannot be used: it has no "${field}". Check the API URL; it usually ends in /api`,
        );
    },
  );

  test.each(["storage.test", "ftp://storage.test", "file:///etc", "//storage.test"])(
    "of %s cannot be used: it is no address of a web server",
    (storageUrl) => {
      expect(problem(asPushAccess, { ...STORAGE, storageUrl })).toContain(
        'its "storageUrl" is not an http or https URL',
      );
    },
  );

  test.each(["a/b", "../other", "a b", "a\nb"])(
    "for the organization %j cannot be used: it is the beginning of a path",
    (organizationId) => {
      expect(problem(asPushAccess, { ...STORAGE, organizationId })).toContain('its "organizationId" is not an ID');
    },
  );

  test.each([null, undefined, "text", 7, []])("are not %j", (value) =>
    expect(problem(asPushAccess, value)).toContain('it has no "storageUrl"'),
  );
});

test.each(["accessKey", "sessionToken"])("%s that no header can hold cannot be used, and is not shown", (field) => {
  for (const odd of ["\n", "\u0000", "ü", "\u2028"])
    expect(problem(asPushAccess, { ...STORAGE, [field]: `${SECRET}${odd}` })).toContain(
      `its "${field}" contains a character that is not allowed in an HTTP header`,
    );
});

describe("credentials of the registry", () => {
  test.each(["registry.test", "registry.test:5000", "https://registry.test", "http://registry.test:5000/"])(
    "are those of %s",
    (registryUrl) => {
      expect(asRegistryAccess({ ...REGISTRY, registryUrl, registryId: "x" })).toEqual({ ...REGISTRY, registryUrl });
    },
  );

  test.each([
    "ftp://registry.test",
    "registry.test/path",
    "https://registry.test/path",
    "registry test",
    "/registry",
    "https://",
    "registry.test:99999",
    "registry.test:50:00",
    "[registry]",
    "user@registry.test",
    "registry.test?a=b",
  ])("of %s cannot be used: it is no host", (registryUrl) => {
    expect(problem(asRegistryAccess, { ...REGISTRY, registryUrl })).toContain('its "registryUrl" is not a host');
  });

  test.each(["username", "secret", "registryUrl", "project"])("without %s cannot be used", (field) => {
    expect(problem(asRegistryAccess, { ...REGISTRY, [field]: "" })).toContain(`it has no "${field}"`);
  });
});

describe("what is asked", () => {
  let server: TestServer;
  let api: SnapshotApi;
  beforeEach(async () => {
    server = await serve((seen, response) =>
      json(
        response,
        200,
        seen.path.includes("registry")
          ? REGISTRY
          : seen.path.includes("api-keys")
            ? { name: "ci", permissions: ["write:snapshots"] }
            : STORAGE,
      ),
    );
    api = createClient(connect(server.url), { log: { debug: () => undefined }, random: () => 0 });
  });
  afterEach(async () => {
    api.close();
    await server.close();
  });
  const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);

  test("credentials are new with every call; the registry is that of the region", async () => {
    expect(await api.pushAccess()).toEqual(STORAGE);
    await api.pushAccess();
    await api.registryAccess({ regionId: "eu & us" });
    await api.registryAccess();
    expect(asked()).toEqual([
      "GET /api/object-storage/push-access",
      "GET /api/object-storage/push-access",
      "GET /api/docker-registry/registry-push-access?regionId=eu%20%26%20us",
      "GET /api/docker-registry/registry-push-access",
    ]);
  });

  test("the organization is asked for once, and not at all where it is known", async () => {
    expect([await api.organization(), await api.organization()]).toEqual(["org-1", "org-1"]);
    expect(asked()).toEqual(["GET /api/object-storage/push-access"]);
    const jwt = createClient(connect(server.url, { jwt: true }), { log: { debug: () => undefined } });
    expect(await jwt.organization()).toBe("org-1");
    jwt.close();
    expect(asked()).toHaveLength(1);
  });

  test("permissions are those of the key; a login has none to tell", async () => {
    expect(await api.currentKey()).toMatchObject({ name: "ci", permissions: ["write:snapshots"] });
    expect(asked()).toEqual(["GET /api/api-keys/current"]);
    const jwt = createClient(connect(server.url, { jwt: true }), { log: { debug: () => undefined } });
    expect(await jwt.currentKey()).toBeNull();
    jwt.close();
    expect(asked()).toHaveLength(1);
  });

  test.each([403, 404])("an answer of %d says that neither can be told; a wrong key is an error", async (status) => {
    server.handler = (seen, response) => refuse(response, seen, status, "No");
    expect([await api.currentKey(), await api.organization()]).toEqual([null, null]);
    server.handler = (seen, response) => refuse(response, seen, 401, "Invalid credentials");
    await expect(api.currentKey()).rejects.toThrow("credentials");
    await expect(api.organization()).rejects.toThrow("credentials");
  });

  test.each([[{ permissions: "all" }], [{ permissions: [1] }], [{}], [null], [{ permissions: null }]])(
    "permissions that are no list of texts are not known: %j",
    async (body) => {
      server.handler = (_seen, response) => json(response, 200, body);
      expect(await api.currentKey()).toBeNull();
    },
  );
});
