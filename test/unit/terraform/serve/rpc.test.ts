// Longer than most: each call of the protocol once, over a real connection.
import { type CallOptions, type Client, credentials, Metadata, type Server, type ServiceError } from "@grpc/grpc-js";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { Calls } from "../../../../provider/terraform/serve/calls";
import { listen } from "../../../../provider/terraform/serve/listen";
import { createLog } from "../../../../provider/terraform/serve/log";
import { Redactor } from "../../../../provider/tool/redactor";
import { createServer, injector } from "../../../../provider/terraform/serve/server";
import type { TfObject } from "../../../../provider/terraform/types";
import { GRPCControllerClient } from "../../../../provider/terraform/wire/generated/goplugin";
import { HealthCheckResponse_ServingStatus, HealthClient } from "../../../../provider/terraform/wire/generated/health";
import {
  type Absent_Request,
  type Absent_Response,
  type Absent_SecondField,
  type Diagnostic,
  Diagnostic_Severity,
  type DynamicValue,
  ProviderClient,
} from "../../../../provider/terraform/wire/generated/tfplugin6";
import { identityType, schemaType } from "../../../../provider/terraform/wire/type";
import { decodeValue, encodeValue } from "../../../../provider/terraform/wire/values";
import { toyProvider } from "./toy";

const dir = mkdtempSync(join(tmpdir(), "daytona-rpc-"));
const provider = toyProvider(join(dir, "toys.json"));
const thing = provider.resources[0]!;
const type = schemaType(thing.schema);
const identity = identityType(thing.identity!.attributes);
const nothing = Buffer.alloc(0);
const none: DynamicValue = { msgpack: Buffer.from([0xc0]), json: nothing };
const lines: string[] = [];
const redactor = new Redactor();
const calls = new Calls(
  () => Promise.resolve(provider),
  redactor,
  createLog(
    "trace",
    (t) => redactor.text(t),
    (l) => lines.push(l),
  ),
);
let shutdowns = 0;
let server: Server;
let client: ProviderClient;
let address: string;
let close: () => void;

beforeAll(async () => {
  server = createServer(calls, () => shutdowns++);
  const listening = await listen({}, process.platform);
  ({ close } = listening);
  listening.serve(injector(server));
  address = `unix:${listening.address}`;
  client = new ProviderClient(address, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
});

afterAll(() => {
  client.close();
  server.forceShutdown();
  close();
  rmSync(dir, { recursive: true });
});

/** The last overload of a generated client's method, which is the one that types are inferred from. */
type Method<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  done: (error: ServiceError | null, response: Response) => void,
) => unknown;

function ask<Request, Response>(
  method: Method<Request, Response>,
  request: Request,
  on: Client = client,
): Promise<Response> {
  return new Promise((resolve, reject) =>
    method.call(on, request, new Metadata(), {}, (error, response) => (error ? reject(error) : resolve(response))),
  );
}

const value = (v: TfObject | null): DynamicValue => ({ msgpack: encodeValue(v, type, []), json: nothing });
const object = (v: DynamicValue | undefined) => decodeValue(v, type, []) as TfObject | null;
const identityOf = (v: TfObject) => ({ identityData: { msgpack: encodeValue(v, identity, []), json: nothing } });
const json = (v: unknown) => ({ json: Buffer.from(typeof v === "string" ? v : JSON.stringify(v)), flatmap: {} });
const texts = (d: Diagnostic[]) =>
  d.map(
    (x) =>
      `${x.severity === Diagnostic_Severity.ERROR ? "error" : "warning"}: ${x.summary}: ${x.detail.split("\n")[0]}`,
  );
const plan = (prior: TfObject | null, proposed: TfObject | null) =>
  ask(client.planResourceChange, {
    typeName: "toy_thing",
    priorState: value(prior),
    proposedNewState: value(proposed),
    config: value(proposed),
    priorPrivate: nothing,
    priorIdentity: undefined,
  });
