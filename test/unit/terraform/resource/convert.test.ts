import fc from "fast-check";
import {
  pathToTerraform,
  plannedFromTerraform,
  recordFromTerraform,
  stateFromRaw,
  toTerraform,
  writtenFromTerraform,
} from "../../../../provider/terraform/resource/convert";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import type { TfObject } from "../../../../provider/terraform/types";
import { record } from "./records";

test("a record survives the way to Terraform and back", () => {
  const original = record({
    gpuTypes: ["H100"],
    triggers: { someKey: "1" },
    timeouts: { create: "45m", update: null, delete: null },
    regionIds: ["eu", "us"],
  });
  expect(recordFromTerraform(toTerraform(original))).toEqual(original);
});

test("attributes are spelled as Terraform does, map keys as the user does", () => {
  const state = toTerraform(record({ dockerfileContent: "FROM a:1", image: null, triggers: { aB: "1" } }));
  expect(state["dockerfile_content"]).toBe("FROM a:1");
  expect(state["triggers"]).toEqual({ aB: "1" });
  expect(Object.keys(state).filter((name) => /[A-Z]/.test(name))).toEqual([]);
});

test("a set is written sorted and without doubles", () => {
  expect(toTerraform(record({ regionIds: ["us", "eu", "us"] }))["region_ids"]).toEqual(["eu", "us"]);
});

test("unknowns stay unknown in a configuration and a plan, and are null in a record", () => {
  const values: TfObject = {
    image: UNKNOWN,
    entrypoint: ["a", UNKNOWN],
    timeouts: { create: UNKNOWN, update: "1m", delete: null },
  };
  expect(writtenFromTerraform(values)).toMatchObject({
    image: UNKNOWN,
    entrypoint: ["a", UNKNOWN],
    timeouts: { create: UNKNOWN, update: "1m", delete: null },
    cpu: null,
  });
  expect(plannedFromTerraform({ ...values, id: UNKNOWN }).id).toBe(UNKNOWN);
  expect(recordFromTerraform(values)).toMatchObject({ image: null, entrypoint: ["a", null] });
});

test("a state of another release: what is unknown here is dropped, what is missing or of another type is null", () => {
  const state = stateFromRaw({
    id: "1",
    name: 7,
    new_thing: true,
    cpu: 2,
    triggers: { a: "b" },
    timeouts: { create: "5m", read: "1m" },
    region_ids: ["eu"],
  });
  expect(state).toMatchObject({
    id: "1",
    name: null,
    cpu: 2,
    triggers: { a: "b" },
    timeouts: { create: "5m", update: null, delete: null },
    region_ids: ["eu"],
    size: null,
  });
  expect(state).not.toHaveProperty("new_thing");
});

test("no raw state makes the reading of a state fail", () => {
  const raw = fc.dictionary(
    fc.constantFrom("id", "name", "cpu", "triggers", "timeouts", "region_ids", "entrypoint", "active", "x"),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(
      raw,
      (value) => Object.keys(stateFromRaw(value as TfObject)).length === Object.keys(toTerraform(record({}))).length,
    ),
  );
});

test.each([
  [["adoptExisting"], ["adopt_existing"]],
  [
    ["timeouts", "create"],
    ["timeouts", "create"],
  ],
  [
    ["triggers", "keepMe"],
    ["triggers", "keepMe"],
  ],
  [
    ["entrypoint", 1],
    ["entrypoint", 1],
  ],
])("the path %j reads %j", (path, expected) => {
  expect(pathToTerraform(path)).toEqual(expected);
});
