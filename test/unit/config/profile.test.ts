import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configFile, readProfile, resolveConnection } from "../../../provider/config";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "cli-config-"))));
afterEach(() => rmSync(dir, { recursive: true }));

const write = (text: string): void => writeFileSync(join(dir, "config.json"), text);
const env = (): Record<string, string> => ({ DAYTONA_CONFIG_DIR: dir });

const config = {
  activeProfile: "id-2",
  profiles: [
    {
      id: "id-1",
      name: "initial",
      api: { url: "https://one.test/api", key: "dtn_one", token: null },
      activeOrganizationId: null,
    },
    {
      id: "id-2",
      name: "login",
      api: {
        url: "https://two.test/api",
        key: null,
        token: { accessToken: "jwt", refreshToken: "never used", expiresAt: "2030-01-01T00:00:00Z" },
      },
      activeOrganizationId: "org-2",
    },
    {
      id: "id-3",
      name: "undated",
      api: { url: "", key: null, token: { accessToken: "jwt", expiresAt: "0001-01-01T00:00:00Z" } },
    },
  ],
};

test("where the file is, on each system", () => {
  expect(configFile({ HOME: "/home/me" }, "linux")).toBe("/home/me/.config/daytona/config.json");
  expect(configFile({ HOME: "/home/me", XDG_CONFIG_HOME: "/xdg" }, "linux")).toBe("/xdg/daytona/config.json");
  expect(configFile({ HOME: "/Users/me" }, "darwin")).toBe("/Users/me/Library/Application Support/daytona/config.json");
  expect(configFile({ AppData: "C:\\Roaming" }, "win32")).toContain("daytona");
  expect(configFile({}, "win32")).toBeNull();
  expect(configFile({ DAYTONA_CONFIG_DIR: "/own", HOME: "/home/me" }, "linux")).toBe("/own/config.json");
});

test("the active profile, one by name, one by id, none", () => {
  write(JSON.stringify(config));
  expect(readProfile(env(), null)).toEqual({
    name: "login",
    apiUrl: "https://two.test/api",
    apiKey: null,
    jwtToken: "jwt",
    expiresAt: Date.parse("2030-01-01T00:00:00Z"),
    organizationId: "org-2",
  });
  expect(readProfile(env(), "initial")).toMatchObject({ apiKey: "dtn_one", jwtToken: null, expiresAt: null });
  expect(readProfile(env(), "id-1")).toMatchObject({ name: "initial" });
  expect(readProfile(env(), "undated")).toMatchObject({ apiUrl: null, expiresAt: null });
  expect(readProfile(env(), "nope")).toBeNull();
});

test("no file, or a file without profiles, is no profile", () => {
  expect(readProfile(env(), null)).toBeNull();
  for (const text of ["{}", "[]", "null", '{"profiles":{}}', '{"profiles":[null,7]}']) {
    write(text);
    expect(readProfile(env(), "x")).toBeNull();
  }
});

test("a broken file is an error that names it and quotes nothing, and only where it is needed", () => {
  write('{"profiles": [{"api": {"key": "dtn_secret"');
  const file = join(dir, "config.json");
  expect(() => resolveConnection({ args: {}, env: env() })).toThrow(
    `the configuration of the Daytona CLI, ${file}, is not valid JSON; delete the file and run \`daytona login\` to recreate it`,
  );
  expect(resolveConnection({ args: { apiKey: "k" }, env: env() }).sources.credentials).toBe("`apiKey`");
});

test("a file that cannot be read is an error", () => {
  mkdirSync(join(dir, "config.json"));
  expect(() => readProfile(env(), null)).toThrow(
    `cannot read the configuration of the Daytona CLI, ${join(dir, "config.json")} (EISDIR)`,
  );
});
