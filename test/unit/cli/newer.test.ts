import { writeFileSync } from "node:fs";
import type { Io } from "../../../provider/cli/io";
import { runPrune } from "../../../provider/cli/prune/command";
import { SnapshotService, TimeoutError } from "../../../provider";
import { attributes } from "../fleet/plan";
import { drift } from "./drift/run";
import { importInto } from "./import/run";
import { type Ran, runOn } from "./snapshot/run";
import { world } from "./world";

/** A server that is newer than this release: a state and a class that nobody here has heard of, and a field that nobody reads. */
const here = world({ cronSeconds: 0.02, pullSeconds: 0.05 });
const run = (...args: string[]): Promise<Ran> => runOn(here.api, args);

let id: string;
beforeEach(() => {
  id = here.api.control.insert({
    name: "agent",
    state: "levitating",
    sandboxClass: "quantum",
    createdAt: Date.now() - 100 * 86_400_000,
    lastUsedAt: Date.now() - 100 * 86_400_000,
  });
});
/** A snapshot that it has come to. */
const lands = (state = "active", ms = 400): void =>
  void setTimeout(() => here.api.control.setState("agent", state), ms).unref();

test("list and get show it as it is; an object has the new field as well", async () => {
  expect((await run("list")).out).toMatch(/^agent +levitating /m);
  expect((await run("list", "--state", "active")).out).not.toContain("agent");
  const shown = (await run("get", "agent")).out;
  expect(shown).toMatch(/^State +levitating$/m);
  expect(shown).toMatch(/^Sandbox class +quantum$/m);
  const body = { ...here.api.control.snapshot("agent"), altitude: { meters: 3 } };
  here.api.control.fault({ method: "GET", path: `/snapshots/${id}`, action: "answer", status: 200, body, times: -1 });
  const object = await run("get", id, "-o", "json");
  expect({ code: object.code, object: JSON.parse(object.out) as unknown }).toMatchObject({
    code: 0,
    object: { state: "levitating", altitude: { meters: 3 } },
  });
});

test.each([
  ["activate", "active"],
  ["deactivate", "inactive"],
])("%s takes it neither for done nor for failed: it waits for what comes", async (command, end) => {
  const late = await run(command, "agent", "--timeout", "1s");
  expect(late).toMatchObject({ code: 1, out: "" });
  expect(late.err).toContain("timed out after 1s; last state: `levitating`");
  lands();
  const { code, out } = await run(command, "agent");
  // On a busy machine, it has landed before it is looked at.
  expect({ code, out: out.replace("already ", "") }).toEqual({ code: 0, out: `Snapshot "agent" is ${end}.\n` });
});

test("create and replace meet a name that is taken, and take it neither for free nor for ready", async () => {
  const taken = await run("create", "agent", "-i", "debian:12");
  expect(taken.code).toBe(1);
  expect(taken.err).toContain(`Snapshot ${id} in this organization has the name (state \`levitating\``);
  for (const args of [
    ["create", "agent", "-i", "ubuntu:24.04", "--if-not-exists", "--timeout", "3s"],
    ["replace", "agent", "-i", "ubuntu:24.04", "--timeout", "3s"],
  ]) {
    const late = await run(...args);
    expect(late).toMatchObject({ code: 1, out: "" });
    expect(late.err).toContain("timed out after 3s");
  }
  lands();
  expect((await run("replace", "agent", "-i", "ubuntu:24.04")).out).toContain("already matched, and is now active");
  expect(here.api.control.snapshot("agent")).toMatchObject({ id, state: "active", sandboxClass: "quantum" });
}, 60_000);

test("delete deletes it", async () => {
  expect(await run("delete", "agent")).toMatchObject({ code: 0, out: 'Snapshot "agent" was deleted.\n' });
  expect(here.api.control.snapshots()).toEqual([]);
});

test("prune keeps it", async () => {
  let [out, err] = ["", ""];
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env: { DAYTONA_API_URL: here.api.apiUrl, DAYTONA_API_KEY: here.api.apiKey, HOME: "/nonexistent" },
  };
  expect(await runPrune(["--no-state", "--delete", "--yes", "--format", "json"], io)).toBe(0);
  expect((JSON.parse(out) as { candidates: unknown[] }).candidates).toEqual([]);
  expect(err).not.toContain("Error");
  expect(here.api.control.snapshots()).toHaveLength(1);
});

test("import leaves it out, and says why", async () => {
  const { code, err } = await importInto(here.api, ["--all", "--to", "terraform", "-q"]);
  expect(code).not.toBe(64);
  expect(err).toContain(
    'Skipped: "agent": it is levitating, a state that this release does not know. Import it when it is active.',
  );
  here.api.control.setState("agent", "active");
  const active = await importInto(here.api, ["agent", "--to", "terraform", "-q"]);
  expect(active).toMatchObject({ code: 0, out: expect.stringContaining('sandbox_class = "quantum"') as string });
});

test("drift names the state, and does not take it for gone or inactive", async () => {
  const dto = here.api.control.snapshot("agent")!;
  const known = attributes("agent", {
    id,
    image: dto.imageName,
    image_name: dto.imageName,
    cpu: dto.cpu,
    memory: dto.mem,
    disk: dto.disk,
    gpu: dto.gpu,
    size: dto.size,
    ref: dto.ref,
    sandbox_class: dto.sandboxClass,
    region: dto.regionIds![0],
    region_ids: dto.regionIds,
    organization_id: dto.organizationId,
    created_at: dto.createdAt,
  });
  writeFileSync(
    "state.json",
    JSON.stringify({
      version: 4,
      terraform_version: "1.11.4",
      serial: 1,
      resources: [
        {
          mode: "managed",
          type: "daytona_snapshot",
          name: "agent",
          provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
          instances: [{ attributes: known }],
        },
      ],
    }),
  );
  const { code, out, err } = await drift(here.api, ["--state", "state.json", "--format", "json"]);
  expect({ code, err }).toEqual({ code: 2, err: expect.not.stringContaining("Error") as string });
  expect((JSON.parse(out) as { snapshots: unknown[] }).snapshots).toMatchObject([
    {
      state: "levitating",
      drifted: true,
      happened: "changed",
      summary: "It is levitating, a state that this release does not know.",
      consequence: "Creating sandboxes from it may fail.",
      apply: "Keeps it as it is, unless the plan says otherwise.",
      driftChanges: [{ attribute: "state", from: "active", to: "levitating" }],
    },
  ]);
});

test("the library passes it on, and waits for what comes", async () => {
  const snapshots = new SnapshotService({ apiKey: here.api.apiKey, apiUrl: here.api.apiUrl });
  try {
    expect(await snapshots.get("agent")).toMatchObject({ state: "levitating" });
    expect((await snapshots.list()).items.map(({ name, state }) => [name, state])).toContainEqual([
      "agent",
      "levitating",
    ]);
    for (const method of ["activate", "deactivate"] as const)
      await expect(snapshots[method]("agent", { timeout: 1 })).rejects.toBeInstanceOf(TimeoutError);
    lands();
    expect(await snapshots.activate("agent")).toMatchObject({ id, state: "active" });
    here.api.control.setState("agent", "levitating");
    await snapshots.delete("agent");
    expect(here.api.control.snapshots()).toEqual([]);
  } finally {
    snapshots.close();
  }
});
