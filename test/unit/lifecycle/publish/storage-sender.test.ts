import * as http from "node:http";
import { connect, type AddressInfo } from "node:net";
import { ForbiddenError, ServerError } from "../../../../provider/api/errors";
import { systemClock } from "../../../../provider/lifecycle";
import type { UploadRequest } from "../../../../provider/lifecycle/publish";
import { StorageAccess } from "../../../../provider/lifecycle/publish/storage-access";
import { isDenied, isExpired, isPassing, storageError } from "../../../../provider/lifecycle/publish/storage-failure";
import { StorageSender } from "../../../../provider/lifecycle/publish/storage-sender";
import { access, archiveOf, failureOf, upload } from "./support";

/** A storage that answers as told. An object that it does not refuse is stored. */
let server: http.Server;
let refuse: (request: http.IncomingMessage, earlier: number) => { status: number; code: string; html?: boolean } | null;
let seen: http.IncomingMessage[];
let list: string;
beforeEach(async () => {
  [seen, refuse, list] = [[], () => null, '<?xml version="1.0"?><ListBucketResult></ListBucketResult>'];
  server = http.createServer((request, response) => {
    const earlier = seen.filter(({ method }) => method === request.method).length;
    seen.push(request);
    request.resume().on("end", () => {
      const refused = refuse(request, earlier);
      if (refused?.html)
        response.writeHead(refused.status, { "content-type": "text/html" }).end("<html><body>not & here");
      else if (refused !== null)
        response
          .writeHead(refused.status, { "content-type": "application/xml" })
          .end(`<?xml version="1.0"?><Error><Code>${refused.code}</Code><Message>made up</Message></Error>`);
      else
        response
          .writeHead(200, { "content-type": "application/xml", etag: '"1"' })
          .end(request.method === "GET" ? list : "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const host = (): string => new URL(url()).host;
const methods = (): string[] => seen.map(({ method }) => method!);
const keys = (method: string): (string | undefined)[] =>
  seen
    .filter((it) => it.method === method)
    .map(({ headers }) => /Credential=([^/]+)\//.exec(headers.authorization ?? "")?.[1]);

/** Credentials that can be told apart, on a clock that a test can move. */
function renewing(): { more: Partial<UploadRequest>; asked(): number; pass(ms: number): void } {
  let [asked, ahead] = [0, 0];
  const more: Partial<UploadRequest> = {
    access: () => Promise.resolve(access(url(), { accessKey: `key-${(asked += 1)}` })),
    clock: {
      ...systemClock,
      now: () => 1_000_000 + ahead,
      sleep: (_ms, signal) => systemClock.sleep(signal === undefined ? 1 : 5, signal),
    },
  };
  return { more, asked: () => asked, pass: (ms) => void (ahead += ms) };
}

describe("credentials that the storage rejects", () => {
  test("are renewed, and the same request goes out with the new ones", async () => {
    const { more, asked } = renewing();
    refuse = ({ method }, earlier) =>
      method === "PUT" && earlier === 0 ? { status: 400, code: "ExpiredToken" } : null;
    await upload("", [archiveOf(10)], more).done;
    expect(asked()).toBe(2);
    expect(keys("PUT")).toEqual(["key-1", "key-2"]);
  });

  test("are renewed twice for one request, and then it fails", async () => {
    const { more, asked } = renewing();
    refuse = ({ method }) => (method === "PUT" ? { status: 403, code: "InvalidAccessKeyId" } : null);
    expect(await failureOf(upload("", [archiveOf(10)], more).done)).toEqual({
      summary: 'creating snapshot "x": the object storage keeps rejecting the credentials',
      detail: `${host()} returned 403 InvalidAccessKeyId: made up. New credentials from the API were rejected as well.\nCheck that the API server and the storage belong together and that their clocks agree, or ask the operator of the Daytona server.`,
    });
    expect(asked()).toBe(3);
    expect(keys("PUT")).toEqual(["key-1", "key-2", "key-3"]);
  });

  test.each<[string, Error, object]>([
    [
      "is not allowed any more",
      new ForbiddenError("Access denied", { status: 403, reason: "Access denied", request: "GET /x" }),
      { code: "forbidden", notice: { summary: 'creating snapshot "x": permission denied' } },
    ],
    [
      "fails",
      new ServerError("broken", { status: 500, request: "GET /x" }),
      { name: "ServerError", message: "broken" },
    ],
    [
      "answers a client of the program's own",
      new Error("Request failed with status code 403"),
      { message: "Request failed with status code 403" },
    ],
  ])(
    "that cannot be renewed before they run out, because the API %s, fail with that",
    async (_what, refused, expected) => {
      const { more, pass } = renewing();
      let asked = 0;
      const asking: UploadRequest["access"] = (signal) =>
        (asked += 1) === 1 ? more.access!(signal) : Promise.reject(refused);
      refuse = ({ method }) => (method === "GET" && pass(51 * 60_000), null);
      await expect(upload("", [archiveOf(10)], { ...more, access: asking }).done).rejects.toMatchObject(expected);
      expect([asked, methods()]).toEqual([2, ["GET"]]);
    },
  );

  test("a denial of new credentials is a denial; that of old ones may be their end", async () => {
    const fresh = renewing();
    refuse = ({ method }) => (method === "PUT" ? { status: 403, code: "AccessDenied" } : null);
    expect((await failureOf(upload("", [archiveOf(10)], fresh.more).done)).summary).toBe(
      'creating snapshot "x": the object storage denied the upload',
    );
    expect([fresh.asked(), methods()]).toEqual([1, ["GET", "PUT"]]);
    seen.length = 0;
    const old = renewing();
    refuse = ({ method }, earlier) => {
      if (method !== "PUT") return null;
      if (earlier === 0) old.pass(60_001);
      return { status: 403, code: "AccessDenied" };
    };
    expect((await failureOf(upload("", [archiveOf(10)], old.more).done)).summary).toBe(
      'creating snapshot "x": the object storage denied the upload',
    );
    expect(keys("PUT")).toEqual(["key-1", "key-2"]);
  });
});

test("a storage that lets nobody look is written to; one that refuses to look for another reason is not", async () => {
  const archive = archiveOf(10);
  refuse = ({ method }) => (method === "GET" ? { status: 403, code: "AccessDenied" } : null);
  expect(await upload(url(), [archive]).done).toEqual([archive.hash]);
  expect(methods()).toEqual(["GET", "PUT"]);
  expect(
    seen
      .map((request) => new URL(request.url!, url()))
      .map(({ pathname, searchParams }) => [pathname, searchParams.get("prefix")]),
  ).toEqual([
    ["/contexts/", `org-1/${archive.hash}/`],
    [`/contexts/org-1/${archive.hash}/context.tar`, null],
  ]);
  seen.length = 0;
  refuse = () => ({ status: 403, code: "SignatureDoesNotMatch" });
  expect((await failureOf(upload(url(), [archive]).done)).detail).toContain(
    `${host()} returned 403 SignatureDoesNotMatch: made up.\nThe API's temporary credentials must allow writing below "org-1/"`,
  );
  expect(methods()).toEqual(["GET"]);
});

test("another object below the same key, of the same size, is not the archive", async () => {
  const archive = archiveOf(10);
  const listed = (key: string): string =>
    `<?xml version="1.0"?><ListBucketResult><Contents><Key>${key}</Key><Size>${archive.size}</Size></Contents></ListBucketResult>`;
  for (const [key, sent] of [
    [`org-1/${archive.hash}/context.tar.old`, ["GET", "PUT"]],
    [`org-1/${archive.hash}/context.tar`, ["GET"]],
  ] as const) {
    seen.length = 0;
    list = listed(key);
    await upload(url(), [archive]).done;
    expect(methods()).toEqual(sent);
  }
});

test("a storage that is busy is asked six times in all, by nobody else either", async () => {
  refuse = () => ({ status: 503, code: "SlowDown" });
  expect((await failureOf(upload(url(), [archiveOf(10)]).done)).detail).toBe(
    `${host()} returned 503 SlowDown: made up after 6 attempts.\nTry again later.`,
  );
  expect(methods()).toEqual(Array(6).fill("GET"));
});

test("what is no answer of S3 is said, without the page", async () => {
  refuse = () => ({ status: 400, code: "", html: true });
  expect((await failureOf(upload(url(), [archiveOf(10)]).done)).detail).toBe(
    `${host()} returned 400 with something other than an S3 response, perhaps from a proxy.\nAsk the operator of the Daytona server to check its object storage settings (endpoint, region, bucket).`,
  );
});

test.each<[string, { region?: string | null }, string]>([
  ["http://s3.eu-west-3.amazonaws.com", { region: "eu-north-9" }, "eu-north-9"],
  ["http://s3.eu-west-3.amazonaws.com", {}, "eu-west-3"],
  ["http://s3-ap-south-1.amazonaws.com", {}, "ap-south-1"],
  ["http://storage.test", {}, "us-east-1"],
])("requests to %s with %j are signed for the region %s", async (storageUrl, { region }, expected) => {
  // The proxy leads every address to the storage of this test.
  const proxy = http
    .createServer()
    .on("connect", (_request: http.IncomingMessage, socket: import("node:stream").Duplex) => {
      const { port } = server.address() as AddressInfo;
      const through = connect(
        port,
        "127.0.0.1",
        () => (socket.write("HTTP/1.1 200 OK\r\n\r\n"), through.pipe(socket).pipe(through)),
      );
      for (const end of [through, socket]) end.on("error", () => (through.destroy(), socket.destroy()));
    });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { region: _, ...issued } = access(storageUrl);
  try {
    await upload("", [archiveOf(10)], {
      access: () => Promise.resolve({ ...issued, ...(region ? { region } : {}) }) as never,
      env: { http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
    }).done;
  } finally {
    proxy.close();
  }
  expect(
    seen.map(({ headers }) => /Credential=[^/]+\/\d{8}\/([^/]+)\/s3\//.exec(headers.authorization ?? "")?.[1]),
  ).toEqual([expected, expected]);
});

/** No test can make a name server fail. */
test.each([
  ["ENOTFOUND", 3],
  ["EAI_AGAIN", 6],
  ["ECONNRESET", 6],
  ["CERT_HAS_EXPIRED", 1],
  ["ERR_TLS_CERT_ALTNAME_INVALID", 1],
])("an error %s of the system is tried %i times in all", async (code, times) => {
  let attempts = 0;
  const client = { send: () => Promise.reject(Object.assign(new Error(`planted ${++attempts}`), { code })) };
  const target = { doing: "x", host: "s3.test", bucket: "b", organizationId: "o", proxy: null };
  const signal = new AbortController().signal;
  const clock = { ...systemClock, sleep: () => Promise.resolve() };
  const sender = new StorageSender({
    client: client as never,
    access: new StorageAccess(
      () => Promise.resolve(access("http://s3.test")),
      clock,
      signal,
      () => undefined,
    ),
    target,
    clock,
    log: { debug: () => undefined },
  });
  const { detail } = await failureOf(sender.send({ input: {} }, signal));
  expect(attempts).toBe(times);
  expect(detail).toContain(
    `The build context could not be uploaded to s3.test${times > 1 ? ` after ${times} attempts` : ""}: ${code}: planted ${times}.`,
  );
});

describe("what an error of the storage means", () => {
  const error = (status: number, code: string) => ({ status, code, message: "" });

  test("passes by itself", () => {
    for (const code of [
      "ECONNRESET",
      "ECONNREFUSED",
      "ETIMEDOUT",
      "EPIPE",
      "EAI_AGAIN",
      "TimeoutError",
      "ConnectionRefused",
      "ConnectionClosed",
      "FailedToOpenSocket",
      "DNSException",
    ])
      expect([code, isPassing(error(0, code))]).toEqual([code, true]);
    for (const [status, code] of [
      [429, "x"],
      [408, "x"],
      [500, "x"],
      [503, "x"],
      [599, "x"],
      [400, "SlowDown"],
      [400, "RequestTimeout"],
      [409, "OperationAborted"],
      [400, "ThrottlingException"],
    ] as const)
      expect([status, code, isPassing(error(status, code))]).toEqual([status, code, true]);
    for (const code of [
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "ERR_SSL_WRONG_VERSION_NUMBER",
      "EPROTO",
      "ERR_INVALID_URL",
      "unknown error",
    ])
      expect([code, isPassing(error(0, code))]).toEqual([code, false]);
    for (const [status, code] of [
      [400, "x"],
      [403, "AccessDenied"],
      [404, "NoSuchBucket"],
      [409, "x"],
      [499, "x"],
    ] as const)
      expect([status, code, isPassing(error(status, code))]).toEqual([status, code, false]);
  });

  test("ends the credentials, or denies", () => {
    for (const code of [
      "ExpiredToken",
      "ExpiredTokenException",
      "TokenRefreshRequired",
      "RequestExpired",
      "InvalidToken",
      "InvalidTokenId",
      "InvalidClientTokenId",
      "InvalidAccessKeyId",
    ])
      expect([code, isExpired(error(400, code))]).toEqual([code, true]);
    for (const code of ["NotExpiredToken", "ExpiredTokens", "AccessDenied", "SignatureDoesNotMatch"])
      expect([code, isExpired(error(403, code))]).toEqual([code, false]);
    expect(
      [
        ["AccessDenied", 403],
        ["x", 403],
        ["RequestTimeTooSkewed", 403],
        ["RequestInTheFuture", 403],
        ["TOO_LARGE", 403],
        ["AccessDenied", 400],
      ].map(([code, status]) => isDenied(error(status as number, code as string))),
    ).toEqual([true, true, false, false, false, false]);
  });

  test("is named by S3's code where it answered, and by the system's where it did not", () => {
    expect(
      storageError({ name: "Error", Code: "NoSuchKey", code: "X", message: "m", $metadata: { httpStatusCode: 404 } }),
    ).toEqual({ status: 404, code: "NoSuchKey", message: "m" });
    expect(storageError({ name: "NoSuchKey", message: "m", $response: { statusCode: 404 } })).toEqual({
      status: 404,
      code: "NoSuchKey",
      message: "m",
    });
    expect(storageError(Object.assign(new Error("m"), { code: "ECONNRESET" }))).toEqual({
      status: 0,
      code: "ECONNRESET",
      message: "m",
    });
    expect(storageError({})).toEqual({ status: 0, code: "unknown error", message: "" });
  });
});
