import {
  type Answered,
  ApiError,
  BadRequestError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  RateLimitError,
  ServerError,
  TimedOutError,
  UnauthorizedError,
  UnreachableError,
  WrongAddressError,
} from "../errors";
import { TOO_LARGE, type TransportError, UNUSABLE_PROXY } from "./transport";

/** One complete answer. Header names are in lower case. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body, if `cutShort` has already parsed it. */
  json?: { value: unknown };
}

/** The request, for messages: `METHOD /path` below `apiUrl`. */
export interface Asked {
  request: string;
  apiUrl: string;
  /** Bytes of the request's body. */
  bodyBytes: number;
  redact(text: string): string;
}

/** Of a reason that a message repeats, in characters. */
const LONGEST_REASON = 8_000;

/** From this size on, the server may reject a body with a misleading 404. */
const LARGE_BODY = 95 * 1024;

/** Parses a successful answer. @throws WrongAddressError if the body is not JSON */
export function parseJson(answer: Answer, asked: Asked): unknown {
  if (answer.json !== undefined) return answer.json.value;
  if (answer.text === "") return null;
  try {
    return JSON.parse(withoutMark(answer.text)) as unknown;
  } catch {
    throw notTheApi(answer, asked);
  }
}

/** Whether the JSON of a successful answer is incomplete. Without a Content-Length, this is the only sign of a broken connection. */
export function cutShort(answer: Answer): boolean {
  if (answer.status < 200 || answer.status >= 300 || !/^\s*[{[]/.test(withoutMark(answer.text))) return false;
  try {
    answer.json = { value: JSON.parse(withoutMark(answer.text)) as unknown };
    return false;
  } catch {
    return true;
  }
}

/** Some gateways send a byte order mark first. */
const withoutMark = (text: string): string => text.replace(/^\ufeff/, "");

/** The typed error for an answer that is not a success. */
export function errorOf(answer: Answer, asked: Asked): ApiError {
  const { status } = answer;
  if (status >= 300 && status < 400) return redirected(answer, asked);
  const body = jsonObject(answer.text);
  const reason = reasonOf(body, asked);
  const details = { status, reason, request: asked.request, answered: answeredBy(answer, body, asked) };
  const message = sentence(status, reason, asked);

  switch (status) {
    case 401:
      return new UnauthorizedError(
        `${message}. The API key or token is wrong, expired or revoked, or it is not for this server, ${asked.apiUrl}. ${newKey(asked)}`,
        details,
      );
    case 403:
      if (body === null) return notTheApi(answer, asked);
      return new ForbiddenError(
        `${message}. The credentials lack a permission, or their organization is not allowed to do this`,
        details,
      );
    case 404:
      return notFound(answer, body, details, asked);
    case 407:
      return new UnreachableError(
        `the proxy for ${asked.apiUrl} requires a user name and password; add them to HTTPS_PROXY (http://user:password@host:port)`,
        details,
      );
    case 409:
      return new ConflictError(message, details);
    case 413:
      return new BadRequestError(`${message}. ${tooLarge(asked)}`, details);
    case 429:
      return new RateLimitError(message, details);
  }
  // A 408 is a gateway's: it gave up waiting, as with 504.
  if (status >= 500 || status === 408)
    return new ServerError(body === null ? `${message}${noJson(answer)}` : message, details);
  if (body === null) return notTheApi(answer, asked);
  return new BadRequestError(message, details);
}

/** Where the official service makes keys. */
const KEYS = "https://app.daytona.io/dashboard/keys";

/** What to do about a key that the server does not know. */
function newKey({ apiUrl }: Asked): string {
  return new URL(apiUrl).host === new URL(KEYS).host
    ? `Create a key at ${KEYS}`
    : `Create a key in the dashboard of this server: a key from ${KEYS} works only with the official service`;
}

/** What the server says is wrong, without secrets and cut where it is very long; empty: nothing. */
function reasonOf(body: Record<string, unknown> | null, asked: Asked): string {
  const message = body?.["message"];
  const said = Array.isArray(message) ? message.join(", ") : typeof message === "string" ? message : "";
  const whole = asked.redact(said.slice(0, 2 * LONGEST_REASON)).trim();
  return whole.length > LONGEST_REASON ? `${whole.slice(0, LONGEST_REASON)}… (${said.length} characters)` : whole;
}

/** Headers for programs. Any other may hold a credential, such as `set-cookie`. */
const HEADERS = /^(retry-after|x-ratelimit-(limit|remaining|reset))(-[\w-]+)?$|^x-(request-id|daytona-api-version)$/;
/** Of a code or a header, in characters. */
const LONGEST_WORD = 200;

function answeredBy(answer: Answer, body: Record<string, unknown> | null, asked: Asked): Answered {
  const word = (value: unknown): string | undefined =>
    typeof value === "string" ? asked.redact(value).slice(0, LONGEST_WORD) : undefined;
  const code = word(body?.["code"] ?? body?.["error_code"]);
  const source = word(body?.["source"]);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    const text = word(value);
    if (text !== undefined && HEADERS.test(name)) headers[name] = text;
  }
  return { headers, ...(code === undefined ? {} : { code }), ...(source === undefined ? {} : { source }) };
}

/** A 404 means "gone" only in the API's own format. Any other 404 is about the address or the request. */
function notFound(
  answer: Answer,
  body: Record<string, unknown> | null,
  details: { status: number; reason: string; request: string; answered: Answered },
  asked: Asked,
): ApiError {
  const { reason } = details;
  const message = sentence(404, reason, asked);
  const own =
    body !== null &&
    body["statusCode"] === 404 &&
    reason !== "" &&
    (typeof body["path"] === "string" || answer.headers["x-daytona-api-version"] !== undefined);
  if (!own) return notTheApi(answer, asked);
  if (!/^Cannot [A-Z]+ \//.test(reason)) return new NotFoundError(message, details);
  if (asked.bodyBytes >= LARGE_BODY)
    return new BadRequestError(
      `${message}. The API sends this response when a request is too large. ${tooLarge(asked)}`,
      details,
    );
  return new WrongAddressError(
    `${message}. There is no such route at ${asked.apiUrl}. Check the API URL; it usually ends in /api`,
    details,
  );
}

function tooLarge(asked: Asked): string {
  return `This request is ${Math.ceil(asked.bodyBytes / 1024)} KiB, and the limit is about 100 KiB. Shorten the Dockerfile, or move text into files of the image`;
}

function redirected(answer: Answer, asked: Asked): ApiError {
  const location = answer.headers["location"];
  let to = "";
  try {
    if (typeof location === "string") to = ` to ${new URL(location, asked.apiUrl).origin}`;
  } catch {
    // An invalid URL is not worth repeating.
  }
  // Redirects are not followed: the credential would go to any address that the answer names.
  return new WrongAddressError(
    `${asked.apiUrl} returned ${answer.status} for ${asked.request}, a redirect${to}; set the API URL to the final address`,
    {
      status: answer.status,
      request: asked.request,
    },
  );
}

/** The error for an answer that is not from the API. */
export function notTheApi(answer: Answer, asked: Asked): WrongAddressError {
  const what = isHtml(answer)
    ? "HTML"
    : jsonObject(answer.text) !== null
      ? "JSON that is not the snapshot API's"
      : answer.text.trim() === ""
        ? "nothing"
        : "text that is not JSON";
  return new WrongAddressError(
    `${asked.apiUrl} returned ${what} (status ${answer.status}) for ${asked.request}. Check the API URL; it usually ends in /api`,
    {
      status: answer.status,
      request: asked.request,
    },
  );
}

function noJson(answer: Answer): string {
  return isHtml(answer) ? " (an HTML page, probably from a proxy)" : "";
}

function isHtml(answer: Answer): boolean {
  return (
    /html/i.test(String(answer.headers["content-type"] ?? "")) || /^\s*<(!doctype|html|head|body)\b/i.test(answer.text)
  );
}

function sentence(status: number, reason: string, asked: Asked): string {
  const phrase = process.getBuiltinModule("node:http").STATUS_CODES[status];
  return `Daytona API returned ${status}${phrase === undefined ? "" : ` ${phrase}`} for ${asked.request}${reason === "" ? "" : `: ${reason}`}`;
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(withoutMark(text)) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const TIMED_OUT = /^E?TIMED?OUT$/;

/** The typed error for a request without a complete answer, with what to do about it. */
export function unreachable(error: TransportError, asked: Asked): UnreachableError {
  const host = new URL(asked.apiUrl).host;
  if (error.code === TOO_LARGE) {
    return new WrongAddressError(
      `${asked.apiUrl} does not respond like the Daytona API to ${asked.request}: ${error.message}. Check the API URL; it usually ends in /api`,
      { status: 0, request: asked.request },
    );
  }
  const Kind = TIMED_OUT.test(error.code) ? TimedOutError : UnreachableError;
  return new Kind(
    `cannot reach the Daytona API at ${host} for ${asked.request}: ${advice(error, host, asked)}${through(error)}`,
    {
      status: 0,
      request: asked.request,
      cause: new Error(asked.redact(error.message)),
    },
  );
}

function through(error: TransportError): string {
  return error.proxy === null ? "" : ` (through the proxy ${error.proxy}, set by HTTPS_PROXY, HTTP_PROXY and NO_PROXY)`;
}

function advice(error: TransportError, host: string, asked: Asked): string {
  const { code } = error;
  if (/^(ECONNREFUSED|ConnectionRefused)$/.test(code))
    return `connection refused. Check the API URL and that the server is running`;
  if (code === "CLOSED") return "the client has been closed";
  if (code === UNUSABLE_PROXY) return error.message;
  if (/^E[MN]FILE$/.test(code))
    return `too many files are open (${code}). Raise the limit of open files (\`ulimit -n\`), or run fewer operations at once`;
  if (TIMED_OUT.test(code))
    return `${asked.redact(error.message)}; check whether a firewall blocks it or a proxy is needed (HTTPS_PROXY)`;
  if (/^(ENOTFOUND|EAI_|DNSResolve)/.test(code))
    return `the name ${host} could not be resolved (${code}); check the API URL and the network`;
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_)/.test(code))
    return `its certificate is not trusted (${code}); for a private certificate authority, set NODE_EXTRA_CA_CERTS to its file`;
  if (/^(EPROTO|ERR_SSL_)/.test(code))
    return `it does not use TLS (${code}); check whether the API URL must begin with http:// instead of https://`;
  if (/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/.test(code))
    return `there is no route to it (${code}); check the network`;
  if (code === "ECONNRESET" || code === "EPIPE")
    return `the connection was closed (${code}); if this persists, a proxy or firewall may be closing it`;
  if (code === "HPE_HEADER_OVERFLOW")
    return `the headers of its response are too long (${code}); check the API URL, and any proxy between this machine and the server`;
  if (code.startsWith("HPE_"))
    return `it does not respond in HTTP (${code}); check the port in the API URL, and whether it must begin with https://`;
  return `${asked.redact(error.message)}${code === "" ? "" : ` (${code})`}; check the API URL and the network`;
}
