import { writeFileSync } from "node:fs";
import { DAY, found, here, names, NOW, old, run, stateOf, UUIDS, write } from "./organization";
import { raw, resource } from "../../fleet/states";

test.each<[string, string, string]>([
  [
    "Terraform's",
    '{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{},"resources":[]}',
    "It contains no resources.",
  ],
  [
    "one of other resources",
    JSON.stringify({
      version: 4,
      terraform_version: "1.11.4",
      resources: [
        {
          mode: "managed",
          type: "aws_instance",
          name: "a",
          provider: 'provider["a/b/aws"]',
          instances: [{ attributes: {} }, { attributes: {} }],
        },
        { mode: "data", type: "aws_ami", name: "a", provider: 'provider["a/b/aws"]', instances: [{ attributes: {} }] },
      ],
    }),
    "It contains 3 other resources: 2 aws_instance, 1 data.aws_ami.",
  ],
  [
    "Pulumi's",
    JSON.stringify({
      version: 3,
      deployment: { resources: [{ urn: "urn:pulumi:dev::p::pulumi:pulumi:Stack::p", type: "pulumi:pulumi:Stack" }] },
    }),
    "It contains 1 other resource: 1 pulumi:pulumi:Stack.",
  ],
])("a state without any snapshot does not do for --delete: %s", async (_what, content, holds) => {
  old("unused");
  writeFileSync("empty.json", content);
  const ran = await run(["--state", "empty.json", "--delete", "--yes"]);
  expect(ran).toEqual({
    code: 1,
    out: "",
    err: `Error: pruning snapshots: the state empty.json contains no snapshots\n  ${holds} Is it the right state, from the right workspace or stack? If it is, remove it from the command. If there is no state to keep, confirm that with --no-state.\n  Nothing was deleted.\n`,
  });
  expect(await run(["--state", stateOf(["x", "y"]), "--state", "empty.json", "--delete", "--yes"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("the state empty.json contains no snapshots") as string,
  });
  expect(names()).toEqual(["unused"]);
  expect(await run(["--state", "empty.json"])).toMatchObject({
    code: 0,
    err: expect.stringContaining(`Note: the state empty.json contains no snapshots. ${holds}`) as string,
  });
  expect(await run(["--state", "empty.json", "--no-state", "--delete", "--yes"])).toMatchObject({ code: 0 });
  expect(names()).toEqual([]);
});

test("an empty state is a note where nothing is deleted, and says what --delete would ask for", async () => {
  old("unused");
  const state = write("empty.json", raw());
  const note = "Note: the state empty.json contains no snapshots. It contains no resources.";
  const { code, err } = await run(["--state", state]);
  expect(code).toBe(0);
  expect(err.split("\n")[0]).toBe(
    `${note} Nothing is kept because of it. With --delete, this is an error unless --no-state confirms it.`,
  );
  expect((await run(["--state", state, "--no-state"])).err.split("\n")[0]).toBe(note);
  const confirmed = await run(["--state", state, "--no-state", "--delete", "--yes", ...NOW]);
  expect([confirmed.code, confirmed.err.split("\n")[0]]).toEqual([0, note]);
  expect(names()).toEqual([]);
});

test("--no-state beside --state takes nothing from the state, in whichever order they are", async () => {
  const state = stateOf([old("managed"), "managed"]);
  for (const args of [
    ["--state", state, "--no-state"],
    ["--no-state", "--state", state],
  ])
    expect(await run([...args, "--delete", "--yes", ...NOW])).toMatchObject({ code: 0 });
  expect(names()).toEqual(["managed"]);
});

test("a state of another organization is refused; one that is of several counts", async () => {
  old("unused");
  const of = (...organizations: string[]): string =>
    write(
      "org.json",
      raw(
        resource(
          {},
          {
            instances: organizations.map((organization_id, at) => ({
              index_key: at,
              attributes: { id: `x${at}`, name: `x${at}`, organization_id },
            })),
          },
        ),
      ),
    );
  const ran = await run(["--state", of("another"), "--delete", "--yes"]);
  expect(ran).toEqual({
    code: 1,
    out: "",
    err: `Error: pruning snapshots: the state org.json belongs to another organization\n  daytona_snapshot.label[0] belongs to organization another, but the credentials are for ${here.api.organizationId}. Use credentials of that organization, or another state.\n  Nothing was deleted.\n`,
  });
  expect((await run(["--state", of("another")])).code).toBe(1);
  expect(names()).toEqual(["unused"]);
  expect(found(await run(["--state", of("another", here.api.organizationId), "--format", "json"]))).toEqual({
    unused: "not used",
  });
  here.api.control.reset();
  expect(await run(["--state", of("another")])).toMatchObject({
    code: 1,
    err: expect.stringContaining("belongs to another organization") as string,
  });
});

test("where the API does not tell the organization, a state that has one is no proof", async () => {
  const state = write("org.json", raw(resource({ id: "x", name: "x", organization_id: "o" })));
  here.api.control.fault({
    path: "/object-storage/push-access",
    times: -1,
    action: "answer",
    status: 403,
    body: { statusCode: 403, message: "no" },
  });
  expect(await run(["--state", state])).toMatchObject({
    code: 1,
    err: expect.stringContaining("the state org.json may belong to another organization") as string,
  });
});

test.each<[string, unknown]>([
  [
    "a plan",
    {
      format_version: "1.2",
      planned_values: {},
      prior_state: {
        format_version: "1.0",
        values: {
          root_module: {
            resources: [
              {
                address: "daytona_snapshot.a",
                mode: "managed",
                type: "daytona_snapshot",
                name: "a",
                provider_name: "registry.terraform.io/daytona-iac/daytona",
                values: { id: UUIDS[0], name: "agent" },
              },
            ],
          },
        },
      },
    },
  ],
  [
    "OpenTofu's provider at the instance",
    {
      version: 4,
      terraform_version: "1.12.6",
      resources: [
        {
          mode: "managed",
          type: "daytona_snapshot",
          name: "a",
          instances: [
            {
              index_key: "x",
              provider: 'provider["registry.opentofu.org/daytona-iac/daytona"].org["prod"]',
              attributes: { id: UUIDS[0], name: "agent" },
            },
          ],
        },
      ],
    },
  ],
  [
    "a data source",
    {
      version: 4,
      terraform_version: "1.11.4",
      resources: [
        {
          mode: "data",
          type: "daytona_snapshot",
          name: "a",
          provider: 'provider["registry.terraform.io/daytona-iac/daytona"]',
          instances: [{ attributes: { id: UUIDS[0], name: "agent" } }],
        },
      ],
    },
  ],
  [
    "Pulumi's bridge",
    {
      version: 4,
      features: ["taint"],
      deployment: {
        resources: [
          {
            urn: "urn:pulumi:dev::p::daytona:index/snapshot:Snapshot::a",
            type: "daytona:index/snapshot:Snapshot",
            custom: true,
            id: UUIDS[0],
            outputs: { name: "agent" },
          },
        ],
      },
    },
  ],
])("what %s has is kept, and the rest deleted", async (_what, state) => {
  here.api.control.insert({ id: UUIDS[0], name: "renamed", createdAt: Date.now() - 100 * DAY });
  old("agent");
  old("agent--next-01234567");
  old("stray");
  expect(await run(["--state", write("s.json", state), "--delete", "--yes", ...NOW])).toMatchObject({ code: 0 });
  expect(names()).toEqual(["agent", "renamed"]);
});

test("a name that a state encrypts stops it", async () => {
  old("agent");
  const state = write("s.json", {
    version: 3,
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:dev::p::daytona:index:Snapshot::a",
          type: "daytona:index:Snapshot",
          custom: true,
          id: UUIDS[1],
          outputs: {
            name: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" },
          },
        },
      ],
    },
  });
  expect(await run(["--state", state, "--delete", "--yes"])).toEqual({
    code: 1,
    out: "",
    err: "Error: pruning snapshots: the state s.json hides which snapshot a is\n  It has its name encrypted. Export the stack with its secrets: `pulumi stack export --show-secrets`.\n  Nothing was deleted.\n",
  });
  expect(names()).toEqual(["agent"]);
});
