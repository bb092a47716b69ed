import { type LocalApi, type SourceRule, startLocalApi } from "../../provider/local";
import { realSequencesOf, type Sequence } from "./recording";

jest.setTimeout(60_000);

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** IDs, times and the address of Daytona's own registry replaced by their kind. */
function plain(value: unknown): unknown {
  if (typeof value === "string")
    return value
      .replace(UUID, "<uuid>")
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "<time>")
      .replace(/127\.0\.0\.1:130\d\d\/daytona\//g, "<registry>/daytona/");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/**
 * What the local API is told of a recorded source, as the recording says. What happens in an engine, and so the text of its reason, is no part of the simulation.
 */
function ruleFor({ name, requests, poll, responses }: Sequence): SourceRule {
  const [{ body }, final] = [requests![0]!, responses![0]!.body];
  const rule: SourceRule = { name: body.name };
  if (final.size !== null) rule.size = final.size;
  if (final.entrypoint !== null && !body.buildInfo) rule.entrypoint = final.entrypoint;
  const trouble = /missing|badtag|404/.test(name)
    ? "not-found"
    : /unauth|401/.test(name)
      ? "unauthorized"
      : /refused|pull-hub/.test(name)
        ? "unreachable"
        : /push-fails/.test(name)
          ? "push-refused"
          : poll!.at(-1)!.state === "building"
            ? "hang"
            : null;
  if (trouble !== null)
    return { ...rule, outcome: trouble, ...(name.startsWith("legacy-fail") ? { reason: final.errorReason } : {}) };
  const byTheServer = /exceeds maximum|get tar from storage|invalid reference format/.test(final.errorReason ?? "");
  return final.errorReason === null || byTheServer ? rule : { ...rule, outcome: "fail", reason: final.errorReason };
}

/** What a snapshot shows that the local API cannot know. */
function known(dto: any, name: string): unknown {
  const text = JSON.stringify(plain(dto));
  // The registry of the recording gave a pulled image its digest; and one Dockerfile has lost the name of its server.
  return JSON.parse(
    dto.imageName || name === "fail-net" ? text.replace(/daytona-[0-9a-f]{64}:daytona/g, "<digest>") : text,
  );
}

/** What cannot be replayed, and why. */
const LEFT_OUT: Record<string, (final: any, seen: any) => void> = {
  // The size of a build that is made a second time, which v2 knows from the first: the recording does not say when it learned it.
  "build-after-push-failure": (final, seen) => (final.size = seen.size),
};

/** Creates recorded with a real runner, a real engine and a real registry, until they have settled. */
describe.each(["v0", "v2"] as const)("the real runner, generation %s", (generation) => {
  let local: LocalApi;
  beforeAll(async () => {
    local = await startLocalApi({
      generation,
      pullSeconds: 1,
      buildSeconds: 1,
      inspectSeconds: 0.1,
      cronSeconds: 2,
      generalSnapshots: [],
    });
    local.control.settings({ insertMs: 0 });
    local.control.holdTime();
  });
  afterAll(() => local.close());

  test.each(realSequencesOf(generation).map((sequence) => [sequence.name, sequence] as const))(
    "%s",
    async (name, sequence) => {
      const { requests, poll, responses } = sequence;
      const [{ body, response, status }, final] = [requests![0]!, structuredClone(responses![0]!.body)];
      local.control.source(ruleFor(sequence));
      const max = /maximum allowed size of (\d+)GB/.exec(final.errorReason ?? "")?.[1];
      local.control.organization({ maxSnapshotSize: max === undefined ? 20 : Number(max) });
      const missing = /from storage with hash (\w+)/.exec(final.errorReason ?? "")?.[1];
      local.control.settings({ checkContexts: missing !== undefined });
      const answer = await fetch(`${local.apiUrl}/snapshots`, {
        method: "POST",
        headers: { authorization: `Bearer ${local.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect(answer.status).toBe(status);
      const made = (await answer.json()) as { id: string };
      expect(known(made, name)).toEqual({ ...(known(response, name) as object), sourceSandboxId: null });
      const states: string[] = ["pending"];
      for (let passed = 0; passed < 6000; passed += 25) {
        await local.control.passTime(25);
        const { state } = local.control.snapshot(made.id)!;
        if (state !== states.at(-1)) states.push(state);
      }
      // The recorded states begin with the first poll, which may have come late.
      const polled = [...new Set(poll!.map(({ state }) => state).filter((state) => state !== "pending"))];
      expect(states.slice(-polled.length)).toEqual(polled);
      expect(["pending", "pulling", "building"]).toEqual(expect.arrayContaining(states.slice(0, -polled.length)));
      const seen = await fetch(`${local.apiUrl}/snapshots/${made.id}`, {
        headers: { authorization: `Bearer ${local.apiKey}` },
      });
      const shown = await seen.json();
      LEFT_OUT[name]?.(final, shown);
      expect(known(shown, name)).toEqual({ ...(known(final, name) as object), sourceSandboxId: null });
    },
  );
});

/** `runner-real-v0-kill`, `runner-real-v2-kill` and `runner-real-v2-stuckjob`: a runner that is lost in the middle of a build. */
describe("a runner that is lost during a build", () => {
  const dockerfileContent = "FROM 127.0.0.1:15001/bb:1\nRUN sleep 60";
  async function lost(generation: "v0" | "v2") {
    const local = await startLocalApi({ generation, buildSeconds: 1, cronSeconds: 60, generalSnapshots: [] });
    const { control } = local;
    control.settings({ insertMs: 0 });
    control.holdTime();
    control.source({ dockerfile: "RUN", outcome: "hang", times: 1 });
    const request = (method: string, path: string, body?: object) =>
      fetch(`${local.apiUrl}/snapshots${path}`, {
        method,
        headers: { authorization: `Bearer ${local.apiKey}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const create = async (name: string) =>
      ((await (await request("POST", "", { name, buildInfo: { dockerfileContent } })).json()) as { id: string }).id;
    const state = async (id: string, ms: number) => {
      await control.passTime(ms);
      const dto = control.snapshot(id);
      return dto === null ? "gone" : dto.errorReason ? `${dto.state}: ${dto.errorReason}` : dto.state;
    };
    return { local, request, create, state };
  }

  test("v0: it stays `building` for an hour; delete and create works at once", async () => {
    const { local, request, create, state } = await lost("v0");
    const id = await create("killed");
    expect(await state(id, 59 * 60_000)).toBe("building");
    await request("DELETE", `/${id}`);
    expect(await state(id, 60_000)).toBe("gone");
    expect(await state(await create("killed"), 120_000)).toBe("active");
    await local.close();
  });

  test("v0: after an hour, the server gives up", async () => {
    const { local, create, state } = await lost("v0");
    expect(await state(await create("killed"), 62 * 60_000)).toBe(
      "error: Timeout processing snapshot on initial runner",
    );
    await local.close();
  });

  test("v2: the delete works, and a create of the same source fails at once until the runner is there again", async () => {
    const { local, request, create, state } = await lost("v2");
    const id = await create("killed");
    expect(await state(id, 59 * 60_000)).toBe("building");
    await request("DELETE", `/${id}`);
    expect(await state(id, 60_000)).toBe("gone");
    expect(await state(await create("again"), 100)).toBe(
      "build_failed: An operation is already in progress for this resource",
    );
    local.control.finishHung();
    expect(await state(await create("later"), 120_000)).toBe("active");
    await local.close();
  });

  /** From the server's source, `handleStaleJobs`: nobody has waited for it with a recording. */
  test("v2: after two hours the server gives the job up as well, and the same source can be built again", async () => {
    const { local, create, state } = await lost("v2");
    const id = await create("killed");
    expect(await state(id, 62 * 60_000)).toBe("error: Timeout processing snapshot on initial runner");
    expect(await state(await create("again"), 100)).toBe(
      "build_failed: An operation is already in progress for this resource",
    );
    expect(await state(await create("last"), 56 * 60_000)).toContain("already in progress");
    await state(id, 3 * 60_000);
    expect(await state(await create("later"), 120_000)).toBe("active");
    // What comes of the job too late is nothing.
    local.control.finishHung();
    expect(await state(id, 1000)).toBe("error: Timeout processing snapshot on initial runner");
    await local.close();
  });

  test("v2: a snapshot that still waits for the job then fails with it", async () => {
    const { local, create, state } = await lost("v2");
    const id = await create("killed");
    await state(id, 59 * 60_000);
    local.control.update(id, {});
    await state(id, 59 * 60_000);
    local.control.update(id, {});
    expect(await state(id, 3 * 60_000)).toBe("error: Job timed out - no update received for 120 minutes");
    await local.close();
  });
});
