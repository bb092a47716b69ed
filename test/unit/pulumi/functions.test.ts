import { type LocalApi, startLocalApi } from "../../../provider/local";
import { get, invoke, Session } from "../../../provider/pulumi/shared";

let api: LocalApi;
beforeAll(async () => {
  api = await startLocalApi();
});
afterAll(() => api.close());
afterEach(() => api.control.reset());

function session(apiKey: string): Session {
  const made = new Session({
    env: { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: apiKey },
    version: "0",
    face: "pulumi",
    debug: () => undefined,
  });
  made.configure({});
  return made;
}
const call = () =>
  ({
    signal: new AbortController().signal,
    log: { debug: () => undefined, info: () => undefined, progress: () => undefined },
  }) as never;
const signal = () => new AbortController().signal;

const calls: [string, string, (with_: Session) => Promise<unknown>][] = [
  [
    "getSnapshot by name",
    'reading the snapshot with the name "agent"',
    (s) => invoke(s, "getSnapshot", { name: "agent" }, signal()),
  ],
  ["getSnapshots", "listing snapshots", (s) => invoke(s, "getSnapshots", {}, signal())],
  ["getRegions", "listing regions", (s) => invoke(s, "getRegions", {}, signal())],
  ["Snapshot.get", 'getting snapshot "agent"', (s) => get(s, "agent", call())],
];

test.each(calls)(
  "%s with a wrong key: what was being done, and where the key comes from",
  async (_name, doing, run) => {
    const refused = session("dtn_wrong");
    await expect(run(refused)).rejects.toThrow(
      new RegExp(
        `^${doing}: the API rejected the credentials\\n[^]*The credentials come from DAYTONA_API_KEY, the address from DAYTONA_API_URL\\.$`,
      ),
    );
    await expect(run(refused)).rejects.not.toThrow(/dtn_wrong/);
    refused.close();
  },
);

test("what is no answer of the API's is not swallowed", async () => {
  const good = session(api.apiKey);
  const broken = good.refuse("listing regions");
  expect(() => broken(new TypeError("a fault of ours"))).toThrow(TypeError);
  good.close();
});
