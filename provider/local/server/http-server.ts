import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Answer, corsOf, preflight, send } from "./answer";
import { authenticate, authorize, callerOf, type Caller, type Credential } from "./auth";
import { bodyToken, INVALID, parseBody, readBody, Unreadable } from "./body";
import { foreignController, foreignHost } from "./door";
import { errorBody, HttpError, unexpected } from "./http-error";
import { Faults, HTML_PAGE } from "../faults/faults";
import { API_VERSION, BUCKET, SIMULATED } from "../options";
import { parseQuery, type Query } from "./query";
import { addressOf, RateLimits } from "./rate-limit";
import { RequestLog, type RequestKind } from "./request-log";
import { type Route, ROUTES, type Rooms } from "./routes";

const DASHBOARD = "<!DOCTYPE html>\n<html><head><title>Daytona</title></head><body>This is the dashboard; the API is below /api.</body></html>\n";

/** Answers the requests below `/_control/`. */
export interface ControlDoor {
  handle(method: string, path: string, body: () => Promise<Buffer>): Promise<Answer>;
}

/** The HTTP face: routing, authentication, limits, faults, and the shapes of answers. */
export class HttpFace {
  readonly server: Server;
  readonly log = new RequestLog();
  readonly faults = new Faults();
  readonly limits: RateLimits;
  control: ControlDoor | undefined;

  constructor(private readonly rooms: Rooms) {
    this.limits = new RateLimits(rooms.world.settings);
    this.server = createServer((request, response) => {
      response.on("error", () => {});
      void this.#serve(request, response);
    });
    // Longer than any client's, so that an idle connection is never closed under a request.
    this.server.keepAliveTimeout = 120_000;
    this.server.requestTimeout = 0;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? "/";
    const [path = "/", search = ""] = url.split(/\?(.*)/s);
    const method = request.method ?? "GET";
    const refused = foreignHost(request);
    if (refused !== null) return this.#send(request, response, refused);
    if (path.startsWith("/_control/") && this.control) {
      const refusedControl = foreignController(request, this.rooms.world.apiKey.value);
      return this.#send(request, response, refusedControl ?? (await this.control.handle(method, path, () => readBody(request, true))));
    }
    if (path.startsWith("/api/socket.io/")) return this.#send(request, response, { status: 400, headers: { "Content-Type": "application/json" }, body: '{"code":0,"message":"Transport unknown"}' });

    const found = match(method, path);
    const entry = this.log.begin(method, path, url, found?.route.kind ?? kindOf(path));
    const fault = this.faults.match(method, path, entry.kind);
    response.on("finish", () => {
      entry.status = response.statusCode;
      entry.ms = Date.now() - entry.time;
    });
    // The body first: what is dropped or held must look, to the client, as if it had been received.
    const raw = await readBody(request, isStorage(path)).catch((error: unknown) => (error instanceof Unreadable ? "unreadable" : "gone"));
    if (raw === "gone") return;
    const { latencyMs } = this.rooms.world.settings;
    if (latencyMs > 0) await this.rooms.world.clock.sleep(latencyMs);
    response.setHeader("X-Daytona-Local", SIMULATED);

    if (fault?.action === "drop-before" || fault?.action === "hang-before" || fault?.action === "answer" || fault?.action === "html") {
      this.faults.arrived(fault);
      if (fault.action === "drop-before") return void request.socket.destroy();
      if (fault.action === "answer" || fault.action === "html") return this.#send(request, response, this.#faulty(fault, url));
      await fault.released;
      // The client disconnected; the request counts as never received.
      if (response.destroyed) return;
    }
    const answer = await this.#execute({ request, response, method, path, url, search, found, raw, lose: fault?.action === "lose-delete" });
    if (fault) this.faults.arrived(fault);
    if (fault?.action === "drop-after") return void request.socket.destroy();
    if (fault?.action === "hang-after") await fault.released;
    if (fault?.action === "delay") await this.rooms.world.clock.sleep(fault.delayMs ?? 1000);
    this.#send(request, response, answer);
  }

