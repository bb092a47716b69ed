import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ok, setup } from "./setup";

jest.setTimeout(120_000);
const { api, project } = setup();
const address = "daytona_registry.images";
const PLANTED = "planted-pull-token";

/** `daytona_registry.images`, with other lines. */
function registry(change: Record<string, string | null> = {}): string {
  const lines = {
    name: '"images"',
    url: '"https://index.docker.io/v1/"',
    username: '"robot"',
    password: `"${PLANTED}"`,
    ...change,
  };
  return `resource "daytona_registry" "images" {\n${Object.entries(lines)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `  ${name} = ${value}`)
    .join("\n")}\n}\n`;
}

/** What the state says of the registry. */
function stateOf(dir: string): Record<string, unknown> {
  const state = JSON.parse(readFileSync(join(dir, "terraform.tfstate"), "utf8")) as {
    resources: { type: string; instances: { attributes: Record<string, unknown> }[] }[];
  };
  return state.resources.find(({ type }) => type === "daytona_registry")!.instances[0]!.attributes;
}

test("a registry from create to destroy: no drift by what the API rewrites, every change in place", async () => {
  const here = project(registry());
  const first = ok(await here.apply());
  expect(first.changes).toEqual([`create ${address}`]);
  const [row] = api().control.registries();
  expect(row).toMatchObject({ name: "images", url: "docker.io", username: "robot", project: "", password: PLANTED });
  expect(stateOf(here.dir)).toMatchObject({
    id: row!.id,
    url: "https://index.docker.io/v1/",
    project: null,
    registry_type: "organization",
  });
  expect(ok(await here.plan()).changes).toEqual([]);

  expect(ok(await here.program(registry({ username: '"robot-2"', project: '"team"' })).apply()).changes).toEqual([
    `update ${address}`,
  ]);
  expect(api().control.registries()).toMatchObject([
    { id: row!.id, username: "robot-2", project: "team", password: PLANTED },
  ]);
  expect(ok(await here.plan()).changes).toEqual([]);
  expect(
    ok(
      await here
        .program(registry({ username: '"robot-2"', url: '"docker.io"', password: '"planted-pull-token-2"' }))
        .apply(),
    ).changes,
  ).toEqual([`update ${address}`]);
  expect(api().control.registries()).toMatchObject([
    { url: "docker.io", project: "", password: "planted-pull-token-2" },
  ]);
  expect(ok(await here.plan()).changes).toEqual([]);

  ok(await here.destroy());
  expect(api().control.registries()).toEqual([]);
});

