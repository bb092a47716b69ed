import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const TOOLS = ["podman", "docker-registry", "htpasswd"] as const;
const missing = TOOLS.filter((tool) => spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0);

/** Tests with a real engine and a real registry; skipped, with the reason in their name, where these are not installed. */
export function withEngine(name: string, body: () => void): void {
  if (missing.length === 0) describe(name, body);
  else describe.skip(`${name} (not on PATH: ${missing.join(", ")})`, body);
}

export interface Podman {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Builds an image from scratch with these files. */
  build(tag: string, files: Record<string, string>, lines?: readonly string[], options?: readonly string[]): void;
  podman(...args: string[]): string;
  stop(): Promise<void>;
}

/** A Docker-compatible engine with a storage of its own. */
export async function startPodman(): Promise<Podman> {
  const folder = mkdtempSync(join(tmpdir(), "podman-"));
  const own = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  const socket = join(folder, "podman.sock");
  // Registries on this machine without TLS, as Docker itself allows them.
  const conf = join(folder, "registries.conf");
  writeFileSync(
    conf,
    '[[registry]]\nprefix = "*.invalid"\nlocation = "invalid"\n[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n',
  );
  const env = { ...process.env, CONTAINERS_REGISTRIES_CONF: conf };
  const podman = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync("podman", [...own, ...args], { encoding: "utf8", env });
    if (status !== 0) throw new Error(`podman ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const service = spawn("podman", [...own, "system", "service", "--time=0", `unix://${socket}`], {
    stdio: "ignore",
    env,
    detached: true,
  });
  await until(async () => (await fetchSocket(socket)) === 200);
  return {
    host: `unix://${socket}`,
    podman,
    build(tag, files, lines = [], options = []) {
      const root = mkdtempSync(join(folder, "build-"));
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), text);
      }
      writeFileSync(
        join(root, "Dockerfile"),
        ["FROM scratch", ...Object.keys(files).map((name) => `COPY ${name} /${name}`), ...lines, ""].join("\n"),
      );
      podman("build", "--isolation=chroot", "--timestamp=0", ...options, "-t", tag, root);
    },
    async stop() {
      await ended(service);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Registry {
  /** Host and port. */
  readonly host: string;
  /** The answer of its API. */
  get(path: string, accept?: string): Promise<Response>;
  stop(): Promise<void>;
}

/** A real registry on this machine, open or with a password, or with tokens from a realm. */
export async function startRegistry(
  auth?: { username: string; password: string } | { realm: string; bundle: string },
): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  const port = await freePort();
  const lines = [
    "version: 0.1",
    "log: {level: error}",
    `storage: {filesystem: {rootdirectory: ${join(folder, "data")}}}`,
    `http: {addr: "127.0.0.1:${port}", secret: test}`,
  ];
  if (auth && "username" in auth) {
    writeFileSync(
      join(folder, "htpasswd"),
      spawnSync("htpasswd", ["-nbB", auth.username, auth.password], { encoding: "utf8" }).stdout,
    );
    lines.push(`auth: {htpasswd: {realm: test, path: ${join(folder, "htpasswd")}}}`);
  } else if (auth)
    lines.push(`auth: {token: {realm: "${auth.realm}", service: test, issuer: test, rootcertbundle: ${auth.bundle}}}`);
  writeFileSync(join(folder, "config.yml"), `${lines.join("\n")}\n`);
  const server = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore", detached: true });
  const authorization =
    auth && "username" in auth
      ? { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}` }
      : {};
  const get = (
    path: string,
    accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json",
  ): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, { headers: { ...authorization, accept } });
  await until(async () => [200, 401].includes((await get("/v2/")).status));
  return {
    host: `127.0.0.1:${port}`,
    get,
    async stop() {
      await ended(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(process_: ChildProcess): Promise<void> {
  if (process_.exitCode !== null || process_.signalCode !== null) return;
  const gone = new Promise((resolve) => process_.once("exit", resolve));
  process_.kill("SIGKILL");
  await gone;
}

async function until(ready: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await ready().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the server did not start within 10 seconds");
}

async function fetchSocket(socketPath: string): Promise<number | undefined> {
  const { get } = await import("node:http");
  return new Promise((resolve, reject) =>
    get({ socketPath, path: "/_ping" }, (answer) => resolve(answer.resume().statusCode)).on("error", reject),
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
