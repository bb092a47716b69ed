import { inspect } from "node:util";
import {
  ConfigError,
  type ConnectionArgs,
  type Environment,
  type Profile,
  resolveConnection,
} from "../../../provider/config";

const SECRET = "dtn_0123456789abcdef";
const profile = (more: Partial<Profile> = {}): Profile => ({
  name: "work",
  apiUrl: "https://profile.test/api",
  apiKey: "dtn_profile",
  jwtToken: null,
  expiresAt: null,
  organizationId: null,
  ...more,
});

function resolve(
  args: ConnectionArgs,
  env: Environment = {},
  profiles: Record<string, Profile> = {},
  debug?: (message: string) => void,
) {
  return resolveConnection({
    args,
    env,
    now: 1000,
    readProfile: (_env, name) => profiles[name ?? "active"] ?? null,
    ...(debug ? { debug } : {}),
  });
}

function problem(
  args: ConnectionArgs,
  env: Environment = {},
  profiles: Record<string, Profile> = {},
): { attribute: string; message: string } {
  try {
    resolve(args, env, profiles);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain(SECRET);
    return { attribute: error.attribute, message: error.message };
  }
  throw new Error("expected a ConfigError");
}

test("a key from an argument, and the defaults", () => {
  const connection = resolve({ apiKey: SECRET });
  expect(connection).toMatchObject({
    apiUrl: "https://app.daytona.io/api",
    region: null,
    maxConcurrency: 16,
    hints: [],
    namedOrganization: null,
    credentials: { kind: "apiKey", organizationId: null },
  });
  expect(connection.credentials.token()).toBe(SECRET);
});

test("arguments win over the environment, the environment over the profile", () => {
  const env = { DAYTONA_API_KEY: "dtn_env", DAYTONA_API_URL: "https://env.test/api", DAYTONA_TARGET: "eu" };
  const profiles = { active: profile() };
  const picked = (args: ConnectionArgs, environment: Environment): unknown[] => {
    const it = resolve(args, environment, profiles);
    return [it.credentials.token(), it.apiUrl, it.region];
  };
  expect(picked({ apiKey: "dtn_arg", apiUrl: "https://arg.test/api", region: "us" }, env)).toEqual([
    "dtn_arg",
    "https://arg.test/api",
    "us",
  ]);
  expect(picked({}, env)).toEqual(["dtn_env", "https://env.test/api", "eu"]);
  expect(picked({}, {})).toEqual(["dtn_profile", "https://profile.test/api", null]);
  expect(picked({}, { DAYTONA_API_URL: "https://env.test/api" })).toEqual([
    "dtn_profile",
    "https://env.test/api",
    null,
  ]);
});

test("credentials are taken whole from one place", () => {
  const jwtEnv = { DAYTONA_JWT_TOKEN: "jwt", DAYTONA_ORGANIZATION_ID: "org" };
  expect(resolve({ apiKey: "dtn_arg" }, jwtEnv).credentials).toMatchObject({ kind: "apiKey", organizationId: null });
  expect(
    resolve({ jwtToken: "arg", organizationId: "arg-org" }, { DAYTONA_API_KEY: "dtn_env" }).credentials,
  ).toMatchObject({ kind: "jwt", organizationId: "arg-org" });
  expect(resolve({}, jwtEnv).credentials).toMatchObject({ kind: "jwt", organizationId: "org" });
  expect(resolve({ organizationId: "arg-org" }, jwtEnv).credentials).toMatchObject({
    kind: "jwt",
    organizationId: "arg-org",
  });
  expect(resolve({}, { ...jwtEnv, DAYTONA_API_KEY: "dtn_env" }).credentials.kind).toBe("apiKey");
  expect(resolve({ apiKey: "dtn_arg", organizationId: "org" })).toMatchObject({
    hints: ["`organizationId` is not used with an API key: a key belongs to one organization"],
    namedOrganization: { id: "org", from: "`organizationId`" },
  });
  expect(resolve({}, { DAYTONA_API_KEY: "dtn_env", DAYTONA_ORGANIZATION_ID: "org" })).toMatchObject({
    hints: ["DAYTONA_ORGANIZATION_ID is not used with an API key: a key belongs to one organization"],
    namedOrganization: { id: "org", from: "DAYTONA_ORGANIZATION_ID" },
  });
  expect(resolve({}, { ...jwtEnv }).namedOrganization).toBeNull();
});

test("a profile named by an argument counts as an argument, and its key goes only to its own URL", () => {
  const env = { DAYTONA_API_KEY: "dtn_env", DAYTONA_API_URL: "https://env.test/api" };
  const it = resolve({ profile: "work" }, env, { work: profile() });
  expect([it.credentials.token(), it.apiUrl]).toEqual(["dtn_profile", "https://profile.test/api"]);
  expect(resolve({}, { ...env, DAYTONA_PROFILE: "work" }, { work: profile() }).credentials.token()).toBe("dtn_env");
  expect(resolve({}, { DAYTONA_PROFILE: "work" }, { work: profile() }).sources.credentials).toBe(
    'profile "work" of the Daytona CLI',
  );
});

