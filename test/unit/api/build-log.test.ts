import { Readable } from "node:stream";
import { createClient, type SnapshotApi } from "../../../provider/api";
import { followBuildLog } from "../../../provider/api/build-log";
import { Transport } from "../../../provider/api/http/transport";
import { connect, type Handler, json, KEY, refuse, serve, snapshot, type TestServer } from "./server";

let api: TestServer;
let logs: TestServer;
let client: SnapshotApi;
let debug: string[];

const write =
  (parts: (string | Buffer)[], end: "end" | "destroy" | "stay" = "end"): Handler =>
  async (_seen, response) => {
    response.writeHead(200, { "Content-Type": "application/octet-stream" });
    for (const part of parts) {
      response.write(part);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    if (end === "end") response.end();
    if (end === "destroy") response.destroy();
  };

beforeEach(async () => {
  logs = await serve(write(["#1 a\n#2 b\n"]));
  api = await serve((seen, response) => {
    if (seen.path.endsWith("/build-logs-url"))
      json(response, 200, { url: `http://127.0.0.1:${logs.port}/snapshots/1/build-logs` });
    else json(response, 200, snapshot("1"));
  });
  debug = [];
  client = createClient(connect(api.url), {
    log: { debug: (message) => debug.push(message) },
    random: () => 0,
    clock: {
      now: () => Date.now(),
      sleep: (_ms, signal) =>
        new Promise((resolve, reject) => (signal?.aborted ? reject(signal.reason) : setTimeout(resolve, 1))),
    },
  });
});
afterEach(async () => {
  client.close();
  await Promise.all([api.close(), logs.close()]);
  expect(debug.join()).not.toContain(KEY);
});

async function read(signal?: AbortSignal): Promise<string[]> {
  const lines: string[] = [];
  await client.buildLog("1", (line) => lines.push(line), signal === undefined ? {} : { signal });
  return lines;
}

test("follows the stream at the address that the API names, with the same authorization", async () => {
  const text = Buffer.from("#1 tüv\n10%\r90%\r\n#2 done");
  logs.handler = write([text.subarray(0, 5), text.subarray(5, 9), text.subarray(9)]);
  expect(await read()).toEqual(["#1 tüv", "90%", "#2 done"]);
  expect(logs.requests).toMatchObject([
    { path: "/snapshots/1/build-logs?follow=true", headers: { authorization: `Bearer ${KEY}` } },
  ]);
});

test("a stream that breaks is continued without repeating lines", async () => {
  const broken = write(["#1 a\n#2 b\n#3 half"], "destroy");
  const whole = write(["#1 a\n#2 b\n#3 half and whole\n#4 d\n"]);
  let tries = 0;
  logs.handler = (...args) => (tries++ === 0 ? broken : whole)(...args);
  expect(await read()).toEqual(["#1 a", "#2 b", "#3 half and whole", "#4 d"]);
  expect(logs.requests).toHaveLength(2);
});

test("a snapshot without a build has no log; one without a runner yet is asked for again", async () => {
  const found = api.handler;
  api.handler = (seen, response) => refuse(response, seen, 404, "Snapshot 1 has no build info");
  expect(await read()).toEqual([]);
  expect(api.requests).toHaveLength(1);

  let asked = 0;
  api.handler = (seen, response, request) =>
    ++asked < 3
      ? refuse(response, seen, 404, "Timeout waiting for build runner assignment for snapshot 1")
      : found(seen, response, request);
  expect(await read()).toEqual(["#1 a", "#2 b"]);
  expect(asked).toBe(3);
});

test.each([[400], [404], [502]])(
  "a stream that answers %i is not there yet, and given up after a while",
  async (status) => {
    logs.handler = (seen, response) => refuse(response, seen, status, "no initial runner");
    expect(await read()).toEqual([]);
    expect(logs.requests).toHaveLength(10);
  },
);

test("a stream that refuses the key is not asked again", async () => {
  logs.handler = (seen, response) => refuse(response, seen, 401, "unauthorized");
  expect(await read()).toEqual([]);
  expect(logs.requests).toHaveLength(1);
});

test("ends when it is aborted, without an error", async () => {
  logs.handler = write(["#1 a\n"], "stay");
  const controller = new AbortController();
  const lines: string[] = [];
  const following = client.buildLog("1", (line) => (lines.push(line), controller.abort()), {
    signal: controller.signal,
  });
  await expect(following).resolves.toBeUndefined();
  expect(lines).toEqual(["#1 a"]);
});

test("the key does not go out unencrypted where the API's own address is encrypted", async () => {
  const requester = { call: () => Promise.resolve({ url: `http://127.0.0.1:${logs.port}/log` }) };
  const lines: string[] = [];
  const transport = new Transport({});
  await followBuildLog(
    {
      apiUrl: "https://api.test/api",
      headers: { Authorization: `Bearer ${KEY}` },
      requester: requester as never,
      transport,
      clock: { now: Date.now, sleep: () => Promise.resolve() },
      log: { debug: () => undefined },
    },
    "1",
    (line) => lines.push(line),
  );
  transport.close();
  expect(lines).toEqual(["#1 a", "#2 b"]);
  expect(logs.requests[0]?.headers).not.toHaveProperty("authorization");
});

test("a stream that breaks again and again is continued as long as each brings a line", async () => {
  let tries = 0;
  logs.handler = (...args) => {
    tries += 1;
    return write(
      [Array.from({ length: tries }, (_, at) => `#${at + 1}\n`).join("")],
      tries < 15 ? "destroy" : "end",
    )(...args);
  };
  expect(await read()).toEqual(Array.from({ length: 15 }, (_, at) => `#${at + 1}`));
  expect(logs.requests).toHaveLength(15);
});

test("a stream that ends before its answer is whole has not told its last line", async () => {
  const stream = (text: string, complete: boolean) => Object.assign(Readable.from([Buffer.from(text)]), { complete });
  const streams = [stream("#1\n#2 ha", false), stream("#1\n#2 half\n#3", true)];
  const transport = { open: () => Promise.resolve({ status: 200, stream: streams.shift()! }) };
  const requester = { call: () => Promise.resolve({ url: "http://logs.test/1" }) };
  const lines: string[] = [];
  await followBuildLog(
    {
      apiUrl: api.url,
      headers: {},
      requester,
      transport,
      clock: { now: () => 0, sleep: () => Promise.resolve() },
      log: { debug: () => undefined },
    } as never,
    "1",
    (line) => lines.push(line),
  );
  expect(lines).toEqual(["#1", "#2 half", "#3"]);
});