const apply = (prior: TfObject | null, planned: TfObject | null) =>
  ask(client.applyResourceChange, {
    typeName: "toy_thing",
    priorState: value(prior),
    plannedState: value(planned),
    config: value(planned),
    plannedPrivate: nothing,
    plannedIdentity: undefined,
  });

test("GetMetadata and GetProviderSchema tell what there is", async () => {
  const metadata = await ask(client.getMetadata, {});
  expect(metadata.resources).toEqual([{ typeName: "toy_thing" }]);
  expect(metadata.dataSources).toEqual([{ typeName: "toy_things" }]);
  const schema = await ask(client.getProviderSchema, {});
  expect(schema.serverCapabilities).toEqual({
    planDestroy: true,
    getProviderSchemaOptional: true,
    moveResourceState: true,
    generateResourceConfig: true,
  });
  expect(schema.provider?.block?.attributes.map((a) => [a.name, a.sensitive])).toEqual([
    ["prefix", false],
    ["token", true],
  ]);
  expect(schema.resourceSchemas.toy_thing?.version).toBe(1);
  expect(
    schema.resourceSchemas.toy_thing?.block?.attributes.find((a) => a.name === "timeouts")?.nestedType?.attributes[0]
      ?.name,
  ).toBe("create");
  expect(
    Buffer.from(schema.resourceSchemas.toy_thing!.block!.attributes.find((a) => a.name === "tags")!.type).toString(),
  ).toBe('["map","string"]');
});

test("resource identity: schema, and its upgrade", async () => {
  const { identitySchemas } = await ask(client.getResourceIdentitySchemas, {});
  expect(identitySchemas.toy_thing?.identityAttributes).toMatchObject([{ name: "name", requiredForImport: true }]);
  const upgraded = await ask(client.upgradeResourceIdentity, {
    typeName: "toy_thing",
    version: 0,
    rawIdentity: json({ name: "a" }),
  });
  expect(decodeValue(upgraded.upgradedIdentity?.identityData, identity, [])).toEqual({ name: "a" });
  const newer = await ask(client.upgradeResourceIdentity, {
    typeName: "toy_thing",
    version: 3,
    rawIdentity: json({ name: "a" }),
  });
  expect(texts(newer.diagnostics)).toEqual([
    "error: Resource identity from a newer provider: toy_thing: the stored identity has version 3, but this provider supports version 0. Upgrade the provider.",
  ]);
});

test("a provider's secret stands in no log line and no diagnostic", async () => {
  const config = {
    msgpack: encodeValue({ token: "refused-token", prefix: null }, schemaType(provider.schema), []),
    json: nothing,
  };
  expect((await ask(client.validateProviderConfig, { config })).diagnostics).toEqual([]);
  const { diagnostics } = await ask(client.configureProvider, { terraformVersion: "1.11.4", config });
  expect(texts(diagnostics)).toEqual(["error: Refused: [secret] is not accepted"]);
  expect(diagnostics[0]?.attribute?.steps).toEqual([{ selector: { $case: "attributeName", value: "token" } }]);
  expect(lines.join("")).toContain("configured with [secret]");
  expect(lines.join("")).not.toContain("refused-token");
});

test("validation answers with the attribute's path", async () => {
  const { diagnostics } = await ask(client.validateResourceConfig, {
    clientCapabilities: undefined,
    typeName: "toy_thing",
    config: value({ name: "bad" }),
  });
  expect(texts(diagnostics)).toEqual(["error: Bad name: The name is bad."]);
  expect(diagnostics[0]?.attribute?.steps).toEqual([{ selector: { $case: "attributeName", value: "name" } }]);
});

