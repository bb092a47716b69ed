import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import type { LocalApi } from "../../../provider/local";
import { call, closeAll, start, until } from "./harness";

/** The registry that pushes go to, spoken to as the distribution specification says. Real clients push to it in test/unit/lifecycle/publish. */
let local: LocalApi;
let access: { username: string; secret: string; registryUrl: string; project: string; expiresAt: string };
beforeAll(async () => {
  local = await start();
  access = (await call(local, "GET", "/docker-registry/registry-push-access")).body;
});
beforeEach(() => local.control.reset());
afterAll(closeAll);

const sha = (content: string): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;
const REPOSITORY = "daytona/agent-1";

async function ask(
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
  user = access,
): Promise<{ status: number; headers: Headers; text: string; code: string | undefined }> {
  const url = path.startsWith("http") ? path : `http://${access.registryUrl}${path}`;
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${user.username}:${user.secret}`).toString("base64")}`,
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  const [, code] = /"code":"([A-Z_]+)"/.exec(text) ?? [];
  return { status: answer.status, headers: answer.headers, text, code };
}

async function push(content: string, repository = REPOSITORY): Promise<string> {
  const begun = await ask("POST", `/v2/${repository}/blobs/uploads/`);
  const done = await ask("PUT", `${begun.headers.get("location")}?digest=${sha(content)}`, content);
  expect([done.status, done.code]).toEqual([201, undefined]);
  return sha(content);
}

/** An image of one layer. @returns its manifest */
async function image(tag: string, config: object = { config: { Entrypoint: ["sleep", "9"] } }): Promise<string> {
  const text = JSON.stringify(config);
  const [configDigest, layer] = [await push(text), await push("layer")];
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: configDigest, size: text.length },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: layer, size: 5 }],
  });
  const put = await ask("PUT", `/v2/${REPOSITORY}/manifests/${tag}`, manifest, {
    "content-type": "application/vnd.oci.image.manifest.v1+json",
  });
  expect([put.status, put.headers.get("docker-content-digest")]).toEqual([201, sha(manifest)]);
  return manifest;
}

test("it is on the API's own port, and its credentials are valid for an hour", async () => {
  expect(access.registryUrl).toBe(`127.0.0.1:${local.port}`);
  expect((await ask("GET", "/v2/")).status).toBe(200);
  expect((await ask("GET", "/v2/", undefined, {}, { ...access, secret: "planted-secret" })).status).toBe(401);
  const stranger = await fetch(`http://${access.registryUrl}/v2/`);
  expect([stranger.status, stranger.headers.get("www-authenticate")]).toEqual([
    401,
    'Basic realm="Local Daytona registry"',
  ]);
  const api = await start();
  const own = (await call(api, "GET", "/docker-registry/registry-push-access")).body;
  const as = (): Promise<{ status: number }> => ask("GET", `http://127.0.0.1:${api.port}/v2/`, undefined, {}, own);
  expect((await as()).status).toBe(200);
  api.control.advanceClock(3_600_001);
  expect((await as()).status).toBe(401);
});

test("a blob comes in one piece, or in chunks that have to follow each other", async () => {
  await push("whole");
  const begun = await ask("POST", `/v2/${REPOSITORY}/blobs/uploads/`);
  const location = begun.headers.get("location") ?? "";
  expect([begun.status, begun.headers.get("range")]).toEqual([202, "0-0"]);
  const first = await ask("PATCH", location, "abc", { "content-range": "0-2" });
  expect([first.status, first.headers.get("range")]).toEqual([202, "0-2"]);
  const gap = await ask("PATCH", location, "ef", { "content-range": "4-5" });
  expect([gap.status, gap.headers.get("range")]).toEqual([416, "0-2"]);
  expect((await ask("PATCH", location, "de", { "content-range": "3-4" })).status).toBe(202);
  const asked = await ask("GET", location);
  expect([asked.status, asked.headers.get("range")]).toEqual([204, "0-4"]);
  expect((await ask("PUT", `${location}?digest=${sha("abcde")}`)).status).toBe(201);
  const read = await ask("GET", `/v2/${REPOSITORY}/blobs/${sha("abcde")}`);
  expect([read.status, read.text, read.headers.get("content-length")]).toEqual([200, "abcde", "5"]);
  const seen = await ask("HEAD", `/v2/${REPOSITORY}/blobs/${sha("abcde")}`);
  expect([seen.status, seen.headers.get("docker-content-digest")]).toEqual([200, sha("abcde")]);
});

