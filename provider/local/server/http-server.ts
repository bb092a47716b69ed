import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type Answer, corsOf, preflight, send, sendFailure } from "../protocol/answer";
import { authenticate, authorize, callerOf, type Caller, type Credential } from "./auth";
import {
  bodyToken,
  discard,
  INVALID,
  MOST_OF_BODY,
  MOST_OF_OBJECT,
  parseBody,
  readBody,
  TooLarge,
  Unreadable,
} from "../protocol/body";
import type { Certificate } from "../../kit/certificate";
import { isRegistry } from "../registry/registry";
import { foreignController, foreignHost } from "./door";
import { errorBody, HttpError, unexpected } from "../protocol/http-error";
import { Faults, HTML_PAGE } from "../faults/faults";
import { BUCKET, SIMULATED } from "../options";
import { parseQuery, type Query } from "../protocol/query";
import { addressOf, RateLimits } from "./rate-limit";
import { RequestLog, type RequestKind } from "../protocol/request-log";
import { type Route, ROUTES, type Rooms } from "./routes";
import { executeAndSave, type KeptFile } from "./unsaved";

const DASHBOARD =
  "<!DOCTYPE html>\n<html><head><title>Daytona</title></head><body>This is the dashboard; the API is below /api.</body></html>\n";

type MatchedFault = NonNullable<ReturnType<Faults["match"]>>;