test("create, read, change, replace, destroy", async () => {
  const planned = await plan(null, { name: "a", size: 2 ** 40, zones: ["z", "y"] });
  expect(object(planned.plannedState)).toMatchObject({ id: UNKNOWN, on: true, size: 2 ** 40 });
  const made = await apply(null, object(planned.plannedState));
  const state = object(made.newState)!;
  expect(state).toMatchObject({ id: "id-a", zones: ["y", "z"] });
  expect(made.private.toString()).toBe('{"made":true}');
  expect(decodeValue(made.newIdentity?.identityData, identity, [])).toEqual({ name: "a" });

  const read = await ask(client.readResource, {
    typeName: "toy_thing",
    currentState: made.newState,
    private: made.private,
    currentIdentity: made.newIdentity,
  });
  expect(object(read.newState)).toEqual(state);
  expect(read.private).toEqual(made.private);

  const replaced = await plan(state, { ...state, name: "b" });
  expect(replaced.requiresReplace).toEqual([{ steps: [{ selector: { $case: "attributeName", value: "name" } }] }]);

  const gone = await plan(state, null);
  expect([gone.plannedState?.msgpack, texts(gone.diagnostics)]).toEqual([
    Buffer.from([0xc0]),
    ["warning: Destroying: a goes away."],
  ]);
  expect(object((await apply(state, null)).newState)).toBeNull();
  const later = await ask(client.readResource, {
    typeName: "toy_thing",
    currentState: made.newState,
    private: nothing,
    currentIdentity: undefined,
  });
  expect(object(later.newState)).toBeNull();
});

test("import by id and by identity", async () => {
  await apply(null, { name: "imported" });
  const byId = await ask(client.importResourceState, { typeName: "toy_thing", id: "id-imported", identity: undefined });
  expect(object(byId.importedResources[0]?.state)).toMatchObject({ id: "id-imported", name: "imported" });
  const byIdentity = await ask(client.importResourceState, {
    typeName: "toy_thing",
    id: "",
    identity: identityOf({ name: "imported" }),
  });
  expect(byIdentity.importedResources[0]?.state).toEqual(byId.importedResources[0]?.state);
  expect(
    texts(
      (await ask(client.importResourceState, { typeName: "toy_thing", id: "no", identity: undefined })).diagnostics,
    ),
  ).toEqual(["error: Not found: There is no no."]);
});

test("state of an older version is upgraded, large numbers whole", async () => {
  const rawState = json('{"id":"1","name":"a","size":9007199254740993,"was_there_once":1}');
  const { upgradedState, diagnostics } = await ask(client.upgradeResourceState, {
    typeName: "toy_thing",
    version: 0,
    rawState,
  });
  expect(diagnostics).toEqual([]);
  expect(object(upgradedState)).toMatchObject({ id: "1", size: "9007199254740993" });
});

test.each([
  [
    "newer",
    9,
    json({}),
    "error: State from a newer provider: toy_thing: the stored state has version 9, but this provider supports version 1. Upgrade the provider.",
  ],
  [
    "broken",
    1,
    json("{"),
    "error: The state cannot be read: The state is not valid JSON. Restore it from a backup, or remove the resource from the state and import it.",
  ],
  [
    "missing",
    1,
    { json: nothing, flatmap: { id: "1" } },
    "error: The state cannot be read: Terraform sent no JSON for the state. It may have been written by a version before 0.12.",
  ],
])("state that is %s is refused with the next step", async (_name, version, rawState, text) => {
  const { diagnostics } = await ask(client.upgradeResourceState, { typeName: "toy_thing", version, rawState });
  expect(texts(diagnostics)).toEqual([text]);
});

test("a move from a known type, and from another", async () => {
  const move = (sourceTypeName: string) =>
    ask(client.moveResourceState, {
      sourceProviderAddress: "registry.terraform.io/x/y",
      sourceTypeName,
      sourceSchemaVersion: 0,
      sourceState: json({ id: "1", name: "a" }),
      targetTypeName: "toy_thing",
    });
  expect(object((await move("other_thing")).targetState)).toMatchObject({ id: "1", name: "a" });
  expect(texts((await move("strange_thing")).diagnostics)).toEqual([
    "error: Unsupported move: strange_thing of registry.terraform.io/x/y cannot be moved to toy_thing. Remove it from the state, and import it instead.",
  ]);
});

