import { type LocalApi, startLocalApi } from "../../provider/local";
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
    async (name, { requests, poll, responses }: Sequence) => {
      const [{ body, response, status }, final] = [requests![0]!, responses![0]!.body];
      if (final.size !== null) local.control.source({ name: body.name, size: final.size });
      if (/missing|badtag/.test(name)) local.control.source({ name: body.name, outcome: "not-found" });
      const answer = await fetch(`${local.apiUrl}/snapshots`, {
        method: "POST",
        headers: { authorization: `Bearer ${local.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect(answer.status).toBe(status);
      const made = (await answer.json()) as { id: string };
      expect(plain(made)).toEqual({ ...(plain(response) as object), sourceSandboxId: null });
      const states: string[] = ["pending"];
      for (let passed = 0; passed < 6000; passed += 25) {
        await local.control.passTime(25);
        const { state } = local.control.snapshot(made.id)!;
        if (state !== states.at(-1)) states.push(state);
      }
      expect(states.filter((state) => state !== "pending")).toEqual([
        ...new Set(poll!.map(({ state }) => state).filter((state) => state !== "pending")),
      ]);
      const seen = await fetch(`${local.apiUrl}/snapshots/${made.id}`, {
        headers: { authorization: `Bearer ${local.apiKey}` },
      });
      expect(plain(await seen.json())).toEqual({ ...(plain(final) as object), sourceSandboxId: null });
    },
  );
});
