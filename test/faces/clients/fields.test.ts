import { Configuration, ObjectStorageApi, SnapshotsApi } from "@daytona/api-client";
import { Daytona, DaytonaBadRequestError, GpuType } from "@daytona/sdk";
import { type LocalApi, startLocalApi } from "../../../provider/local";

/** What newer clients read and send besides, as they see it: GPUs, the region of the object storage, and the sandbox that a snapshot is of. */
const SANDBOX = "5a5a5a5a-0000-4000-8000-000000000001";
let local: LocalApi;

afterEach(() => local.close());

async function refused(options: Parameters<typeof startLocalApi>[0], gpuType?: GpuType): Promise<unknown> {
  local = await startLocalApi({ pullSeconds: 0.05, ...options });
  const daytona = new Daytona({ apiKey: local.apiKey, apiUrl: local.apiUrl, target: "us" });
  const resources = { gpu: 1, ...(gpuType === undefined ? {} : { gpuType }) };
  return daytona.snapshot.create({ name: "gpu", image: "ubuntu:24.04", resources }).catch((error: unknown) => error);
}

test.each([
  ["an organization without GPUs", {}, GpuType.H100, "GPU quota exceeded. Maximum allowed: 0."],
  [
    "a type that no runner has",
    { gpuQuota: 8, gpuTypes: ["H100"] },
    GpuType.RTX_PRO_6000,
    "No available runners with GPU type: RTX-PRO-6000.",
  ],
  ["no runner with a GPU", { gpuQuota: 8, gpuTypes: [] }, undefined, "No available runners"],
  [
    "a type of newer servers",
    { gpuQuota: 8 },
    GpuType.H200,
    "each value in gpuType must be one of the following values: H100, RTX-PRO-6000",
  ],
])("%s is refused in the server's words", async (_, options, gpuType, message) => {
  const error = await refused(options, gpuType);
  expect(error).toBeInstanceOf(DaytonaBadRequestError);
  expect(error).toMatchObject({ statusCode: 400, errorCode: undefined, message });
});

test("a GPU that a runner has is there, with the type that was drawn", async () => {
  expect(await refused({ gpuQuota: 8 }, GpuType.H100)).toMatchObject({ state: "active", gpu: 1, gpuType: "H100" });
});

test("the region of the object storage, and the sandbox that a snapshot is of, in lists and as their filter", async () => {
  local = await startLocalApi();
  const configuration = new Configuration({
    basePath: local.apiUrl,
    baseOptions: { headers: { Authorization: `Bearer ${local.apiKey}` } },
  });
  expect((await new ObjectStorageApi(configuration).getPushAccess()).data.region).toBe("us-east-1");
  local.control.insert({ name: "of-a-sandbox", state: "active", sourceSandboxId: SANDBOX });
  local.control.insert({ name: "of-an-image", state: "active" });
  const snapshots = new SnapshotsApi(configuration);
  const listed = (await snapshots.getAllSnapshots()).data.items.filter(({ general }) => !general);
  expect(Object.fromEntries(listed.map(({ name, sourceSandboxId }) => [name, sourceSandboxId]))).toEqual({
    "of-a-sandbox": SANDBOX,
    "of-an-image": null,
  });
  const daytona = new Daytona({ apiKey: local.apiKey, apiUrl: local.apiUrl, target: "us" });
  // Its type is Date.
  expect(typeof (await daytona.snapshot.get("of-an-image")).createdAt).toBe("string");
  const { items, total } = await daytona.snapshot.list({ sourceSandboxId: SANDBOX });
  expect([items.map(({ name }) => name), total]).toEqual([["of-a-sandbox"], 1]);
});
