import type { IncomingMessage } from "node:http";
import type { Answer } from "../protocol/answer";

/** The names of this machine's loopback, with any port. */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/**
 * Why the request is refused; null if it is allowed. The API listens on loopback only, but a web page can reach it there: a
 * domain of its own that resolves to 127.0.0.1 (DNS rebinding) makes the browser believe that it asks the page's own server.
 */
export function foreignHost({ headers }: IncomingMessage): Answer | null {
  const host = headers.host ?? "";
  if (LOOPBACK.test(host)) return null;
  return refusal(403, `Host "${host}" is not allowed. This local API answers only to 127.0.0.1, localhost and [::1].`);
}

/**
 * Why the request must not send control commands; null if it may. It needs the API key, and a browser must not send it for another
 * site: what the browser adds by itself (the origin) is checked, too.
 */
export function foreignController({ headers }: IncomingMessage, apiKey: string): Answer | null {
  const { origin } = headers;
  if (origin !== undefined && !isLoopbackOrigin(origin))
    return refusal(403, `Origin "${origin}" must not send control commands.`);
  if (headers.authorization === `Bearer ${apiKey}`) return null;
  return refusal(401, 'Control commands need the local API key: send "Authorization: Bearer $DAYTONA_API_KEY".');
}

function isLoopbackOrigin(origin: string): boolean {
  try {
    return LOOPBACK.test(new URL(origin).host);
  } catch {
    return false;
  }
}

function refusal(statusCode: number, message: string): Answer {
  return { status: statusCode, json: { statusCode, message } };
}
