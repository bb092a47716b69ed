import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The local API over TLS, asked by real clients of other languages that trust it by the variables that it sets. */
const cli = join(__dirname, "../../../dist/cli/main.js");
const python = process.env["DAYTONA_IAC_PYTHON_SDK"];

interface Ended {
  code: number | null;
  out: string;
}

/** `daytona-iac local --tls -- COMMAND` */
function withTls(command: string[], cwd: string): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env };
    // It would be asked beside the file.
    delete env["SSL_CERT_DIR"];
    const args = [cli, "local", "--tls", "--pull-seconds", "0.1", "--build-seconds", "0.1", "--", ...command];
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const limit = setTimeout(() => child.kill("SIGKILL"), 50_000);
    let out = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.on("close", (code) => {
      clearTimeout(limit);
      resolve({ code, out });
    });
  });
}

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "daytona-iac-tls-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("Node.js and curl trust it, and its files are gone afterwards", async () => {
  const ask = `fetch(process.env.DAYTONA_API_URL + "/health").then((r) => r.text()).then(console.log)`;
  const script = `set -e; node -e '${ask}'; curl -sS "$DAYTONA_API_URL/health"; echo; echo "file $NODE_EXTRA_CA_CERTS"`;
  const { code, out } = await withTls(["bash", "-c", script], folder);
  expect(out).toMatch(/^Local Daytona API on https:\/\/127\.0\.0\.1:\d+\/api \(/);
  expect(out.match(/\{"status":"ok"\}/g)).toHaveLength(2);
  const [, file = ""] = /file (.*)/.exec(out) ?? [];
  expect(file).toContain("authority.pem");
  expect([code, existsSync(file)]).toEqual([0, false]);
}, 60_000);

test("who does not trust it is refused", async () => {
  const script = `env -u NODE_EXTRA_CA_CERTS node -e 'fetch(process.env.DAYTONA_API_URL).catch((e) => console.log(e.cause.code))'`;
  expect((await withTls(["bash", "-c", script], folder)).out).toContain("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
}, 60_000);

test("a snapshot is created with the command line, its image pushed over TLS to the API's own registry", async () => {
  const image = join(folder, "image");
  writeImage(image);
  const script = `"${process.execPath}" "${cli}" snapshot create agent --local-image oci:${image} --format json`;
  const { code, out } = await withTls(["bash", "-c", script], folder);
  expect(out).toMatch(/"imageName": "127\.0\.0\.1:\d+\/daytona\/image-/);
  expect(code).toBe(0);
}, 60_000);

const program = `
import os
from daytona import CreateSnapshotParams, Daytona, DaytonaConfig, Image
daytona = Daytona(DaytonaConfig(api_key=os.environ["DAYTONA_API_KEY"], api_url=os.environ["DAYTONA_API_URL"], target="us"))
image = Image.debian_slim("3.12").add_local_file("hello.txt", "/hello.txt")
snapshot = daytona.snapshot.create(CreateSnapshotParams(name="py", image=image))
print(snapshot.name, snapshot.state.value)
`;

// Its uploads look at the system's certificates only: the SDK empties the environment while it makes the client. Here they are its own for one process.
(python ? test : test.skip)(
  `Daytona's SDK for Python uploads files to it${python ? "" : " (DAYTONA_IAC_PYTHON_SDK names no python with it)"}`,
  async () => {
    writeFileSync(join(folder, "hello.txt"), "hello\n");
    writeFileSync(join(folder, "program.py"), program);
    const script = `mount --bind "$SSL_CERT_FILE" /etc/ssl/certs/ca-certificates.crt && exec "${python}" program.py`;
    const { code, out } = await withTls(["unshare", "--mount", "bash", "-c", script], folder);
    expect(out).toContain("py active");
    expect(code).toBe(0);
  },
  60_000,
);

function writeImage(path: string): void {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const { mkdirSync } = process.getBuiltinModule("node:fs");
  const { gzipSync } = process.getBuiltinModule("node:zlib");
  mkdirSync(join(path, "blobs/sha256"), { recursive: true });
  const sha = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
  const blob = (bytes: Buffer, mediaType: string) => {
    writeFileSync(join(path, "blobs/sha256", sha(bytes)), bytes);
    return { mediaType: `application/vnd.oci.image.${mediaType}`, digest: `sha256:${sha(bytes)}`, size: bytes.length };
  };
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const tar = Buffer.alloc(1024);
  const layer = blob(gzipSync(tar), "layer.v1.tar+gzip");
  const config = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [`sha256:${sha(tar)}`] } };
  const manifest = blob(
    json({ schemaVersion: 2, config: blob(json(config), "config.v1+json"), layers: [layer] }),
    "manifest.v1+json",
  );
  writeFileSync(join(path, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(path, "index.json"), json({ schemaVersion: 2, manifests: [manifest] }));
}
