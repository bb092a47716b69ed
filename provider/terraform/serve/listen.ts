import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Listening {
  network: "unix" | "tcp";
  address: string;
  /** Takes the socket's directory away. */
  remove(): void;
}

/** A path of a socket may have 104 bytes on macOS, 108 on Linux. */
const longestPath = 100;

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) =>
    server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port))));
}

function socketDirectory(env: NodeJS.ProcessEnv): string {
  const parent = env.PLUGIN_UNIX_SOCKET_DIR || tmpdir();
  const fits = Buffer.byteLength(join(parent, "daytona-XXXXXX", "p")) <= longestPath;
  const dir = mkdtempSync(join(fits ? parent : "/tmp", "daytona-"));
  chmodSync(dir, 0o700);
  return dir;
}

/** A Unix socket in a directory that only this user can enter; on Windows a port of the loopback, as go-plugin has it. */
export async function listen(server: Server, credentials: ServerCredentials, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Promise<Listening> {
  if (platform !== "win32") {
    const dir = socketDirectory(env);
    const path = join(dir, "p");
    const remove = () => rmSync(dir, { recursive: true, force: true });
    try {
      await bind(server, `unix:${path}`, credentials);
    } catch (error) {
      remove();
      throw error;
    }
    return { network: "unix", address: path, remove };
  }
  const min = Number(env.PLUGIN_MIN_PORT) || 10_000;
  const max = Number(env.PLUGIN_MAX_PORT) || 25_000;
  for (let port = min; port <= max; port++) {
    try {
      await bind(server, `127.0.0.1:${port}`, credentials);
      return { network: "tcp", address: `127.0.0.1:${port}`, remove: () => undefined };
    } catch {
      // taken: the next one
    }
  }
  throw new Error(`no free port on 127.0.0.1 from ${min} to ${max} (PLUGIN_MIN_PORT, PLUGIN_MAX_PORT)`);
}
