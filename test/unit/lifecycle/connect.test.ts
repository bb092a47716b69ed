import { ApiError, ConfigError, connect } from "../../../provider/lifecycle";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { context, plan, recordOf, text } from "./support";

let local: LocalApi;
beforeAll(async () => (local = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.02 })));
afterAll(() => local.close());
afterEach(() => local.control.reset());

const quiet = { debug: () => undefined };
const env = () => ({ DAYTONA_API_URL: local.apiUrl, DAYTONA_API_KEY: local.apiKey, DAYTONA_TARGET: "us" });

test("takes the environment, and sends nothing before something is asked", async () => {
  local.control.clearRequests();
  const connected = connect({}, env(), quiet);
  expect(connected.region).toBe("us");
  expect(local.control.counts().total).toBe(0);
  expect(
    recordOf(
      await connected.lifecycle.create(plan(null, {}, { name: "agent", image: "ubuntu:24.04" }).planned, context()),
    ).state,
  ).toBe("active");
  expect(connected.lifecycle).toBe(connected.lifecycle);
  connected.close();
});

test("no credentials: an error that names the ways", () => {
  expect(() => connect({}, {}, quiet, { readProfile: () => null })).toThrow(ConfigError);
  expect(() => connect({}, {}, quiet, { readProfile: () => null })).toThrow(/DAYTONA_API_KEY/);
});

test("queries: by id, by name, with filters", async () => {
  const connected = connect({}, env(), quiet);
  const [first] = local.control.seed(3, (i) => ({ name: `team_${i}`, state: i === 3 ? "error" : "active" }));
  local.control.seed(1, () => ({ name: "teamX1" }));
  local.control.addGeneral("everybodys");
  expect((await connected.getSnapshot({ name: "team_1" }))?.id).toBe(first);
  expect((await connected.getSnapshot({ id: first as string }))?.name).toBe("team_1");
  expect((await connected.getSnapshot({ name: "everybodys" }))?.general).toBe(true);
  expect(await connected.getSnapshot({ name: "nope" })).toBeNull();
  expect(await connected.getSnapshot({ id: "team_1" })).toBeNull();
  const names = async (filter: object) => (await connected.listSnapshots(filter)).map((dto) => dto.name);
  expect(await names({ nameContains: "TEAM_" })).toEqual(["team_1", "team_2", "team_3"]);
  expect(await names({ states: ["error"] })).toEqual(["team_3"]);
  expect(await names({ region: "mars" })).toEqual([]);
  expect(await names({ general: true })).toContain("everybodys");
  expect(await names({})).not.toContain("everybodys");
  expect((await connected.regions()).map((region) => region.id)).toContain("us");
  connected.close();
});

test("a wrong key: an error without the key", async () => {
  const connected = connect({ apiKey: "dtn_wrong_secret" }, env(), quiet);
  await expect(connected.getSnapshot({ name: "x" })).rejects.toThrow(ApiError);
  const outcome = await connected.lifecycle.create(
    plan(null, {}, { name: "agent", image: "ubuntu:24.04" }).planned,
    context(),
  );
  expect(outcome.error?.summary).toBe('creating snapshot "agent": the API rejected the credentials');
  expect(text(outcome.error)).not.toContain("dtn_wrong_secret");
  connected.close();
});
