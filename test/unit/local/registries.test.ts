import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, closeAll, start } from "./harness";

afterEach(closeAll);

const hub = { name: "hub", url: "https://index.docker.io/v1/", username: "robot", password: "planted-password" };

test("a registry's password is in no answer, and in no list", async () => {
  const local = await start();
  const made = await call(local, "POST", "/docker-registry", hub);
  const read = await call(local, "GET", `/docker-registry/${made.body.id}`);
  const listed = await call(local, "GET", "/docker-registry");
  const changed = await call(local, "PATCH", `/docker-registry/${made.body.id}`, {
    ...hub,
    password: "planted-password-2",
  });
  for (const { text } of [made, read, listed, changed]) {
    expect(text).toContain("robot");
    expect(text).not.toContain("planted-password");
  }
  expect(local.control.registries()).toMatchObject([{ url: "docker.io", password: "planted-password-2" }]);
});

test.each([
  ["missing", {}],
  ["empty", { password: "" }],
])("an update with a %s password keeps the present one", async (_, change) => {
  const local = await start();
  const { body } = await call(local, "POST", "/docker-registry", hub);
  const { password: _password, ...rest } = hub;
  expect((await call(local, "PATCH", `/docker-registry/${body.id}`, { ...rest, ...change })).status).toBe(200);
  expect(local.control.registries()).toMatchObject([{ password: "planted-password" }]);
});

test("an update without a project keeps it, and its answer does not show it", async () => {
  const local = await start();
  const { body } = await call(local, "POST", "/docker-registry", { ...hub, project: "team" });
  const changed = await call(local, "PATCH", `/docker-registry/${body.id}`, { ...hub, name: "other" });
  expect(changed.body).not.toHaveProperty("project");
  expect((await call(local, "GET", `/docker-registry/${body.id}`)).body).toMatchObject({
    name: "other",
    project: "team",
  });
});

test("a project of null is refused, and changes nothing", async () => {
  const local = await start();
  const { body } = await call(local, "POST", "/docker-registry", hub);
  expect(
    (await call(local, "PATCH", `/docker-registry/${body.id}`, { ...hub, name: "other", project: null })).status,
  ).toBe(500);
  expect((await call(local, "POST", "/docker-registry", { ...hub, project: null })).status).toBe(500);
  expect(local.control.registries()).toMatchObject([{ id: body.id, name: "hub" }]);
});

test("another organization's registry does not exist for the reader", async () => {
  const local = await start();
  const foreign = local.control.registry({ organizationId: local.otherOrganizationId });
  for (const [method, body] of [["GET"], ["PATCH", hub], ["DELETE"]] as const) {
    expect(await call(local, method, `/docker-registry/${foreign}`, body)).toMatchObject({
      status: 404,
      body: { message: `Docker registry with ID ${foreign} not found` },
    });
  }
  expect((await call(local, "GET", "/docker-registry")).body).toEqual([]);
});

test("the newest registry is listed first, also of two made in one millisecond", async () => {
  const local = await start();
  for (const name of ["first", "second", "third"]) local.control.registry({ name, createdAt: 1000 });
  local.control.registry({ name: "oldest", createdAt: 1 });
  expect((await call(local, "GET", "/docker-registry")).body.map((row: { name: string }) => row.name)).toEqual([
    "third",
    "second",
    "first",
    "oldest",
  ]);
});

test("the hundredth registry is accepted, the next one is not", async () => {
  const local = await start();
  for (let i = 0; i < 99; i++) local.control.registry();
  expect((await call(local, "POST", "/docker-registry", hub)).status).toBe(201);
  expect(await call(local, "POST", "/docker-registry", hub)).toMatchObject({
    status: 400,
    body: { message: "You have reached the maximum number of registries" },
  });
});

test("every fault of a body is named, in the server's order", async () => {
  const local = await start();
  const answer = await call(local, "POST", "/docker-registry", { name: "<b>", url: "x", project: 5 });
  expect(answer.body.message).toBe(
    "name must not contain HTML tags, URLs, or control characters, url must be a URL address, username must be a string, password must be a string, project must be a string",
  );
});

test("registries are there after a restart, in their order", async () => {
  const folder = mkdtempSync(join(tmpdir(), "local-registries-"));
  const data = join(folder, "data.json");
  const first = await start({ data });
  first.control.registry({ name: "old", createdAt: 5 });
  first.control.registry({ name: "new", createdAt: 5 });
  const before = first.control.registries();
  await first.close();
  const second = await start({ data });
  const strip = (rows: { seq: number }[]) => rows.map(({ seq: _, ...row }) => row);
  expect(strip(second.control.registries())).toEqual(strip(before));
  await closeAll();
  rmSync(folder, { recursive: true });
});