  #faulty(fault: { action: string; status?: number; headers?: Record<string, string>; body?: unknown }, url: string): Answer {
    const headers = fault.headers ?? {};
    if (fault.action === "html") return { status: fault.status ?? 502, headers: { "Content-Type": "text/html", ...headers }, body: typeof fault.body === "string" ? fault.body : HTML_PAGE };
    if (typeof fault.body === "string") return { status: fault.status ?? 503, headers, body: fault.body };
    const status = fault.status ?? 503;
    const message = status === 429 ? "ThrottlerException: Too Many Requests" : "simulated failure";
    return { status, headers, json: fault.body ?? errorBody(new HttpError(status, message), url, this.rooms.world.clock.now()) };
  }

  async #execute({ request, response, method, path, url, search, found, raw, lose }: Incoming): Promise<Answer> {
    const { world } = this.rooms;
    try {
      if (isStorage(path)) return this.rooms.storage.handle(request, path, new URLSearchParams(search), raw as Buffer);
      const query = parseQuery(search);
      const log = /^\/snapshots\/([^/]+)\/build-logs$/.exec(path);
      if (log) return this.#proxiedLog(request, method, path, log[1]!, query);
      headersOn(response, corsOf(request));
      if (method === "OPTIONS") return preflight(request);
      if (raw === "unreadable") return this.#unknown(method, path, url);
      const body = parseBody(request, raw);
      if (body === INVALID) return { status: 400, json: { message: "Invalid JSON in request body", error: "Bad Request", statusCode: 400 } };
      if (found ? found.params === null : !/^\/api\//i.test(path)) return this.#unknown(method, path, url);
      response.setHeader("X-Daytona-Api-Version", API_VERSION);
      this.limits.notBlocked(request);
      if (!found) return this.#unknown(method, path, url);
      const { route, params } = found;
      const call = { params: params!, query, body, rooms: this.rooms, origin: `http://${request.headers.host ?? "127.0.0.1"}` };
      if (route.access === "public") {
        if (/^.api.health/i.test(path)) headersOn(response, this.limits.count("anonymous", addressOf(request)));
        return await route.handle({ ...call, caller: NOBODY, organization: world.own });
      }
      const caller = this.#caller(request, query, body, route.credential);
      const organization = route.access === "organization" ? authorize(caller, route.permissions ?? []) : (caller.organization ?? world.own);
      headersOn(response, this.limits.count("authenticated", caller.organization?.id ?? caller.userId));
      const answer = await route.handle({ ...call, caller, organization });
      if (caller.key) caller.key.lastUsedAt = world.clock.now();
      const deleted = lose && route.kind === "delete" ? world.snapshots.get(params![0]!.toLowerCase()) : undefined;
      if (deleted) deleted.loseDelete = true;
      return answer;
    } catch (error) {
      if (error instanceof HttpError && error.status === 404 && !path.startsWith("/api/")) return this.#unknown(method, path, url);
      return this.#error(error instanceof HttpError ? error : unexpected(), url);
    }
  }

  /** No route matched: an error below the API, the dashboard elsewhere. */
  #unknown(method: string, path: string, url: string): Answer {
    if (path.startsWith("/api/")) return this.#error(new HttpError(404, `Cannot ${method} ${url}`), url);
    if (path === "/") return { status: 302, headers: { Location: `/dashboard${url}` } };
    return { status: 200, headers: { "Content-Type": "text/html; charset=UTF-8" }, body: DASHBOARD };
  }

  #caller(request: IncomingMessage, query: Query, body: unknown, accepted: Credential): Caller {
    try {
      return authenticate(this.rooms.world, request, query, bodyToken(body), accepted);
    } catch (error) {
      if (error instanceof HttpError && error.status === 401) throw new HttpError(401, error.message, this.limits.failed(request));
      throw error;
    }
  }

  /** The proxy in front of the runners, which serves build logs. */
  #proxiedLog(request: IncomingMessage, method: string, path: string, id: string, query: Query): Answer {
    const token = request.headers.authorization?.startsWith("Bearer ") ? request.headers.authorization.slice(7) : "";
    const refuse = (status: number, message: string, code: string): Answer => ({
      status, headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({ statusCode: status, message, code, timestamp: new Date().toISOString(), path, method }),
    });
    if (token === "") return refuse(401, "unauthorized: missing bearer token", "UNAUTHORIZED");
    const caller = callerOf(this.rooms.world, token);
    if (caller === null || caller === "runner") return refuse(401, "unauthorized: invalid bearer token", "UNAUTHORIZED");
    const row = this.rooms.world.snapshots.get(id);
    if (!row || (caller.key && row.organizationId !== caller.organization?.id)) return refuse(404, "not found: snapshot not found", "NOT_FOUND");
    return { status: 200, stream: (response) => this.rooms.logs.stream(row, query["follow"] === "true", response) };
  }

  #error(error: HttpError, url: string): Answer {
    return { status: error.status, headers: error.headers, json: errorBody(error, url, this.rooms.world.clock.now()) };
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    if (!response.destroyed) send(request, response, answer);
  }
}

interface Incoming {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  path: string;
  url: string;
  search: string;
  found: Match | undefined;
  raw: Buffer | "unreadable";
  lose: boolean;
}

interface Match {
  route: Route;
  /** null: a part of the path cannot be decoded. */
  params: string[] | null;
}

const NOBODY: Caller = { userId: "", organization: null, key: null };

function match(method: string, path: string): Match | undefined {
  const wanted = method === "HEAD" ? "GET" : method;
  for (const route of ROUTES) {
    const parts = route.method === wanted ? route.pattern.exec(path) : null;
    if (!parts) continue;
    try {
      return { route, params: parts.slice(1).map(decodeURIComponent) };
    } catch {
      return { route, params: null };
    }
  }
  return undefined;
}

const isStorage = (path: string) => path === `/${BUCKET}` || path.startsWith(`/${BUCKET}/`);

function kindOf(path: string): RequestKind {
  if (isStorage(path)) return "storage";
  return path.startsWith("/snapshots/") ? "log-stream" : "other";
}

function headersOn(response: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
