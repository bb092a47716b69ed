import { request } from "node:http";
import { connect } from "node:net";
import type { LocalApi } from "../../../provider/local";
import { call, closeAll, start } from "./harness";

afterEach(closeAll);

interface Answered {
  status: number;
  body: string;
}

/** A request as it is: `fetch` sets Host by itself. */
function ask(
  local: LocalApi,
  method: string,
  path: string,
  headers: Record<string, string>,
  body = "",
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: local.port, method, path, headers }, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (chunk: string) => (text += chunk))
        .on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    asked.on("error", reject).end(body);
  });
}

describe("a foreign Host", () => {
  test.each([
    ["the API", "GET", "/api/snapshots"],
    ["the control door", "POST", "/_control/removeAll"],
    ["the object storage", "PUT", "/daytona-volume-builds/a/b"],
    ["anything else", "GET", "/"],
  ])("does not reach %s, key or no key", async (_, method, path) => {
    const local = await start();
    const id = local.control.insert({ name: "agent" });
    for (const host of [
      "evil.example",
      `evil.example:${local.port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "127.0.0.2",
    ]) {
      const answer = await ask(local, method, path, { host, authorization: `Bearer ${local.apiKey}` });
      expect(answer).toEqual({
        status: 403,
        body: JSON.stringify({
          statusCode: 403,
          message: `Host "${host}" is not allowed. This local API answers only to 127.0.0.1, localhost and [::1].`,
        }),
      });
    }
    expect(local.control.snapshot(id)).not.toBeNull();
  });

  test.each(["127.0.0.1", "localhost", "LOCALHOST:1234", "[::1]:80"])("%s is none", async (host) => {
    const local = await start();
    expect((await ask(local, "GET", "/api/snapshots", { host, authorization: `Bearer ${local.apiKey}` })).status).toBe(
      200,
    );
  });

  test("nor does none at all", async () => {
    const local = await start();
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(local.port, "127.0.0.1");
      socket.once("data", (chunk) => (resolve(chunk.toString()), socket.destroy()));
      socket.write(`GET /api/snapshots HTTP/1.0\r\nAuthorization: Bearer ${local.apiKey}\r\n\r\n`);
    });
    expect(answer.split("\r\n")[0]).toBe("HTTP/1.1 403 Forbidden");
  });

  test("opens no socket", async () => {
    const local = await start();
    const upgrade = (host: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(local.port, "127.0.0.1");
        let text = "";
        socket
          .on("data", (chunk) => {
            text += chunk.toString();
            socket.end();
          })
          .on("close", () => resolve(text))
          .on("error", () => resolve(text));
        socket.write(
          `GET /api/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
        );
      });
    expect(await upgrade("127.0.0.1")).toContain("101 Switching Protocols");
    expect(await upgrade("evil.example")).toBe("");
  });
});

describe("control commands", () => {
  /** Whether the command was carried out. */
  async function removed(
    headers: (local: LocalApi) => Record<string, string>,
    expected: { status: number; message?: string },
  ): Promise<boolean> {
    const local = await start();
    const id = local.control.insert({ name: "agent" });
    const answer = await ask(
      local,
      "POST",
      "/_control/removeAll",
      { host: `127.0.0.1:${local.port}`, ...headers(local) },
      "[]",
    );
    expect(answer.status).toBe(expected.status);
    if (expected.message !== undefined)
      expect((JSON.parse(answer.body) as { message: string }).message).toBe(expected.message);
    return local.control.snapshot(id) === null;
  }
  const noKey = {
    status: 401,
    message: 'Control commands need the local API key: send "Authorization: Bearer $DAYTONA_API_KEY".',
  };

  test("need the key", async () => {
    expect(await removed(() => ({}), noKey)).toBe(false);
    expect(await removed((local) => ({ authorization: `Bearer ${local.otherApiKey}` }), noKey)).toBe(false);
    expect(await removed((local) => ({ authorization: local.apiKey }), noKey)).toBe(false);
    expect(await removed((local) => ({ authorization: `Bearer ${local.apiKey}` }), { status: 200 })).toBe(true);
  });

  test("a simple request of a page, which a browser sends without asking, has no key", async () => {
    expect(await removed(() => ({ "content-type": "text/plain" }), noKey)).toBe(false);
  });

  test("are refused to foreign origins, key or no key", async () => {
    for (const origin of [
      "https://evil.example",
      "null",
      "http://127.0.0.1.evil.example",
      "http://localhost.evil.example:3000",
    ]) {
      expect(
        await removed((local) => ({ origin, authorization: `Bearer ${local.apiKey}` }), {
          status: 403,
          message: `Origin "${origin}" must not send control commands.`,
        }),
      ).toBe(false);
    }
    expect(
      await removed((local) => ({ origin: "http://localhost:3000", authorization: `Bearer ${local.apiKey}` }), {
        status: 200,
      }),
    ).toBe(true);
  });
});

test("the API itself answers any origin, as the real one does", async () => {
  const local = await start();
  const answer = await fetch(`${local.apiUrl}/snapshots`, {
    headers: { Authorization: `Bearer ${local.apiKey}`, Origin: "https://evil.example" },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("access-control-allow-origin")).toBe("https://evil.example");
  expect((await call(local, "GET", "/snapshots")).status).toBe(200);
});
