import { ConfigError, type Connected, NoCredentialsError } from "../../../provider/lifecycle";
import { UNKNOWN } from "../../../provider/kit/unknown";
import { ToolSession } from "../../../provider/tool/session";

class Session extends ToolSession {
  opened: Record<string, unknown>[] = [];
  closed = 0;

  constructor() {
    super(
      {
        attribute: (name) => name.toUpperCase(),
        createFirst: "Create it first.",
        noCredentials: (doing, reason) => ({ summary: `${doing}: ${reason}`, detail: "Log in." }),
      },
      ({ summary, detail }) => new Error(`${summary}\n${detail}`),
    );
  }

  configure(values: Record<string, unknown>, error?: Error): string[] {
    return this.open(values, (args) => {
      if (error !== undefined) throw error;
      this.opened.push({ ...args });
      return {
        region: "us",
        connection: { sources: { credentials: "the key", apiUrl: "the default" } },
        close: () => void (this.closed += 1),
      } as unknown as Connected;
    });
  }
}

test("before it is configured nothing can be asked", () => {
  expect(() => new Session().connected("Reading x")).toThrow(
    "Reading x: the provider is not configured\nThe tool sent no provider configuration. This is a bug in the tool.",
  );
  expect(new Session().region).toBe(UNKNOWN);
});

test("missing credentials are told by what needs a request, until others are given; a wrong configuration at once", () => {
  const session = new Session();
  expect(session.configure({ region: "eu" }, new NoCredentialsError("apiKey", "no credentials"))).toEqual([]);
  expect(session.withoutCredentials("Planning x")).toEqual({
    summary: "Planning x: no credentials",
    detail: "Log in.",
  });
  for (const ask of [() => session.connected("Reading x"), () => session.needsCredentials("Reading x")])
    expect(ask).toThrow("Reading x: no credentials\nLog in.");
  expect(() => session.configure({}, new ConfigError("apiUrl", "wrong"))).toThrow("wrong");
  session.configure({ apiKey: "k" });
  expect(session.withoutCredentials("Planning x")).toBeNull();
  expect(() => session.connected("Reading x")).not.toThrow();
});

test("what is not known yet is not missing: a plan goes on", () => {
  const session = new Session();
  session.configure({ apiKey: UNKNOWN });
  expect(session.withoutCredentials("Planning x")).toBeNull();
  expect(() => session.needsCredentials("Planning x")).not.toThrow();
});

test("an empty or blank argument is not set", () => {
  const session = new Session();
  session.configure({ apiKey: " k ", apiUrl: "", region: " ", profile: "\n", maxConcurrency: 4 });
  expect(session.opened[0]).toMatchObject({
    apiKey: "k",
    apiUrl: null,
    region: null,
    profile: null,
    maxConcurrency: 4,
  });
  session.configure({ apiKey: UNKNOWN, region: "" });
  expect(session.region).toBe(UNKNOWN);
});

test("unknown arguments are named as the tool spells them, and nothing is opened", () => {
  const session = new Session();
  expect(session.configure({ apiKey: UNKNOWN, profile: UNKNOWN, region: "eu" })).toEqual(["APIKEY", "PROFILE"]);
  expect(session.opened).toEqual([]);
  expect(session.region).toBe("eu");
  expect(() => session.connected("Reading x")).toThrow(
    "Reading x: the provider's `APIKEY` and `PROFILE` are not known yet\nThis needs a request to the API, but these provider arguments come from resources that do not exist yet. Create it first.",
  );
  session.configure({ apiKey: UNKNOWN });
  expect(() => session.connected("Reading x")).toThrow(
    "`APIKEY` is not known yet\nThis needs a request to the API, but this provider argument comes from a resource that does not exist yet.",
  );
});

test("a new configuration ends the old connection; what may stay unknown is left out", () => {
  const session = new Session();
  expect(session.configure({ apiKey: "k", region: UNKNOWN })).toEqual([]);
  expect(session.opened[0]).toMatchObject({ apiKey: "k", region: null, jwtToken: null });
  expect(session.region).toBe(UNKNOWN);
  session.configure({ apiKey: "other" });
  expect(session.closed).toBe(1);
  expect(session.region).toBe("us");
  expect(session.origin).toEqual({ credentials: "the key", apiUrl: "the default" });
});

test.each(["apiKey", "jwtToken", "organizationId", "apiUrl", "profile"])(
  "without %s nothing can be asked, so nothing is opened while it is not known",
  (name) => {
    const session = new Session();
    expect(session.configure({ [name]: UNKNOWN })).toEqual([name.toUpperCase()]);
    expect(session.opened).toEqual([]);
  },
);

test.each(["region", "maxConcurrency"])("%s matters later: the connection is opened while it is not known", (name) => {
  const session = new Session();
  expect(session.configure({ apiKey: "k", [name]: UNKNOWN })).toEqual([]);
  expect(session.opened).toHaveLength(1);
});

test("once it is configured, the same connection answers every call", () => {
  const session = new Session();
  session.configure({ apiKey: "k" });
  expect(session.connected("Reading x")).toBe(session.connected("Reading y"));
  expect(session.connected("Reading x").region).toBe("us");
});

test("a region that the program sets is told while other arguments are not known; one that it leaves out is not known either", () => {
  const session = new Session();
  session.configure({ apiKey: UNKNOWN, region: "eu" });
  expect(session.region).toBe("eu");
  session.configure({ apiKey: UNKNOWN });
  expect(session.region).toBe(UNKNOWN);
});

test("a closed session has no connection, and is closed once", () => {
  const session = new Session();
  session.configure({ apiKey: "k" });
  session.close();
  session.close();
  expect(session.closed).toBe(1);
  expect(session.origin).toBeUndefined();
});
