import { createProvider } from "../../../../provider/terraform/provider";
import type { Calls } from "../../../../provider/terraform/serve/calls";
import { resourceRpcs } from "../../../../provider/terraform/serve/resource-rpcs";
import { Scope } from "../../../../provider/terraform/serve/scope";
import type { TfCall, TfObject } from "../../../../provider/terraform/types";
import type {
  ClientCapabilities,
  ValidateResourceConfig_Request,
} from "../../../../provider/terraform/wire/generated/tfplugin6";
import { schemaType } from "../../../../provider/terraform/wire/type";
import { encodeValue } from "../../../../provider/terraform/wire/values";
import { Redactor } from "../../../../provider/tool/redactor";

const provider = createProvider({});
const resource = provider.resources.find(({ typeName }) => typeName === "daytona_registry")!;
type Handler = (request: ValidateResourceConfig_Request, scope: Scope, of: typeof provider) => Promise<unknown>;

/** What ValidateResourceConfig reports of a registry, without a server. */
async function validated(config: TfObject, clientCapabilities: ClientCapabilities | undefined): Promise<string[]> {
  const { validateResourceConfig } = resourceRpcs({
    unary: (_rpc: string, handler: unknown) => handler,
  } as unknown as Calls);
  const call: TfCall = { signal: new AbortController().signal, log: () => undefined };
  const scope = new Scope("ValidateResourceConfig", call, new Redactor());
  const whole = {
    id: null,
    name: "hub",
    url: "docker.io",
    username: "robot",
    project: null,
    password: null,
    password_wo: null,
    password_wo_version: null,
    registry_type: null,
    created_at: null,
    ...config,
  };
  const wire = { msgpack: encodeValue(whole, schemaType(resource.schema), []), json: Buffer.alloc(0) };
  await (validateResourceConfig as unknown as Handler)(
    { typeName: "daytona_registry", config: wire, clientCapabilities },
    scope,
    provider,
  );
  return scope.diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`);
}

const can = { deferralAllowed: false, writeOnlyAttributesAllowed: true };
const refused =
  "Write-only attribute not supported: `password_wo` is write-only, which needs Terraform 1.11 or OpenTofu 1.11, or later. This version would store it. Upgrade, or use the attribute that is stored.";

test("a write-only attribute is refused where the client would store it", async () => {
  const config = { password_wo: "one-time-token" };
  expect(await validated(config, undefined)).toEqual([refused]);
  expect(await validated(config, { ...can, writeOnlyAttributesAllowed: false })).toEqual([refused]);
  expect(await validated(config, can)).toEqual([]);
  expect(await validated({ password: "stored-token" }, undefined)).toEqual([]);
});