test("a blob with another digest is not taken, and leaves nothing behind", async () => {
  const begun = await ask("POST", `/v2/${REPOSITORY}/blobs/uploads/`);
  const wrong = await ask("PUT", `${begun.headers.get("location")}?digest=${sha("other")}`, "this");
  expect([wrong.status, wrong.code]).toEqual([400, "DIGEST_INVALID"]);
  expect((await ask("HEAD", `/v2/${REPOSITORY}/blobs/${sha("this")}`)).status).toBe(404);
  expect((await ask("HEAD", `/v2/${REPOSITORY}/blobs/${sha("other")}`)).status).toBe(404);
  expect((await ask("PUT", `${begun.headers.get("location")}?digest=${sha("this")}`, "this")).code).toBe(
    "BLOB_UPLOAD_UNKNOWN",
  );
});

test("a blob belongs to the repositories that it was pushed or mounted to", async () => {
  const digest = await push("shared");
  expect((await ask("HEAD", `/v2/daytona/other/blobs/${digest}`)).status).toBe(404);
  const mounted = await ask("POST", `/v2/daytona/other/blobs/uploads/?mount=${digest}&from=${REPOSITORY}`);
  expect([mounted.status, mounted.headers.get("docker-content-digest")]).toEqual([201, digest]);
  expect((await ask("GET", `/v2/daytona/other/blobs/${digest}`)).text).toBe("shared");
  // What is not there begins an upload instead.
  const none = await ask("POST", `/v2/daytona/other/blobs/uploads/?mount=${sha("no")}&from=${REPOSITORY}`);
  expect(none.status).toBe(202);
});

test("an upload can be given up", async () => {
  const location = (await ask("POST", `/v2/${REPOSITORY}/blobs/uploads/`)).headers.get("location") ?? "";
  expect((await ask("DELETE", location)).status).toBe(204);
  expect((await ask("PATCH", location, "x")).code).toBe("BLOB_UPLOAD_UNKNOWN");
});

test("a manifest is taken once all that it refers to is there, and is read by tag and by digest", async () => {
  const manifest = await image("v1");
  for (const reference of ["v1", sha(manifest)]) {
    const read = await ask("GET", `/v2/${REPOSITORY}/manifests/${reference}`);
    expect([read.status, read.text, read.headers.get("content-type")]).toEqual([
      200,
      manifest,
      "application/vnd.oci.image.manifest.v1+json",
    ]);
  }
  const seen = await ask("HEAD", `/v2/${REPOSITORY}/manifests/v1`);
  expect([seen.status, seen.text, seen.headers.get("docker-content-digest")]).toEqual([200, "", sha(manifest)]);
  expect((await ask("GET", `/v2/${REPOSITORY}/tags/list`)).text).toBe(`{"name":"${REPOSITORY}","tags":["v1"]}`);
  expect(local.control.images()).toEqual([`${REPOSITORY}:v1`]);
  const lacking = manifest.replaceAll(sha("layer"), sha("missing"));
  const refused = await ask("PUT", `/v2/${REPOSITORY}/manifests/v2`, lacking);
  expect([refused.status, refused.code]).toEqual([400, "MANIFEST_BLOB_UNKNOWN"]);
  expect(refused.text).toContain(sha("missing"));
  expect((await ask("GET", `/v2/${REPOSITORY}/manifests/v2`)).code).toBe("MANIFEST_UNKNOWN");
});

