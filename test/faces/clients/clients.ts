import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startLocalApi } from "../../../provider/local";

/** What the columns of the table in docs/guides/clients.md are about, in its order. */
export const OPERATIONS = ["list", "get", "image", "files", "activate", "delete"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One line of a program: what came of an operation. */
interface Line {
  operation: Operation;
  result?: unknown;
  error?: string;
}

export interface Client {
  /** The command that runs the program, with its arguments. */
  command: string[];
  /** The folder of a package for Node.js, for programs that load one. */
  package?: string;
  /** false: the client does not upload files; they are in the storage already. */
  uploads: boolean;
  /** true: over HTTPS, in a mount namespace whose system certificates contain the authority. */
  tls?: boolean;
  /** Only these, which programs in Python can. Default: all. */
  only?: Operation[];
  env?: NodeJS.ProcessEnv;
}

export const program = (name: string): string => join(__dirname, "programs", name);

/** Runs the client's program against a local API of its own. What it says has been done is looked up there. @returns `yes`, or the error, of each operation */
export async function tried(client: Client): Promise<Partial<Record<Operation, string>>> {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-client-"));
  const local = await startLocalApi({
    pullSeconds: 0.05,
    buildSeconds: 0.2,
    cronSeconds: 0.02,
    checkContexts: true,
    tls: client.tls === true,
  });
  const { control } = local;
  try {
    const asked = Date.now() - 3_600_000;
    const seed = control.insert({ name: "seed", state: "active" });
    control.insert({ name: "asleep", state: "inactive", updatedAt: asked });
    const file = dockerfile(folder);
    const env = {
      ...process.env,
      ...client.env,
      URL: local.apiUrl,
      KEY: local.apiKey,
      DOCKERFILE: file,
      ...(client.package === undefined ? {} : { PACKAGE: client.package }),
      ...(client.uploads ? {} : { HASH: await uploadedFile(folder, local.apiUrl, local.apiKey) }),
      ...(client.only === undefined ? {} : { OPERATIONS: client.only.join(" ") }),
      ...(client.tls === true ? trust(folder, local.authorityPem!) : {}),
    };
    const lines = await linesOf(client.tls === true ? trusting(client.command) : client.command, env);
    expect(lines.map(({ operation }) => operation)).toEqual(client.only ?? OPERATIONS);
    const results = new Map(lines.filter(({ error }) => error === undefined).map((l) => [l.operation, l.result]));
    const done = (operation: Operation, check: () => void): void => void (results.has(operation) && check());
    done("list", () => expect(results.get("list")).toEqual(expect.arrayContaining(["seed", "asleep"])));
    done("get", () => expect(results.get("get")).toBe(seed));
    done("image", () => {
      expect(results.get("image")).toBe("active");
      expect(control.snapshot("image")).toMatchObject({ imageName: "ubuntu:24.04", cpu: 2, state: "active" });
    });
    done("files", () => {
      expect(results.get("files")).toBe("active");
      const [hash] = control.snapshot("files")!.buildInfo!.contextHashes!;
      const archive = control.storageContent(`${local.organizationId}/${hash}/context.tar`)!;
      expect(Buffer.from(archive).includes("hello from a file")).toBe(true);
    });
    done("activate", () => expect(results.get("activate")).toBe("pending"));
    done("delete", () => expect(control.snapshot(seed)?.state ?? "removing").toBe("removing"));
    return Object.fromEntries(lines.map(({ operation, error }) => [operation, error ?? "yes"]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await local.close();
  }
}

function dockerfile(folder: string): string {
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app/main.txt"), "hello from a file");
  writeFileSync(join(folder, "Dockerfile"), "FROM debian:12\nCOPY app /app\n");
  return join(folder, "Dockerfile");
}

/** Uploads what `COPY app /app` needs, as a program does that has only a client of the API. @returns its hash */
async function uploadedFile(folder: string, apiUrl: string, apiKey: string): Promise<string> {
  const answer = await fetch(`${apiUrl}/object-storage/push-access`, {
    headers: { Authorization: `Bearer ${apiKey}` },
  });
  const access = (await answer.json()) as Record<string, string>;
  const { stdout: tar } = spawnSync("tar", ["-c", "-C", folder, "app"]);
  const hash = createHash("sha256").update(tar).digest("hex");
  const s3 = new S3Client({
    endpoint: access["storageUrl"]!,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: {
      accessKeyId: access["accessKey"]!,
      secretAccessKey: access["secret"]!,
      sessionToken: access["sessionToken"]!,
    },
  });
  const Key = `${access["organizationId"]}/${hash}/context.tar`;
  await s3.send(new PutObjectCommand({ Bucket: access["bucket"]!, Key, Body: tar }));
  s3.destroy();
  return hash;
}

/** A file of the system's certificates and the authority. */
function trust(folder: string, authority: string): NodeJS.ProcessEnv {
  const file = join(folder, "certificates.pem");
  writeFileSync(file, `${readFileSync("/etc/ssl/certs/ca-certificates.crt", "utf8")}\n${authority}`);
  return { SSL_CERT_FILE: file, REQUESTS_CA_BUNDLE: file };
}

/** The upload of the SDK for Python looks at the system's certificates only; here they are its own for one process. */
const trusting = (command: string[]): string[] => [
  "unshare",
  "--mount",
  "bash",
  "-c",
  `mount --bind "$SSL_CERT_FILE" /etc/ssl/certs/ca-certificates.crt && exec "$@"`,
  "bash",
  ...command,
];

function linesOf([file, ...args]: string[], env: NodeJS.ProcessEnv): Promise<Line[]> {
  return new Promise((resolve, reject) => {
    execFile(file!, args, { env, timeout: 100_000, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
      if (error !== null) reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
      else resolve(lines.map((line) => JSON.parse(line) as Line));
    });
  });
}

/** The cells of a row of the table in the documentation. @param name as in the first column */
export function documented(name: string, version: string): string[] {
  const page = readFileSync(join(__dirname, "../../../docs/guides/clients.md"), "utf8");
  const rows = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const row = rows.find((cells) => cells[1] === name && cells[2] === version);
  if (row === undefined) throw new Error(`docs/guides/clients.md has no row of ${name} ${version}`);
  return row.slice(3, 3 + OPERATIONS.length);
}
