import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  GetObjectCommand,
  CreateBucketCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import * as http from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resign } from "./resign";

export const versitygw = process.env["DAYTONA_IAC_VERSITYGW"];
export const BUCKET = "contexts";
/** What the API would answer. */
export const TEMPORARY = { accessKeyId: "planted-access-key", secretAccessKey: "planted-secret-value" };
const ROOT = { accessKeyId: "versitygw-root", secretAccessKey: "versitygw-root-secret" };

/** What the proxy in front of the storage does to a request. null: nothing. */
export type Fault = (seen: Seen) => "reset" | { status: number; code: string } | { slowMs: number } | "lose" | null;

export interface Seen {
  method: string;
  /** Path and query. */
  url: string;
  /** Names of headers about checksums, which many S3-compatible servers do not know. */
  checksums: string[];
  /** How many requests of the same operation came before. */
  earlier: number;
  operation: "list" | "put" | "begin" | "part" | "complete" | "abort" | "other";
}

/** A real S3 server with an empty bucket, behind a proxy that can do harm. */
export async function startStorage() {
  const folder = mkdtempSync(join(tmpdir(), "versitygw-"));
  for (const name of ["data", "meta"]) mkdirSync(join(folder, name));
  const port = await freePort();
  const server = spawn(
    versitygw!,
    [
      "--port",
      `127.0.0.1:${port}`,
      "--quiet",
      "--access",
      ROOT.accessKeyId,
      "--secret",
      ROOT.secretAccessKey,
      "posix",
      "--sidecar",
      join(folder, "meta"),
      join(folder, "data"),
    ],
    { stdio: "ignore" },
  );
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: ROOT,
    maxAttempts: 20,
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const proxy = await startProxy(port);
  const uploads = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads ?? [];
  const unfinished = async (): Promise<number> => (await uploads()).length;
  return {
    ...proxy,
    /** For the next test: no fault, nothing seen, and no upload that an earlier test has left. */
    async reset() {
      proxy.reset();
      for (const { Key, UploadId } of await uploads())
        await client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId }));
    },
    keys: async () =>
      ((await client.send(new ListObjectsV2Command({ Bucket: BUCKET }))).Contents ?? []).map(({ Key }) => Key!),
    read: async (key: string) =>
      Buffer.from(
        await (await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))).Body!.transformToByteArray(),
      ),
    unfinished,
    /** The same when the storage has done what it was told: a cancelled upload ends after a second, and a busy machine may need longer than that. */
    async left() {
      const deadline = Date.now() + 10_000;
      while ((await unfinished()) > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
      return unfinished();
    },
    async stop() {
      client.destroy();
      await proxy.close();
      const gone = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGKILL");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startProxy(to: number) {
  const state = { fault: (() => null) as Fault };
  const seen: Seen[] = [];
  const agent = new http.Agent({ keepAlive: true });
  /** Parts that the storage is writing. */
  const writing = new Set<http.ClientRequest>();
  const proxy = http.createServer((request, response) => {
    const operation = operationOf(request);
    const one: Seen = {
      method: request.method!,
      url: request.url!,
      checksums: Object.keys(request.headers).filter((name) => /checksum|trailer/.test(name)),
      operation,
      earlier: seen.filter((it) => it.operation === operation).length,
    };
    seen.push(one);
    const fault = state.fault(one);
    if (fault === "reset") {
      // In the middle of what is sent, where something is.
      if (operation === "part" || operation === "put") request.once("data", () => request.socket.destroy());
      else request.socket.destroy();
      return;
    }
    if (fault !== null && typeof fault === "object" && "status" in fault) {
      return void request
        .resume()
        .once("end", () =>
          response
            .writeHead(fault.status, { "Content-Type": "application/xml" })
            .end(
              `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>made up for ${TEMPORARY.secretAccessKey}</Message></Error>`,
            ),
        );
    }
    const headers = resign(request.method!, request.url!, request.headers, TEMPORARY, ROOT);
    if (headers === null)
      return void request
        .resume()
        .once("end", () => response.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>"));
    const forward = http.request(
      { host: "127.0.0.1", port: to, method: request.method, path: request.url, headers, agent },
      (answer) => {
        if (fault === "lose") return void answer.resume().once("end", () => request.socket.destroy());
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    forward.on("error", () => request.socket.destroy());
    if (operation === "part") {
      writing.add(forward);
      forward.once("close", () => writing.delete(forward));
    }
    request.on("close", () => !request.complete && forward.destroy());
    // Of a client that has hung up meanwhile, nothing arrives: a part that came after the removal of its upload would bring it back.
    setTimeout(
      () => {
        if (request.destroyed) forward.destroy();
        // A look for what is left comes when a busy machine has written what it was writing.
        else if (/[?&]max-parts=/.test(one.url)) void idle().then(() => request.pipe(forward));
        else request.pipe(forward);
      },
      typeof fault === "object" && fault !== null ? fault.slowMs : 0,
    );
  });
  const idle = async (): Promise<void> => {
    while (writing.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    seen,
    count: (operation: Seen["operation"]) => seen.filter((it) => it.operation === operation).length,
    reset: () => void ((state.fault = () => null), seen.splice(0)),
    harm: (fault: Fault) => void (state.fault = fault),
    close: () =>
      new Promise<void>((resolve) => (agent.destroy(), proxy.closeAllConnections(), proxy.close(() => resolve()))),
  };
}

function operationOf({ method, url }: http.IncomingMessage): Seen["operation"] {
  if (/[?&]list-type=2/.test(url!)) return "list";
  if (/[?&]uploads/.test(url!)) return "begin";
  if (/[?&]uploadId=/.test(url!)) return method === "PUT" ? "part" : method === "DELETE" ? "abort" : "complete";
  return method === "PUT" ? "put" : "other";
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
