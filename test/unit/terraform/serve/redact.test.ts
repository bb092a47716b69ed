import { type Diagnostic, type DynamicValue } from "../../../../provider/terraform/wire/generated/tfplugin6";
import { Calls } from "../../../../provider/terraform/serve/calls";
import { createLog } from "../../../../provider/terraform/serve/log";
import { learnSensitive } from "../../../../provider/terraform/serve/redact";
import { resourceRpcs } from "../../../../provider/terraform/serve/resource-rpcs";
import type {
  TfCall,
  TfDiagnostic,
  TfObject,
  TfProvider,
  TfResource,
  TfSchema,
} from "../../../../provider/terraform/types";
import { schemaType } from "../../../../provider/terraform/wire/type";
import { decodeValue, encodeValue } from "../../../../provider/terraform/wire/values";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { Redactor } from "../../../../provider/tool/redactor";

const schema: TfSchema = {
  version: 0,
  description: "",
  attributes: [
    { name: "name", type: "string", description: "", optional: true },
    { name: "args", type: ["map", "string"], description: "", optional: true, sensitive: true },
    { name: "error_reason", type: "string", description: "", computed: true },
  ],
};
const type = schemaType(schema);
const empty = Buffer.alloc(0);
const none: DynamicValue = { msgpack: Buffer.from([0xc0]), json: empty };
const wire = (value: TfObject): DynamicValue => ({ msgpack: encodeValue(value, type, []), json: empty });

/** Every call tells what it has heard: in the log, in fields, in a diagnostic and in the API's reason. */
function leaky(heard: string): {
  ask(rpc: keyof ReturnType<typeof resourceRpcs>, request: object): Promise<string>;
  log: () => string;
} {
  const lines: string[] = [];
  const redactor = new Redactor(["credential-1"]);
  const tell = (call: TfCall): TfDiagnostic[] => {
    call.log("info", `building: ${heard}`, { output: heard, list: [heard] });
    return [{ severity: "warning", summary: `summary ${heard}`, detail: `detail ${heard}` }];
  };
  const answer = { state: { name: "a", args: null, error_reason: `failed: ${heard}` }, private: {}, identity: null };
  const resource: TfResource = {
    typeName: "toy",
    schema,
    validate: (_config, call) => Promise.resolve(tell(call)),
    upgrade: (_version, raw, call) =>
      Promise.resolve({
        state: { name: raw["name"] ?? null, args: null, error_reason: null },
        diagnostics: tell(call),
      }),
    read: (_args, call) => Promise.resolve({ ...answer, diagnostics: tell(call) }),
    plan: (args, call) =>
      Promise.resolve({
        planned: args.prior ?? args.config,
        requiresReplace: [],
        private: {},
        identity: null,
        diagnostics: tell(call),
      }),
    planDestroy: (_args, call) => Promise.resolve({ private: {}, diagnostics: tell(call) }),
    apply: (_args, call) => Promise.resolve({ ...answer, diagnostics: tell(call) }),
    import: (_args, call) => Promise.resolve({ imported: [], diagnostics: tell(call) }),
    move: (_args, call) =>
      Promise.resolve({
        state: { name: "a", args: null, error_reason: null },
        private: {},
        identity: null,
        diagnostics: tell(call),
      }),
  };
  const provider = { schema, resources: [resource], dataSources: [] } as unknown as TfProvider;
  const calls = new Calls(
    () => Promise.resolve(provider),
    redactor,
    createLog(
      "trace",
      (text) => redactor.text(text),
      (text) => lines.push(text),
    ),
  );
  const rpcs = resourceRpcs(calls);
  return {
    ask: (rpc, request) =>
      new Promise((resolve) => {
        const handler = rpcs[rpc] as unknown as (
          call: object,
          answered: (error: unknown, response: { diagnostics: Diagnostic[]; newState?: DynamicValue }) => void,
        ) => void;
        handler(
          { request: { typeName: "toy", targetTypeName: "toy", ...request }, on: () => undefined },
          (_error, response) =>
            resolve(JSON.stringify([response.diagnostics, decodeValue(response.newState ?? none, type, [])])),
        );
      }),
    log: () => lines.join(""),
  };
}

const secret = "planted-build-argument";
const state = wire({ name: "a", args: { TOKEN: secret }, error_reason: null });
const bare = wire({ name: "a", args: null, error_reason: null });
const raw = { json: Buffer.from(JSON.stringify({ name: "a", args: { TOKEN: secret } })), flatmap: {} };

