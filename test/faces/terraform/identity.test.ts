import { credentials } from "@grpc/grpc-js";
import type { LocalApi } from "../../../provider/local";
import { schemaOf } from "../../../provider/terraform/schema.gen";
import { UNKNOWN } from "../../../provider/kit/unknown";
import { identitySchema } from "../../../provider/terraform/resource/identity";
import type { TfObject, TfValue } from "../../../provider/terraform/types";
import { type DynamicValue, ProviderClient } from "../../../provider/terraform/wire/generated/tfplugin6";
import { identityType, schemaType } from "../../../provider/terraform/wire/type";
import { decodeValue, encodeValue } from "../../../provider/terraform/wire/values";
import { type Attached, attach } from "../support/attach";
import { setup } from "./setup";

// The Terraform at hand may be too old to ask for identities: here a client of the protocol does.
jest.setTimeout(30_000);
const { api } = setup();
const type = schemaType(schemaOf("snapshot"));
const idType = identityType(identitySchema.attributes);

const wire = (value: TfValue, as = type): DynamicValue => ({
  msgpack: encodeValue(value, as, [], true),
  json: Buffer.alloc(0),
});
const value = (from: DynamicValue | undefined, as = type): TfObject | null =>
  from === undefined ? null : (decodeValue(from, as, []) as TfObject | null);

/** A client of a provider of its own, configured for the local API. */
class Wire {
  private constructor(
    private readonly attached: Attached,
    private readonly client: ProviderClient,
  ) {}

  static async open(local: LocalApi): Promise<Wire> {
    const attached = await attach({ DAYTONA_API_URL: local.apiUrl, DAYTONA_API_KEY: local.apiKey });
    const [entry] = Object.values(JSON.parse(attached.variable) as Record<string, { Addr: { String: string } }>);
    const opened = new Wire(attached, new ProviderClient(`unix:${entry!.Addr.String}`, credentials.createInsecure()));
    await opened.call("configureProvider", {
      terraformVersion: "1.12.0",
      config: wire({}, schemaType(schemaOf("provider"))),
      clientCapabilities: undefined,
    });
    return opened;
  }

  call(rpc: string, request: object): Promise<Record<string, never> & { diagnostics: { summary: string }[] }> {
    const client = this.client as unknown as Record<
      string,
      (request: object, answer: (error: Error | null, response: never) => void) => void
    >;
    return new Promise((resolve, reject) =>
      client[rpc]!.call(this.client, request, (error, response) =>
        error === null ? resolve(response) : reject(error),
      ),
    );
  }

  /** Plan and apply, as Terraform 1.12 does them. */
  async apply(
    prior: TfObject | null,
    config: TfObject,
    identity: DynamicValue | undefined,
  ): Promise<{
    state: TfObject;
    planned: TfObject | null;
    identity: DynamicValue | undefined;
    decoded: TfObject | null;
  }> {
    const common = {
      typeName: "daytona_snapshot",
      priorState: wire(prior),
      config: wire(config),
      providerMeta: undefined,
    };
    const plan = (await this.call("planResourceChange", {
      ...common,
      proposedNewState: wire({ ...prior, ...config }),
      priorPrivate: Buffer.alloc(0),
      clientCapabilities: undefined,
      priorIdentity: identity === undefined ? undefined : { identityData: identity },
    })) as unknown as {
      plannedState: DynamicValue;
      plannedPrivate: Buffer;
      plannedIdentity?: { identityData: DynamicValue };
    };
    const applied = (await this.call("applyResourceChange", {
      ...common,
      plannedState: plan.plannedState,
      plannedPrivate: plan.plannedPrivate,
      plannedIdentity: plan.plannedIdentity,
    })) as unknown as {
      newState: DynamicValue;
      newIdentity?: { identityData: DynamicValue };
      diagnostics: unknown[];
    };
    expect(applied.diagnostics).toEqual([]);
    return {
      state: value(applied.newState)!,
      planned: value(plan.plannedIdentity?.identityData, idType),
      identity: applied.newIdentity?.identityData,
      decoded: value(applied.newIdentity?.identityData, idType),
    };
  }

  async close(): Promise<void> {
    this.client.close();
    await this.attached.close();
  }
}

test("the identity is name and organization: made by the create, unchanged by a swap, good for an import", async () => {
  const terraform = await Wire.open(api());
  try {
    const identity = { name: "agent", organization_id: api().organizationId };
    const config: TfObject = { name: "agent", image: "ubuntu:24.04" };
    const created = await terraform.apply(null, config, undefined);
    expect(created.planned).toBeNull();
    expect(created.decoded).toEqual(identity);

    const swapped = await terraform.apply(created.state, { ...config, cpu: 2 }, created.identity);
    expect(swapped.planned).toEqual(identity);
    expect(swapped.decoded).toEqual(identity);
    expect(swapped.state["id"]).not.toBe(created.state["id"]);

    for (const asked of [{ name: "agent" }, identity]) {
      const imported = (await terraform.call("importResourceState", {
        typeName: "daytona_snapshot",
        id: "",
        identity: { identityData: wire(asked, idType) },
      })) as unknown as {
        importedResources: { state: DynamicValue; identity: { identityData: DynamicValue } }[];
      };
      expect(
        imported.importedResources.map((one) => [value(one.state)?.["id"], value(one.identity.identityData, idType)]),
      ).toEqual([[swapped.state["id"], identity]]);
    }
  } finally {
    await terraform.close();
  }
});

test("with a name that is not known yet there is no identity in the plan", async () => {
  const terraform = await Wire.open(api());
  try {
    const plan = (await terraform.call("planResourceChange", {
      typeName: "daytona_snapshot",
      priorState: wire(null),
      config: wire({ name: UNKNOWN, image: "a:1" }),
      proposedNewState: wire({ name: UNKNOWN, image: "a:1" }),
      priorPrivate: Buffer.alloc(0),
      providerMeta: undefined,
      clientCapabilities: undefined,
      priorIdentity: undefined,
    })) as unknown as { plannedIdentity?: unknown; diagnostics: unknown[] };
    expect(plan).toMatchObject({ diagnostics: [] });
    expect(plan.plannedIdentity).toBeUndefined();
  } finally {
    await terraform.close();
  }
});
