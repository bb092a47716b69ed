import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../../provider/local";
import { AUTO_NAME } from "../../../../provider/pulumi/dynamic/hidden";
import { SHIM } from "../../../../provider/pulumi/dynamic/shim";
import { PATIENCE, quick } from "../setup";
import { Host, type Properties } from "./host";
import { install } from "./package";

jest.setTimeout(PATIENCE);

/** Calls as the engine sends them through Pulumi's host, without URNs; each `run` is a process, as in a run of the CLI. */
describe("dynamic: a snapshot that two resources came to share is not deleted for one of them", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-dynamic-owners-"));
  let api: LocalApi;
  beforeAll(async () => {
    install(folder);
    api = await startLocalApi(quick);
  });
  beforeEach(() => api.control.reset());
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const inputs: Properties = {
    name: "agent",
    image: "ubuntu:24.04",
    active: true,
    adoptExisting: true,
    replacement: "swap",
    __provider: SHIM,
  };
  const ids = () => api.control.snapshots().map(({ id }) => id);
  const auto = (logicalName: string): Properties => ({ [AUTO_NAME]: `${logicalName}-0123456` });

  async function run<T>(body: (host: Host) => Promise<T>): Promise<T> {
    const host = await Host.start(folder, { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    try {
      return await body(host);
    } finally {
      await host.stop();
    }
  }

  const made = (logicalName: string) => (host: Host) =>
    host
      .check({}, { ...inputs, ...auto(logicalName) })
      .then(() => host.create(inputs))
      .then(({ outputs }) => outputs);
  const stays = async (host: Host, logicalName: string, olds: Properties) => {
    expect((await host.check(inputs, { ...inputs, ...auto(logicalName) })).failures).toEqual([]);
    return host.diff("agent", olds, inputs);
  };

  /** States as every release has written them: nothing in them tells who they belong to. */
  async function shared(): Promise<{ old: Properties; new: Properties }> {
    const old = await run(made("old"));
    const adopted = await run(made("new"));
    expect(adopted).toEqual(old);
    return { old, new: adopted };
  }

  test("a later run: the program's resource keeps it; the last owner's delete goes out", async () => {
    const state = await shared();
    await run(async (host) => {
      expect((await stays(host, "new", state.new)).changes).toBe("none");
      await host.delete("agent", state.old);
      expect(host.shown.join("\n")).toMatch(/warning: .*"agent" is kept/);
    });
    expect(ids()).toEqual([state.old["snapshotId"]]);
    await run((host) => host.delete("agent", state.new));
    expect(ids()).toEqual([]);
  });

  test("a destroy after a refresh deletes it once; a destroy of one of two keeps it", async () => {
    for (const both of [true, false]) {
      api.control.reset();
      const state = await shared();
      await run(async (host) => {
        await Promise.all([host.read("agent", state.old), host.read("agent", state.new)]);
        await Promise.all([host.delete("agent", state.old), ...(both ? [host.delete("agent", state.new)] : [])]);
      });
      expect(ids()).toEqual(both ? [] : [state.old["snapshotId"]]);
    }
  });

  test("forced replacements, and a resource that the program has no more, are deleted", async () => {
    const old = await run(made("agent"));
    await run(async (host) => {
      await stays(host, "agent", old);
      await host.check({}, { ...inputs, ...auto("agent") });
      await host.delete("agent", old);
      expect(ids()).toEqual([]);
      await host.create(inputs);
    });
    const again = await run(made("agent"));
    await run(async (host) => {
      const { outputs } = await host.read("agent", again);
      await host.diff("agent", outputs, inputs);
      await host.delete("agent", outputs);
    });
    expect(ids()).toEqual([]);
  });

  test("a second resource of the program with the same name is refused in Check", async () => {
    const old = await run(made("agent"));
    await run(async (host) => {
      await stays(host, "agent", old);
      const { failures } = await host.check({}, { ...inputs, ...auto("copy") });
      expect(failures).toEqual([
        {
          property: "name",
          reason:
            'the name "agent" is already taken\nAnother resource in this program has the name: agent. Two resources cannot share a name. Rename one of them, or remove it.',
        },
      ]);
      await host.delete("agent", old);
    });
    expect(ids()).toEqual([old["snapshotId"]]);
  });

  test("an older state, left by a run that was killed after an adoption", async () => {
    const state = await shared();
    await run(async (host) => {
      await stays(host, "agent", state.new);
      await host.delete("agent", state.old);
    });
    expect(ids()).toEqual([state.old["snapshotId"]]);
  });
});
