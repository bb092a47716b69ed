import type { ConnectionInjector } from "@grpc/grpc-js";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { isLimit, reason } from "../../source/context-error";

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
    net.removeAllListeners("error");
    net.once("error", reject);
    net.listen(where, () => {
      net.removeListener("error", reject);
      resolve();
    });
  });
}

/** Folders for the socket, in order. A TMPDIR that does not exist or is full is no reason to fail. */
function socketParents(env: NodeJS.ProcessEnv): string[] {
  const wanted = [env.PLUGIN_UNIX_SOCKET_DIR, env.TMPDIR, tmpdir(), "/tmp", env.XDG_RUNTIME_DIR].filter(
    (parent) => parent !== undefined && parent !== "",
  ) as string[];
  return [...new Set(wanted)].filter((parent) => Buffer.byteLength(join(parent, "daytona-XXXXXX", "p")) <= longestPath);
}

/** Listens in a new folder of its own. @throws Error that says why no folder can be used */
async function bindSocket(net: Server, env: NodeJS.ProcessEnv): Promise<{ dir: string; path: string }> {
  const failures: string[] = [];
  for (const parent of socketParents(env)) {
    let dir: string | undefined;
    try {
      dir = mkdtempSync(join(parent, "daytona-"));
      chmodSync(dir, 0o700);
      const path = join(dir, "p");
      await bind(net, { path });
      return { dir, path };
    } catch (error) {
      if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
      failures.push(`"${parent}": ${reason(error)}`);
      // No folder has more file descriptors than the process.
      if (isLimit(error)) throw new Error(`${reason(error)}.`);
    }
  }
  throw new Error(
    `no folder for the provider's socket can be used. ${failures.join("; ")}. Set TMPDIR to a writable folder.`,
  );
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
  let accept = (socket: Socket): void => {
    waiting.push(socket);
  };
  const connected = (socket: Socket): void => {
    socket.on("error", () => undefined); // a broken connection is the client's problem
    accept(socket);
  };
  const net = tls
    ? createTlsServer(
        {
          key: tls.keyPem,
          cert: tls.certPem,
          ca: tls.clientCertPem,
          requestCert: true,
          rejectUnauthorized: true,
          ALPNProtocols: ["h2"],
        },
        connected,
      )
    : createServer(connected);
  const serve = (server: ConnectionInjector): void => {
    accept = (socket) => server.injectConnection(socket);
    for (const socket of waiting.splice(0)) accept(socket);
  };

  if (platform !== "win32") {
    const { dir, path } = await bindSocket(net, env);
    const close = () => {
      net.close();
      rmSync(dir, { recursive: true, force: true });
    };
    return { network: "unix", address: path, serve, close };
  }
  const min = Number(env.PLUGIN_MIN_PORT) || 10_000;
  const max = Number(env.PLUGIN_MAX_PORT) || 25_000;
  for (let port = min; port <= max; port++) {
    try {
      await bind(net, { host: "127.0.0.1", port });
      return { network: "tcp", address: `127.0.0.1:${port}`, serve, close: () => net.close() };
    } catch (error) {
      // taken: try the next port
      if (isLimit(error)) throw new Error(`${reason(error)}.`);
    }
  }
  throw new Error(`no free port on 127.0.0.1 from ${min} to ${max} (PLUGIN_MIN_PORT, PLUGIN_MAX_PORT)`);
}
