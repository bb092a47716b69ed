import { UNKNOWN } from "../../../../provider/kit/unknown";
import { createProvider } from "../../../../provider/terraform/provider";
import { Session } from "../../../../provider/terraform/session";
import type { TfDiagnostic, TfObject } from "../../../../provider/terraform/types";
import { call, loggingCall, sessionWith } from "./fakes";

/** What ConfigureProvider answers where nothing but the arguments and `env` is there. */
function configured(config: TfObject, env: Record<string, string> = {}): Promise<TfDiagnostic[]> {
  return createProvider({ DAYTONA_CONFIG_DIR: "/nonexistent", ...env }).configure(config, "1.11.4", call);
}

test("missing credentials are no error of the configuration; an argument that is wrong is pointed at", async () => {
  expect(await configured({})).toEqual([]);
  expect(await configured({ api_key: "", api_url: "", region: " ", profile: "" })).toEqual([]);
  expect((await configured({ profile: "nobody" }))[0]).toMatchObject({
    severity: "error",
    summary: "The Daytona provider cannot be configured",
    path: ["profile"],
  });
  expect((await configured({ api_key: "k", api_url: "http://u:p@x/api" }))[0]).toMatchObject({ path: ["api_url"] });
  expect(await configured({ api_key: "k" })).toEqual([]);
  expect(await configured({}, { DAYTONA_API_KEY: "k" })).toEqual([]);
});

test("an unknown argument is never replaced by the environment, and asks for nothing", async () => {
  let made = 0;
  const session = new Session(() => {
    made += 1;
    throw new Error("not to be called");
  });
  const log = loggingCall();
  session.configure({ api_key: UNKNOWN, api_url: UNKNOWN }, "1.11.4", log);
  expect(made).toBe(0);
  expect(log.lines).toEqual([["debug", "provider configuration not known yet"]]);
  expect(() => session.connected("Reading x")).toThrow(
    "Reading x: the provider's `api_key` and `api_url` are not known yet",
  );
  expect(await configured({ api_key: UNKNOWN }, { DAYTONA_API_KEY: "k" })).toEqual([]);
});

test("a region or a concurrency that is not known yet does not keep the provider from reading", () => {
  const session = sessionWith({}, { region: "us" }, { region: UNKNOWN, max_concurrency: UNKNOWN });
  expect(() => session.connected("Reading x")).not.toThrow();
  expect(session.region).toBe(UNKNOWN);
});

test("the region of a configured provider is the connection's", () => {
  expect(sessionWith({}, { region: "eu" }).region).toBe("eu");
  expect(sessionWith({}, { region: null }).region).toBeNull();
});

test("a new configuration ends the connection before it", () => {
  let closed = 0;
  const session = sessionWith(
    {},
    {
      close: () => {
        closed += 1;
      },
    },
  );
  session.configure({}, "1.11.4", call);
  expect(closed).toBe(1);
  session.close();
  session.close();
  expect(closed).toBe(2);
});
