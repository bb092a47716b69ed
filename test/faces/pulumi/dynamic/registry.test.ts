import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../../provider/local";
import { shimOf } from "../../../../provider/pulumi/dynamic/shim";
import { PATIENCE, ok, quick } from "../setup";
import { CallError, Host, type Properties } from "./host";
import { install } from "./package";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);
const PLANTED = "planted-pull-token";
const written = { name: "images", url: "https://index.docker.io/v1/", username: "robot", password: PLANTED };

describe("Pulumi's host for dynamic providers, driven over gRPC: a registry", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-dynamic-"));
  const program = (args: Properties = {}): Properties => ({ __provider: shimOf("Registry"), ...written, ...args });
  const failureOf = (call: Promise<unknown>): Promise<CallError> =>
    call.then(
      () => Promise.reject(new Error("it did not fail")),
      (error: CallError) => error,
    );
  let api: LocalApi;
  let host: Host;
  beforeAll(async () => {
    install(folder);
    api = await startLocalApi(quick);
    host = await Host.start(folder, { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
  });
  afterEach(() => api.control.reset());
  afterAll(async () => {
    await host.stop();
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("check, create, diff, update, read, delete", async () => {
    const { inputs, failures } = await host.check({}, program());
    expect({ inputs, failures }).toEqual({ inputs: program(), failures: [] });
    const { id, outputs } = await host.create(inputs);
    expect(id).toBe(api.control.registries()[0]!.id);
    expect(outputs).toEqual({
      ...program(),
      registryId: id,
      registryType: "organization",
      createdAt: expect.any(String),
    });
    expect(await host.diff(id, outputs, program({ url: "docker.io" }))).toMatchObject({ changes: "none" });
    expect(await host.diff(id, outputs, program({ project: "team" }))).toMatchObject({
      changes: "some",
      replaces: [],
      deleteBeforeReplace: false,
    });
    const changed = await host.update(id, outputs, program({ project: "team", password: `${PLANTED}-2` }));
    expect(changed).toMatchObject({ project: "team", password: `${PLANTED}-2` });
    expect(api.control.registries()).toMatchObject([{ id, project: "team", password: `${PLANTED}-2` }]);
    expect(await host.read(id, changed)).toEqual({ id, outputs: changed });
    const { password: _, ...visible } = changed;
    expect((await host.read("images", { __provider: shimOf("Registry") })).outputs).toMatchObject({
      ...visible,
      url: "docker.io",
    });
    await host.delete(id, changed);
    expect(api.control.registries()).toEqual([]);
    expect((await host.read(id, changed)).id).toBe("");
  });

  test("failures name the property, and have no password", async () => {
    const { failures } = await host.check(
      {},
      program({ url: `https://robot:${PLANTED}@ghcr.io`, registryId: "mine", colour: "red" }),
    );
    expect(failures).toEqual([
      {
        property: "colour",
        reason: 'A registry has no input "colour". The inputs are name, url, username, project, password.',
      },
      { property: "registryId", reason: "`registryId` is set by the API and is read-only. Remove it." },
    ]);
    const wrong = await host.check({}, program({ url: `https://robot:${PLANTED}@ghcr.io` }));
    expect(wrong.failures).toEqual([
      {
        property: "url",
        reason:
          "Invalid registry URL: It contains credentials. Set them as `username` and `password`; an address is shown to everyone.",
      },
    ]);
    api.control.fault({
      method: "POST",
      path: "/docker-registry",
      action: "answer",
      status: 400,
      body: { statusCode: 400, message: `no ${PLANTED} here` },
    });
    const { message } = await failureOf(host.create(program()));
    expect(message).toContain('creating registry "images": the API rejected the request');
    expect(message).toContain("no [secret] here");
    expect(message).not.toContain(PLANTED);
  });
});

describeDynamic("the dynamic provider under the real engine: a registry", () => {
  const { api, stack } = setup();

  test("up, no change, a change, refresh, destroy; the password is in no state in plain text", async () => {
    const s = await stack();
    const declare = (args: Record<string, unknown>): void =>
      writeFileSync(
        join(s.program, "index.js"),
        `const { Registry } = require("daytona-iac/pulumi");\nexports.id = new Registry("images", ${JSON.stringify({ ...written, ...args })}).registryId;\n`,
      );
    const texts: string[] = [];
    const step = async (...args: string[]): Promise<void> => {
      const result = ok(await s.run(args));
      texts.push(result.text, await s.exported());
    };
    declare({});
    await step("up", "--yes", "--skip-preview");
    const { id } = api().control.registries()[0]!;
    expect((await s.state())["images"]).toMatchObject({ id, outputs: { registryId: id, username: "robot" } });
    await step("up", "--yes", "--skip-preview", "--expect-no-changes");
    declare({ username: "robot-2", password: `${PLANTED}-2` });
    await step("up", "--yes", "--skip-preview");
    expect(api().control.registries()).toMatchObject([{ id, username: "robot-2", password: `${PLANTED}-2` }]);
    await step("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    await step("destroy", "--yes", "--skip-preview");
    expect(api().control.registries()).toEqual([]);
    expect(texts.join("\n")).not.toContain(PLANTED);
  });
});
