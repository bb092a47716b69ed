import { validateProvider } from "../../../../../provider/resources/provider/validate";
import { UNKNOWN } from "../../../../../provider/kit/unknown";

describe("validateProvider", () => {
  const none = {
    apiKey: null,
    jwtToken: null,
    organizationId: null,
    apiUrl: null,
    region: null,
    profile: null,
    maxConcurrency: null,
    resolveTags: null,
  };
  const secret = "dtn_secret value";

  it.each<[object, string, string]>([
    [
      { apiKey: secret },
      "apiKey",
      "The value contains whitespace or other characters that are not allowed in an HTTP header. It may contain a line break from copying.",
    ],
    [
      { jwtToken: `${secret}\n` },
      "jwtToken",
      "The value contains whitespace or other characters that are not allowed in an HTTP header. It may contain a line break from copying.",
    ],
    [{ apiKey: "a", jwtToken: "b" }, "jwtToken", "Both an API key and a JWT are set. Remove one."],
    [{ apiUrl: "app.daytona.io" }, "apiUrl", "The value is not a URL of the form https://host/path."],
    [{ apiUrl: "ftp://a" }, "apiUrl", "The value is not a URL of the form https://host/path."],
    [{ maxConcurrency: 0 }, "maxConcurrency", "The value must be a whole number from 1 to 1000 (got 0)."],
    [{ maxConcurrency: 1.5 }, "maxConcurrency", "The value must be a whole number from 1 to 1000 (got 1.5)."],
  ])("refuses %j without showing a secret", (some, attribute, detail) => {
    const notices = validateProvider({ ...none, ...some });
    expect(notices).toEqual([expect.objectContaining({ attribute: [attribute], detail })]);
    expect(JSON.stringify(notices)).not.toContain("dtn_secret");
  });

  it("takes nothing, everything good, and what is not known yet", () => {
    expect(validateProvider(none)).toEqual([]);
    const blank = { apiKey: "", jwtToken: " ", organizationId: "", apiUrl: "\n", region: "", profile: "" };
    expect(validateProvider({ ...none, ...blank })).toEqual([]);
    expect(validateProvider({ ...none, ...blank, apiKey: "dtn_1" })).toEqual([]);
    expect(
      validateProvider({
        ...none,
        apiKey: "dtn_1",
        apiUrl: "http://127.0.0.1:3000/api",
        region: "us",
        profile: "p",
        maxConcurrency: 16,
        resolveTags: false,
      }),
    ).toEqual([]);
    expect(
      validateProvider({
        apiKey: UNKNOWN,
        jwtToken: UNKNOWN,
        organizationId: UNKNOWN,
        apiUrl: UNKNOWN,
        region: UNKNOWN,
        profile: UNKNOWN,
        maxConcurrency: UNKNOWN,
        resolveTags: UNKNOWN,
      }),
    ).toEqual([]);
  });
});
