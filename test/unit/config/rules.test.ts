import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConfigError,
  type ConnectionArgs,
  configFile,
  type Environment,
  NoCredentialsError,
  type Profile,
  readProfile,
  resolveConnection,
} from "../../../provider/config";
import { checkApiUrl } from "../../../provider/config/url";

const profile = (more: Partial<Profile> = {}): Profile => ({
  name: "work",
  apiUrl: null,
  apiKey: null,
  jwtToken: null,
  expiresAt: null,
  organizationId: null,
  ...more,
});
const resolve = (args: ConnectionArgs, env: Environment = {}, active: Profile | null = null) =>
  resolveConnection({
    args,
    env,
    now: 1000,
    readProfile: (_env, name) => (name === null || name === active?.name ? active : null),
  });
function refused(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (error instanceof ConfigError) return `${error.attribute}: ${error.message}`;
    throw error;
  }
  throw new Error("expected a ConfigError");
}

describe("values as people paste them", () => {
  test("blanks and line ends around a value are not part of it, in arguments and in the environment", () => {
    const it = resolve({ apiKey: " dtn_key\n", apiUrl: " https://api.test/api ", region: "\teu " });
    expect([it.credentials.token(), it.apiUrl, it.region]).toEqual(["dtn_key", "https://api.test/api", "eu"]);
    const other = resolve(
      {},
      { DAYTONA_API_KEY: "dtn_key\r\n", DAYTONA_API_URL: " https://api.test/api\n", DAYTONA_TARGET: " eu " },
    );
    expect([other.credentials.token(), other.apiUrl, other.region]).toEqual(["dtn_key", "https://api.test/api", "eu"]);
    expect(resolve({ jwtToken: "jwt", organizationId: " org " }).credentials.organizationId).toBe("org");
  });

  test.each([["two words"], ["line\nbreak"], ["größe"], ["\u0001"]])(
    "an organization %j does not fit into a header",
    (organizationId) => {
      const message =
        "organizationId: `organizationId` contains a space or a character that is not allowed in an HTTP header";
      expect(refused(() => resolve({ jwtToken: "jwt", organizationId }))).toBe(message);
      expect(refused(() => resolve({}, { DAYTONA_JWT_TOKEN: "jwt", DAYTONA_ORGANIZATION_ID: organizationId }))).toBe(
        message,
      );
    },
  );

  test.each([["apiKey"], ["jwtToken"], ["organizationId"], ["apiUrl"], ["region"], ["profile"]] as const)(
    "%s that is empty or blank is not set: the same connection as without it",
    (name) => {
      const env = {
        DAYTONA_API_KEY: "dtn_env",
        DAYTONA_ORGANIZATION_ID: "org",
        DAYTONA_API_URL: "https://env.test/api",
        DAYTONA_TARGET: "eu",
      };
      const shown = (args: ConnectionArgs) => {
        const { credentials, ...rest } = resolve(args, env);
        return { ...rest, token: credentials.token() };
      };
      for (const value of ["", " \n"]) expect(shown({ [name]: value })).toEqual(shown({}));
      expect(shown({})).toMatchObject({ token: "dtn_env", apiUrl: "https://env.test/api", region: "eu" });
    },
  );

  test.each([0, -1, 1.5, NaN, Infinity])("maxConcurrency %p", (maxConcurrency) => {
    expect(refused(() => resolve({ apiKey: "k", maxConcurrency }))).toBe(
      `maxConcurrency: \`maxConcurrency\` must be a whole number, at least 1 (got ${maxConcurrency})`,
    );
  });
  test("maxConcurrency of 1 is one", () => expect(resolve({ apiKey: "k", maxConcurrency: 1 }).maxConcurrency).toBe(1));
});

describe("missing credentials can be told from a wrong configuration", () => {
  const failure = (args: ConnectionArgs, env: Environment = {}, active: Profile | null = null): unknown => {
    try {
      return resolve(args, env, active);
    } catch (error) {
      return error;
    }
  };
  test.each<[string, ConnectionArgs, Environment, Profile | null]>([
    ["nothing is set", {}, {}, null],
    ["only blanks are set", { apiKey: "", profile: " " }, {}, null],
    ["the environment names a profile that is not there", {}, { DAYTONA_PROFILE: "ci" }, null],
    ["the active profile has neither key nor login", {}, {}, profile()],
    ["its login has expired", {}, {}, profile({ jwtToken: "jwt", organizationId: "org", expiresAt: 1 })],
  ])("missing: %s", (_what, args, env, active) =>
    expect(failure(args, env, active)).toBeInstanceOf(NoCredentialsError),
  );

  test.each<[string, ConnectionArgs, Environment, Profile | null]>([
    ["the program names a profile that is not there", { profile: "ci" }, {}, null],
    ["the program names a profile without credentials", { profile: "work" }, {}, profile()],
    ["two credentials", { apiKey: "k", jwtToken: "j" }, {}, null],
    ["a JWT without an organization", {}, { DAYTONA_JWT_TOKEN: "jwt" }, null],
    ["an address that is none", { apiKey: "k", apiUrl: "here" }, {}, null],
  ])("wrong: %s", (_what, args, env, active) => {
    const error = failure(args, env, active);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).not.toBeInstanceOf(NoCredentialsError);
  });
});

