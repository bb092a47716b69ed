import * as http from "node:http";
import { closeAll, start } from "./harness";

afterEach(closeAll);

interface Answered {
  status: number;
  body: string;
  sent: number;
}

/** Sends a body in blocks of 1 MiB until an answer comes, and as long as the server takes it. */
function send(url: string, mib: number, headers: Record<string, string>, method = "POST"): Promise<Answered> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let over = false;
    const block = Buffer.alloc(2 ** 20, "x");
    const request = http.request(url, { method, headers, agent: false }, (answer) => {
      let body = "";
      over = true;
      answer
        .setEncoding("utf8")
        .on("data", (text: string) => (body += text))
        .on("end", () => {
          request.destroy();
          resolve({ status: answer.statusCode!, body, sent });
        });
    });
    request.on("error", (error) => over || reject(error));
    const more = (): void => {
      while (sent < mib && !over) {
        sent += 1;
        if (!request.write(block)) return void request.once("drain", more);
      }
      request.end();
    };
    more();
  });
}

const sentence = "The body is larger than 16 MiB, the limit of this local API.";

test.each([["application/json"], ["application/octet-stream"], [""], ["application/x-www-form-urlencoded"]])(
  "a body of 600 MB of the type '%s' is refused, and not kept in memory: first for the key, then for its size",
  async (type) => {
    const api = await start();
    const typed: Record<string, string> = type === "" ? {} : { "content-type": type };
    const before = process.memoryUsage().rss;
    const stranger = await send(`${api.apiUrl}/snapshots`, 600, { ...typed, authorization: "Bearer dtn_wrong" });
    expect({ ...stranger, body: JSON.parse(stranger.body), sent: 0 }).toMatchObject({
      status: 401,
      body: { message: "Invalid credentials" },
    });
    const known = await send(`${api.apiUrl}/snapshots`, 600, { ...typed, authorization: `Bearer ${api.apiKey}` });
    expect({ ...known, body: JSON.parse(known.body) }).toMatchObject({
      status: 413,
      body: { statusCode: 413, message: sentence },
    });
    expect(known.sent).toBeLessThan(200);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  },
);

test("a length that says so is enough", async () => {
  const api = await start();
  const known = await send(`${api.apiUrl}/snapshots`, 1, {
    "content-length": String(600 * 2 ** 20),
    authorization: `Bearer ${api.apiKey}`,
  });
  expect(known).toMatchObject({ status: 413, sent: 1 });
});

test("control commands: the key first, then the size", async () => {
  const api = await start();
  expect((await send(`${api.controlUrl}/reset`, 600, {})).status).toBe(401);
  expect(await send(`${api.controlUrl}/reset`, 600, { authorization: `Bearer ${api.apiKey}` })).toMatchObject({
    status: 400,
    body: JSON.stringify({ message: sentence }),
  });
});

test("the storage reads no object of a stranger, and takes large parts of who it knows", async () => {
  const api = await start();
  const origin = new URL(api.apiUrl).origin;
  const before = process.memoryUsage().rss;
  const stranger = await send(
    `${origin}/daytona-local/x/y/context.tar`,
    600,
    { authorization: "AWS4-HMAC-SHA256 Credential=nobody/x" },
    "PUT",
  ).catch(() => null);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  const access = (await (
    await fetch(`${api.apiUrl}/object-storage/push-access`, { headers: { authorization: `Bearer ${api.apiKey}` } })
  ).json()) as { accessKey: string; sessionToken: string; organizationId: string; bucket: string };
  const signed = {
    authorization: `AWS4-HMAC-SHA256 Credential=${access.accessKey}/x`,
    "x-amz-security-token": access.sessionToken,
  };
  const url = `${origin}/${access.bucket}/${access.organizationId}/hash/context.tar`;
  expect((await send(url, 40, signed, "PUT")).status).toBe(200);
  expect(await send(url, 1, { ...signed, "content-length": String(2 ** 30) }, "PUT")).toMatchObject({
    status: 400,
    body: expect.stringContaining("<Code>EntityTooLarge</Code>") as string,
  });
  const refused = await send(
    `${origin}/${access.bucket}/${access.organizationId}/hash/context.tar`,
    600,
    { ...signed, "x-amz-security-token": "wrong" },
    "PUT",
  );
  expect(refused).toMatchObject({ status: 403, body: expect.stringContaining("InvalidAccessKeyId") as string });
  expect(stranger === null || stranger.status !== 200).toBe(true);
});

test("a body below the limit that the server's parsers refuse is answered as the server does", async () => {
  const api = await start();
  const answer = await send(`${api.apiUrl}/snapshots`, 2, {
    "content-type": "application/json",
    authorization: `Bearer ${api.apiKey}`,
  });
  expect({ ...answer, body: JSON.parse(answer.body) }).toMatchObject({
    status: 404,
    body: { message: "Cannot POST /api/snapshots" },
  });
});
