import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { replay } from "./replay";
import { type Answer, type Message, serveNative } from "./wire";
import { PATIENCE } from "./setup";

jest.setTimeout(PATIENCE);

describe("what the engine said to the native provider, said again without an engine", () => {
  let api: LocalApi;
  beforeAll(async () => {
    api = await startLocalApi({ pullSeconds: 0.1, buildSeconds: 0.1, activationCooldownSeconds: 0, cronSeconds: 0.05 });
  });
  afterAll(() => api.close());

  test("every answer is the recorded one", async () => {
    const compared = await replay("native", api, () =>
      serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey }),
    );
    expect(compared).toBeGreaterThan(100);
  });

  test("a failure that leaves a snapshot carries its id, its properties and the reason", async () => {
    api.control.reset();
    api.control.source({ dockerfile: "RUN false", outcome: "fail", reason: "exit code 1" });
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
    const { error } = await wire.call("Create", {
      urn: "urn:pulumi:dev::p::daytona:index:Snapshot::agent",
      properties: { name: "agent", dockerfileContent: "FROM ubuntu:24.04\nRUN false\n" },
    });
    await wire.close();
    const [detail] = Status.deserializeBinary(error?.metadata as Buffer).getDetailsList();
    expect(detail?.getTypeUrl()).toBe("type.googleapis.com/pulumirpc.ErrorResourceInitFailed");
    const kept = pb.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() as Uint8Array);
    expect(kept.getId()).toBe("agent");
    expect(kept.getProperties()?.toJavaScript()).toMatchObject({
      name: "agent",
      snapshotId: api.control.snapshot("agent")?.id,
      state: "error",
    });
    expect(kept.getReasonsList()).toEqual([error?.message]);
    expect(error?.message).toContain("exit code 1");
  });

  test("a Read that finds the snapshot failed carries what is there, its inputs and the reason", async () => {
    api.control.reset();
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
    const urn = "urn:pulumi:dev::p::daytona:index:Snapshot::agent";
    const inputs = { name: "agent", image: "ubuntu:24.04", active: true };
    const { response } = await wire.call("Create", { urn, properties: inputs });
    api.control.setState("agent", "build_failed", "no space left");
    const { error } = await wire.call("Read", {
      id: "agent",
      urn,
      properties: response?.["properties"] as Message,
      inputs,
    });
    await wire.close();
    const [detail] = Status.deserializeBinary(error?.metadata as Buffer).getDetailsList();
    const kept = pb.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() as Uint8Array);
    expect(kept.getId()).toBe("agent");
    expect(kept.getProperties()?.toJavaScript()).toMatchObject({
      name: "agent",
      state: "build_failed",
      errorReason: "no space left",
    });
    expect(kept.getInputs()?.toJavaScript()).toEqual(inputs);
    expect(kept.getReasonsList()).toEqual([
      'snapshot "agent" has failed (state `build_failed`): no space left\nThe next `pulumi up` deletes and recreates it.',
    ]);
  });

  test("Cancel ends a wait within two seconds, with the id kept; calls that come later are not touched", async () => {
    api.control.reset();
    api.control.source({ image: "slow:1", outcome: "hang" });
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
    const creating = wire.call("Create", {
      urn: "urn:pulumi:dev::p::daytona:index:Snapshot::agent",
      properties: { name: "agent", image: "slow:1" },
    });
    for (let i = 0; i < 200 && api.control.snapshot("agent")?.state !== "pulling"; i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await wire.call("Cancel", {})).toEqual({ response: {} });
    const { error } = await Promise.race([
      creating,
      new Promise<Answer>((_, reject) => setTimeout(() => reject(new Error("no answer in 5 s")), 5000).unref()),
    ]);
    expect(error?.message).toContain(`creating snapshot "agent": interrupted`);
    expect(error?.metadata).toBeDefined();
    expect(
      (
        await wire.call("Create", {
          urn: "urn:pulumi:dev::p::daytona:index:Snapshot::other",
          properties: { name: "other", image: "ubuntu:24.04" },
        })
      ).error,
    ).toBeUndefined();
    await wire.close();
  });

  test("a job that hangs: at the time limit, the reason says what the server waits for, and the id is kept", async () => {
    api.control.reset();
    api.control.source({ image: "slow:1", outcome: "hang" });
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
    const { error } = await wire.call("Create", {
      urn: "urn:pulumi:dev::p::daytona:index:Snapshot::agent",
      properties: { name: "agent", image: "slow:1" },
      timeout: 3,
    });
    await wire.close();
    const [detail] = Status.deserializeBinary(error?.metadata as Buffer).getDetailsList();
    const kept = pb.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() as Uint8Array);
    expect(kept.getProperties()?.toJavaScript()).toMatchObject({
      snapshotId: api.control.snapshot("agent")?.id,
      state: "pulling",
    });
    const [reason] = kept.getReasonsList();
    expect(reason).toContain("timed out after 3s; last state: `pulling`");
    expect(reason).toContain("The server waits for a runner to finish the pull.");
    expect(reason).toContain("the server gives up on the snapshot after an hour, and on the job after two");
  });

  test("another resource, another function, another schema version", async () => {
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
    expect(
      (await wire.call("Create", { urn: "urn:pulumi:dev::p::daytona:index:Box::agent", properties: {} })).error
        ?.message,
    ).toBe(
      `Unknown resource type "daytona:index:Box": this provider supports daytona:index:Snapshot, daytona:index:Registry.`,
    );
    expect((await wire.call("Invoke", { tok: "daytona:index:getBox", args: {} })).error?.message).toContain(
      `There is no function "daytona:index:getBox"`,
    );
    expect((await wire.call("GetSchema", { version: 7 })).error?.message).toContain("this provider supports version 0");
    expect((await wire.call("Construct", {})).error).toMatchObject({ code: 12 });
    await wire.close();
  });
});
