import { type LocalApi, startLocalApi } from "../../../provider/local";
import type { Bag } from "../../../provider/pulumi/shared";
import { type Face, dynamicFace, nativeFace } from "./faces";

/** A sandbox that is gone matters only where a new snapshot has to be taken of it. */

let api: LocalApi;
let open: Face[] = [];
beforeAll(async () => void (api = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.05 })));
afterEach(() => {
  for (const face of open) face.close();
  open = [];
  api.control.reset();
});
afterAll(() => api.close());

const asked = () => api.control.requests().filter(({ path }) => path.includes("/sandbox")).length;

describe.each([
  ["dynamic", dynamicFace],
  ["native", nativeFace],
])("%s", (name, make) => {
  const face = (): Face => {
    const made = make({
      DAYTONA_API_URL: api.apiUrl,
      DAYTONA_API_KEY: api.apiKey,
      DAYTONA_RESOLVE_TAGS: "false",
      HOME: "/nonexistent",
    });
    open.push(made);
    return made;
  };
  const inputs = (more: Bag = {}) => face().check({ name: "agent", sourceSandbox: "box", ...more });
  const made = async (more: Bag = {}): Promise<{ news: Bag; state: Bag }> => {
    api.control.sandbox({ name: "box" });
    const news = await inputs(more);
    return { news, state: await face().create(news) };
  };
  const said = (present: string) =>
    `There is no sandbox "box"\nThe snapshot is created from it. Unless you create it first, \`pulumi up\` fails.${present} Set sourceSandbox to an existing sandbox.`;

  test("a snapshot that stays as it is needs no sandbox, and none is asked for", async () => {
    const { news, state } = await made();
    api.control.removeSandbox("box");
    api.control.clearRequests();
    expect(await face().changes(state, news)).toBe(false);
    expect(await face().warns(state, await inputs({ timeouts: { create: "1h" } }))).toEqual([]);
    expect(await face().warns(state, await inputs({ active: false }))).toEqual([]);
    expect(asked()).toBe(0);
  });

  test("a new one warns, with what becomes of the present one", async () => {
    const { state } = await made();
    const again = await inputs({ triggers: { week: "2" } });
    expect((await face().warns(state, again)).join()).not.toContain("There is no sandbox");
    api.control.removeSandbox("box");
    expect(await face().warns(state, again)).toContain(said(' The current snapshot "agent" stays.'));
    const recreated = await inputs({ triggers: { week: "2" }, replacement: "recreate" });
    expect(await face().warns(state, recreated)).toContain(
      said(' The current snapshot "agent" is deleted before that, and cannot be restored.'),
    );
  });

  test("whatever keeps the API from telling is the update's to tell", async () => {
    const { state } = await made();
    api.control.fault({ path: "/sandbox", action: "answer", status: 403, times: -1 });
    const warned = await face().warns(state, await inputs({ triggers: { week: "2" } }));
    expect(warned.join()).not.toContain("There is no sandbox");
  });

  if (name === "native")
    test("the preview of a first create warns; the create itself asks once", async () => {
      const news = await inputs();
      expect(await face().previewsCreate(news)).toEqual([said("")]);
      const gone: unknown = await face()
        .create(news)
        .catch((error: unknown) => error);
      expect(String((gone as { message?: string }).message ?? gone)).toContain('there is no sandbox "box"');
    });
});
