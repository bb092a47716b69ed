import type { Agent, IncomingMessage, RequestOptions } from "node:http";
import { type HttpAnswer, TOO_LARGE } from "./errors";

/** A request on which nothing moves for so long is given up, in ms. */
const SILENT_MS = 120_000;
/** Of an answer, unpacked, in bytes. The largest are manifests. */
export const LARGEST_ANSWER = 8 * 2 ** 20;

/** One request as it goes over the wire. Redirects are not followed. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Parts of the body, one after the other. */
  readonly data?: readonly Buffer[] | undefined;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

export type Wire = (request: WireRequest) => Promise<HttpAnswer>;

/**
 * Sends a request to a registry. Own code on Node's client: with a general one, most of the time of a push went into setting up its 80 requests.
 * @throws what Node says of a lost connection; an error with the code TOO_LARGE
 */
export const sendOverWire: Wire = ({ method, url: address, headers, data, agent, signal }) =>
  new Promise((resolve, reject) => {
    const url = new URL(address);
    const length = data?.reduce((sum, part) => sum + part.length, 0);
    const options: RequestOptions = {
      method,
      agent,
      signal,
      headers: { ...headers, ...(length === undefined ? {} : { "content-length": String(length) }) },
    };
    const { request: begin } = process.getBuiltinModule(url.protocol === "https:" ? "node:https" : "node:http");
    const request = begin(url, options, (answer) => {
      read(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }), reject);
    });
    request.setTimeout(SILENT_MS, () =>
      request.destroy(
        Object.assign(new Error(`no data was transferred for ${SILENT_MS / 1000} seconds`), { code: "ETIMEDOUT" }),
      ),
    );
    request.on("error", reject);
    for (const part of data ?? []) request.write(part);
    request.end();
  });

async function read(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_ANSWER) throw tooLarge();
    parts.push(part);
  }
  const body = Buffer.concat(parts);
  const packed = /^(x-)?gzip$/i.test(String(answer.headers["content-encoding"] ?? ""));
  return packed && body.length > 0 ? unpack(body) : body;
}

/** Not asked for, but some proxies pack what they pass on. */
function unpack(body: Buffer): Buffer {
  try {
    return process.getBuiltinModule("node:zlib").gunzipSync(body, { maxOutputLength: LARGEST_ANSWER });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? tooLarge() : error;
  }
}

function tooLarge(): Error {
  return Object.assign(new Error("the response is too large"), { code: TOO_LARGE });
}