describe("a bug in the provider", () => {
  test("in a plan is a diagnostic", async () => {
    const { diagnostics } = await plan(null, { name: "plan-bug" });
    expect(texts(diagnostics)).toEqual([
      "error: The Daytona provider failed in PlanResourceChange: Error: the plan went wrong",
    ]);
    expect(diagnostics[0]?.detail).toContain("This is a bug in the Daytona provider, not in your configuration.");
  });

  test("in an apply keeps the state as it was", async () => {
    const prior = { id: "id-apply-bug", name: "apply-bug", on: true };
    const { newState, diagnostics } = await apply(prior, { ...prior, size: 3 });
    expect(texts(diagnostics)).toEqual([
      "error: The Daytona provider failed in ApplyResourceChange: Error: the apply went wrong",
    ]);
    expect(object(newState)).toMatchObject(prior);
  });

  test("that leaves a value unknown costs that value only", async () => {
    const { newState, diagnostics } = await apply(null, { name: "left-unknown" });
    expect(texts(diagnostics)).toEqual([
      "error: Provider returned unknown values: ApplyResourceChange of toy_thing returned unknown values: on. They are stored as null.",
    ]);
    expect(object(newState)).toMatchObject({ id: "id-left-unknown", on: null });
  });

  test("that answers with the wrong type costs that value only", async () => {
    const { newState, diagnostics } = await apply(null, { name: "wrong-type" });
    expect(texts(diagnostics)).toEqual([
      "error: Provider returned a value that does not match its schema: ApplyResourceChange: size: expected number, found a string.",
    ]);
    expect(object(newState)).toMatchObject({ id: "id-wrong-type", size: null });
  });
});

test("a value that does not fit the schema is refused, with what to do", async () => {
  const config = { msgpack: encodeValue({ name: true }, ["object", { name: "bool" }], []), json: nothing };
  const { diagnostics } = await ask(client.validateResourceConfig, {
    clientCapabilities: undefined,
    typeName: "toy_thing",
    config,
  });
  expect(texts(diagnostics)).toEqual([
    "error: Value does not match the provider's schema: ValidateResourceConfig: name: expected string, found a boolean.",
  ]);
});

test("bytes that are no msgpack are a diagnostic", async () => {
  const { diagnostics } = await ask(client.validateResourceConfig, {
    clientCapabilities: undefined,
    typeName: "toy_thing",
    config: { msgpack: Buffer.from([0xc1]), json: nothing },
  });
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]?.summary).toBe("Value does not match the provider's schema");
  expect(diagnostics[0]?.detail).toContain('Run "terraform init -upgrade"');
});

test("a proposed state that does not fit is refused with the state as it was", async () => {
  const prior = value({ name: "a" });
  const proposedNewState = { msgpack: encodeValue({ name: true }, ["object", { name: "bool" }], []), json: nothing };
  const answer = await ask(client.planResourceChange, {
    typeName: "toy_thing",
    priorState: prior,
    proposedNewState,
    config: prior,
    priorPrivate: nothing,
    priorIdentity: undefined,
  });
  expect(texts(answer.diagnostics)).toEqual([
    "error: Value does not match the provider's schema: PlanResourceChange: name: expected string, found a boolean.",
  ]);
  expect(object(answer.plannedState)).toMatchObject({ name: "a" });
});

test("types that it does not have are refused by name", async () => {
  const resource = await ask(client.validateResourceConfig, {
    clientCapabilities: undefined,
    typeName: "toy_other",
    config: none,
  });
  expect(texts(resource.diagnostics)).toEqual([
    'error: Unknown resource type: This version of the Daytona provider has no resource "toy_other".',
  ]);
  const data = await ask(client.readDataSource, { typeName: "toy_other", config: none });
  expect(texts(data.diagnostics)).toEqual([
    'error: Unknown data source: This version of the Daytona provider has no data source "toy_other".',
  ]);
});

