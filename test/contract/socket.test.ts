import { io } from "socket.io-client";
import { type LocalApi, startLocalApi } from "../../provider/local";
import { sequencesOf } from "./recording";

let local: LocalApi;

beforeAll(async () => {
  local = await startLocalApi();
});
afterAll(() => local.close());

describe.each(["v0", "v2"] as const)("socket.io of generation %s", (generation) => {
  test.each([
    "noToken",
    "wrongKey",
    "bearerPrefixed",
    "runnerKey",
    "tokenInQueryOnly",
    "wrongPath",
    "pollingTransport",
  ])("refuses: %s", async (which) => {
    const recorded = (sequencesOf(generation).find((s) => s.name === "socket.io") as any)[which] as {
      ok: boolean;
      message: string;
    };
    const options: Record<string, object> = {
      noToken: {},
      wrongKey: { auth: { token: "dtn_wrong" } },
      bearerPrefixed: { auth: { token: `Bearer ${local.apiKey}` } },
      runnerKey: { auth: { token: "secret_api_token" } },
      tokenInQueryOnly: { query: { token: local.apiKey } },
      wrongPath: { path: "/socket.io/", auth: { token: local.apiKey } },
      pollingTransport: { transports: ["polling"], auth: { token: local.apiKey } },
    };
    const refused = io(new URL(local.apiUrl).origin, {
      path: "/api/socket.io/",
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      ...options[which],
    });
    const message = await new Promise<string>((resolve, reject) => {
      refused.on("connect_error", (error) => resolve(error.message));
      refused.on("connect", () => reject(new Error("connected")));
    });
    refused.close();
    expect(message).toBe(recorded.message);
  });
});
