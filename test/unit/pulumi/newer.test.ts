import { type LocalApi, startLocalApi } from "../../../provider/local";
import type { Bag } from "../../../provider/pulumi/shared";
import { type Face, dynamicFace, nativeFace } from "./faces";

/** A server that is newer than this release: a state and a class that nobody here has heard of, and a field that nobody reads. */

let api: LocalApi;
let open: Face[] = [];
beforeAll(async () => void (api = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.05 })));
afterEach(() => {
  for (const face of open) face.close();
  open = [];
  api.control.reset();
});
afterAll(() => api.close());

describe.each([
  ["dynamic", dynamicFace],
  ["native", nativeFace],
])("%s", (_name, make) => {
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
  const inputs = (more: Bag = {}) => face().check({ name: "agent", image: "ubuntu:24.04", ...more });

  test("a refresh takes the state and the class over as they are; the snapshot is neither gone nor inactive", async () => {
    const news = await inputs();
    const state = await face().create(news);
    api.control.update("agent", { state: "levitating", sandboxClass: "quantum" });
    const body = { ...api.control.snapshot("agent"), altitude: { meters: 3 } };
    api.control.fault({ method: "GET", path: "/snapshots/", action: "answer", status: 200, body, times: -1 });
    const now = await face().refresh(state);
    expect(now).toMatchObject({
      snapshotId: state["snapshotId"],
      state: "levitating",
      sandboxClass: "quantum",
      active: true,
    });
    expect(now).not.toHaveProperty("altitude");
    api.control.clearFaults();
    api.control.update("agent", { sandboxClass: "container" });
    const again = await face().refresh(state);
    expect(await face().changes(again, news)).toBe(false);
    expect(api.control.snapshots().map(({ state: found }) => found)).toEqual(["levitating"]);
  });

  test("a change of it is a swap, an unknown class is passed on, and a delete deletes it", async () => {
    const state = await face().create(await inputs());
    api.control.setState("agent", "levitating");
    const now = await face().refresh(state);
    const other = await inputs({ image: "debian:12", timeouts: { update: "1m" } });
    const swapped = await face().update(now, other);
    expect(swapped).toMatchObject({ image: "debian:12", state: "active" });
    expect(swapped["snapshotId"]).not.toBe(state["snapshotId"]);
    const refused: unknown = await face()
      .create(await inputs({ name: "other", sandboxClass: "quantum" }))
      .catch((error: unknown) => error);
    // By the server, which knows what it has.
    expect(String((refused as Error).message)).toContain("sandboxClass must be one of the following values");
    api.control.setState("agent", "levitating");
    await face().remove(swapped);
    expect(api.control.snapshots()).toEqual([]);
  });
});
