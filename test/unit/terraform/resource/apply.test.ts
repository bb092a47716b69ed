import { UNKNOWN } from "../../../../provider/kit/unknown";
import { applyResource } from "../../../../provider/terraform/resource/apply";
import { toTerraform } from "../../../../provider/terraform/resource/convert";
import type { Planned, SnapshotRecord } from "../../../../provider/resources/snapshot/record";
import type { TfObject } from "../../../../provider/terraform/types";
import { call, loggingCall, outcome, sessionWith } from "./fakes";
import { record } from "./records";

const planned = (changes: Partial<Planned> = {}): TfObject =>
  toTerraform({
    ...record({}),
    id: UNKNOWN,
    state: UNKNOWN,
    ref: UNKNOWN,
    size: UNKNOWN,
    createdAt: UNKNOWN,
    ...changes,
  } as Planned);
const creating = { prior: null, config: {}, private: { theirs: 1 }, identity: null };

test("a created snapshot's state, identity and marks", async () => {
  const session = sessionWith({
    create: () =>
      Promise.resolve(outcome({ record: record({}), marks: {}, warnings: [{ summary: "a tag moved", detail: "" }] })),
  });
  const answer = await applyResource(session, { ...creating, planned: planned() }, call);
  expect(answer).toEqual({
    state: toTerraform(record({})),
    private: { theirs: 1 },
    identity: { name: "agent", organization_id: "org-1" },
    diagnostics: [{ severity: "warning", summary: "A tag moved", detail: "" }],
  });
});

test("a failed create keeps its record beside the error, whatever it is like", async () => {
  const failed = record({ state: "error", cpu: 7, errorReason: "no such image" });
  const session = sessionWith({
    create: () =>
      Promise.resolve(
        outcome({ record: failed, error: { summary: "creating", detail: "d", attribute: ["dockerfileContent"] } }),
      ),
  });
  const answer = await applyResource(session, { ...creating, planned: planned() }, call);
  expect(answer.state).toMatchObject({ state: "error", cpu: 7 });
  expect(answer.diagnostics).toEqual([
    { severity: "error", summary: "Creating", detail: "d", path: ["dockerfile_content"] },
  ]);
});

test("an interrupted create is a warning, so that Terraform does not taint, and its state is as planned", async () => {
  const session = sessionWith({
    create: () =>
      Promise.resolve(
        outcome({
          record: record({ state: "pulling", region: null }),
          interrupted: true,
          warnings: [{ summary: "interrupted", detail: "" }],
        }),
      ),
  });
  const answer = await applyResource(session, { ...creating, planned: planned() }, call);
  expect(answer.diagnostics.map((item) => item.severity)).toEqual(["warning"]);
  expect(answer.state).toMatchObject({ state: "pulling", region: "us" });
});

test.each([
  ["a create of which nothing is known", { planned: planned(), prior: null }, null],
  ["an update", { planned: planned({ cpu: 4 }), prior: toTerraform(record({})) }, record({})],
  ["a delete", { planned: null, prior: toTerraform(record({})) }, record({})],
])("%s that is interrupted is an error", async (_what, args, left) => {
  const interrupted = () =>
    Promise.resolve(
      outcome({
        record: left as SnapshotRecord | null,
        interrupted: true,
        warnings: [{ summary: "interrupted", detail: "" }],
      }),
    );
  const session = sessionWith({ create: interrupted, update: interrupted, delete: interrupted });
  const answer = await applyResource(session, { ...creating, ...args }, call);
  expect(answer.diagnostics).toEqual([{ severity: "error", summary: "Interrupted", detail: "" }]);
  expect(answer.state).toEqual(left === null ? null : toTerraform(left));
});

test("a value that the API changed is an error of ours, with what was planned and what came", async () => {
  const session = sessionWith({ create: () => Promise.resolve(outcome({ record: record({ cpu: 1 }) })) });
  const answer = await applyResource(session, { ...creating, planned: planned({ cpu: 2 }) }, call);
  expect(answer.diagnostics[0]).toMatchObject({
    severity: "error",
    summary: 'Snapshot "agent" differs from the plan',
    path: ["cpu"],
  });
  expect(answer.diagnostics[0]?.detail).toContain("cpu: planned 2, got 1");
});

test("a snapshot made again by an update that planned to keep it is taken as it is; another input never is", async () => {
  const prior = toTerraform(record({ state: "inactive", active: false }));
  const args = {
    prior,
    planned: toTerraform({ ...record({}), state: UNKNOWN } as Planned),
    config: {},
    private: {},
    identity: null,
  };
  const anew = { id: "11111111-1111-4111-8111-111111111111", createdAt: "2026-02-02T00:00:00.000Z" };
  const update = (changes: Partial<SnapshotRecord>) =>
    applyResource(sessionWith({ update: () => Promise.resolve(outcome({ record: record(changes) })) }), args, call);
  expect(await update(anew)).toMatchObject({ unlikePlan: true, diagnostics: [], state: { id: anew.id } });
  expect(await update({})).not.toHaveProperty("unlikePlan");
  expect((await update({ ...anew, cpu: 64 })).diagnostics).toHaveLength(1);
  expect((await update({ createdAt: anew.createdAt })).diagnostics).toHaveLength(1);
});

test("a generated name is the prefix and 26 characters, the same in request and state", async () => {
  let asked: Planned | undefined;
  const session = sessionWith({
    create: (plan) => {
      asked = plan;
      return Promise.resolve(outcome({ record: record({ name: plan.name as string, namePrefix: "web-" }) }));
    },
  });
  const answer = await applyResource(
    session,
    { ...creating, planned: planned({ name: UNKNOWN, namePrefix: "web-" }) },
    call,
  );
  expect(asked?.name).toMatch(/^web-[0-9a-z]{26}$/);
  expect(answer.state?.["name"]).toBe(asked?.name);
  expect(answer.diagnostics).toEqual([]);
});

test("marks go in and out by private state; the log is Terraform's", async () => {
  const log = loggingCall();
  let seen: unknown;
  const session = sessionWith({
    update: (_prior, marks, _planned, context) => {
      seen = marks;
      context.log.progress("pulling, 12 s");
      context.log.buildLine("#1 RUN");
      context.log.debug("GET");
      return Promise.resolve(outcome({ record: record({}), marks: { successor: true } }));
    },
  });
  const answer = await applyResource(
    session,
    { ...creating, private: { imported: true }, prior: toTerraform(record({})), planned: toTerraform(record({})) },
    log,
  );
  expect(seen).toEqual({ imported: true });
  expect(answer.private).toEqual({ successor: true });
  expect(log.lines).toEqual([
    ["info", "pulling, 12 s"],
    ["info", "#1 RUN"],
    ["debug", "GET"],
  ]);
  // Lines of ten resources at a time come mixed.
  expect(log.fields).toEqual([{ snapshot: "agent" }, { snapshot: "agent", source: "build" }, { snapshot: "agent" }]);
});

test("a deleted snapshot leaves nothing", async () => {
  const session = sessionWith({ delete: () => Promise.resolve(outcome({})) });
  expect(await applyResource(session, { ...creating, prior: toTerraform(record({})), planned: null }, call)).toEqual({
    state: null,
    private: {},
    identity: null,
    diagnostics: [],
  });
});
