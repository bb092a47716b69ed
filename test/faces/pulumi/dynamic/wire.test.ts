import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../../provider/local";
import { SHIM } from "../../../../provider/pulumi/dynamic/shim";
import { PATIENCE, quick } from "../setup";
import { CallError, Host, type Properties } from "./host";
import { install } from "./package";

jest.setTimeout(PATIENCE);

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("Pulumi's host for dynamic providers, driven over gRPC", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-dynamic-"));
  let api: LocalApi;
  let host: Host;
  const hosts: Host[] = [];
  const writes = () => api.control.requests().filter((request) => request.method !== "GET");

  async function start(env: Record<string, string>, config: Record<string, string> = {}): Promise<Host> {
    const started = await Host.start(folder, env, config);
    hosts.push(started);
    return started;
  }
  const connection = () => ({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });

  beforeAll(async () => {
    install(folder);
    api = await startLocalApi(quick);
    host = await start(connection());
  });
  afterEach(async () => {
    api.control.reset();
    host.shown.length = 0;
    for (const other of hosts.splice(0)) if (other !== host) await other.stop();
  });
  afterAll(async () => {
    await host.stop();
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const program = (args: Properties): Properties => ({ __provider: SHIM, __autoName: "agent-1234567", ...args });
  const checked = async (args: Properties, olds: Properties = {}, on = host): Promise<Properties> => {
    const { inputs, failures } = await on.check(olds, program(args));
    expect(failures).toEqual([]);
    return inputs;
  };
  const made = async (args: Properties): Promise<{ id: string; outputs: Properties; inputs: Properties }> => {
    const inputs = await checked(args);
    return { ...(await host.create(inputs)), inputs };
  };
  const failureOf = (call: Promise<unknown>): Promise<CallError> =>
    call.then(
      () => Promise.reject(new Error("it did not fail")),
      (error: CallError) => error,
    );

  test("check fills in the defaults and the automatic name, and keeps nothing else that the class sent", async () => {
    expect(await checked({ image: "ubuntu:24.04" })).toEqual({
      __provider: SHIM,
      image: "ubuntu:24.04",
      name: "agent-1234567",
      active: true,
      replacement: "swap",
      adoptExisting: false,
      pinDigest: false,
      trackTag: false,
    });
    expect(await checked({ image: "ubuntu:24.04" }, { name: "given-before" })).toMatchObject({ name: "given-before" });
    expect(writes()).toEqual([]);
  });

  test("check tells each failure with its property", async () => {
    const { failures } = await host.check(
      {},
      program({ image: "ubuntu:latest", name: "a--next-12345678", entrypoint: ["sh", " "] }),
    );
    expect(failures.map(({ property }) => property)).toEqual(
      expect.arrayContaining(["image", "name", "entrypoint[1]"]),
    );
    const [one] = (await host.check({}, program({ image: "ubuntu:24.04", cpus: 2 }))).failures;
    expect(one).toEqual({
      property: "cpus",
      reason: expect.stringMatching(/^A snapshot has no input "cpus"\. The inputs are image, /),
    });
  });

  test("every input may be unknown in a preview", async () => {
    for (const name of [
      "image",
      "name",
      "entrypoint",
      "cpu",
      "memory",
      "disk",
      "gpu",
      "gpuTypes",
      "sandboxClass",
      "region",
      "active",
      "replacement",
      "adoptExisting",
      "triggers",
      "timeouts",
      "sourceHash",
    ]) {
      const { inputs, failures } = await host.check({}, program({ image: "ubuntu:24.04", [name]: UNKNOWN }));
      expect([name, failures]).toEqual([name, []]);
      expect(inputs[name]).toBe(UNKNOWN);
    }
    const { id, outputs } = await made({ image: "ubuntu:24.04" });
    expect(await host.diff(id, outputs, await checked({ image: UNKNOWN }, outputs))).toEqual({
      changes: "some",
      replaces: [],
      deleteBeforeReplace: true,
    });
  });

  test("create, read, diff, update and delete", async () => {
    const { id, outputs, inputs } = await made({ image: "ubuntu:24.04", cpu: 2 });
    expect(id).toBe("agent-1234567");
    expect(outputs).toMatchObject({
      __provider: SHIM,
      state: "active",
      cpu: 2,
      name: id,
      snapshotId: api.control.snapshot(id)?.id,
    });
    expect(await host.diff(id, outputs, inputs)).toEqual({ changes: "none", replaces: [], deleteBeforeReplace: false });
    expect(await host.read(id, outputs)).toEqual({ id, outputs });

    const news = await checked({ image: "debian:12.5", cpu: 2 }, inputs);
    // An automatic name stays as well: where `replaceOnChanges` makes this a replacement, the old one has to go first.
    expect(await host.diff(id, outputs, news)).toEqual({ changes: "some", replaces: [], deleteBeforeReplace: true });
    expect(host.shown.filter((line) => line.startsWith("warning"))).toEqual([
      expect.stringMatching(
        /^warning: A swap replaces snapshot "agent-1234567"\n.*The `protect` resource option does not prevent this\./s,
      ),
    ]);
    const swapped = await host.update(id, outputs, news);
    expect(swapped).toMatchObject({ __provider: SHIM, image: "debian:12.5", snapshotId: api.control.snapshot(id)?.id });
    expect(swapped["snapshotId"]).not.toBe(outputs["snapshotId"]);
    expect(host.shown.join("\n")).toMatch(
      /^~info: agent-1234567: creating the successor "agent-1234567--next-[0-9a-f]{8}"$/m,
    );

    await host.delete(id, swapped);
    expect(api.control.snapshots()).toEqual([]);
    const gone = await host.read(id, swapped);
    expect(gone.id).toBe("");
  });

  test("what forces a replacement", async () => {
    const { id, outputs, inputs } = await made({ image: "ubuntu:24.04", name: "agent" });
    expect(await host.diff(id, outputs, await checked({ image: "ubuntu:24.04", name: "other" }, inputs))).toEqual({
      changes: "some",
      replaces: ["name"],
      deleteBeforeReplace: false,
    });
    expect(
      await host.diff(
        id,
        outputs,
        await checked({ image: "debian:12.5", name: "agent", replacement: "recreate" }, inputs),
      ),
    ).toEqual({ changes: "some", replaces: ["image", "sourceHash"], deleteBeforeReplace: true });
  });

  test("a build that fails keeps the resource, and the next update rebuilds it", async () => {
    api.control.source({ dockerfile: "BROKEN", times: 1, outcome: "fail", reason: "no such package" });
    const inputs = await checked({ dockerfileContent: "FROM ubuntu:24.04\nRUN BROKEN" });
    const error = await failureOf(host.create(inputs));
    expect(error.message).toMatch(
      /^creating snapshot "agent-1234567": the build failed \(state `error`\)\nReason: no such package\.\nLast lines of the build log:\n/,
    );
    expect(error.message).toContain("run `pulumi up` again, which deletes and recreates the failed snapshot.");
    expect(error.kept).toMatchObject({
      id: "agent-1234567",
      reasons: [error.message],
      properties: {
        ...inputs,
        state: "error",
        errorReason: "no such package",
        snapshotId: api.control.snapshot("agent-1234567")?.id,
      },
    });

    const { id, properties } = error.kept as NonNullable<CallError["kept"]>;
    expect((await host.diff(id, properties, inputs)).changes).toBe("some");
    expect(await host.update(id, properties, inputs)).toMatchObject({
      state: "active",
      snapshotId: api.control.snapshot(id)?.id,
    });
    expect(host.shown).toContain("~info: agent-1234567: #1 [internal] load build definition from Dockerfile");
  });

  test("an update that fails before it has changed anything keeps the state as it was", async () => {
    const { id, outputs, inputs } = await made({ image: "ubuntu:24.04" });
    api.control.source({ image: "debian:12.5", outcome: "not-found" });
    const error = await failureOf(host.update(id, outputs, await checked({ image: "debian:12.5" }, inputs)));
    expect(error.kept).toBeNull();
    expect(error.message).toContain("The old snapshot is unchanged and still usable.");
    expect(await host.read(id, outputs)).toEqual({ id, outputs });
  });

  test("get reads by name, refuses a UUID with the name, and finds a snapshot made again", async () => {
    const uuid = api.control.insert({ name: "base" });
    const got = await host.read("base", { __provider: SHIM });
    expect(got).toMatchObject({ id: "base", outputs: { snapshotId: uuid, state: "active", __external: true } });
    const again = api.control.recreate("base");
    expect((await host.read("base", got.outputs)).outputs).toMatchObject({ snapshotId: again });
    expect((await failureOf(host.read(again, { __provider: SHIM }))).message).toBe(
      `getting snapshot "${again}": that is the UUID of snapshot "base". Pulumi identifies snapshots by name: use "base".`,
    );
    expect(writes()).toEqual([]);
  });

  test.each([
    ["this release", SHIM],
    ["an earlier one, whose shim names no class", SHIM.replace('resource("Snapshot")', "impl")],
  ])("a stack made by %s is refreshed and destroyed by whatever implementation is installed", async (_, shim) => {
    const first = await made({ image: "ubuntu:24.04" });
    const { id } = first;
    const outputs = { ...first.outputs, __provider: shim };
    const later = mkdtempSync(join(tmpdir(), "daytona-iac-later-"));
    try {
      install(later);
      const implementation = join(later, "node_modules/daytona-iac/dist/pulumi/dynamic");
      renameSync(join(implementation, "index.js"), join(implementation, "moved.js"));
      writeFileSync(
        join(implementation, "index.js"),
        `const { impl } = require("./moved");
         exports.impl = {
           configure: async (request) => impl.configure({ config: { get: (key) => request.config.get(key) } }),
           read: async (id, props) => { const found = await impl.read(id, props); return { ...found, props: { ...found.props, newField: "of a later release" } }; },
           delete: async (...args) => impl.delete(...args),
         };
         exports.resource = (type) => type === "Snapshot" ? exports.impl : null;`,
      );
      const other = await Host.start(later, connection());
      hosts.push(other);
      expect((await other.read(id, outputs)).outputs).toEqual({ ...outputs, newField: "of a later release" });
      await other.delete(id, outputs);
      expect(api.control.snapshots()).toEqual([]);
    } finally {
      rmSync(later, { recursive: true, force: true });
    }
  });

  test("a failure is told once: the host's own print is a pointer", async () => {
    const error = await failureOf(host.read("nobody", { __provider: SHIM }));
    expect(error.message).toMatch(/^getting snapshot "nobody": no such snapshot\./);
    expect(host.stderr).toContain('Reading snapshot "nobody" failed: The error is shown with the resource.\n');
    expect(host.stderr).not.toMatch(/^\s+at /m);
  });

  test("the configuration: of the stack, else of the environment; calls that come at once wait for it, and each tells its failure", async () => {
    const configured = await start(
      { DAYTONA_API_KEY: "not-this-one" },
      { "daytona:apiKey": api.apiKey, "daytona:apiUrl": api.apiUrl, "demo:apiKey": "nor-this" },
    );
    const inputs = await checked({ image: "ubuntu:24.04" }, {}, configured);
    expect((await configured.create(inputs)).id).toBe("agent-1234567");

    const without = await start({});
    const errors = await Promise.all(
      [1, 2, 3].map(() => failureOf(without.delete("x", { __provider: SHIM, snapshotId: "x", name: "x" }))),
    );
    for (const error of errors)
      expect(error.message).toMatch(
        /no Daytona credentials found: set `daytona:apiKey` in .*DAYTONA_API_KEY.*`daytona login`.*pulumi config set \[--secret\] daytona:NAME VALUE/s,
      );
    const { failures } = await without.check({}, program({ image: "ubuntu:24.04" }));
    expect(failures).toEqual([{ property: "", reason: expect.stringContaining("no Daytona credentials found") }]);
  });

  test("secrets, which the host opens, stay out of messages and reasons", async () => {
    const planted = "FROM ubuntu:24.04\nRUN use planted-token-1";
    api.control.source({
      dockerfile: "planted-token-1",
      outcome: "fail",
      reason: 'process "/bin/sh -c use planted-token-1" did not complete successfully',
    });
    const inputs = await checked({ dockerfileContent: planted, __secrets: ["dockerfileContent"] });
    expect(inputs["__secrets"]).toEqual(["dockerfileContent"]);
    const error = await failureOf(host.create(inputs));
    expect(error.kept?.properties).toMatchObject({ __secrets: ["dockerfileContent"], __provider: SHIM });
    expect(error.message).toContain("[secret]");
    for (const text of [error.message, ...(error.kept?.reasons ?? []), ...host.shown, host.stderr])
      expect(text).not.toContain("planted-token-1");

    const wrong = await start({ ...connection(), DAYTONA_API_KEY: "dtn_planted_key" });
    const refused = await failureOf(wrong.create(inputs));
    expect(refused.message).toContain("the API rejected the credentials");
    for (const text of [refused.message, ...wrong.shown, wrong.stderr]) expect(text).not.toContain("planted");
  });
});