test("StopProvider aborts what is under way, which still answers with its state", async () => {
  const slow = apply(null, { name: "slow" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await ask(client.stopProvider, {})).toEqual({ Error: "" });
  const { newState, diagnostics } = await slow;
  expect(object(newState)).toMatchObject({ id: "id-slow" });
  expect(texts(diagnostics)).toEqual(["warning: Interrupted: id-slow is kept."]);
  expect(object((await apply(null, { name: "after-stop" })).newState)).toMatchObject({ id: "id-after-stop" });
});

test("a state of 20 MB goes in and out", async () => {
  const name = "x".repeat(20_000_000);
  const { plannedState } = await plan(null, { name });
  expect((object(plannedState)?.name as string).length).toBe(name.length);
});

test("kinds of things that it has none of get an answer", async () => {
  const functions = await ask(client.getFunctions, {});
  expect(functions).toEqual({ functions: {}, diagnostics: [] });
  expect((await ask(client.callFunction, { name: "f", arguments: [] })).error?.text).toBe(
    'This version of the Daytona provider has no function "f".',
  );
  const refused =
    /^error: No such (ephemeral resource|list resource|action|state store): This version of the Daytona provider has no .* "toy_x"\.$/;
  const unknown = { typeName: "toy_x", config: undefined, clientCapabilities: undefined };
  for (const answer of [
    await ask(client.validateEphemeralResourceConfig, unknown),
    await ask(client.openEphemeralResource, unknown),
    await ask(client.renewEphemeralResource, unknown),
    await ask(client.closeEphemeralResource, unknown),
    await ask(client.validateListResourceConfig, { ...unknown, includeResourceObject: undefined, limit: undefined }),
  ])
    expect(texts(answer.diagnostics)[0]).toMatch(refused);
  for (const method of [
    client.validateActionConfig,
    client.planAction,
    client.validateStateStoreConfig,
    client.configureStateStore,
    client.unlockState,
    client.deleteState,
  ]) {
    const { diagnostics } = await ask<Absent_Request, Absent_Response>(method, { typeName: "toy_x" });
    expect(texts(diagnostics)[0]).toMatch(refused);
  }
  for (const method of [client.lockState, client.getStates]) {
    const { diagnostics } = await ask<Absent_Request, Absent_SecondField>(method, { typeName: "toy_x" });
    expect(texts(diagnostics)).toEqual([
      'error: No such state store: This version of the Daytona provider has no state store "toy_x".',
    ]);
  }
  const listed: unknown[] = [];
  for await (const event of client.listResource({
    typeName: "toy_x",
    config: undefined,
    includeResourceObject: false,
    limit: 100,
  }))
    listed.push(event);
  expect(listed).toMatchObject([{ diagnostic: [{ summary: "No such list resource" }] }]);
  const invoked: unknown[] = [];
  for await (const event of client.invokeAction({ typeName: "toy_x" })) invoked.push(event);
  expect(invoked).toMatchObject([{ completed: { diagnostics: [{ summary: "No such action" }] } }]);
});

test("health says serving; Shutdown is answered, then ends", async () => {
  const health = new HealthClient(address, credentials.createInsecure());
  expect(await ask(health.check, { service: "plugin" }, health)).toEqual({
    status: HealthCheckResponse_ServingStatus.SERVING,
  });
  health.close();
  const controller = new GRPCControllerClient(address, credentials.createInsecure());
  expect(await ask(controller.shutdown, {}, controller)).toEqual({});
  controller.close();
  expect(shutdowns).toBe(1);
});

test("the socket lies in a directory of its own, which goes with it", async () => {
  const listening = await listen({ PLUGIN_UNIX_SOCKET_DIR: dir }, "linux");
  expect(listening.address.startsWith(`${dir}/`)).toBe(true);
  listening.close();
  expect(existsSync(join(listening.address, ".."))).toBe(false);
});

test("on Windows it is a port of the loopback within the bounds that are given", async () => {
  const listening = await listen({ PLUGIN_MIN_PORT: "23400", PLUGIN_MAX_PORT: "23499" }, "win32");
  listening.close();
  expect(listening.address).toMatch(/^127\.0\.0\.1:234\d\d$/);
});