describe("whose credentials are used", () => {
  const env = { DAYTONA_ORGANIZATION_ID: "env-org" };
  test("the organization of a JWT: the argument's, else the environment's; a login's own comes before the environment's", () => {
    expect(resolve({ jwtToken: "jwt" }, env).credentials.organizationId).toBe("env-org");
    expect(resolve({ jwtToken: "jwt", organizationId: "arg-org" }, env).credentials.organizationId).toBe("arg-org");
    const login = profile({ jwtToken: "jwt", organizationId: "login-org" });
    expect(resolve({}, {}, login).credentials.organizationId).toBe("login-org");
    expect(resolve({ organizationId: "arg-org" }, {}, login).credentials.organizationId).toBe("arg-org");
  });

  test("a JWT without an organization is refused; a profile's lacks it as well", () => {
    expect(refused(() => resolve({ jwtToken: "jwt" }))).toBe(
      "organizationId: a JWT (from `jwtToken`) requires an organization; set `organizationId` or DAYTONA_ORGANIZATION_ID",
    );
    expect(refused(() => resolve({}, {}, profile({ jwtToken: "jwt" })))).toContain(
      'a JWT (from profile "work" of the Daytona CLI) requires an organization',
    );
  });

  test("a profile's key comes before its login, which may have expired", () => {
    const both = profile({ apiKey: "dtn_profile", jwtToken: "jwt", organizationId: "org", expiresAt: 1 });
    expect(resolve({}, {}, both).credentials).toMatchObject({ kind: "apiKey", organizationId: null });
  });

  test("a login is good until the moment in which it expires, and for ever if it does not tell", () => {
    const login = (expiresAt: number | null) => profile({ jwtToken: "jwt", organizationId: "org", expiresAt });
    expect(resolve({}, {}, login(1001)).credentials.kind).toBe("jwt");
    expect(resolve({}, {}, login(null)).credentials.kind).toBe("jwt");
    for (const ended of [1000, 999])
      expect(refused(() => resolve({}, {}, login(ended)))).toBe(
        'profile: the login of profile "work" of the Daytona CLI has expired; run `daytona login`, or use an API key',
      );
  });

  test("the environment's key comes before its JWT, and both before the active profile", () => {
    const active = profile({ apiKey: "dtn_profile" });
    expect(
      resolve({}, { DAYTONA_API_KEY: "dtn_env", DAYTONA_JWT_TOKEN: "jwt", ...env }, active).credentials.token(),
    ).toBe("dtn_env");
    expect(resolve({}, { DAYTONA_JWT_TOKEN: "jwt", ...env }, active).credentials.token()).toBe("jwt");
  });

  test("a profile that was asked for and is not there is an error, whatever else there is", () => {
    expect(refused(() => resolve({ profile: "gone" }, { DAYTONA_API_KEY: "dtn_env" }))).toBe(
      'profile: the Daytona CLI has no profile "gone" (set by `profile`); run `daytona login` to create one',
    );
    expect(refused(() => resolve({}, { DAYTONA_PROFILE: "gone" }, profile({ apiKey: "k" })))).toContain(
      "(set by DAYTONA_PROFILE)",
    );
  });
});

describe("the address of the API", () => {
  test.each([
    ["https://:pw@api.test/api", "contains a user name or password; set the API key separately"],
    ["https://me@api.test/api", "contains a user name or password; set the API key separately"],
    ["https://api.test/api?x", "must not have a query (?) or a fragment (#)"],
    ["https://api.test/api#x", "must not have a query (?) or a fragment (#)"],
    ["ftp://api.test/api", "must start with https:// or http://, not with ftp:"],
    ["file:///etc/passwd", "must start with https:// or http://, not with file:"],
    ["javascript:alert(1)", "must start with https:// or http://, not with javascript:"],
    ["ws://api.test/api", "must start with https:// or http://, not with ws:"],
    [
      "api.test/api",
      "is not a URL: it does not begin with https:// or http://; expected a URL such as https://app.daytona.io/api",
    ],
    ["https://", "is not a URL; expected a URL such as https://app.daytona.io/api"],
  ])("%s is refused, and not repeated", (url, what) => {
    const message = refused(() => checkApiUrl(url, "DAYTONA_API_URL"));
    expect(message).toBe(`apiUrl: DAYTONA_API_URL ${what}`);
  });

  test.each([
    ["https://api.test/api", "https://api.test/api"],
    ["https://api.test/api///", "https://api.test/api"],
    [" http://10.0.0.1:3000/api/ ", "http://10.0.0.1:3000/api"],
  ])("%s is %s, without a hint", (written, url) => expect(checkApiUrl(written, "x")).toEqual({ url }));

  test("one that does not end in /api is used, with a hint", () => {
    expect(checkApiUrl("https://api.test/", "DAYTONA_API_URL")).toEqual({
      url: "https://api.test",
      hint: "DAYTONA_API_URL is https://api.test, which does not end in /api; the Daytona API is usually at https://api.test/api",
    });
    expect(checkApiUrl("https://api.test/apis", "x").hint).toBeDefined();
  });
});

