import { startLocalApi } from "../../../provider/local";

test("a GPU that no runner has is refused in the server's words", async () => {
  const local = await startLocalApi({ gpuQuota: 8, gpuTypes: [] });
  try {
    const refused = async (more: object): Promise<unknown> => {
      const response = await fetch(`${local.apiUrl}/snapshots`, {
        method: "POST",
        headers: { authorization: `Bearer ${local.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ name: "agent", imageName: "ubuntu:24.04", gpu: 1, ...more }),
      });
      return { status: response.status, message: ((await response.json()) as { message: string }).message };
    };
    expect(await refused({})).toEqual({ status: 400, message: "No available runners" });
    expect(await refused({ gpuType: ["H100"] })).toEqual({
      status: 400,
      message: "No available runners with GPU type: H100.",
    });
    expect(local.control.snapshots()).toEqual([]);
  } finally {
    await local.close();
  }
});