test("what somebody changed or deleted elsewhere is drift", async () => {
  const here = project(registry());
  ok(await here.apply());
  const { id } = api().control.registries()[0]!;
  const change = (method: string, body?: unknown): Promise<Response> =>
    fetch(`${api().apiUrl}/docker-registry/${id}`, {
      method,
      headers: { authorization: `Bearer ${api().apiKey}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  await change("PATCH", { name: "images", url: "ghcr.io", username: "somebody", password: "theirs" });
  expect(ok(await here.plan(), 2).changes).toEqual([`update ${address}`]);
  ok(await here.apply());
  // The password was changed, too, which nobody can see.
  expect(api().control.registries()).toMatchObject([{ url: "docker.io", username: "robot", password: "theirs" }]);
  await change("DELETE");
  const plan = ok(await here.plan(), 2);
  expect(plan.changes).toEqual([`create ${address}`]);
  expect(plan.warnings).toMatchObject([
    {
      summary: 'Registry "images" no longer exists',
      detail: `Registry ${id} was deleted outside of Terraform. This apply, or the next one, recreates it.`,
    },
  ]);
});

test("a write-only password is in no state, no plan and no file, and another version sends it again", async () => {
  const secret = (token: string, version: number): string =>
    registry({ password: null, password_wo: `"${token}"`, password_wo_version: String(version) });
  const here = project(secret(PLANTED, 1));
  ok(await here.run(["plan", "-input=false", "-out=saved.plan"]));
  const shown = await here.run(["show", "-json", "saved.plan"]);
  // The configuration of a plan has what is written as text: a variable would not stand there.
  expect(JSON.stringify((JSON.parse(shown.stdout) as { resource_changes: unknown }).resource_changes)).not.toContain(
    PLANTED,
  );
  ok(await here.apply());
  expect(api().control.registries()).toMatchObject([{ password: PLANTED }]);
  expect(stateOf(here.dir)).toMatchObject({ password: null, password_wo: null, password_wo_version: 1 });
  expect(ok(await here.program(secret("planted-pull-token-2", 1)).plan()).changes).toEqual([]);
  expect(ok(await here.program(secret("planted-pull-token-2", 2)).apply()).changes).toEqual([`update ${address}`]);
  expect(api().control.registries()).toMatchObject([{ password: "planted-pull-token-2" }]);
  for (const name of readdirSync(here.dir).filter((file) => file.startsWith("terraform.tfstate")))
    expect(here.read(name)).not.toContain("planted-pull-token");
});

test("an import by name and by UUID; two of one name need the UUID", async () => {
  const here = project(registry());
  ok(await here.apply());
  const { id } = api().control.registries()[0]!;
  for (const asked of ["images", id]) {
    const other = project(registry());
    ok(await other.run(["import", "-input=false", address, asked]));
    expect(stateOf(other.dir)).toMatchObject({ id, url: "docker.io", password: null });
    // Only the password is not known yet; another spelling of the address is none of the changes.
    expect(ok(await other.apply()).changes).toEqual([`update ${address}`]);
    expect(ok(await other.plan()).changes).toEqual([]);
  }
  ok(await project(registry()).apply());
  const ambiguous = await project(`import {\n  to = ${address}\n  id = "images"\n}\n${registry()}`).plan();
  expect(ambiguous.errors).toMatchObject([{ summary: 'Importing registry "images": several have this name' }]);
  expect(ambiguous.errors[0]!.detail).toContain(id);
});

test("mistakes are told at plan time, at the attribute, without the password", async () => {
  const wrong = await project(registry({ url: '"https://hub.docker.com"', password_wo: `"${PLANTED}"` })).plan();
  expect(wrong.errors.map(({ summary, detail, snippet }) => ({ summary, detail, code: snippet?.code.trim() }))).toEqual(
    [
      {
        summary: "Invalid registry URL",
        detail: "The address of Docker Hub is `docker.io`.",
        code: 'url = "https://hub.docker.com"',
      },
      {
        summary: "More than one password",
        detail: "Set `password` or `password_wo`, not both.",
        code: `password_wo = "${PLANTED}"`,
      },
    ],
  );
  const output = await project(
    `${registry()}\nresource "daytona_registry" "other" {\n  name = "x"\n  url = "ghcr.io"\n  username = "r"\n  id = "mine"\n}\n`,
  ).plan();
  expect(output.errors.map(({ summary }) => summary).sort()).toEqual(["Missing password", "Read-only attribute"]);
});

test("a failed request names the permission, and neither log nor error has the password", async () => {
  const log = await project(registry(), {
    env: { DAYTONA_API_KEY: api().control.addKey("reader", []), TF_LOG: "trace" },
  }).apply();
  expect(log.errors).toMatchObject([{ summary: 'Creating registry "images": permission denied' }]);
  expect(log.errors[0]!.detail).toContain("requires the `write:registries` permission");
  const ours = `${log.stdout}\n${log.stderr}`
    .split("\n")
    .filter((line) => line.includes("provider.terraform-provider-daytona") || line.includes('@module":"daytona'));
  expect(ours.join("\n")).not.toContain(PLANTED);
});

test("the data source lists all registries, newest first, without passwords", async () => {
  ok(await project(registry()).apply());
  ok(await project(registry({ name: '"second"', url: '"ghcr.io"' })).apply());
  const here = project(
    'data "daytona_registries" "all" {}\noutput "all" {\n  value = data.daytona_registries.all\n}\n',
  );
  ok(await here.apply());
  const { all } = JSON.parse((await here.run(["output", "-json"])).stdout) as {
    all: { value: { ids: string[]; registries: Record<string, unknown>[] } };
  };
  const rows = api().control.registries();
  expect(all.value.ids).toEqual(rows.map(({ id }) => id));
  expect(all.value.registries.map(({ name, url }) => ({ name, url }))).toEqual([
    { name: "second", url: "ghcr.io" },
    { name: "images", url: "docker.io" },
  ]);
  expect(JSON.stringify(all.value)).not.toContain("planted");
});
