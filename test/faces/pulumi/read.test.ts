import { type LocalApi, startLocalApi } from "../../../provider/local";
import { PATIENCE, quick } from "./setup";
import { type Message, type Wire, serveNative } from "./wire";

jest.setTimeout(PATIENCE);

describe("native: what a Read is for, as old and new engines send it", () => {
  let api: LocalApi;
  let wire: Wire;
  let id: string;
  beforeAll(async () => {
    api = await startLocalApi(quick);
    wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
  });
  beforeEach(() => {
    api.control.reset();
    id = api.control.insert({ name: "golden", imageName: "ubuntu:24.04", cpu: 2, mem: 4, disk: 10 });
  });
  afterAll(async () => {
    await wire.close();
    await api.close();
  });

  const urn = "urn:pulumi:dev::agents::daytona:index:Snapshot::agent";
  const read = async (request: Message): Promise<Message> => {
    const { error, response } = await wire.call("Read", { urn, ...request });
    if (error !== undefined) throw new Error(error.message);
    return response as Message;
  };
  const props = (response: Message) => response["properties"] as Message;

  test.each([
    ["3.260: no properties", {}],
    ["3.274: empty properties", { properties: {} }],
  ])("import by name and by UUID (%s)", async (_, sent) => {
    for (const by of ["name", "UUID"]) {
      const answer = await read({ id: by === "name" ? "golden" : id, ...sent });
      expect(answer).toMatchObject({
        id: "golden",
        properties: { snapshotId: id, image: "ubuntu:24.04", __marks: ["imported"] },
        inputs: { name: "golden", image: "ubuntu:24.04" },
      });
      expect(props(answer)).not.toHaveProperty("__external");
      // The refresh of what was imported is that of a managed resource: gone is gone, and no error.
      expect(
        await read({ id: "golden", properties: props(answer), inputs: answer["inputs"] as Message }),
      ).toMatchObject({ id: "golden", properties: { snapshotId: id } });
      api.control.remove("golden");
      expect((await read({ id: "golden", properties: props(answer), inputs: answer["inputs"] as Message }))["id"]).toBe(
        "",
      );
      id = api.control.insert({ name: "golden", imageName: "ubuntu:24.04", cpu: 2, mem: 4, disk: 10 });
    }
    await expect(read({ id: "nothing", ...sent })).rejects.toThrow(`importing snapshot "nothing": no such snapshot`);
  });

  test("in a program, an import and a reference are the same on the wire: asked for by name, the answer does for either; a UUID is an import's", async () => {
    const inProgram = { properties: {}, resourceStatusAddress: "127.0.0.1:1", resourceStatusToken: "1" };
    const named = await read({ id: "golden", ...inProgram });
    expect(named).toMatchObject({
      id: "golden",
      properties: { snapshotId: id, __external: true },
      inputs: { name: "golden" },
    });
    expect(props(named)).not.toHaveProperty("__marks");
    const byId = await read({ id, ...inProgram });
    expect(byId).toMatchObject({ id: "golden", properties: { snapshotId: id, __marks: ["imported"] } });
    expect(props(byId)).not.toHaveProperty("__external");
    // As the engine goes on after an import: what the API does not store is taken over without a call.
    const news = { ...(named["inputs"] as Message), triggers: { commit: "a" } };
    expect((await wire.call("Diff", { id: "golden", urn, olds: props(named), news })).response).toMatchObject({
      replaces: [],
      diffs: ["triggers"],
    });
  });

  test("a managed resource that an import under a newer engine had marked as a reference is one again", async () => {
    const answer = await read({ id, properties: {} });
    const { __marks: _, ...outputs } = props(answer);
    const broken = { ...outputs, __external: true };
    const inputs = answer["inputs"] as Message;
    const healed = await read({ id: "golden", properties: broken, inputs });
    expect(props(healed)).toMatchObject({ snapshotId: id, __marks: ["imported"] });
    expect(props(healed)).not.toHaveProperty("__external");
    // What the API does not store is taken over without a call, also where no refresh came between.
    api.control.clearRequests();
    const news = { ...inputs, triggers: { commit: "a" } };
    expect((await wire.call("Diff", { id: "golden", urn, olds: broken, news })).response).toMatchObject({
      replaces: [],
      diffs: ["triggers"],
    });
    const updated = (await wire.call("Update", { id: "golden", urn, olds: broken, news })).response as Message;
    expect(props(updated)).toMatchObject({ snapshotId: id, triggers: { commit: "a" } });
    expect(props(updated)).not.toHaveProperty("__external");
    expect(api.control.requests().filter(({ method }) => method !== "GET")).toEqual([]);
    api.control.remove("golden");
    expect((await read({ id: "golden", properties: broken, inputs }))["id"]).toBe("");
  });

  test("the refresh of a reference finds what has the name now, shows no other change, and leaves the inputs", async () => {
    const looked = props(await read({ id: "golden", properties: {} }));
    expect(await read({ id: "golden", properties: looked })).toEqual(
      expect.objectContaining({ id: "golden", properties: looked }),
    );
    const again = api.control.recreate("golden");
    const refreshed = await read({ id: "golden", properties: looked });
    expect(props(refreshed)).toMatchObject({ snapshotId: again, __marks: ["imported"] });
    expect(refreshed["inputs"]).toBeUndefined();
    // Of an earlier release, or of our class.
    const { __marks: _, ...outputs } = looked;
    const external = await read({ id: "golden", properties: { ...outputs, __external: true } });
    expect(props(external)).toMatchObject({ snapshotId: again, __external: true });
    expect(props(external)).not.toHaveProperty("__marks");
  });

  test("a reference with a state of the program is no import: a UUID is refused, with the name", async () => {
    const state = { __external: true };
    expect(props(await read({ id: "golden", properties: state, inputs: state }))).toMatchObject({
      snapshotId: id,
      __external: true,
    });
    expect(props(await read({ id: "golden", properties: { cpu: 2 }, inputs: { cpu: 2 } }))).toMatchObject({
      snapshotId: id,
      __external: true,
    });
    expect(
      props(await read({ id: "golden", properties: { snapshotId: "x" }, inputs: { snapshotId: "x" } })),
    ).toMatchObject({ snapshotId: id, __external: true });
    await expect(read({ id, properties: state, inputs: state })).rejects.toThrow(
      `that is the UUID of snapshot "golden". Pulumi identifies snapshots by name: use "golden".`,
    );
  });

  test("whether there is one is no error", async () => {
    const asked = { urn: "urn:pulumi:dev::agents::daytona:index:Snapshot::__exists__1", properties: {} };
    expect(await read({ ...asked, id: "golden" })).toMatchObject({ id: "golden", properties: { name: "golden" } });
    expect(await read({ ...asked, id })).toMatchObject({ properties: { name: id } });
    expect(await read({ ...asked, id: "nothing" })).toMatchObject({ id: "", properties: undefined });
  });
});
