import { type LocalApi, startLocalApi } from "../../../provider/local";
import { PATIENCE, quick } from "./setup";
import { type Answer, type Message, type Wire, serveNative } from "./wire";

jest.setTimeout(PATIENCE);

/** What the engine says in the runs below was recorded with PULUMI_DEBUG_GRPC; each `run` is a process of the provider, as in a run of the CLI. */
describe("native: a snapshot that two resources came to share is not deleted for one of them", () => {
  let api: LocalApi;
  let wire: Wire;
  beforeAll(async () => {
    api = await startLocalApi(quick);
  });
  beforeEach(() => api.control.reset());
  afterAll(() => api.close());

  const urn = (name: string) => `urn:pulumi:dev::agents::daytona:index:Snapshot::${name}`;
  const inputs = { name: "agent", image: "ubuntu:24.04", active: true, adoptExisting: true, replacement: "swap" };
  const deletes = () => api.control.requests().filter(({ method }) => method === "DELETE").length;
  const ids = () => api.control.snapshots().map(({ id }) => id);

  async function run<T>(body: () => Promise<T>): Promise<T> {
    wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    try {
      await wire.call("Configure", { args: {} });
      return await body();
    } finally {
      await wire.close();
    }
  }

  const fine = ({ error, response }: Answer): Message => {
    if (error !== undefined) throw new Error(error.message);
    return response as Message;
  };
  const check = async (name: string, olds: Message | null, news: Message = inputs) =>
    fine(await wire.call("Check", { urn: urn(name), ...(olds === null ? {} : { olds }), news }));
  const diff = async (name: string, olds: Message, news: Message = inputs) =>
    fine(await wire.call("Diff", { id: "agent", urn: urn(name), olds, news }));
  const create = async (name: string, properties: Message = inputs) =>
    fine(await wire.call("Create", { urn: urn(name), properties }))["properties"] as Message;
  const remove = async (name: string, properties: Message) =>
    fine(await wire.call("Delete", { id: "agent", urn: urn(name), properties }));
  const refresh = async (name: string, properties: Message) =>
    fine(await wire.call("Read", { id: "agent", urn: urn(name), properties, inputs }));
  const stays = async (name: string, olds: Message) => {
    await check(name, inputs);
    return diff(name, olds);
  };

  /** `old` manages the snapshot; a later run has let `new` adopt it, and ended before `old` was deleted. */
  async function shared(): Promise<{ old: Message; new: Message }> {
    const old = await run(async () => (await check("old", null), create("old")));
    const adopted = await run(async () => (await check("new", null), create("new")));
    expect(adopted["snapshotId"]).toBe(old["snapshotId"]);
    return { old, new: adopted };
  }

  test("a later run: the program's resource keeps it, and the delete of the other one sends nothing", async () => {
    const state = await shared();
    await run(async () => {
      expect(await stays("new", state.new)).toMatchObject({ changes: 1 });
      await remove("old", state.old);
    });
    expect(deletes()).toBe(0);
    expect(ids()).toEqual([state.old["snapshotId"]]);
    // The last owner's delete goes out.
    await run(() => remove("new", state.new));
    expect(ids()).toEqual([]);
  });

  test("a destroy after a refresh deletes it once, in whatever order, even at the same time", async () => {
    for (const order of [
      ["old", "new"],
      ["new", "old"],
    ] as const) {
      api.control.reset();
      const state = await shared();
      await run(async () => {
        await Promise.all([refresh("old", state.old), refresh("new", state.new)]);
        await Promise.all(order.map((name) => remove(name, state[name])));
      });
      expect([ids(), deletes()]).toEqual([[], 1]);
    }
  });

  test("a destroy of one of two after a refresh keeps it", async () => {
    const state = await shared();
    await run(async () => {
      await refresh("old", state.old);
      await refresh("new", state.new);
      await remove("old", state.old);
    });
    expect(ids()).toEqual([state.old["snapshotId"]]);
  });

  test("an older state of the same resource, left by a run that was killed after the adoption", async () => {
    const old = await run(async () => (await check("agent", null), create("agent")));
    const adopted = await run(async () => (await check("agent", null), create("agent")));
    await run(async () => {
      await stays("agent", adopted);
      await remove("agent", old);
    });
    expect(ids()).toEqual([old["snapshotId"]]);
  });

  test("replacements that the engine forces delete the snapshot: Check without old inputs, with a Diff before or not", async () => {
    for (const compared of [true, false]) {
      api.control.reset();
      const old = await run(async () => (await check("agent", null), create("agent")));
      await run(async () => {
        if (compared) await stays("agent", old);
        await check("agent", null);
        await remove("agent", old);
        expect(ids()).toEqual([]);
        expect((await create("agent"))["snapshotId"]).not.toBe(old["snapshotId"]);
      });
      expect(ids()).toHaveLength(1);
    }
  });

  test("a Diff of a refresh keeps nothing: it is swapped, and the program may have no such resource any more", async () => {
    const old = await run(async () => (await check("agent", null), create("agent")));
    await run(async () => {
      await refresh("agent", old);
      await diff("agent", old);
      await remove("agent", old);
    });
    expect(ids()).toEqual([]);
  });

  test("a Diff that answers a replacement keeps nothing", async () => {
    const old = await run(async () => (await check("agent", null), create("agent")));
    await run(async () => {
      const news = { ...inputs, image: "debian:12.5", replacement: "recreate" };
      await check("agent", inputs, news);
      expect(await diff("agent", old, news)).toMatchObject({
        replaces: ["image", "sourceHash"],
        deletebeforereplace: true,
      });
      await remove("agent", old);
    });
    expect(ids()).toEqual([]);
  });

  test("a refresh does not stand in the way of an adoption by another resource", async () => {
    const old = await run(async () => (await check("old", null), create("old")));
    await run(async () => {
      await refresh("old", old);
      await check("new", null);
      expect((await create("new"))["snapshotId"]).toBe(old["snapshotId"]);
      await remove("old", old);
    });
    expect(ids()).toEqual([old["snapshotId"]]);
  });

  test("a swap of the new owner moves what it keeps", async () => {
    const state = await shared();
    await run(async () => {
      const news = { ...inputs, image: "debian:12.5" };
      await check("new", inputs, news);
      await diff("new", state.new, news);
      const { properties } = fine(
        await wire.call("Update", { id: "agent", urn: urn("new"), olds: state.new, news }),
      ) as { properties: Message };
      expect(properties["snapshotId"]).not.toBe(state.old["snapshotId"]);
      await remove("old", state.old);
      expect(ids()).toEqual([properties["snapshotId"]]);
    });
  });

  test("adoption refuses what another resource of the program manages; already Check names both", async () => {
    const original = await run(async () => (await check("agent", null), create("agent")));
    await run(async () => {
      expect(await check("agent", inputs)).toMatchObject({ failures: [] });
      const { failures } = (await check("copy", null)) as unknown as {
        failures: { property: string; reason: string }[];
      };
      expect(failures).toEqual([
        {
          property: "name",
          reason: `the name "agent" is already taken\nAnother resource in this program has the name: ${urn("agent")}. Two resources cannot share a name. Rename one of them, or remove it.`,
        },
      ]);
      await diff("agent", original);
      const refused = await wire.call("Create", { urn: urn("copy"), properties: inputs });
      expect(refused.error?.message).toContain('creating snapshot "agent": the name "agent" is already taken');
    });
    expect(ids()).toEqual([original["snapshotId"]]);
  });

  test("a resource that becomes a reference to the same snapshot", async () => {
    const old = await run(async () => (await check("agent", null), create("agent")));
    await run(async () => {
      fine(await wire.call("Read", { id: String(old["snapshotId"]), urn: urn("agent"), properties: {} }));
      await remove("agent", old);
    });
    expect(ids()).toEqual([old["snapshotId"]]);
  });

  test("the message about a taken name says first how a rename is told", async () => {
    await run(async () => (await check("old", null), create("old")));
    await run(async () => {
      const { error } = await wire.call("Create", { urn: urn("new"), properties: { ...inputs, adoptExisting: false } });
      const text = String(error?.message);
      expect(text).toContain("If you renamed the resource in the program, list its old name in `aliases`.");
      expect(text.indexOf("aliases")).toBeLessThan(text.indexOf("pulumi import"));
      expect(text.indexOf("aliases")).toBeLessThan(text.indexOf("adoptExisting"));
    });
  });
});
