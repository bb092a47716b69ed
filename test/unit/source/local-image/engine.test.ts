import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentHash } from "../../../../provider/source/local-image/content-hash";
import { readEngineImage } from "../../../../provider/source/local-image/engine/image-engine";
import { readLocalImage } from "../../../../provider/source/local-image/read-local-image";

let folder: string;
const servers: Server[] = [];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "engine-"))));
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true });
});

type Answer = { status?: number; body?: unknown } | ((request: IncomingMessage, response: ServerResponse) => void);

/** An engine on a socket of this name. Real ones are in the tests of pushes; this one answers what they do not. */
async function engine(name: string, answer: Answer): Promise<{ host: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (typeof answer === "function") return answer(request, response);
    response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  });
  servers.push(server);
  const path = join(folder, name);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { host: `unix://${path}`, asked };
}

const info = {
  Id: "sha256:id",
  Os: "linux",
  Architecture: "amd64",
  RootFS: { Type: "layers", Layers: ["sha256:a"] },
  Config: { Cmd: ["sh"], Hostname: "x" },
};
const read = (host: string, signal?: AbortSignal) =>
  readEngineImage("agent:dev", { env: { DOCKER_HOST: host }, home: folder, platform: "linux" }, signal);
const problem = (host: string): Promise<string> =>
  read(host).then(
    () => "read",
    (error: Error) => error.message.replaceAll(folder, "DIR"),
  );
const label = 'The local image "agent:dev"';

test("an image is asked for by its name, and hashed by what a container can tell", async () => {
  const { host, asked } = await engine("docker.sock", { body: info });
  const found = await read(host);
  expect(asked).toEqual(["GET /images/agent:dev/json"]);
  expect(found).toMatchObject({
    id: "sha256:id",
    hash: contentHash({ os: "linux", architecture: "amd64", layers: ["sha256:a"], config: { Cmd: ["sh"] } }),
    engine: { where: `the engine at ${host}` },
  });
  const local = await readLocalImage("agent:dev", folder, {
    env: { DOCKER_HOST: host },
    home: folder,
    platform: "linux",
  });
  expect(local).toMatchObject({ written: "agent:dev", hash: found.hash, content: { kind: "engine", id: "sha256:id" } });
});