test.each([
  ["no JSON", "x"],
  ["no manifest", '{"schemaVersion":1}'],
  ["layers without digests", '{"schemaVersion":2,"config":{"digest":"sha256:1","size":1},"layers":[{}]}'],
  ["no layers", '{"schemaVersion":2,"config":{"digest":"sha256:1","size":1}}'],
])("%s is not taken as a manifest", async (_, text) => {
  expect((await ask("PUT", `/v2/${REPOSITORY}/manifests/v1`, text)).code).toBe("MANIFEST_INVALID");
});

test.each([
  ["GET", "/v2/other/agent/tags/list", 403, "DENIED"],
  ["POST", "/v2/other/agent/blobs/uploads/", 403, "DENIED"],
  ["GET", "/v2/daytona/Agent/tags/list", 400, "NAME_INVALID"],
  ["GET", "/v2/daytona/agent", 404, "NOT_FOUND"],
  ["GET", "/v2/daytona/none/tags/list", 404, "NAME_UNKNOWN"],
  ["DELETE", "/v2/daytona/agent/manifests/v1", 405, "UNSUPPORTED"],
  ["PUT", "/v2/daytona/agent/manifests/-v1", 400, "TAG_INVALID"],
  ["PUT", `/v2/daytona/agent/manifests/${sha("another")}`, 400, "DIGEST_INVALID"],
])("%s %s is refused", async (method, path, status, code) => {
  const answer = await ask(method, path, method === "PUT" ? "{}" : undefined);
  expect([answer.status, answer.code]).toEqual([status, code]);
});

test("a snapshot of a pushed image has its size and its entrypoint, and the image is gone once it is pulled", async () => {
  const manifest = await image("v2-1");
  const imageName = `${access.registryUrl}/${REPOSITORY}:v2-1`;
  const { body } = await call(local, "POST", "/snapshots", { name: "pushed", imageName });
  const made = await until(local, body.id, "active");
  expect(made.ref).toContain(`daytona-${sha(manifest).slice("sha256:".length)}:daytona`);
  const bytes = JSON.parse(manifest).config.size + 5;
  expect(made.size).toBe(bytes / 2 ** 30);
  expect(local.control.images()).toEqual([]);
});

test("a v0 server stores the image's entrypoint", async () => {
  local.control.settings({ generation: "v0" });
  await image("v2-1");
  const imageName = `${access.registryUrl}/${REPOSITORY}:v2-1`;
  const { body } = await call(local, "POST", "/snapshots", { name: "pushed", imageName });
  expect((await until(local, body.id, "active")).entrypoint).toEqual(["sleep", "9"]);
  local.control.settings({ generation: "v2" });
});

test("a snapshot of an image that was never pushed fails as on the real server", async () => {
  const imageName = `${access.registryUrl}/${REPOSITORY}:never`;
  const { body } = await call(local, "POST", "/snapshots", { name: "unpushed", imageName });
  expect((await until(local, body.id, "error")).errorReason).toMatch(
    /Error response from daemon: manifest unknown: manifest unknown$/,
  );
});

test("its requests are counted and meet faults like others", async () => {
  local.control.fault({ kind: "registry", action: "answer", status: 503, body: "later", times: 1 });
  expect((await ask("GET", "/v2/")).status).toBe(503);
  expect((await ask("GET", "/v2/")).status).toBe(200);
  expect(local.control.counts()["registry"]).toBe(2);
});

test("what was pushed lies in files that are gone with the API", async () => {
  const files = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("daytona-iac-registry-"));
  const before = files();
  const api = await start();
  const own = (await call(api, "GET", "/docker-registry/registry-push-access")).body;
  const begun = await ask("POST", `http://127.0.0.1:${api.port}/v2/${REPOSITORY}/blobs/uploads/`, undefined, {}, own);
  const location = `http://127.0.0.1:${api.port}${begun.headers.get("location")}?digest=${sha("x")}`;
  expect((await ask("PUT", location, "x", {}, own)).status).toBe(201);
  const [made] = files().filter((name) => !before.includes(name));
  expect(made).toBeDefined();
  await api.close();
  expect(existsSync(`${tmpdir()}/${made}`)).toBe(false);
});
