import {
  type Diagnostic,
  Diagnostic_Severity,
  type DynamicValue,
} from "../../../../provider/terraform/wire/generated/tfplugin6";
import { Calls } from "../../../../provider/terraform/serve/calls";
import { dataRpcs } from "../../../../provider/terraform/serve/data-rpcs";
import { createLog } from "../../../../provider/terraform/serve/log";
import { providerRpcs } from "../../../../provider/terraform/serve/provider-rpcs";
import { resourceRpcs } from "../../../../provider/terraform/serve/resource-rpcs";
import type { TfCall, TfProvider } from "../../../../provider/terraform/types";
import { schemaType } from "../../../../provider/terraform/wire/type";
import { encodeValue } from "../../../../provider/terraform/wire/values";
import { Redactor } from "../../../../provider/tool/redactor";
import { toyProvider } from "./toy";

const empty = Buffer.alloc(0);
const toy = toyProvider("/nowhere/toys.json");
const [thing] = toy.resources as [TfProvider["resources"][number]];
const [things] = toy.dataSources as [TfProvider["dataSources"][number]];
const none: DynamicValue = { msgpack: Buffer.from([0xc0]), json: empty };
const value = (schema: typeof thing.schema): DynamicValue => ({
  msgpack: encodeValue({ name: "a" }, schemaType(schema), []),
  json: empty,
});

/** Every call ends the way the file system, the API and our own reads end one that is aborted; `bug` fails by itself instead. */
function calling(thrown: (call: TfCall) => unknown): { calls: Calls; lines: string[] } {
  const body = (...args: unknown[]): Promise<never> => {
    const call = args.at(-1) as TfCall;
    return new Promise((_, reject) => {
      call.signal.addEventListener("abort", () => reject(thrown(call) as Error));
    });
  };
  const provider: TfProvider = {
    ...toy,
    configure: body,
    resources: [{ ...thing, read: body, plan: body, apply: body, import: body }],
    dataSources: [{ ...things, read: body }],
  };
  const lines: string[] = [];
  const redactor = new Redactor();
  return {
    calls: new Calls(
      () => Promise.resolve(provider),
      redactor,
      createLog(
        "trace",
        (text) => text,
        (text) => lines.push(text),
      ),
    ),
    lines,
  };
}

type Handler = (
  call: never,
  answer: (error: unknown, response: { diagnostics: Diagnostic[] } & Record<string, unknown>) => void,
) => void;

async function interrupted(handler: Handler, request: unknown, calls: Calls) {
  const answered = new Promise<{ diagnostics: Diagnostic[] } & Record<string, unknown>>((resolve) =>
    handler({ request, on: () => undefined } as never, (_error, response) => resolve(response)),
  );
  await new Promise((resolve) => setTimeout(resolve, 5));
  calls.abort();
  return answered;
}

const state = value(thing.schema);
const requests: [string, (calls: Calls) => Handler, unknown, string, string][] = [
  [
    "ReadResource",
    (calls) => resourceRpcs(calls).readResource as unknown as Handler,
    { typeName: "toy_thing", currentState: state, private: empty },
    "reading a resource",
    "The call ended early. Nothing was changed.",
  ],
  [
    "PlanResourceChange",
    (calls) => resourceRpcs(calls).planResourceChange as unknown as Handler,
    { typeName: "toy_thing", priorState: none, proposedNewState: state, config: state, priorPrivate: empty },
    "planning a change",
    "The call ended early. Nothing was changed.",
  ],
  [
    "ApplyResourceChange",
    (calls) => resourceRpcs(calls).applyResourceChange as unknown as Handler,
    { typeName: "toy_thing", priorState: state, plannedState: state, config: state, plannedPrivate: Buffer.from("{}") },
    "applying a change",
    "The state was not changed. Plan again to see the current values.",
  ],
  [
    "ImportResourceState",
    (calls) => resourceRpcs(calls).importResourceState as unknown as Handler,
    { typeName: "toy_thing", id: "a" },
    "importing a resource",
    "The call ended early. Nothing was changed.",
  ],
  [
    "ReadDataSource",
    (calls) => dataRpcs(calls).readDataSource as unknown as Handler,
    { typeName: "toy_things", config: value(things.schema) },
    "reading a data source",
    "The call ended early. Nothing was changed.",
  ],
  [
    "ConfigureProvider",
    (calls) => providerRpcs(calls).configureProvider as unknown as Handler,
    { terraformVersion: "1.11.4", config: value(toy.schema) },
    "configuring the provider",
    "The call ended early. Nothing was changed.",
  ],
];

describe.each(requests)("%s", (_rpc, handler, request, doing, detail) => {
  test.each<[string, (call: TfCall) => unknown]>([
    ["the signal's reason", (call) => call.signal.reason],
    [
      "an AbortError of Node",
      () => Object.assign(new Error("The operation was aborted"), { name: "AbortError", code: "ABORT_ERR" }),
    ],
    ["a wrapped reason", (call) => new Error("cannot read", { cause: call.signal.reason })],
  ])("ended by an interrupt says so, and not that there is a bug (%s)", async (_name, thrown) => {
    const { calls, lines } = calling(thrown);
    const response = await interrupted(handler(calls), request, calls);
    expect(response.diagnostics.map(({ severity, summary, detail: text }) => [severity, summary, text])).toEqual([
      [Diagnostic_Severity.ERROR, `Interrupted while ${doing}`, detail],
    ]);
    expect(lines.join("")).not.toMatch(/"@level":"error"/);
  });

  test("a failure that only came after the interrupt is still a bug", async () => {
    const { calls } = calling(() => new TypeError("x is not a function"));
    const response = await interrupted(handler(calls), request, calls);
    expect(response.diagnostics[0]?.detail).toContain("TypeError: x is not a function");
    expect(response.diagnostics[0]?.detail).toContain("This is a bug in the Daytona provider");
  });
});

test("an interrupted apply keeps the state, an interrupted read and plan what they were given", async () => {
  const reason = (call: TfCall): unknown => call.signal.reason;
  for (const [rpc, handler, request] of requests.slice(0, 3)) {
    const { calls } = calling(reason);
    const response = await interrupted(handler(calls), request, calls);
    const given = request as { currentState?: unknown; priorState?: unknown };
    expect([rpc, response.newState ?? response.plannedState]).toEqual([rpc, given.currentState ?? given.priorState]);
  }
});