test("the variant and the layers of the engine's answer count", async () => {
  const hashes = [];
  for (const [at, body] of [
    info,
    { ...info, Variant: "v3" },
    { ...info, RootFS: { Layers: ["sha256:a", "sha256:b"] } },
    { ...info, RootFS: {} },
    { ...info, Config: { Cmd: ["other"] } },
  ].entries())
    hashes.push((await read((await engine(`${at}.sock`, { body })).host)).hash);
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("what may surprise about the engine's image is told", async () => {
  const layers = Array.from({ length: 126 }, (_, index) => `sha256:${index}`);
  const warnings = async (name: string, more: object): Promise<readonly string[]> =>
    (await read((await engine(name, { body: { ...info, ...more } })).host)).warnings;
  expect(await warnings("a.sock", {})).toEqual([]);
  expect(await warnings("b.sock", { Variant: "", RootFS: { Layers: layers.slice(1) } })).toEqual([]);
  expect(await warnings("c.sock", { Variant: "v3", RootFS: { Layers: layers } })).toEqual([
    `${label} is for linux/amd64/v3. Its programs may fail on a runner with an older processor. Build it for linux/amd64, without a variant, so that every runner can run it.`,
    `${label} has 126 layers. Docker cannot run an image with more than 125 of them ("max depth exceeded"), so the snapshot may fail. Combine instructions of its Dockerfile, or squash it.`,
  ]);
});

test.each<[string, Answer, string]>([
  [
    "no such image",
    { status: 404, body: { message: "No such image: agent:dev" } },
    `${label} does not exist in the engine at unix://DIR/docker.sock. Run \`docker image ls\` to list its images. If it is in a registry, run \`docker pull --platform linux/amd64 agent:dev\`, or use {image} instead of {localImage}.`,
  ],
  [
    "a refusal",
    { status: 403, body: { message: "denied by a plugin." } },
    `${label} cannot be read: the engine at unix://DIR/docker.sock returned 403: denied by a plugin.`,
  ],
  [
    "a failure",
    { status: 500, body: { message: "out of space" } },
    `${label} cannot be read. The engine at unix://DIR/docker.sock (DOCKER_HOST) failed with 500: out of space.`,
  ],
  [
    "another platform",
    { body: { ...info, Architecture: "arm64", Variant: "v8" } },
    `${label} is for linux/arm64/v8, but sandboxes run linux/amd64. Run \`docker build --platform linux/amd64 -t agent:dev .\`, or \`docker pull --platform linux/amd64 agent:dev\`.`,
  ],
  [
    "no platform",
    { body: { ...info, Os: undefined, Architecture: null } },
    `${label} is for an unknown system/an unknown architecture, but sandboxes run linux/amd64. Run \`docker build --platform linux/amd64 -t agent:dev .\`, or \`docker pull --platform linux/amd64 agent:dev\`.`,
  ],
  [
    "null",
    { body: null },
    `${label} cannot be read: the engine at unix://DIR/docker.sock did not return an image. Check DOCKER_HOST.`,
  ],
  [
    "a list",
    { body: [] },
    `${label} cannot be read: the engine at unix://DIR/docker.sock did not return an image. Check DOCKER_HOST.`,
  ],
  [
    "no ID",
    { body: { ...info, Id: "" } },
    `${label} cannot be read: the response of the engine at unix://DIR/docker.sock is missing an ID. Update the engine, or use "oci-archive:FILE" or "docker-archive:FILE".`,
  ],
  [
    "no layers",
    { body: { ...info, RootFS: null } },
    `${label} cannot be read: the response of the engine at unix://DIR/docker.sock is missing its layers. Update the engine, or use "oci-archive:FILE" or "docker-archive:FILE".`,
  ],
  [
    "layers of numbers",
    { body: { ...info, RootFS: { Layers: [1] } } },
    `${label} cannot be read: the response of the engine at unix://DIR/docker.sock is missing its layers. Update the engine, or use "oci-archive:FILE" or "docker-archive:FILE".`,
  ],
  [
    "no configuration",
    { body: { ...info, Config: null } },
    `${label} cannot be read: the response of the engine at unix://DIR/docker.sock is missing its configuration. Update the engine, or use "oci-archive:FILE" or "docker-archive:FILE".`,
  ],
])("an engine that answers with %s", async (_what, answer, message) => {
  expect(await problem((await engine("docker.sock", answer)).host)).toBe(message);
});

test("an image of several parts of a name is one image", async () => {
  const { host, asked } = await engine("docker.sock", { body: info });
  await readEngineImage("ghcr.io/acme/agent:1", { env: { DOCKER_HOST: host }, home: folder, platform: "linux" });
  expect(asked.map(decodeURIComponent)).toEqual(["GET /images/ghcr.io/acme/agent:1/json"]);
});

test("where no engine runs, and where a socket is a file", async () => {
  expect(await problem(`unix://${folder}/none.sock`)).toBe(
    `${label} cannot be read. No engine is running at unix://DIR/none.sock (DOCKER_HOST). Start it, or correct DOCKER_HOST.`,
  );
  writeFileSync(join(folder, "file"), "");
  expect(await problem(`unix://${folder}/file`)).toBe(
    `${label} cannot be read. No engine is running at unix://DIR/file (DOCKER_HOST). Start it, or correct DOCKER_HOST.`,
  );
  expect(await problem("tcp://127.0.0.1:1")).toBe(
    `${label} cannot be read. No engine is running at tcp://127.0.0.1:1 (DOCKER_HOST). Start it, or correct DOCKER_HOST.`,
  );
  expect(await problem("tcp://")).toBe(
    '"tcp://" is not an address of an engine. Use "unix:///path" or "tcp://host:port".',
  );
});

test("the first engine that answers has the last word; one that fails is passed over", async () => {
  const home = join(folder, ".docker");
  const failing = await engine("docker.sock", { status: 500, body: { message: "broken" } });
  const good = await engine("podman.sock", { body: info });
  const paths = [`${folder}/docker.sock`, `${folder}/podman.sock`];
  const deps = {
    env: { XDG_RUNTIME_DIR: folder },
    home,
    platform: "linux" as const,
    exists: (path: string) => paths.includes(path) || path === `${folder}/podman/podman.sock`,
  };
  rmSync(join(folder, "podman"), { recursive: true, force: true });
  await expect(readEngineImage("agent:dev", deps)).rejects.toThrow(
    `${label} cannot be read. The engine at ${failing.host} failed with 500: broken. No engine is running at unix://${folder}/podman/podman.sock. Start it, or correct DOCKER_HOST.`,
  );
  const missing = await engine("missing.sock", { status: 404, body: {} });
  expect(await problem(missing.host)).toContain("does not exist in the engine at");
  expect(good.asked).toEqual([]);
});

test("an interrupt ends the question at once, with the signal's reason", async () => {
  const { host } = await engine("docker.sock", () => undefined);
  const interrupt = new AbortController();
  const reading = read(host, interrupt.signal);
  setTimeout(() => interrupt.abort(new Error("interrupted")), 50);
  await expect(reading).rejects.toThrow("interrupted");
});

test("an engine that never answers is given up after 30 seconds", async () => {
  const { host } = await engine("docker.sock", () => undefined);
  const timeout = jest.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const over = new AbortController();
    setTimeout(() => over.abort(new DOMException(`${ms}`, "TimeoutError")), 20);
    return over.signal;
  });
  try {
    expect(await problem(host)).toBe(
      `${label} cannot be read. The engine at unix://DIR/docker.sock (DOCKER_HOST) did not respond within 30 seconds. Restart it, or correct DOCKER_HOST.`,
    );
    expect(timeout).toHaveBeenCalledWith(30_000);
  } finally {
    timeout.mockRestore();
  }
});
