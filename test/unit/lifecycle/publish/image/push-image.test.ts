import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Clock, Transfer } from "../../../../../provider/lifecycle/contract";
import { Failure } from "../../../../../provider/lifecycle/call/errors";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { pushImage } from "../../../../../provider/lifecycle/publish/image/push-image";
import { isPassing } from "../../../../../provider/lifecycle/image-registry/errors";
import { registryFailure } from "../../../../../provider/lifecycle/publish/image/registry-failure";
import type { ArchivedImage, ImageLayer } from "../../../../../provider/source/local-image/local-image";
import { ociFiles, writeFolder } from "../../../source/local-image/images";
import { bench, context, plan, recordOf } from "../../support";
import { type FakeRegistry, serveRegistry } from "./registry";

const MIB = 2 ** 20;
const access = { username: "planted-user", secret: "planted-password", registryUrl: "", project: "daytona" };
const digestOf = (content: Buffer, algorithm = "sha256"): string =>
  `${algorithm}:${createHash(algorithm).update(content).digest("hex")}`;

let registry: FakeRegistry;
beforeEach(async () => void (registry = await serveRegistry()));
afterEach(() => registry.close());
const host = (): string => registry.host;

function layerOf(content: Buffer, more: Partial<ImageLayer> = {}): ImageLayer {
  return {
    digest: digestOf(content),
    mediaType: "application/vnd.oci.image.layer.v1.tar",
    size: content.length,
    plain: false,
    open: () => Readable.from([content], { objectMode: false }),
    ...more,
  };
}

async function push(
  layers: ImageLayer[],
  more: {
    registryUrl?: string;
    clock?: Partial<Clock>;
    debug?: string[];
    transfers?: Transfer[];
    manifest?: ArchivedImage["manifest"];
  } = {},
): Promise<string> {
  const log = {
    debug: (line: string) => void more.debug?.push(line),
    progress: () => undefined,
    transfer: (it: Transfer) => void more.transfers?.push(it),
  };
  return pushImage({
    image: {
      written: "oci:agent",
      hash: `v2:${"a".repeat(64)}`,
      content: { kind: "archive", config: Buffer.from("{}"), manifest: more.manifest ?? null, layers },
    },
    access: { ...access, registryUrl: more.registryUrl ?? `http://${host()}` },
    clock: { ...systemClock, sleep: () => Promise.resolve(), ...more.clock },
    signal: new AbortController().signal,
    log,
    doing: 'creating snapshot "agent"',
    env: {},
  });
}
const failure = async (pushed: Promise<string>): Promise<string> => {
  const error: unknown = await pushed.then(
    () => null,
    (it: unknown) => it,
  );
  if (!(error instanceof Failure)) throw error ?? new Error("the push succeeded");
  return `${error.notice.summary}\n${error.notice.detail}`.replaceAll(host(), "REGISTRY");
};
/** The requests that end an upload. */
const uploads = () =>
  registry.seen
    .filter(({ method, url }) => method === "PUT" && url.startsWith("/upload/"))
    .sort((a, b) => b.bytes - a.bytes);
const patches = (): string[] =>
  registry.seen.filter(({ method }) => method === "PATCH").map(({ range, bytes }) => `${range} ${bytes}`);

test("the name is that of the registry, without its scheme and a slash at its end", async () => {
  expect(await push([], { registryUrl: `http://${host()}/` })).toMatch(
    new RegExp(`^${host()}/daytona/agent-\\d{17}:v2-a{64}$`),
  );
});

test("a layer goes in requests of 16 MiB, because proxies refuse larger ones", async () => {
  const content = randomBytes(33 * MIB);
  await push([
    layerOf(content, {
      open: () =>
        Readable.from(
          Array.from({ length: 33 }, (_, at) => content.subarray(at * MIB, (at + 1) * MIB)),
          { objectMode: false },
        ),
    }),
  ]);
  expect(patches()).toEqual([
    `0-${16 * MIB - 1} ${16 * MIB}`,
    `${16 * MIB}-${32 * MIB - 1} ${16 * MIB}`,
    `${32 * MIB}-${33 * MIB - 1} ${MIB}`,
  ]);
  // What fits into one request goes with the last one.
  expect(uploads().map(({ bytes }) => bytes)).toEqual([2, 0]);
});

const asked = (): string[] =>
  registry.seen.map(({ method, url }) => `${method} ${decodeURIComponent(url).replace(/agent-\d+/g, "agent")}`);
