import { credentials } from "@grpc/grpc-js";
import { schemaOf } from "../../../provider/terraform/schema.gen";
import type { TfObject } from "../../../provider/terraform/types";
import {
  type DynamicValue,
  type ListResource_Event,
  ProviderClient,
} from "../../../provider/terraform/wire/generated/tfplugin6";
import { schemaType } from "../../../provider/terraform/wire/type";
import { encodeValue } from "../../../provider/terraform/wire/values";
import { attach } from "../support/attach";
import { setup } from "./setup";

// Terraform closes a stream when it has enough. A client that reads on shows what the provider does by itself.
jest.setTimeout(30_000);
const { api } = setup();

const wire = (value: TfObject, schema: string): DynamicValue => ({
  msgpack: encodeValue(value, schemaType(schemaOf(schema)), [], true),
  json: Buffer.alloc(0),
});

async function listed(limit: number, apiKey = api().apiKey): Promise<ListResource_Event[]> {
  const attached = await attach({ DAYTONA_API_URL: api().apiUrl, DAYTONA_API_KEY: apiKey });
  const [entry] = Object.values(JSON.parse(attached.variable) as Record<string, { Addr: { String: string } }>);
  const client = new ProviderClient(`unix:${entry!.Addr.String}`, credentials.createInsecure());
  try {
    await new Promise((resolve, reject) =>
      client.configureProvider({ terraformVersion: "1.15.5", config: wire({}, "provider") }, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      ),
    );
    const request = {
      typeName: "daytona_snapshot",
      config: wire({}, "snapshotList"),
      includeResourceObject: false,
      limit,
    };
    const events: ListResource_Event[] = [];
    for await (const event of client.listResource(request)) events.push(event as ListResource_Event);
    return events;
  } finally {
    client.close();
    await attached.close();
  }
}

test("the stream ends at the limit, and no page beyond it is read", async () => {
  api().control.seed(405, (at) => ({ name: `many-${at}` }));
  api().control.clearRequests();
  expect(await listed(5)).toHaveLength(5);
  expect(api().control.counts()["list"]).toBe(1);
  expect(await listed(200)).toHaveLength(200);
  expect(api().control.counts()["list"]).toBe(2);
  expect(await listed(0)).toEqual([]);
  expect(api().control.counts()["list"]).toBe(2);
  expect(await listed(1000)).toHaveLength(405);
});

test("a failure is a diagnostic in the stream, after what was found before", async () => {
  const [event, ...more] = await listed(10, "wrong");
  expect(more).toEqual([]);
  expect(event?.identity).toBeUndefined();
  expect(event?.diagnostic).toMatchObject([{ severity: 1, summary: expect.stringMatching(/^Listing snapshots/) }]);
});
