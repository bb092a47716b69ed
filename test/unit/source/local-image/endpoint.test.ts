import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endpoints } from "../../../../provider/source/local-image/engine/endpoint";

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "docker-home-"))));
afterEach(() => rmSync(home, { recursive: true }));

const found = (env: Record<string, string> = {}, sockets: string[] = [], platform: NodeJS.Platform = "linux") =>
  endpoints({ env, home, platform, exists: (path) => sockets.includes(path) }).map(({ host, from }) => [host, from]);

function write(path: string, text: string): void {
  mkdirSync(join(home, path, ".."), { recursive: true });
  writeFileSync(join(home, path), text);
}
function context(name: string, meta: object): string {
  const id = createHash("sha256").update(name).digest("hex");
  write(`.docker/contexts/meta/${id}/meta.json`, JSON.stringify(meta));
  return id;
}

test("DOCKER_HOST is the only one to try, with certificates where they are asked for", () => {
  context("other", { Endpoints: { docker: { Host: "unix:///other.sock" } } });
  expect(found({ DOCKER_HOST: "tcp://127.0.0.1:2375", DOCKER_CONTEXT: "other" }, ["/var/run/docker.sock"])).toEqual([
    ["tcp://127.0.0.1:2375", "DOCKER_HOST"],
  ]);
  write("certs/ca.pem", "CA");
  const [secure] = endpoints({
    env: { DOCKER_HOST: "tcp://h:2376", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: join(home, "certs") },
    home,
    platform: "linux",
  });
  expect(secure?.tls).toEqual({ ca: Buffer.from("CA") });
});

test("a context is named by DOCKER_CONTEXT, or else by config.json; `default` is the socket", () => {
  const id = context("remote", { Endpoints: { docker: { Host: "tcp://build:2376" } } });
  write(`.docker/contexts/tls/${id}/docker/key.pem`, "KEY");
  expect(found({ DOCKER_CONTEXT: "remote" })).toEqual([["tcp://build:2376", 'the Docker context "remote"']]);
  write(".docker/config.json", JSON.stringify({ currentContext: "remote" }));
  expect(endpoints({ env: {}, home, platform: "linux" })[0]).toEqual({
    host: "tcp://build:2376",
    from: 'the Docker context "remote"',
    tls: { key: Buffer.from("KEY") },
  });
  expect(found({ DOCKER_CONTEXT: "default" }, ["/var/run/docker.sock"])).toEqual([
    ["unix:///var/run/docker.sock", null],
  ]);
  expect(() => found({ DOCKER_CONTEXT: "none" })).toThrow(
    'The Docker context "none" does not exist. Run `docker context ls` to list them, or correct DOCKER_CONTEXT.',
  );
});

test("otherwise the sockets that exist: Docker, rootless Docker, Docker Desktop, Podman", () => {
  const sockets = [
    "/run/podman/podman.sock",
    "/run/user/5/podman/podman.sock",
    "/run/user/5/docker.sock",
    join(home, ".docker/run/docker.sock"),
  ];
  expect(found({ XDG_RUNTIME_DIR: "/run/user/5" }, sockets).map(([host]) => host)).toEqual([
    "unix:///run/user/5/docker.sock",
    `unix://${join(home, ".docker/run/docker.sock")}`,
    "unix:///run/user/5/podman/podman.sock",
    "unix:///run/podman/podman.sock",
  ]);
  expect(found({}, [], "win32")).toEqual([["npipe:////./pipe/docker_engine", null]]);
  expect(found()).toEqual([]);
});

test("addresses that cannot be used are refused", () => {
  expect(() => found({ DOCKER_HOST: "ssh://me@host" })).toThrow(
    "DOCKER_HOST is ssh://me@host, and SSH addresses are not supported. Forward the socket with `ssh -L`, and set DOCKER_HOST to the forwarded socket.",
  );
  expect(() => found({ DOCKER_HOST: "/var/run/docker.sock" })).toThrow(
    'DOCKER_HOST is "/var/run/docker.sock", which is not an address of an engine. Use "unix:///path" or "tcp://host:port".',
  );
});

test("Docker's own socket comes first, and Docker Desktop's before Podman's", () => {
  const all = [
    "/run/podman/podman.sock",
    join(home, ".docker/desktop/docker.sock"),
    join(home, ".docker/run/docker.sock"),
    "/var/run/docker.sock",
  ];
  expect(found({}, all).map(([host]) => host)).toEqual([
    "unix:///var/run/docker.sock",
    `unix://${join(home, ".docker/run/docker.sock")}`,
    `unix://${join(home, ".docker/desktop/docker.sock")}`,
    "unix:///run/podman/podman.sock",
  ]);
});

test("a folder of its own for the configuration, and a file that says nothing", () => {
  const id = context("remote", { Endpoints: { docker: { Host: "tcp://build:2376" } } });
  const other = mkdtempSync(join(tmpdir(), "docker-config-"));
  try {
    mkdirSync(join(other, "contexts/meta", id), { recursive: true });
    writeFileSync(
      join(other, "contexts/meta", id, "meta.json"),
      JSON.stringify({ Endpoints: { docker: { Host: "tcp://elsewhere:1" } } }),
    );
    expect(found({ DOCKER_CONFIG: other, DOCKER_CONTEXT: "remote" })).toEqual([
      ["tcp://elsewhere:1", 'the Docker context "remote"'],
    ]);
  } finally {
    rmSync(other, { recursive: true });
  }
  for (const text of [
    "null",
    "[]",
    "{",
    '{"currentContext":""}',
    '{"currentContext":1}',
    '{"currentContext":"default"}',
  ]) {
    write(".docker/config.json", text);
    expect(found({}, ["/var/run/docker.sock"])).toEqual([["unix:///var/run/docker.sock", null]]);
  }
});

test.each<[string, unknown]>([
  ["null", null],
  ["no endpoints", {}],
  ["null endpoints", { Endpoints: null }],
  ["a null endpoint", { Endpoints: { docker: null } }],
  ["an empty address", { Endpoints: { docker: { Host: "" } } }],
  ["a number", { Endpoints: { docker: { Host: 1 } } }],
])("a context of %s has no address", (_what, meta) => {
  context("odd", meta as object);
  expect(() => found({ DOCKER_CONTEXT: "odd" })).toThrow(
    'The Docker context "odd" has no address. Run `docker context inspect odd`.',
  );
});

test("certificates: only those that are there, of the folder that is named, or else of the user", () => {
  expect(endpoints({ env: { DOCKER_HOST: "tcp://h:2375" }, home, platform: "linux" })[0]?.tls).toBeNull();
  write(".docker/cert.pem", "CERT");
  expect(
    endpoints({ env: { DOCKER_HOST: "tcp://h:2376", DOCKER_TLS_VERIFY: "1" }, home, platform: "linux" })[0]?.tls,
  ).toEqual({ cert: Buffer.from("CERT") });
  write("own/ca.pem", "CA");
  write("own/cert.pem", "C");
  write("own/key.pem", "K");
  expect(
    endpoints({ env: { DOCKER_HOST: "tcp://h:2376", DOCKER_CERT_PATH: join(home, "own") }, home, platform: "linux" })[0]
      ?.tls,
  ).toEqual({ ca: Buffer.from("CA"), cert: Buffer.from("C"), key: Buffer.from("K") });
  mkdirSync(join(home, "bad/ca.pem"), { recursive: true });
  expect(() => found({ DOCKER_HOST: "tcp://h:2376", DOCKER_CERT_PATH: join(home, "bad") })).toThrow(
    `The engine's certificate ${join(home, "bad/ca.pem")} cannot be read: `,
  );
});
