import type { ConnectionInjector } from "@grpc/grpc-js";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";

export interface Listening {
  network: "unix" | "tcp";
  address: string;
  /** Passes connections to a gRPC server, beginning with those that are waiting. */
  serve(server: ConnectionInjector): void;
  /** Stops accepting connections and deletes the socket's directory. */
  close(): void;
}

/** The limit for a socket's path is 104 bytes on macOS and 108 on Linux. */
const longestPath = 100;

function bind(net: Server, where: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    net.once("error", reject);
    net.listen(where, () => {
      net.removeListener("error", reject);
      resolve();
    });
  });
}

function socketDirectory(env: NodeJS.ProcessEnv): string {
  const parent = env.PLUGIN_UNIX_SOCKET_DIR || tmpdir();
  const fits = Buffer.byteLength(join(parent, "daytona-XXXXXX", "p")) <= longestPath;
  const dir = mkdtempSync(join(fits ? parent : "/tmp", "daytona-"));
  chmodSync(dir, 0o700);
  return dir;
}

/** The certificates of both sides and our private key, in PEM. */
export interface MutualTls {
  certPem: string;
  keyPem: string;
  clientCertPem: string;
}

/**
 * Listens on a Unix socket in a directory that only this user can access; on Windows on a loopback port, as go-plugin does.
 * Connections wait until `serve`, with TLS established, so that Terraform can connect while gRPC loads.
 */
export async function listen(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, tls?: MutualTls): Promise<Listening> {
  const waiting: Socket[] = [];
  let accept = (socket: Socket): void => { waiting.push(socket); };
  const connected = (socket: Socket): void => {
    socket.on("error", () => undefined); // a broken connection is the client's problem
    accept(socket);
  };
  const net = tls
    ? createTlsServer({ key: tls.keyPem, cert: tls.certPem, ca: tls.clientCertPem, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ["h2"] }, connected)
    : createServer(connected);
  const serve = (server: ConnectionInjector): void => {
    accept = (socket) => server.injectConnection(socket);
    for (const socket of waiting.splice(0)) accept(socket);
  };

  if (platform !== "win32") {
    const dir = socketDirectory(env);
    const path = join(dir, "p");
    const close = () => {
      net.close();
      rmSync(dir, { recursive: true, force: true });
    };
    try {
      await bind(net, { path });
    } catch (error) {
      close();
      throw error;
    }
    return { network: "unix", address: path, serve, close };
  }
  const min = Number(env.PLUGIN_MIN_PORT) || 10_000;
  const max = Number(env.PLUGIN_MAX_PORT) || 25_000;
  for (let port = min; port <= max; port++) {
    try {
      await bind(net, { host: "127.0.0.1", port });
      return { network: "tcp", address: `127.0.0.1:${port}`, serve, close: () => net.close() };
    } catch {
      // taken: try the next port
    }
  }
  throw new Error(`no free port on 127.0.0.1 from ${min} to ${max} (PLUGIN_MIN_PORT, PLUGIN_MAX_PORT)`);
}
