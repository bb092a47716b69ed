import { io, type Socket } from "socket.io-client";
import { type LocalApi, startLocalApi } from "../../provider/local";
import { type Sequence, sequencesOf } from "./recording";

jest.setTimeout(60_000);

/** The recorded durations; the API's time is held, and passes in steps like this, so that no load can come between. */
const STEP_MS = 25;
const MARK_MS = 10_000;

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
      generation,
      pullSeconds: 2,
      buildSeconds: 3,
      inspectSeconds: 0.1,
      cronSeconds: MARK_MS / 1000,
      generalSnapshots: [],
    });
    local.control.settings({ insertMs: 0 });
    local.control.holdTime();
    socket = connect({ auth: { token: local.apiKey } });
    socket.onAny((event: string, payload: any) => {
      const dto = payload.snapshot ?? payload;
      heard.set(dto.name, [
        ...(heard.get(dto.name) ?? []),
        { event, oldState: payload.oldState, newState: payload.newState ?? dto.state, id: "id" in dto },
      ]);
    });
    await new Promise<void>((resolve) => socket.on("connect", resolve));
  });
  afterAll(async () => {
    socket.close();
    await local.close();
  });

  const connect = (options: object) =>
    io(new URL(local.apiUrl).origin, {
      path: "/api/socket.io/",
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      ...options,
    });

  async function call(method: string, path: string, body?: unknown) {
    const local$ = path.replace(/[0-9a-f-]{36}/, (id) => ids.get(id) ?? id);
    const response = await fetch(`${local.apiUrl}${local$}`, {
      method,
      headers: { authorization: `Bearer ${local.apiKey}`, ...(body ? { "content-type": "application/json" } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  }

  /** Lets held time pass until it is so. */
  async function waitFor(what: string, ready: () => boolean) {
    for (let passed = 0; !ready(); passed += STEP_MS) {
      if (passed > 4 * MARK_MS) throw new Error(`waited in vain for ${what}`);
      await local.control.passTime(STEP_MS);
    }
  }

  /** Waits for what is on its way, however slow the machine is. */
  async function arrived(ready: () => boolean) {
    for (const deadline = Date.now() + 15_000; !ready() && Date.now() < deadline;)
      await new Promise((resolve) => setTimeout(resolve, 2));
  }

  const stateOf = (idOrName: string | undefined) =>
    idOrName === undefined ? undefined : local.control.snapshot(idOrName)?.state;

  /** What the stand-in runner of the recording did with such a source. */
  function treat(
    source: { imageName?: string; buildInfo?: { dockerfileContent: string } },
    knobs: Sequence["knobs"] = {},
  ) {
    const seconds = (ms: number | undefined) => (ms === undefined ? {} : { seconds: ms / 1000 });
    const inspect = knobs.inspectDelayMs === undefined ? {} : { inspectSeconds: knobs.inspectDelayMs / 1000 };
    if (source.buildInfo) {
      const dockerfile = source.buildInfo.dockerfileContent;
      const fails = dockerfile.includes("./fail.sh");
      local.control.source({
        dockerfile,
        ...seconds(knobs.buildDelayMs),
        ...(knobs.syncReject ? { outcome: "reject" } : {}),
        ...(fails
          ? {
              outcome: "fail",
              reason: 'failed to solve: process "/bin/sh -c ./fail.sh" did not complete successfully: exit code: 127',
            }
          : {}),
      });
    } else if (source.imageName) {
      const outcome = source.imageName.includes("/fail-")
        ? "fail"
        : source.imageName.includes("/notfound-")
          ? "not-found"
          : knobs.syncReject
            ? "reject"
            : undefined;
      local.control.source({
        image: source.imageName,
        ...seconds(knobs.pullDelayMs),
        ...inspect,
        ...(outcome ? { outcome } : {}),
        // The stand-in's own words: the real one's are in runner-real-*.jsonl.
        ...(outcome === "not-found"
          ? {
              reason: `error response from registry: MANIFEST_UNKNOWN: manifest unknown (docker.io/${source.imageName})`,
            }
          : {}),
      });
    }
  }

  async function create(dto: any, knobs?: Sequence["knobs"]) {
    const body = dto.buildInfo
      ? { name: dto.name, buildInfo: { dockerfileContent: dto.buildInfo.dockerfileContent, contextHashes: [] } }
      : { name: dto.name, imageName: dto.imageName };
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
      const { name, imageName, size, errorReason, buildInfo } = known;
      const source = buildInfo ? { dockerfileContent: buildInfo.dockerfileContent } : { imageName };
      ids.set(
        id,
        local.control.insert({ name, size, errorReason, ...source, state: sequence.events![0]?.oldState ?? "active" }),
      );
      made.add(known.name);
      return;
    }
    const pair = /^(.*)-(a|b)(-\w+)$/.exec(known.name);
    if (!pair) throw new Error(`nothing says how ${sequence.name} began`);
    const [first, second] = ["a", "b"].map((letter) => ({
      ...known,
      id: undefined,
      name: `${pair[1]}-${letter}${pair[3]}`,
    }));
    await create(first, sequence.knobs);
    await waitFor("the first to work", () => ["building", "pulling"].includes(stateOf(first.name) ?? ""));
    await create(second, sequence.knobs);
  }

  const seen = (name: string) => heard.get(name) ?? [];

  test.each(sequences.filter((s) => s.responses).map((s) => [s.name, s] as const))(
    "%s",
    async (name, { responses }) => {
      const overlap = { inspectDelayMs: 1500 };
      const start = (index: number) =>
        create(
          { ...responses![index]!.body, ...(responses![index]!.body.name ? {} : sibling(responses!, index)) },
          overlap,
        );
      const order = responses!.map((_, i) => i);
      if (name.includes("ms apart")) {
        const [first, second] = responses!.map((r) => r.body);
        expect((await create(first, { pullDelayMs: 4000 })).status).toBe(200);
        await waitFor("the first to pull", () => stateOf(first.name) === "pulling");
        expect((await create(second, { pullDelayMs: 4000 })).status).toBe(200);
        return;
      }
      // Which of several at once wins is chance: here the ones that won in the recording come first, and later winners later.
      const failed = (i: number) =>
        sequences.some(
          (s) => s.name === `${name.replace(/-4-creates$/, "")}-${i}` && s.poll!.at(-1)!.state === "error",
        );
      const [winner, ...rest] = order.sort(
        (a, b) =>
          Number(responses![a]!.status !== 200) - Number(responses![b]!.status !== 200) ||
          Number(failed(a)) - Number(failed(b)),
      );
      const late = responses!.some((r) => r.status === 500) ? rest.filter((i) => responses![i]!.status === 200) : [];
      local.control.settings({ insertMs: 200 });
      local.control.clearRequests();
      const first = start(winner!);
      await arrived(() => local.control.requests().length === 1);
      await call("GET", "/snapshots?limit=1");
      const others = rest.filter((i) => !late.includes(i)).map(start);
      let open = others.length;
      for (const other of others) void other.then(() => open--);
      // A refusal comes at once; the one that writes a new build waits for held time.
      await arrived(() => open === 0);
      await local.control.passTime(200);
      local.control.settings({ insertMs: 0 });
      const answers = await Promise.all([first, ...others]);
      for (const i of late) answers.push(await start(i));
      expect(answers.map((a) => [a.status, a.body.message]).sort()).toEqual(
        responses!.map((r) => [r.status, r.body.message]).sort(),
      );
    },
  );

  test.each(sequences.filter((s) => s.poll).map((s) => [s.name, s] as const))("%s", async (_name, sequence) => {
    await prepare(sequence);
    const requests = sequence.requests ?? [];
    for (const request of requests) {
      const before = sequence.poll!.filter((p) => p.t_ms < request.t_ms && request !== requests[0]).at(-1)?.state;
      const target = request.path.split("/")[2];
      // What the request before set going at once is under way, however late its timer fires: recorded requests are at least 100 ms apart.
      await local.control.passTime(0);
      if (before) await waitFor(before, () => stateOf(ids.get(target ?? requests[0]!.response.id)) === before);
      let body = request.body;
      if (request.method === "POST" && !target) {
        body ??= requests[0]!.body;
        if (request.status === 200) {
          // A mark between the requests would end a removal; real marks are far apart.
          if (requests.length > 1)
            await local.control.passTime(MARK_MS - ((await local.control.passTime(0)) % MARK_MS));
          treat(body, sequence.knobs);
          made.add(body.name);
          if (local.control.snapshot(body.name)) local.control.remove(body.name);
          heard.delete(body.name);
        }
      }
      const answer = await call(request.method, request.path, body);
      expect([answer.status, answer.body?.state ?? answer.body?.message]).toEqual([
        request.status,
        request.response?.state ?? request.response?.message,
      ]);
      if (request.status === 200 && request.response?.id) ids.set(request.response.id, answer.body.id);
    }
    const events = sequence.events!.map(({ event, oldState, newState, payload }) => ({
      event,
      oldState,
      newState: newState ?? payload.state,
      id: "id" in (payload.snapshot ?? payload),
    }));
    const { name } = sequence.events!.map(({ payload }) => payload.snapshot ?? payload)[0];
    const last = sequence.poll!.at(-1)!;
    const id = ids.get((sequence as unknown as { id: string }).id) ?? local.control.snapshot(name)?.id;
    await waitFor(`${name} to be ${last.state ?? "gone"}`, () => stateOf(id) === last.state);
    await arrived(() => seen(name).length >= events.length);
    expect(seen(name).slice(-events.length)).toEqual(events);
    if (last.status === 404) return;
    const now = (await call("GET", `/snapshots/${id}`)).body;
    const reason = (text: string | null | undefined) => text?.replace(/runner [0-9a-f-]{36}/, "runner <uuid>");
    expect({
      size: now.size,
      ref: now.ref !== null,
      reason: reason(now.errorReason),
      entrypoint: now.entrypoint,
    }).toEqual({ size: last.size, ref: last.ref_set, reason: reason(last.errorReason), entrypoint: last.entrypoint });
  });
});

/** The body of a create that was refused, as its neighbours were. */
function sibling(responses: NonNullable<Sequence["responses"]>, index: number) {
  const won = responses.find((r) => r.status === 200)!.body;
  const taken = /name "([^"]+)"/.exec(responses[index]!.body.message)?.[1];
  return { ...won, id: undefined, name: taken ?? won.name.replace(/\d-/, `${index}-`) };
}
