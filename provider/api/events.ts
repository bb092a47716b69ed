import type { ApiLog } from "./clock";
import type { StateEvent, StateEvents } from "./client";
import { isSnapshot } from "./shapes";
import type { Transport } from "./http/transport";

export interface EventsOptions {
  apiUrl: string;
  token(): string;
  /** The room to join, with a JWT only. With a key, the server knows the organization. */
  organizationId: string | null;
  userAgent: string;
  transport: Transport;
  log: ApiLog;
  redact(text: string): string;
}

/** Of one message, in bytes: a snapshot with its Dockerfile, and much more. A larger one closes the socket; whoever waits polls. */
const LARGEST_EVENT = 8 * 2 ** 20;

/** Push notifications over socket.io. They only save time: callers that wait also poll. */
export class SocketEvents implements StateEvents {
  private socket: { readonly connected: boolean; disconnect(): unknown } | null = null;
  private opening: Promise<void> | null = null;
  private openedAt = 0;
  /** The last attempt to connect failed, so nobody waits for the next one. */
  private failed = false;
  private closed = false;
  private readonly waiting = new Set<() => void>();
  private readonly listeners = new Set<(event: StateEvent) => void>();

  constructor(private readonly options: EventsOptions) {}

  get live(): boolean {
    return this.socket?.connected === true;
  }

  async ready(withinMs: number): Promise<boolean> {
    if (this.closed) return false;
    if (this.opening === null) {
      this.openedAt = performance.now();
      this.opening = this.open().catch((error: unknown) => this.fail("no events", error));
    }
    // Counted from the first call, so that later callers do not wait again if the socket cannot connect.
    const left = this.openedAt + withinMs - performance.now();
    if (this.live || this.failed || left <= 0) return this.live;
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        end();
        resolve(this.live);
      };
      const timer = setTimeout(settle, left);
      this.waiting.add(settle);
      const end = (): boolean => this.waiting.delete(settle);
    });
  }

  subscribe(listener: (event: StateEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.closed = true;
    this.socket?.disconnect();
    this.socket = null;
    this.listeners.clear();
    this.settle();
  }

  private async open(): Promise<void> {
    const url = new URL(this.options.apiUrl);
    const agent = await this.options.transport.tunnel(url);
    const { io } = await import("socket.io-client");
    if (this.closed) return;
    const { organizationId } = this.options;
    const socket = io(url.origin, {
      path: `${url.pathname.replace(/\/+$/, "")}/socket.io/`,
      transports: ["websocket"],
      auth: (answer) => answer({ token: this.options.token() }),
      ...(organizationId === null ? {} : { query: { organizationId } }),
      extraHeaders: { "User-Agent": this.options.userAgent },
      // Typed as a string, but passed to the web socket client unchanged.
      ...(agent === null ? {} : { agent: agent as unknown as string }),
      // Passed on to the web socket client as well; its own limit is 100 MiB.
      ...({ maxPayload: LARGEST_EVENT } as object),
      forceNew: true,
      autoUnref: canUnref(),
      reconnectionDelay: 500,
      reconnectionDelayMax: 10_000,
      timeout: 10_000,
    });
    this.socket = socket;
    socket.on("connect", () => {
      this.failed = false;
      this.settle();
      this.emit({ kind: "connected" });
    });
    socket.on("disconnect", (reason) => {
      this.emit({ kind: "disconnected" });
      // The client reconnects by itself unless the server closed the connection, usually for a restart.
      if (reason === "io server disconnect" && !this.closed)
        setTimeout(() => this.closed || socket.connect(), 1000).unref();
    });
    socket.on("connect_error", (error) => this.fail("not connected", error));
    socket.on("snapshot.created", (dto: unknown) => this.state(dto));
    socket.on("snapshot.state.updated", (update: { snapshot?: unknown } | null) => this.state(update?.snapshot));
    socket.on("snapshot.removed", (dto: { name?: unknown } | null) => {
      if (typeof dto?.name === "string") this.emit({ kind: "removed", name: dto.name });
    });
  }

  private state(dto: unknown): void {
    if (isSnapshot(dto)) this.emit({ kind: "state", id: dto.id, state: dto.state, dto });
  }

  private emit(event: StateEvent): void {
    if (event.kind === "connected" || event.kind === "disconnected") this.options.log.debug(`events: ${event.kind}`);
    for (const listener of [...this.listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.tell("a listener failed", error);
      }
    }
  }

  private fail(what: string, error: unknown): void {
    this.failed = true;
    this.tell(what, error);
    this.settle();
  }

  private settle(): void {
    for (const settle of [...this.waiting]) settle();
  }

  private tell(what: string, error: unknown): void {
    this.options.log.debug(
      `events: ${what}: ${this.options.redact(error instanceof Error ? error.message : String(error))}`,
    );
  }
}

/** socket.io unrefs through internals of `ws` that only Node has. Elsewhere, `close()` releases the last handle of the process. */
function canUnref(): boolean {
  return process.versions["bun"] === undefined;
}
