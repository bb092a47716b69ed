import { UNKNOWN } from "../../../../provider/kit/unknown";
import { toTerraform } from "../../../../provider/terraform/resource/convert";
import { asConfigured, planResource } from "../../../../provider/terraform/resource/plan";
import { Session } from "../../../../provider/terraform/session";
import type { TfObject } from "../../../../provider/terraform/types";
import { createSourceReader } from "../../../../provider/source/source-reader";
import { call, sessionWith } from "./fakes";
import { record } from "./records";

const sources = createSourceReader();
const config = (values: TfObject): TfObject => ({ name: "agent", image: "ubuntu:24.04", ...values });

test("what is written is planned as written, or stays as it was", () => {
  const prior = { dockerfile_content: "FROM a:1\n", cpu: 1 };
  expect(
    asConfigured({ dockerfile_content: "FROM b:1\n", cpu: 2 }, { dockerfile_content: "FROM b:1\r\n", cpu: 2 }, prior),
  ).toMatchObject({ dockerfile_content: "FROM b:1\r\n", cpu: 2 });
  expect(
    asConfigured({ dockerfile_content: "FROM a:1\n" }, { dockerfile_content: "FROM a:1\r\n" }, prior),
  ).toMatchObject({ dockerfile_content: "FROM a:1\n" });
  expect(asConfigured({ triggers: { a: "1" } }, { triggers: null }, prior)).toMatchObject({ triggers: null });
  expect(asConfigured({ image: "a:1" }, { image: UNKNOWN }, null)).toMatchObject({ image: UNKNOWN });
});

test("a new snapshot: what the API decides is unknown, what is written is not", async () => {
  const answer = await planResource(
    sessionWith({}),
    sources,
    { prior: null, proposed: {}, config: config({ cpu: 2 }), private: {}, identity: null },
    call,
  );
  expect(answer.planned).toMatchObject({
    name: "agent",
    image: "ubuntu:24.04",
    cpu: 2,
    id: UNKNOWN,
    state: UNKNOWN,
    active: true,
    replacement: "swap",
  });
  expect(answer).toMatchObject({ requiresReplace: [], identity: null, diagnostics: [] });
});

test("nothing changed: the plan is the state, and the identity stays", async () => {
  const prior = toTerraform(record({ sourceHash: null, pinDigest: false, trackTag: false }));
  const answer = await planResource(
    sessionWith({}),
    sources,
    { prior, proposed: prior, config: config({}), private: { x: 1 }, identity: null },
    call,
  );
  expect(answer.planned).toEqual(prior);
  expect(answer.private).toEqual({ x: 1 });
  expect(answer.identity).toEqual({ name: "agent", organization_id: "org-1" });
});

test("a change of name is a replacement by that path; a swap is a warning at what changed, with the id that will go", async () => {
  const prior = toTerraform(record({}));
  const renamed = await planResource(
    sessionWith({}),
    sources,
    { prior, proposed: prior, config: config({ name: "other" }), private: {}, identity: null },
    call,
  );
  expect(renamed.requiresReplace).toEqual([["name"]]);
  const swapped = await planResource(
    sessionWith({}),
    sources,
    { prior, proposed: prior, config: config({ cpu: 2 }), private: {}, identity: null },
    call,
  );
  expect(swapped.requiresReplace).toEqual([]);
  expect(swapped.identity).toEqual({ name: "agent", organization_id: "org-1" });
  expect(swapped.planned).toMatchObject({ id: UNKNOWN, name: "agent", cpu: 2, memory: 1 });
  expect(swapped.diagnostics).toHaveLength(1);
  expect(swapped.diagnostics[0]).toMatchObject({ severity: "warning" });
});

test("a provider region that is not known yet leaves the region unknown, and needs no request", async () => {
  const session = new Session(() => {
    throw new Error("not to be called");
  });
  session.configure({ api_key: UNKNOWN, region: UNKNOWN }, "1.11.4", call);
  const answer = await planResource(
    session,
    sources,
    { prior: null, proposed: {}, config: config({}), private: {}, identity: null },
    call,
  );
  expect(answer.planned["region"]).toBe(UNKNOWN);
});