const requests: [string, keyof ReturnType<typeof resourceRpcs>, object][] = [
  ["validation", "validateResourceConfig", { config: state }],
  ["upgrade of a state", "upgradeResourceState", { version: 0, rawState: raw }],
  ["move", "moveResourceState", { sourceTypeName: "toy", sourceProviderAddress: "x", sourceState: raw }],
  ["refresh", "readResource", { currentState: state, private: empty }],
  [
    "plan, from the configuration",
    "planResourceChange",
    { priorState: none, config: state, proposedNewState: state, priorPrivate: empty },
  ],
  [
    "plan, from the prior state alone",
    "planResourceChange",
    { priorState: state, config: bare, proposedNewState: bare, priorPrivate: empty },
  ],
  [
    "plan of a destroy",
    "planResourceChange",
    { priorState: state, config: none, proposedNewState: none, priorPrivate: empty },
  ],
  [
    "apply, from the configuration",
    "applyResourceChange",
    { priorState: none, plannedState: bare, config: state, plannedPrivate: empty },
  ],
  [
    "apply, from the plan",
    "applyResourceChange",
    { priorState: none, plannedState: state, config: none, plannedPrivate: empty },
  ],
  ["destroy", "applyResourceChange", { priorState: state, plannedState: none, config: none, plannedPrivate: empty }],
];

test.each(requests)(
  "%s: a sensitive value is in no log, no diagnostic and no reason of the API",
  async (_what, rpc, request) => {
    const { ask, log } = leaky(`step TOKEN=${secret}, credential-1`);
    const answered = await ask(rpc, request);
    expect(answered).toContain("[secret]");
    expect(answered).not.toContain(secret);
    expect(log()).toContain("step TOKEN=[secret], [secret]");
    expect(log()).not.toContain(secret);
  },
);

test.each([
  ["one line of several", "first-line-of-it\nsecond-line-of-it", "…second-line-of-it…"],
  ["a word", "user=robot-42 key=abcdef123", "abcdef123"],
  ["quotes and backslashes, which JSON writes otherwise", 'pa"ss\\wo rd\\1\\2', 'pa"ss\\wo rd\\1\\2'],
])("%s of a value", async (_what, value, heard) => {
  const { ask, log } = leaky(`log: ${heard}`);
  const answered = await ask("readResource", {
    currentState: wire({ name: "a", args: { X: value }, error_reason: null }),
    private: empty,
  });
  for (const text of [answered, log()]) {
    expect(text).toContain("[secret]");
    expect(text).not.toContain(JSON.stringify(heard).slice(1, -1).replaceAll("…", ""));
  }
});

test("short values stay: they are more likely a version than a secret", async () => {
  const { ask, log } = leaky("release 3.20 of 1");
  await ask("readResource", {
    currentState: wire({ name: "a", args: { VERSION: "3.20", N: "1" }, error_reason: null }),
    private: empty,
  });
  expect(log()).toContain("release 3.20 of 1");
});

test("what is sensitive in one resource is no secret in another one's messages, but stays out of the whole log", async () => {
  const { ask, log } = leaky("image ubuntu-noble");
  await ask("readResource", {
    currentState: wire({ name: "a", args: { BASE: "ubuntu-noble" }, error_reason: null }),
    private: empty,
  });
  expect(await ask("readResource", { currentState: bare, private: empty })).toContain("image ubuntu-noble");
  expect(log()).not.toContain("ubuntu-noble");
});

test("unknown values, nested objects and their lists are learned as far as they are known", () => {
  const redactor = new Redactor();
  const nested: TfSchema = {
    version: 0,
    description: "",
    attributes: [
      { name: "map", type: ["map", "string"], description: "", sensitive: true },
      { name: "whole", type: "string", description: "", sensitive: true },
      {
        name: "one",
        nested: [
          { name: "key", type: "string", description: "", sensitive: true },
          { name: "plain", type: "string", description: "" },
        ],
        description: "",
      },
      {
        name: "many",
        nesting: "list",
        nested: [{ name: "key", type: "string", description: "", sensitive: true }],
        description: "",
      },
    ],
  };
  learnSensitive(
    redactor,
    {
      map: { a: UNKNOWN, b: "in-the-map" },
      whole: UNKNOWN,
      one: { key: "in-the-object", plain: "not-a-secret" },
      many: [{ key: "in-the-list" }],
    },
    nested,
  );
  expect(redactor.text("in-the-map in-the-object in-the-list not-a-secret")).toBe(
    "[secret] [secret] [secret] not-a-secret",
  );
  learnSensitive(redactor, null, nested);
});
