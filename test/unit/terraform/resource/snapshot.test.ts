import { UNKNOWN } from "../../../../provider/kit/unknown";
import { toTerraform } from "../../../../provider/terraform/resource/convert";
import { snapshotResource } from "../../../../provider/terraform/resource/snapshot";
import { Session } from "../../../../provider/terraform/session";
import type { TfSchema } from "../../../../provider/terraform/types";
import type { SnapshotLifecycle } from "../../../../provider/lifecycle/contract";
import { createSourceReader } from "../../../../provider/source/source-reader";
import { call, outcome, sessionWith } from "./fakes";
import { record } from "./records";

const schema: TfSchema = { version: 0, description: "", attributes: [] };
const over = (lifecycle: Partial<SnapshotLifecycle>) =>
  snapshotResource(sessionWith(lifecycle), schema, createSourceReader());
const state = toTerraform(record({}));
const held = { state, private: { theirs: 1 }, identity: { name: "agent", organization_id: "org-1" } };

test("a refresh of an untouched snapshot changes nothing", async () => {
  const answer = await over({ read: (found, marks) => Promise.resolve(outcome({ record: found, marks })) }).read(
    held,
    call,
  );
  expect(answer).toEqual({ ...held, diagnostics: [] });
});

test("a snapshot that is gone leaves the state, with a warning that says so", async () => {
  const warnings = [{ summary: 'reading snapshot "agent": it is gone', detail: "d" }];
  const answer = await over({ read: () => Promise.resolve(outcome({ warnings })) }).read(held, call);
  expect(answer.state).toBeNull();
  expect(answer.diagnostics).toEqual([
    { severity: "warning", summary: 'Reading snapshot "agent": it is gone', detail: "d" },
  ]);
});

test("a snapshot that is gone without a word of the core is told all the same", async () => {
  const answer = await over({ read: () => Promise.resolve(outcome({})) }).read(held, call);
  expect(answer.diagnostics).toEqual([
    {
      severity: "warning",
      summary: 'Snapshot "agent" no longer exists',
      detail: expect.stringContaining(record({}).id),
    },
  ]);
});

test("an error of a refresh keeps the state, even where the outcome has none", async () => {
  const answer = await over({
    read: () => Promise.resolve(outcome({ error: { summary: "reading", detail: "d" } })),
  }).read(held, call);
  expect(answer.state).toBe(state);
  expect(answer.diagnostics).toHaveLength(1);
});

test("a refresh while the API key is not known yet says which argument is missing", async () => {
  const session = new Session(() => {
    throw new Error("not to be called");
  });
  session.configure({ api_key: UNKNOWN }, "1.11.4", call);
  const answer = await snapshotResource(session, schema, createSourceReader()).read(held, call);
  expect(answer.state).toBe(state);
  expect(answer.diagnostics).toEqual([
    {
      severity: "error",
      summary: 'Reading snapshot "agent": the provider\'s `api_key` is not known yet',
      detail: expect.stringContaining("terraform apply -target=ADDRESS"),
    },
  ]);
});

test("an import by id or name, and by identity", async () => {
  const asked: string[] = [];
  const resource = over({
    import: (id) => {
      asked.push(id);
      return Promise.resolve(outcome({ record: record({}), marks: { imported: true } }));
    },
  });
  const byName = await resource.import({ id: "agent", identity: null }, call);
  const byIdentity = await resource.import({ id: null, identity: { name: "agent", organization_id: "org-1" } }, call);
  expect(asked).toEqual(["agent", "agent"]);
  expect(byName).toEqual(byIdentity);
  expect(byName.imported).toEqual([
    { state, private: { imported: true }, identity: { name: "agent", organization_id: "org-1" } },
  ]);
});

test("an identity of another organization is not imported", async () => {
  const resource = over({ import: () => Promise.resolve(outcome({ record: record({}) })) });
  const answer = await resource.import({ id: null, identity: { name: "agent", organization_id: "org-2" } }, call);
  expect(answer.imported).toEqual([]);
  expect(answer.diagnostics[0]?.detail).toBe(
    "The identity names organization org-2, but the provider's credentials are for org-1.",
  );
});

test("an empty import is refused without a request", async () => {
  const answer = await over({}).import({ id: " ", identity: null }, call);
  expect(answer.diagnostics[0]?.summary).toBe("Missing snapshot to import");
});

test("a moved snapshot is filled by the refresh as an import would, and stays imported", async () => {
  const resource = over({
    import: (id) => Promise.resolve(outcome({ record: record({ id }), marks: { imported: true } })),
  });
  const moved = await resource.move?.(
    {
      sourceProvider: "registry.terraform.io/536tech/daytona",
      sourceType: "daytona_snapshot",
      sourceVersion: 0,
      raw: { id: "u-9", name: "agent" },
    },
    call,
  );
  expect(moved?.private).toEqual({ imported: true, moved: true });
  const answer = await resource.read({ state: moved!.state, private: moved!.private, identity: null }, call);
  expect(answer.state).toEqual(toTerraform(record({ id: "u-9" })));
  expect(answer.private).toEqual({ imported: true });
});

test("an imported build has no entrypoint of its own: written out beside the Dockerfile it would be refused", async () => {
  const built = record({ image: null, dockerfileContent: "FROM a:1", entrypoint: ["sleep", "infinity"] });
  const resource = over({ import: () => Promise.resolve(outcome({ record: built })) });
  expect((await resource.import({ id: "agent", identity: null }, call)).imported[0]?.state).toMatchObject({
    dockerfile_content: "FROM a:1",
    entrypoint: null,
  });
  const pulled = over({ import: () => Promise.resolve(outcome({ record: record({ entrypoint: ["sh"] }) })) });
  expect((await pulled.import({ id: "agent", identity: null }, call)).imported[0]?.state).toMatchObject({
    entrypoint: ["sh"],
  });
});