test("a login of the CLI is a JWT with the active organization", () => {
  const login = profile({ apiKey: null, jwtToken: "jwt", organizationId: "org", expiresAt: 2000 });
  expect(resolve({}, {}, { active: login }).credentials).toMatchObject({ kind: "jwt", organizationId: "org" });
  expect(problem({}, {}, { active: { ...login, expiresAt: 999 } })).toEqual({
    attribute: "profile",
    message: 'the login of profile "work" of the Daytona CLI has expired; run `daytona login`, or use an API key',
  });
  expect(problem({}, {}, { active: { ...login, jwtToken: null } })).toEqual({
    attribute: "profile",
    message:
      'profile "work" of the Daytona CLI has neither an API key nor a login; run `daytona login`, or set `apiKey` or DAYTONA_API_KEY',
  });
});

test.each<[string, ConnectionArgs, Environment, string, string]>([
  [
    "nothing",
    {},
    {},
    "apiKey",
    "no Daytona credentials found: set `apiKey` in the provider configuration, set the environment variable DAYTONA_API_KEY, or log in with the Daytona CLI (`daytona login`)",
  ],
  [
    "a blank key and nothing else",
    { apiKey: " \n" },
    {},
    "apiKey",
    "no Daytona credentials found: set `apiKey` in the provider configuration, set the environment variable DAYTONA_API_KEY, or log in with the Daytona CLI (`daytona login`)",
  ],
  [
    "both",
    { apiKey: SECRET, jwtToken: "x" },
    {},
    "jwtToken",
    "`apiKey` and `jwtToken` are both set; set only one of them",
  ],
  [
    "a JWT alone",
    { jwtToken: SECRET },
    {},
    "organizationId",
    "a JWT (from `jwtToken`) requires an organization; set `organizationId` or DAYTONA_ORGANIZATION_ID",
  ],
  [
    "a key in two pieces",
    { apiKey: `${SECRET}\n${SECRET}` },
    {},
    "apiKey",
    "the credential from `apiKey` contains a space or a character that is not allowed in an HTTP header; check that it was copied completely",
  ],
  [
    "an unknown profile",
    { profile: "nope" },
    {},
    "profile",
    'the Daytona CLI has no profile "nope" (set by `profile`); run `daytona login` to create one',
  ],
  [
    "an unknown profile of the environment",
    {},
    { DAYTONA_PROFILE: "nope" },
    "profile",
    'the Daytona CLI has no profile "nope" (set by DAYTONA_PROFILE); run `daytona login` to create one',
  ],
  [
    "no URL",
    { apiKey: SECRET, apiUrl: "app.daytona.io" },
    {},
    "apiUrl",
    "`apiUrl` is not a URL: it does not begin with https:// or http://; expected a URL such as https://app.daytona.io/api",
  ],
  [
    "another protocol",
    { apiKey: SECRET },
    { DAYTONA_API_URL: "ftp://x/api" },
    "apiUrl",
    "DAYTONA_API_URL must start with https:// or http://, not with ftp:",
  ],
  [
    "a URL with a password",
    { apiKey: "k", apiUrl: `https://me:${SECRET}@x/api` },
    {},
    "apiUrl",
    "`apiUrl` contains a user name or password; set the API key separately",
  ],
  [
    "a URL with a query",
    { apiKey: SECRET, apiUrl: "https://x/api?a=1" },
    {},
    "apiUrl",
    "`apiUrl` must not have a query (?) or a fragment (#)",
  ],
  [
    "no requests",
    { apiKey: SECRET, maxConcurrency: 0 },
    {},
    "maxConcurrency",
    "`maxConcurrency` must be a whole number, at least 1 (got 0)",
  ],
  [
    "half a request",
    { apiKey: SECRET, maxConcurrency: 1.5 },
    {},
    "maxConcurrency",
    "`maxConcurrency` must be a whole number, at least 1 (got 1.5)",
  ],
])("%s is an error", (_what, args, env, attribute, message) => {
  expect(problem(args, env)).toEqual({ attribute, message });
});

test("a face's spelling is used", () => {
  const spell = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  expect(() => resolveConnection({ args: { apiKey: "" }, env: {}, spell })).toThrow(
    "no Daytona credentials found: set `api_key` in the provider configuration",
  );
});

test("addresses: trailing slashes go, everything else stays, what looks wrong is a hint", () => {
  const at = (apiUrl: string): unknown[] => {
    const it = resolve({ apiKey: "k", apiUrl });
    return [it.apiUrl, it.hints];
  };
  expect(at(" https://x.test/api// ")).toEqual(["https://x.test/api", []]);
  expect(at("http://127.0.0.1:3000/prefix/api")).toEqual(["http://127.0.0.1:3000/prefix/api", []]);
  expect(at("https://app.daytona.io")).toEqual([
    "https://app.daytona.io",
    [
      "`apiUrl` is https://app.daytona.io, which does not end in /api; the Daytona API is usually at https://app.daytona.io/api",
    ],
  ]);
});

test("where things came from is told, what they are is not", () => {
  const told: string[] = [];
  const connection = resolve({}, { DAYTONA_API_KEY: SECRET }, {}, (message) => told.push(message));
  expect(told).toEqual([
    "credentials from DAYTONA_API_KEY; API at https://app.daytona.io/api from the default; region from the organization's default",
  ]);
  expect(JSON.stringify(connection) + inspect(connection, { depth: 9 })).not.toContain(SECRET);
});

test("blank variables count as unset", () => {
  expect(problem({}, { DAYTONA_API_KEY: " ", DAYTONA_JWT_TOKEN: "", DAYTONA_PROFILE: " " }).attribute).toBe("apiKey");
});