const LAYER = digestOf(Buffer.from("layer"));
const CONFIGURATION = digestOf(Buffer.from("{}"));
const TAG = `v2-${"a".repeat(64)}`;

test("what is there already is not sent, and the manifest is the last that is", async () => {
  registry.answer = ({ method }) => (method === "POST" ? 201 : null);
  await push([layerOf(Buffer.from("layer"))]);
  expect(asked()).toEqual([
    // From the top, where what is new mostly is.
    `POST /v2/daytona/agent/blobs/uploads/?mount=${CONFIGURATION}&from=daytona/agent`,
    `POST /v2/daytona/agent/blobs/uploads/?mount=${LAYER}&from=daytona/agent`,
    `PUT /v2/daytona/agent/manifests/${TAG}`,
    `HEAD /v2/daytona/agent/manifests/${TAG}`,
  ]);
});

test("a registry that does not mount is asked by HEAD", async () => {
  registry.answer = ({ method, url }) =>
    method === "POST" && url!.includes("mount=") ? 405 : method === "HEAD" ? 200 : null;
  await push([layerOf(Buffer.from("layer"))]);
  expect(asked().sort()).toEqual(
    [
      `POST /v2/daytona/agent/blobs/uploads/?mount=${LAYER}&from=daytona/agent`,
      `POST /v2/daytona/agent/blobs/uploads/?mount=${CONFIGURATION}&from=daytona/agent`,
      `HEAD /v2/daytona/agent/blobs/${LAYER}`,
      `HEAD /v2/daytona/agent/blobs/${CONFIGURATION}`,
      `PUT /v2/daytona/agent/manifests/${TAG}`,
      `HEAD /v2/daytona/agent/manifests/${TAG}`,
    ].sort(),
  );
});

test("a digest of another kind is the registry's to check", async () => {
  const content = Buffer.from("layer");
  await push([layerOf(content, { digest: digestOf(content, "sha512") })]);
  expect(uploads().map(({ url }) => url)).toEqual([
    `/upload/1?digest=${encodeURIComponent(digestOf(content, "sha512"))}`,
    `/upload/1?digest=${encodeURIComponent(CONFIGURATION)}`,
  ]);
});

test("a layer that is sent again is not counted again", async () => {
  const content = randomBytes(3 * MIB);
  registry.answer = ({ method, url }, earlier) =>
    method === "PUT" && url!.startsWith("/upload/") && earlier < 2 ? 503 : null;
  let now = 0;
  const transfers: Transfer[] = [];
  await push([layerOf(content)], { transfers, clock: { now: () => (now += 1_000) } });
  expect(uploads()).toHaveLength(4);
  expect(transfers.at(-1)).toMatchObject({
    doing: "pushing the local image",
    sentBytes: content.length + 2,
    totalBytes: content.length + 2,
  });
  expect(Math.max(...transfers.map(({ sentBytes }) => sentBytes))).toBe(content.length + 2);
});

describe("the wait for the pushed manifest", () => {
  test.each([[401], [403]])("ends where the credentials may only push (%i)", async (status) => {
    registry.answer = ({ method, url }) => (method === "HEAD" && url!.includes("/manifests/") ? status : null);
    const debug: string[] = [];
    expect(await push([], { debug })).toContain("/daytona/agent-");
    expect(debug).toEqual([
      `the pushed image could not be read back from ${host()}: the credentials only allow pushing (${status})`,
    ]);
  });

  test("lasts a minute, and then fails", async () => {
    registry.answer = ({ method, url }) => (method === "HEAD" && url!.includes("/manifests/") ? 404 : null);
    let now = 0;
    const clock = { now: () => now, sleep: (ms: number) => Promise.resolve(void (now += ms)) };
    expect((await failure(push([], { clock }))).replace(/agent-\d+/, "agent")).toBe(
      `creating snapshot "agent": the registry does not show the pushed image\nREGISTRY accepted daytona/agent:v2-${"a".repeat(64)}, but still returned 404 for it after 60 seconds. No snapshot was created. Try again later.`,
    );
    expect(registry.seen.filter(({ method, url }) => method === "HEAD" && url.includes("/manifests/"))).toHaveLength(
      61,
    );
  });

  test("ends when it is there", async () => {
    let asked = 0;
    registry.answer = ({ method, url }) =>
      method === "HEAD" && url!.includes("/manifests/") && (asked += 1) < 6 ? 404 : null;
    await push([]);
    expect(asked).toBe(6);
  });
});