describe("the official CLI's file", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "profile-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (config: unknown): Environment => {
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    return { DAYTONA_CONFIG_DIR: folder };
  };
  const config = (...profiles: object[]) => ({ activeProfile: "p1", profiles });
  const entry = (id: string, name: string, api: object = { key: `key-${id}` }) => ({ id, name, api });

  test("where it is: variables of other systems, empty and relative ones do not count", () => {
    const on = (platform: NodeJS.Platform, env: Environment) => configFile(env, platform, "/home/me");
    expect(on("linux", { XDG_CONFIG_HOME: "relative" })).toBe("/home/me/.config/daytona/config.json");
    expect(on("linux", { XDG_CONFIG_HOME: "/xdg" })).toBe("/xdg/daytona/config.json");
    expect(on("linux", { XDG_CONFIG_HOME: "", HOME: "/other" })).toBe("/other/.config/daytona/config.json");
    expect(on("linux", { DAYTONA_CONFIG_DIR: "", HOME: "" })).toBe("/home/me/.config/daytona/config.json");
    expect(on("darwin", { XDG_CONFIG_HOME: "/xdg" })).toBe("/home/me/Library/Application Support/daytona/config.json");
    expect(on("win32", { AppData: "/one" })).toBe("/one/daytona/config.json");
    expect(on("win32", { APPDATA: "/two" })).toBe("/two/daytona/config.json");
    expect(on("win32", { HOME: "/home/me" })).toBeNull();
    for (const platform of ["linux", "darwin", "win32"] as const)
      expect(on(platform, { DAYTONA_CONFIG_DIR: "/own" })).toBe("/own/config.json");
  });

  test("a profile by name comes before one whose ID is the name; without a name it is the active one only", () => {
    const env = write(config(entry("work", "first"), entry("p1", "second"), entry("p3", "work")));
    expect(readProfile(env, "work")?.apiKey).toBe("key-p3");
    expect(readProfile(env, "p1")?.name).toBe("second");
    expect(readProfile(env, null)?.apiKey).toBe("key-p1");
    expect(readProfile(env, "third")).toBeNull();
    expect(readProfile(write({ ...config(entry("p2", "x")), activeProfile: "gone" }), null)).toBeNull();
  });

  test("only a file that is not there is no file", () => {
    expect(readProfile({ DAYTONA_CONFIG_DIR: join(folder, "none") }, null)).toBeNull();
    writeFileSync(join(folder, "file"), "");
    expect(readProfile({ DAYTONA_CONFIG_DIR: join(folder, "file") }, null)).toBeNull();
    mkdirSync(join(folder, "d", "config.json"), { recursive: true });
    expect(refused(() => readProfile({ DAYTONA_CONFIG_DIR: join(folder, "d") }, null))).toBe(
      `profile: cannot read the configuration of the Daytona CLI, ${join(folder, "d", "config.json")} (EISDIR)`,
    );
    expect(refused(() => readProfile({ DAYTONA_CONFIG_DIR: join(folder, "x".repeat(300)) }, null))).toContain(
      "(ENAMETOOLONG)",
    );
  });

  test("an expiry: a time, none, or Go's year 1, which is none", () => {
    const expiry = (expiresAt: unknown) =>
      readProfile(write(config(entry("p1", "x", { token: { accessToken: "jwt", expiresAt } }))), null)?.expiresAt;
    expect(expiry("2026-01-02T03:04:05Z")).toBe(Date.parse("2026-01-02T03:04:05Z"));
    for (const none of ["0001-01-01T00:00:00Z", "", "soon", undefined, 7, null]) expect(expiry(none)).toBeNull();
  });

  test.each([
    [null],
    [[]],
    [{ profiles: "x" }],
    [{ profiles: [null, 7, "x"] }],
    [{ activeProfile: "p1", profiles: [{ id: "p1", api: 7 }] }],
  ])("content %j is no credentials, and no crash", (content) => {
    const found = readProfile(write(content), null);
    expect(found === null || (found.apiKey === null && found.jwtToken === null)).toBe(true);
  });

  test("values of blanks are none", () => {
    expect(
      readProfile(write(config(entry("p1", " ", { key: "  ", url: "", token: { accessToken: " \n" } }))), null),
    ).toEqual({ name: "p1", apiUrl: null, apiKey: null, jwtToken: null, expiresAt: null, organizationId: null });
  });
});
