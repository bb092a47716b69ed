// A real registry on this machine, behind a proxy that adds the latency of a network and counts what is sent.
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { sleep, start, work } from "./ground.mjs";

const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Whether a command is on PATH. */
export const has = (command) => spawnSync("sh", ["-c", `command -v "$0"`, command]).status === 0;

/**
 * Starts `docker-registry` and the proxy. `sent()` are the bytes that went to it since the last call, headers included,
 * and `asked()` the requests for manifests, refused ones included.
 * The proxy is in this process, which does nothing else meanwhile.
 */
export async function registry(latencyMs) {
  const dir = mkdtempSync(join(work, "registry-"));
  const port = await freePort();
  const config = [
    "version: 0.1",
    "log: {level: error, accesslog: {disabled: true}}",
    `storage: {filesystem: {rootdirectory: ${join(dir, "data")}}}`,
    `http: {addr: "127.0.0.1:${port}", secret: bench}`,
  ];
  writeFileSync(join(dir, "config.yml"), `${config.join("\n")}\n`);
  const server = start("docker-registry", ["serve", join(dir, "config.yml")], { stdio: "ignore" });
  for (let tries = 0; ; tries += 1) {
    if ((await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => null))?.ok) break;
    if (tries > 200) throw new Error("docker-registry did not start");
    await sleep(50);
  }
  let [sent, asked] = [0, 0];
  const proxy = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    client.on("data", (bytes) => {
      sent += bytes.length;
      // A request without a body is one part.
      if (/^(GET|HEAD) \/v2\/\S+\/manifests\//.test(bytes.toString("latin1", 0, 1000))) asked += 1;
      setTimeout(() => !upstream.destroyed && upstream.write(bytes), latencyMs);
    });
    client.on("end", () => setTimeout(() => upstream.end(), latencyMs));
    upstream.pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ])
      one.on("error", () => other.destroy());
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${proxy.address().port}`,
    sent() {
      const bytes = sent;
      sent = 0;
      return bytes;
    },
    asked() {
      const count = asked;
      asked = 0;
      return count;
    },
    close() {
      proxy.close();
      server.kill("SIGKILL");
    },
  };
}

/** Layers that no compression makes smaller. */
export const layersOf = (count, bytes) => Array.from({ length: count }, () => randomBytes(bytes));

/** Writes an OCI layout with these layers, tagged `bench`. */
export function layout(name, layers) {
  const dir = mkdtempSync(join(work, `${name}-`));
  mkdirSync(join(dir, "blobs/sha256"), { recursive: true });
  const blob = (bytes, mediaType) => {
    writeFileSync(join(dir, "blobs/sha256", sha(bytes)), bytes);
    return { mediaType, digest: `sha256:${sha(bytes)}`, size: bytes.length };
  };
  const config = blob(
    Buffer.from(
      JSON.stringify({
        os: "linux",
        architecture: "amd64",
        config: {},
        rootfs: { type: "layers", diff_ids: layers.map((bytes) => `sha256:${sha(bytes)}`) },
      }),
    ),
    "application/vnd.oci.image.config.v1+json",
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config,
    layers: layers.map((bytes) => blob(bytes, "application/vnd.oci.image.layer.v1.tar")),
  };
  const descriptor = {
    ...blob(Buffer.from(JSON.stringify(manifest)), manifest.mediaType),
    annotations: { "org.opencontainers.image.ref.name": "bench" },
  };
  writeFileSync(join(dir, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(dir, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
  return dir;
}

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