/** Faults that strike before a request is executed. */
const BEFORE: ReadonlySet<string> = new Set(["drop-before", "hang-before", "answer", "html"]);

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
  /** The data file, where there is one. */
  keeper: KeptFile | undefined;

  /** @param certificate not set: without TLS */
  constructor(
    private readonly rooms: Rooms,
    private readonly certificate?: Pick<Certificate, "certPem" | "keyPem">,
  ) {
    this.limits = new RateLimits(rooms.world.settings);
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
      response.on("error", () => {});
      this.#serve(request, response).catch((error: unknown) => sendFailure(response, error));
    };
    this.server =
      certificate === undefined
        ? createServer(onRequest)
        : createTlsServer({ cert: certificate.certPem, key: certificate.keyPem }, onRequest);
    // Longer than any client's, so that an idle connection is never closed under a request.
    this.server.keepAliveTimeout = 120_000;
    this.server.requestTimeout = 0;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, path, search } = targetOf(request);
    const other = await this.#answerOutsideApi(request, method, path);
    if (other !== null) return this.#send(request, response, other);

    const found = match(method, path);
    const entry = this.log.begin(method, path, url, found?.route.kind ?? kindOf(path));
    const fault = this.faults.match(method, path, entry.kind);
    response.on("finish", () => {
      entry.status = response.statusCode;
      entry.ms = Date.now() - entry.time;
    });
    if (isRegistry(path)) return this.#serveRegistry(request, response, path, search, fault);
    // The body first: what is dropped or held must look, to the client, as if it had been received.
    const raw = await this.#body(request, path);
    if (raw === "gone") return;
    await this.#waitLatency();
    response.setHeader("X-Daytona-Local", SIMULATED);

    if (fault !== undefined && BEFORE.has(fault.action) && (await this.#failBefore(fault, request, response, url)))
      return;
    const lose = fault?.action === "lose-delete";
    const answer = await this.#executeAndKeep({ request, response, method, path, url, search, found, raw, lose });
    if (fault !== undefined && (await this.#failAfter(fault, request))) return;
    this.#send(request, response, answer);
  }

  /** Its requests have bodies of any size, which the registry reads itself. */
  async #serveRegistry(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    search: string,
    fault: MatchedFault | undefined,
  ): Promise<void> {
    await this.#waitLatency();
    if (fault !== undefined && BEFORE.has(fault.action)) {
      discard(request);
      if (await this.#failBefore(fault, request, response, path)) return;
    }
    const answer = await this.rooms.registry.handle(request, path, new URLSearchParams(search));
    if (fault !== undefined && (await this.#failAfter(fault, request))) return;
    this.#send(request, response, answer);
  }

  async #waitLatency(): Promise<void> {
    const { clock, settings } = this.rooms.world;
    if (settings.latencyMs > 0) await clock.sleep(settings.latencyMs);
  }

  /** The answer to what is not for the API: foreign hosts, control commands, the socket's other transport. Null: it is for the API. */
  async #answerOutsideApi(request: IncomingMessage, method: string, path: string): Promise<Answer | null> {
    const refused = foreignHost(request);
    if (refused !== null) return refused;
    if (path.startsWith("/_control/") && this.control) {
      const stranger = foreignController(request, this.rooms.world.apiKey.value);
      return stranger ?? this.control.handle(method, path, () => readBody(request, MOST_OF_BODY));
    }
    if (!path.startsWith("/api/socket.io/")) return null;
    const headers = { "Content-Type": "application/json" };
    return { status: 400, headers, body: '{"code":0,"message":"Transport unknown"}' };
  }

  /** What a fault does before the request is executed. @returns whether that is all */
  async #failBefore(
    fault: MatchedFault,
    request: IncomingMessage,
    response: ServerResponse,
    url: string,
  ): Promise<boolean> {
    this.faults.arrived(fault);
    if (fault.action === "drop-before") request.socket.destroy();
    else if (fault.action === "answer" || fault.action === "html")
      this.#send(request, response, this.#faulty(fault, url));
    else {
      await fault.released;
      // The client disconnected; the request counts as never received.
      return response.destroyed;
    }
    return true;
  }

  /** What a fault does after it. @returns whether there is no answer */
  async #failAfter(fault: MatchedFault, request: IncomingMessage): Promise<boolean> {
    this.faults.arrived(fault);
    if (fault.action === "drop-after") request.socket.destroy();
    if (fault.action === "hang-after") await fault.released;
    if (fault.action === "delay") await this.rooms.world.clock.sleep(fault.delayMs ?? 1000);
    return fault.action === "drop-after";
  }

  async #body(request: IncomingMessage, path: string): Promise<Buffer | "unreadable" | "too large" | "gone"> {
    // Of a stranger, an object is not read at all.
    if (isStorage(path) && !this.rooms.storage.knows(request)) {
      discard(request);
      return Buffer.alloc(0);
    }
    return readBody(request, isStorage(path) ? MOST_OF_OBJECT : null).catch((error: unknown) =>
      error instanceof Unreadable ? "unreadable" : error instanceof TooLarge ? "too large" : "gone",
    );
  }

  #faulty(
    fault: { action: string; status?: number; headers?: Record<string, string>; body?: unknown },
    url: string,
  ): Answer {
    const headers = fault.headers ?? {};
    if (fault.action === "html")
      return {
        status: fault.status ?? 502,
        headers: { "Content-Type": "text/html", ...headers },
        body: typeof fault.body === "string" ? fault.body : HTML_PAGE,
      };
    if (typeof fault.body === "string") return { status: fault.status ?? 503, headers, body: fault.body };
    const status = fault.status ?? 503;
    const message = status === 429 ? "ThrottlerException: Too Many Requests" : "simulated failure";
    return {
      status,
      headers,
      json: fault.body ?? errorBody(new HttpError(status, message), url, this.rooms.world.clock.now()),
    };
  }

  /** Executes a request; with a data file, a change is answered only once it is written. */
  async #executeAndKeep(incoming: Incoming): Promise<Answer> {
    const executed = (): Promise<Answer> => this.#execute(incoming);
    if (this.keeper === undefined || incoming.found === undefined || isReading(incoming.method)) return executed();
    const unsaved = (message: string): Answer => this.#error(new HttpError(507, message), incoming.url);
    return executeAndSave(this.keeper, executed, unsaved);
  }

  async #execute(incoming: Incoming): Promise<Answer> {
    const { request, method, path, url, search, raw } = incoming;
    try {
      if (isStorage(path)) {
        const body = typeof raw === "string" ? null : raw;
        return this.rooms.storage.handle(request, path, new URLSearchParams(search), body);
      }
      const query = parseQuery(search);
      const log = /^\/snapshots\/([^/]+)\/build-logs$/.exec(path);
      if (log) return this.#proxiedLog(request, method, path, log[1]!, query);
      return await this.#executeApi(incoming, query);
    } catch (error) {
      if (error instanceof HttpError && error.status === 404 && !path.startsWith("/api/"))
        return this.#unknown(method, path, url);
      return this.#error(error instanceof HttpError ? error : unexpected(), url);
    }
  }

  /** What the framework does, in its order, before a route is called. @throws HttpError */
  async #executeApi(incoming: Incoming, query: Query): Promise<Answer> {
    const { request, response, method, path, url, found, raw } = incoming;
    headersOn(response, corsOf(request));
    if (method === "OPTIONS") return preflight(request);
    if (raw === "unreadable") return this.#unknown(method, path, url);
    if (raw === "too large") {
      // Who may not call learns that first.
      if (found && found.route.access !== "public") this.#caller(request, query, undefined, found.route.credential);
      throw new HttpError(413, new TooLarge(MOST_OF_BODY).message);
    }
    const body = parseBody(request, raw);
    if (body === INVALID)
      return {
        status: 400,
        json: { message: "Invalid JSON in request body", error: "Bad Request", statusCode: 400 },
      };
    if (found ? found.params === null : !/^\/api\//i.test(path)) return this.#unknown(method, path, url);
    response.setHeader("X-Powered-By", "Express");
    response.setHeader("X-Daytona-Api-Version", this.rooms.world.settings.apiVersion);
    this.limits.notBlocked(request);
    if (!found) return this.#unknown(method, path, url);
    return this.#callRoute(incoming, found.route, found.params!, query, body);
  }

  /** Identifies the caller, counts the request against the limits, and executes it. @throws HttpError */
  async #callRoute(
    { request, response, path, lose }: Incoming,
    route: Route,
    params: string[],
    query: Query,
    body: unknown,
  ): Promise<Answer> {
    const { world } = this.rooms;
    const origin = `${this.certificate === undefined ? "http" : "https"}://${request.headers.host ?? "127.0.0.1"}`;
    const call = { params, query, body, rooms: this.rooms, origin };
    if (route.access === "public") {
      if (/^.api.health/i.test(path)) headersOn(response, this.limits.count("anonymous", addressOf(request)));
      return route.handle({ ...call, caller: NOBODY, organization: world.own });
    }
    const caller = this.#caller(request, query, body, route.credential);
    const organization =
      route.access === "organization" ? authorize(caller, route.permissions ?? []) : (caller.organization ?? world.own);
    headersOn(response, this.limits.count("authenticated", caller.organization?.id ?? caller.userId));
    const answer = await route.handle({ ...call, caller, organization });
    if (caller.key) caller.key.lastUsedAt = world.clock.now();
    if (lose && route.kind === "delete") this.#loseDelete(params[0]!);
    return answer;
  }

  /** The next removal of the snapshot is forgotten. */
  #loseDelete(id: string): void {
    const deleted = this.rooms.world.snapshots.get(id.toLowerCase());
    if (deleted) deleted.loseDelete = true;
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
      if (error instanceof HttpError && error.status === 401)
        throw new HttpError(401, error.message, this.limits.failed(request));
      throw error;
    }
  }

  /** The proxy in front of the runners, which serves build logs. */
  #proxiedLog(request: IncomingMessage, method: string, path: string, id: string, query: Query): Answer {
    const token = request.headers.authorization?.startsWith("Bearer ") ? request.headers.authorization.slice(7) : "";
    const refuse = (status: number, message: string, code: string): Answer => ({
      status,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({ statusCode: status, message, code, timestamp: new Date().toISOString(), path, method }),
    });
    if (token === "") return refuse(401, "unauthorized: missing bearer token", "UNAUTHORIZED");
    const caller = callerOf(this.rooms.world, token);
    if (caller === null || caller === "runner")
      return refuse(401, "unauthorized: invalid bearer token", "UNAUTHORIZED");
    const row = this.rooms.world.snapshots.get(id);
    if (!row || (caller.key && row.organizationId !== caller.organization?.id))
      return refuse(404, "not found: snapshot not found", "NOT_FOUND");
    return { status: 200, stream: (response) => this.rooms.logs.stream(row, query["follow"] === "true", response) };
  }

  #error(error: HttpError, url: string): Answer {
    return { status: error.status, headers: error.headers, json: errorBody(error, url, this.rooms.world.clock.now()) };
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    // Closed at once, the connection would take the answer with it: the client still sends.
    if (!request.complete) {
      if (!response.headersSent) response.shouldKeepAlive = true;
      discard(request);
    }
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
  raw: Buffer | "unreadable" | "too large";
  lose: boolean;
}

interface Match {
  route: Route;
  /** null: a part of the path cannot be decoded. */
  params: string[] | null;
}

/** The method and the address of a request, in their parts. */
function targetOf({ method = "GET", url = "/" }: IncomingMessage) {
  const [path = "/", search = ""] = url.split(/\?(.*)/s);
  return { method, url, path, search };
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

const isReading = (method: string) => ["GET", "HEAD", "OPTIONS"].includes(method);

const isStorage = (path: string) => path === `/${BUCKET}` || path.startsWith(`/${BUCKET}/`);

function kindOf(path: string): RequestKind {
  if (isStorage(path)) return "storage";
  if (isRegistry(path)) return "registry";
  return path.startsWith("/snapshots/") ? "log-stream" : "other";
}

function headersOn(response: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
