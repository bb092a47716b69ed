import { createServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Server as SocketServer } from "socket.io";
import { callerOf } from "./auth";
import { foreignHost } from "./door";
import type { World } from "../world/world";

export const SOCKET_PATH = "/api/socket.io/";
export type EventMode = "on" | "off" | "silent";

/** Push notifications: socket.io over websocket, one room per organization. The library is loaded when the first client comes. */
export class Events {
  #io: SocketServer | undefined;
  #loading: Promise<SocketServer> | undefined;
  #mode: EventMode;

  constructor(
    private readonly world: World,
    private readonly server: HttpServer,
    mode: EventMode,
  ) {
    this.#mode = mode;
    server.on("upgrade", this.#upgrade);
    world.emit = (organizationId, event, payload) => {
      if (this.#mode === "on") this.#io?.to(organizationId).emit(event, payload);
    };
  }

  /** `off`: sockets are closed and refused. `silent`: they stay open, and nothing comes. */
  set(mode: EventMode): void {
    this.#mode = mode;
    if (mode === "off") this.disconnect();
  }

  /** Closes every socket; clients may come again. */
  disconnect(): void {
    for (const client of this.#io?.sockets.sockets.values() ?? []) client.conn.close();
  }

  /** Sockets that are connected. */
  get connected(): number {
    return this.#io?.sockets.sockets.size ?? 0;
  }

  async close(): Promise<void> {
    this.server.off("upgrade", this.#upgrade);
    const io = this.#io ?? (await this.#loading);
    this.disconnect();
    io?.engine.close();
  }

  readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on("error", () => {});
    if (this.#mode === "off" || !request.url?.startsWith(SOCKET_PATH) || foreignHost(request) !== null) {
      socket.destroy();
      return;
    }
    void this.#load().then(
      // The library's types are narrower than what it does here: it takes the request as node gives it.
      (io) => io.engine.handleUpgrade(request as Parameters<typeof io.engine.handleUpgrade>[0], socket, head),
      () => socket.destroy(),
    );
  };

  #load(): Promise<SocketServer> {
    this.#loading ??= (async () => {
      const { Server } = await import("socket.io");
      const io: SocketServer = new Server({ path: SOCKET_PATH, transports: ["websocket"], serveClient: false });
      // Upgrades are handed over one by one; the library gets a separate server that never listens.
      io.attach(createServer());
      io.use((socket, next) => {
        const token: unknown = socket.handshake.auth.token;
        const caller = typeof token === "string" ? callerOf(this.world, token) : null;
        if (caller === null || caller === "runner") return next(new Error("Unauthorized"));
        void socket.join(caller.userId);
        const asked = socket.handshake.query.organizationId;
        const organization =
          caller.organization ?? (typeof asked === "string" ? this.world.organizations.get(asked) : undefined);
        if (caller.key === null && asked !== undefined && organization?.createdBy !== caller.userId)
          return next(new Error("Unauthorized"));
        if (organization) void socket.join(organization.id);
        next();
      });
      this.#io = io;
      return io;
    })();
    return this.#loading;
  }
}
