import { type LocalApi, startLocalApi } from "../../provider/local";
import { Arrangement } from "./arrange";
import { type Exchange, exchangesOf, recordingFiles } from "./recording";

/** Nothing may settle by itself while single exchanges are replayed. */
const FROZEN = {
  pullSeconds: 1000,
  inspectSeconds: 1000,
  cronSeconds: 2_000_000,
  buildSeconds: 0.2,
  runnerWaitSeconds: 0.05,
  generalSnapshots: [],
};

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Ids, times, keys, addresses, and the digests of pulled images replaced by their kind. */
/** The recorded server (v0.190) does not send the field. Newer clients insist on it, so the local API has it in every snapshot. */
function withSourceSandbox(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSourceSandbox);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSourceSandbox(item)]));
  return "sandboxClass" in fields && "imageName" in fields ? { ...fields, sourceSandboxId: null } : fields;
}

function plain(value: unknown, pulled = false): unknown {
  if (typeof value === "string") {
    const text = value
      .replace(UUID, "<uuid>")
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "<time>")
      .replace(/(dtn_)(<masked>|[0-9a-f]{64})/g, "<key>")
      .replace(/dtn\*+\w{3}/g, "<key>")
      .replace(/(127\.0\.0\.1|localhost):\d+/g, "<address>")
      .replace(/temp-push-robot-\w+/g, "<robot>");
    return pulled ? text.replace(/daytona-[0-9a-f]{64}:daytona/, "<digest>") : text;
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, pulled));
  if (typeof value !== "object" || value === null) return value;
  const image = "imageName" in value && value.imageName !== "";
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === "secret" ? "<secret>" : plain(item, pulled || image)]),
  );
}

/** What the recorded server's answers say of its release and its limit for failed authentications. */
function serverOf(file: string): { apiVersion?: string; failedAuthLimit?: { limit: number; seconds: number } } {
  const named = (header: string): string | undefined =>
    exchangesOf(file)
      .map(({ response }) => response.headers[header])
      .find((value) => value !== undefined);
  const version = named("X-Daytona-Api-Version");
  const limit = named("X-RateLimit-Limit-failed-auth");
  return {
    ...(version === undefined ? {} : { apiVersion: version }),
    ...(limit === undefined ? {} : { failedAuthLimit: { limit: Number(limit), seconds: 60 } }),
  };
}

/** So many characters of an answer that does not end. */
async function beginning(response: Response, length: number): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < length) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`it ended after ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}

describe.each(recordingFiles())("%s", (file) => {
  let local: LocalApi;
  let arrangement: Arrangement;
  let series = "";
  let sent = 0;

  beforeAll(async () => {
    const limits = file.includes("ratelimit") ? { rateLimit: { limit: 5, seconds: 10 } } : {};
    local = await startLocalApi({
      ...FROZEN,
      ...limits,
      generation: file.startsWith("runner-v2") ? "v2" : "v0",
      ...serverOf(file),
    });
    arrangement = new Arrangement(local, exchangesOf(file));
  });
  afterAll(() => local.close());

  async function replay({ request, response: recorded }: Exchange) {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers))
      headers[name] = name === "Authorization" ? arrangement.authorization(value) : arrangement.localized(value);
    const origin = new URL(local.apiUrl).origin;
    const path = arrangement
      .localized(request.path)
      .replace(/^http:\/\/[^/]+/, "")
      .replace("dtn_<masked>", local.apiKey);
    if (headers["If-None-Match"])
      headers["If-None-Match"] = (
        await fetch(origin + path, { headers: { Authorization: headers.Authorization! } })
      ).headers.get("etag")!;
    const cut = typeof request.body === "string" ? /\.\.\.\((\d+) bytes\)$/.exec(request.body) : null;
    const body = cut
      ? "x".repeat(Number(cut[1]))
      : typeof request.body === "string"
        ? request.body
        : JSON.stringify(request.body);
    const response = await fetch(origin + path, {
      method: request.method,
      headers,
      ...(request.body === null ? {} : { body }),
    });
    // The recorded stand-in for a runner ended such a log; a real runner does not (`follow=true never ends after a failed build`).
    const endless = path.includes("follow=true") && String(recorded.body).includes("\nERROR: ");
    const text = endless ? await beginning(response, String(recorded.body).length) : await response.text();
    let parsed: unknown = text === "" ? null : text;
    if (response.headers.get("content-type")?.includes("json")) parsed = JSON.parse(text);
    return { response, body: parsed };
  }

  test.each(exchangesOf(file).map((exchange) => [exchange.name, exchange] as const))("%s", async (name, exchange) => {
    await arrangement.before(exchange);
    // Requests of a series that the recording leaves out.
    const place = /^(.*-(?:request|auth-))(\d+)/.exec(name);
    if (place && place[1] !== series) sent = 0;
    series = place?.[1] ?? series;
    for (; place && sent < Number(place[2]) - 1; sent++) await replay(exchange);
    const { response, body } = await replay(exchange);
    if (place) sent++;
    const recorded = exchange.response;
    expect({ status: response.status, body: plain(body) }).toEqual({
      status: recorded.status,
      body: plain(withSourceSandbox(recorded.body)),
    });
    if (recorded.body?.id && exchange.request.method === "POST")
      arrangement.ids.set(recorded.body.id, (body as { id: string }).id);
    for (const [header, value] of Object.entries(recorded.headers)) {
      // What a connection says about itself.
      if (/^(date|connection|keep-alive)$/i.test(header)) continue;
      const given = response.headers.get(header);
      if (/^(etag|x-ratelimit-(remaining|reset))/i.test(header))
        expect([header, given]).toEqual([header, expect.any(String)]);
      else expect([header, given]).toEqual([header, value]);
    }
  });
});