test("the access is asked for the region of the snapshot", async () => {
  const folder = mkdtempSync(join(tmpdir(), "push-image-"));
  writeFolder(join(folder, "layout"), ociFiles([{}]));
  const b = await bench({ registry: { url: `http://${host()}`, username: access.username, secret: access.secret } });
  try {
    const asked: unknown[] = [];
    const lifecycle = b.another((api) =>
      Object.assign(Object.create(api) as typeof api, {
        registryAccess: (options: Parameters<typeof api.registryAccess>[0]) => (
          asked.push(options?.regionId),
          api.registryAccess(options)
        ),
      }),
    );
    for (const region of ["us", null])
      recordOf(
        await lifecycle.create(
          plan(null, {}, { name: `in-${region}`, localImage: `oci:${join(folder, "layout")}`, region }).planned,
          context(),
        ),
      );
    expect(asked).toEqual(["us", undefined]);
  } finally {
    await b.close();
    rmSync(folder, { recursive: true });
  }
});

test("an archive that becomes unreadable is named", async () => {
  const open = (): Readable =>
    new Readable({
      read() {
        this.destroy(Object.assign(new Error("no such file"), { code: "ENOENT" }));
      },
    });
  expect(await failure(push([layerOf(Buffer.from("x"), { open })]))).toBe(
    'creating snapshot "agent": cannot read the image archive\n"oci:agent" changed or became unreadable while it was being pushed: ENOENT: no such file.\nWrite the archive again.\nNo snapshot was created.',
  );
});

test("one that has to be compressed as well, instead of being waited for without end", async () => {
  const open = (): Readable =>
    new Readable({
      read() {
        this.destroy(Object.assign(new Error("i/o error"), { code: "EIO" }));
      },
    });
  expect(await failure(push([layerOf(Buffer.from("x"), { open, digest: null, plain: true })]))).toContain(
    'cannot read the image archive\n"oci:agent" changed or became unreadable while it was being pushed: EIO: i/o error.',
  );
});

test("a manifest of the archive is sent as it is: its digest is the image's", async () => {
  const bytes = Buffer.from('{ "schemaVersion" :  2 }\n');
  await push([], { manifest: { bytes, mediaType: "application/vnd.docker.distribution.manifest.v2+json" } });
  expect(registry.seen.filter(({ url, method }) => method === "PUT" && url.includes("/manifests/"))).toMatchObject([
    { bytes: bytes.length, type: "application/vnd.docker.distribution.manifest.v2+json" },
  ]);
});

test("a local image that changed after the plan is not pushed, and both hashes are told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "push-image-"));
  writeFolder(join(folder, "layout"), ociFiles([{}]));
  const b = await bench({ registry: { url: `http://${host()}`, username: access.username, secret: access.secret } });
  try {
    const { planned } = plan(null, {}, { name: "agent", localImage: `oci:${join(folder, "layout")}` });
    const { record, error } = await b.lifecycle.create({ ...planned, sourceHash: `v2:${"0".repeat(64)}` }, context());
    expect({ record, sent: registry.seen, names: b.names() }).toEqual({ record: null, sent: [], names: {} });
    expect(error).toMatchObject({
      summary: 'creating snapshot "agent": the local image changed before it was pushed',
      attribute: ["localImage"],
      detail: expect.stringMatching(
        /^The expected source hash is v2:0{64}, but the image now has v2:[0-9a-f]{64}\. Nothing was pushed\. Plan and apply again\.$/,
      ) as string,
    });
  } finally {
    await b.close();
    rmSync(folder, { recursive: true });
  }
});

test("an error that is none of the registry's is not made one", () => {
  const fault = new TypeError("a fault of the program");
  expect(() =>
    registryFailure({ doing: "x", host: "r.test", repository: "d/a", tag: "t", written: "a" }, fault, access),
  ).toThrow(fault);
});

test("what a failure of the registry means", () => {
  const passing = (status: number, code = "") => isPassing({ status, code });
  expect(
    ["ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ConnectionClosed", "FailedToOpenSocket", "DNSException"].map((code) =>
      passing(0, code),
    ),
  ).toEqual(Array(6).fill(true));
  expect(
    ["EPROTO", "ERR_TLS_CERT_ALTNAME_INVALID", "ERR_SSL_X", "ERR_INVALID_URL", "CERT_HAS_EXPIRED", ""].map((code) =>
      passing(0, code),
    ),
  ).toEqual(Array(6).fill(false));
  expect([408, 429, 500, 507, 599].map((status) => passing(status))).toEqual(Array(5).fill(true));
  expect([400, 401, 403, 404, 413, 499].map((status) => passing(status))).toEqual(Array(6).fill(false));
});
