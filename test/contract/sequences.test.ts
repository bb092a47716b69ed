import { io, type Socket } from "socket.io-client";
import { type LocalApi, startLocalApi } from "../../provider/local";
import { type Sequence, sequencesOf } from "./recording";

jest.setTimeout(20_000);

/** Local milliseconds per recorded one. */
const SCALE = 1 / 25;
const recordedSeconds = (s: number) => s * SCALE;

type Generation = "v0" | "v2";
interface Heard {
  event: string;
  oldState: string | undefined;
  newState: string | undefined;
  id: boolean;
}

describe.each(["v0", "v2"] as const)("state sequences of generation %s", (generation: Generation) => {
  const sequences = sequencesOf(generation);
  const ids = new Map<string, string>();
  const heard = new Map<string, Heard[]>();
  const made = new Set<string>();
  let local: LocalApi;
  let socket: Socket;

  beforeAll(async () => {
    local = await startLocalApi({
      generation, pullSeconds: recordedSeconds(2), buildSeconds: recordedSeconds(3), inspectSeconds: recordedSeconds(0.1), cronSeconds: recordedSeconds(10), generalSnapshots: [],
    });
    socket = connect({ auth: { token: local.apiKey } });
    socket.onAny((event: string, payload: any) => {
      const dto = payload.snapshot ?? payload;
      heard.set(dto.name, [...(heard.get(dto.name) ?? []), { event, oldState: payload.oldState, newState: payload.newState ?? dto.state, id: "id" in dto }]);
    });
    await new Promise<void>((resolve) => socket.on("connect", resolve));
  });
  afterAll(async () => {
    socket.close();
    await local.close();
  });

  const connect = (options: object) => io(new URL(local.apiUrl).origin, { path: "/api/socket.io/", transports: ["websocket"], reconnection: false, forceNew: true, ...options });

  async function call(method: string, path: string, body?: unknown) {
    const local$ = path.replace(/[0-9a-f-]{36}/, (id) => ids.get(id) ?? id);
    const response = await fetch(`${local.apiUrl}${local$}`, {
      method, headers: { authorization: `Bearer ${local.apiKey}`, ...(body ? { "content-type": "application/json" } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  }

  async function waitFor(what: string, ready: () => boolean | Promise<boolean>) {
    for (const deadline = Date.now() + 8000; !(await ready()); ) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** What the stand-in runner of the recording did with such a source. */
  function treat(source: { imageName?: string; buildInfo?: { dockerfileContent: string } }, knobs: Sequence["knobs"] = {}) {
    const seconds = (ms: number | undefined) => (ms === undefined ? {} : { seconds: (ms / 1000) * SCALE });
    const inspect = knobs.inspectDelayMs === undefined ? {} : { inspectSeconds: 0.1 };
    if (source.buildInfo) {
      const dockerfile = source.buildInfo.dockerfileContent;
      const fails = dockerfile.includes("./fail.sh");
      local.control.source({
        dockerfile, ...seconds(knobs.buildDelayMs), ...(knobs.syncReject ? { outcome: "reject" } : {}),
        ...(fails ? { outcome: "fail", reason: 'failed to solve: process "/bin/sh -c ./fail.sh" did not complete successfully: exit code: 127' } : {}),
      });
    } else if (source.imageName) {
      const outcome = source.imageName.includes("/fail-") ? "fail" : source.imageName.includes("/notfound-") ? "not-found" : knobs.syncReject ? "reject" : undefined;
      local.control.source({ image: source.imageName, ...seconds(knobs.pullDelayMs), ...inspect, ...(outcome ? { outcome } : {}) });
    }
  }

  async function create(dto: any, knobs?: Sequence["knobs"]) {
    const body = dto.buildInfo ? { name: dto.name, buildInfo: { dockerfileContent: dto.buildInfo.dockerfileContent, contextHashes: [] } } : { name: dto.name, imageName: dto.imageName };
    treat(body, knobs);
    made.add(dto.name);
    const answer = await call("POST", "/snapshots", body);
    if (answer.status === 200 && dto.id) ids.set(dto.id, answer.body.id);
    return answer;
  }

  /** Snapshots of a recording that shows no create: made as its name says. */
  async function prepare(sequence: Sequence) {
    const known = sequence.events!.map(({ payload }) => payload.snapshot ?? payload).find((dto) => dto.name);
    if (!known || made.has(known.name)) return;
    if (sequence.requests?.[0]) {
      if (sequence.requests[0].method === "POST") return;
      const id = sequence.requests[0].path.split("/")[2]!;
      ids.set(id, local.control.insert({ name: known.name, imageName: known.imageName, state: "active" }));
      made.add(known.name);
      return;
    }
    const pair = /^(.*)-(a|b)(-\w+)$/.exec(known.name);
    if (!pair) throw new Error(`nothing says how ${sequence.name} began`);
    const [first, second] = ["a", "b"].map((letter) => ({ ...known, id: undefined, name: `${pair[1]}-${letter}${pair[3]}` }));
    await create(first, sequence.knobs);
    await waitFor("the first to work", () => ["building", "pulling"].includes(local.control.snapshot(first.name)?.state ?? ""));
    await create(second, sequence.knobs);
  }

  const seen = (name: string) => heard.get(name) ?? [];

  test.each(sequences.filter((s) => s.responses).map((s) => [s.name, s] as const))("%s", async (name, { responses }) => {
    // Long enough to overlap on a slow machine.
    const overlap = { inspectDelayMs: 4000 };
    const start = (index: number) => create({ ...responses![index]!.body, ...(responses![index]!.body.name ? {} : sibling(responses!, index)) }, overlap);
    const order = responses!.map((_, i) => i);
    if (name.includes("ms apart")) {
      const [first, second] = responses!.map((r) => r.body);
      expect((await create(first, { pullDelayMs: 4000 })).status).toBe(200);
      await waitFor("the first to pull", () => local.control.snapshot(first.name)?.state === "pulling");
      expect((await create(second, { pullDelayMs: 4000 })).status).toBe(200);
      return;
    }
    // Which of several at once wins is chance: here the ones that won in the recording come first, and later winners later.
    const failed = (i: number) => sequences.some((s) => s.name === `${name.replace(/-4-creates$/, "")}-${i}` && s.poll!.at(-1)!.state === "error");
    const [winner, ...rest] = order.sort((a, b) => Number(responses![a]!.status !== 200) - Number(responses![b]!.status !== 200) || Number(failed(a)) - Number(failed(b)));
    const late = responses!.some((r) => r.status === 500) ? rest.filter((i) => responses![i]!.status === 200) : [];
    local.control.settings({ insertMs: 200 });
    const answers = await Promise.all([winner!, ...rest.filter((i) => !late.includes(i))].map(start));
    local.control.settings({ insertMs: 1 });
    for (const i of late) answers.push(await start(i));
    expect(answers.map((a) => [a.status, a.body.message]).sort()).toEqual(responses!.map((r) => [r.status, r.body.message]).sort());
  });

  test.each(sequences.filter((s) => s.poll).map((s) => [s.name, s] as const))("%s", async (_name, sequence) => {
    await prepare(sequence);
    const requests = sequence.requests ?? [];
    for (const request of requests) {
      const before = sequence.poll!.filter((p) => p.t_ms < request.t_ms && request !== requests[0]).at(-1)?.state;
      const target = request.path.split("/")[2];
      if (before) await waitFor(before, async () => (await call("GET", `/snapshots/${target ?? requests[0]!.response.id}`)).body.state === before);
      let body = request.body;
      if (request.method === "POST" && !target) {
        body ??= requests[0]!.body;
        if (request.status === 200) {
          // A mark between the requests would end a removal; real marks are far apart.
          if (requests.length > 1) await waitFor("a mark to have passed", () => Date.now() % (10_000 * SCALE) < 50);
          treat(body, sequence.knobs);
          made.add(body.name);
          if (local.control.snapshot(body.name)) local.control.remove(body.name);
          heard.delete(body.name);
        }
      }
      const answer = await call(request.method, request.path, body);
      expect([answer.status, answer.body?.state ?? answer.body?.message]).toEqual([request.status, request.response?.state ?? request.response?.message]);
      if (request.status === 200 && request.response?.id) ids.set(request.response.id, answer.body.id);
    }
    const events = sequence.events!.map(({ event, oldState, newState, payload }) => ({ event, oldState, newState: newState ?? payload.state, id: "id" in (payload.snapshot ?? payload) }));
    const { name } = sequence.events!.map(({ payload }) => payload.snapshot ?? payload)[0];
    const last = sequence.poll!.at(-1)!;
    const id = ids.get((sequence as unknown as { id: string }).id) ?? local.control.snapshot(name)?.id;
    await waitFor(`${name} to be ${last.state ?? "gone"}`, async () => (await call("GET", `/snapshots/${id}`)).body.state === last.state);
    await waitFor("the events", () => seen(name).length >= events.length).catch(() => {});
    expect(seen(name).slice(-events.length)).toEqual(events);
    if (last.status === 404) return;
    const now = (await call("GET", `/snapshots/${id}`)).body;
    const reason = (text: string | null | undefined) => text?.replace(/runner [0-9a-f-]{36}/, "runner <uuid>");
    expect({ size: now.size, ref: now.ref !== null, reason: reason(now.errorReason), entrypoint: now.entrypoint })
      .toEqual({ size: last.size, ref: last.ref_set, reason: reason(last.errorReason), entrypoint: last.entrypoint });
  });

  test.each(["noToken", "wrongKey", "bearerPrefixed", "runnerKey", "tokenInQueryOnly", "wrongPath", "pollingTransport"])("socket.io refuses: %s", async (which) => {
    const recorded = (sequences.find((s) => s.name === "socket.io") as any)[which] as { ok: boolean; message: string };
    const options: Record<string, object> = {
      noToken: {}, wrongKey: { auth: { token: "dtn_wrong" } }, bearerPrefixed: { auth: { token: `Bearer ${local.apiKey}` } }, runnerKey: { auth: { token: "secret_api_token" } },
      tokenInQueryOnly: { query: { token: local.apiKey } }, wrongPath: { path: "/socket.io/", auth: { token: local.apiKey } }, pollingTransport: { transports: ["polling"], auth: { token: local.apiKey } },
    };
    const refused = connect(options[which]!);
    const message = await new Promise<string>((resolve, reject) => {
      refused.on("connect_error", (error) => resolve(error.message));
      refused.on("connect", () => reject(new Error("connected")));
    });
    refused.close();
    expect(message).toBe(recorded.message);
  });
});

/** The body of a create that was refused, as its neighbours were. */
function sibling(responses: NonNullable<Sequence["responses"]>, index: number) {
  const won = responses.find((r) => r.status === 200)!.body;
  const taken = /name "([^"]+)"/.exec(responses[index]!.body.message)?.[1];
  return { ...won, id: undefined, name: taken ?? won.name.replace(/\d-/, `${index}-`) };
}
