import { call, closeAll, start } from "./harness";

afterEach(closeAll);

test("a deactivation of what is inactive changes nothing: the rest does not begin anew", async () => {
  const local = await start();
  const id = local.control.insert({ name: "a", state: "inactive", updatedAt: 1000 });
  expect((await call(local, "POST", `/snapshots/${id}/deactivate`)).status).toBe(204);
  expect(local.control.snapshot(id)!.updatedAt).toBe("1970-01-01T00:00:01.000Z");
});

test("a region that the organization may no longer use is not shown", async () => {
  const local = await start();
  for (const id of ["eu", "own", "theirs"])
    local.control.region({
      id,
      ...(id === "eu"
        ? {}
        : { regionType: "custom", organizationId: id === "own" ? local.organizationId : local.otherOrganizationId }),
    });
  const id = local.control.insert({ name: "a", regionIds: ["us", "eu", "own", "theirs", "gone"] });
  const shown = async (): Promise<unknown> => (await call(local, "GET", `/snapshots/${id}`)).body.regionIds;
  expect(await shown()).toEqual(["us", "eu", "own"]);
  local.control.region({ id: "eu", quota: false });
  expect(await shown()).toEqual(["us", "own"]);
});

test("who waits for two hits of a fault is told of the second one", async () => {
  const local = await start();
  const fault = local.control.fault({ kind: "regions", action: "answer", status: 503, times: 2 });
  let told = 0;
  const reached = [1, 2].map((hits) => local.control.faultReached(fault, hits).then(() => (told += 1)));
  await call(local, "GET", "/regions");
  await reached[0];
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toBe(1);
  await call(local, "GET", "/regions");
  await reached[1];
  expect([told, local.control.faults()[0]!.hits]).toEqual([2, 2]);
});

test("what was used is kept by its active snapshots alone: a fresh inactive one of the same image keeps nothing", async () => {
  const local = await start();
  const old = { createdAt: 0, lastUsedAt: 0 };
  const [a, b] = [
    local.control.insert({ name: "a", imageName: "x:1", ...old }),
    local.control.insert({ name: "b", imageName: "y:1", ...old }),
  ];
  local.control.insert({ name: "fresh", imageName: "x:1", state: "inactive" });
  local.control.insert({ name: "used", imageName: "y:1" });
  expect(local.control.deactivateIdle()).toEqual([a]);
  expect(local.control.snapshot(b)!.state).toBe("active");
});
