import type { CreateSnapshotBody, SnapshotDto } from "../../../../provider/api/types";
import { snapshotTable } from "../../../../provider/resources/snapshot";
import type { OwnRule } from "../../../../provider/resources/snapshot/attributes";
import type {
  AnyInput,
  AnyTable,
  InputRow,
  ResourceTable,
} from "../../../../provider/resources/snapshot/attributes/rows";
import { differRows } from "../../../../provider/resources/snapshot/table/differ";
import { refreshedInputs } from "../../../../provider/resources/snapshot/table/observe";
import { problemsOf } from "./rows";

const inputs: readonly AnyInput[] = snapshotTable.inputs;
const made = inputs.filter(({ change }) => change === "content" || change === "source");

/** What a newer API would have, under a name that no API will use. */
interface Added {
  invented?: string[] | null;
}
type Row = InputRow<SnapshotDto & Added, CreateSnapshotBody & Added, OwnRule>;

const shape = { name: "invented", type: "string-list", set: "optional", doc: "Invented." } as const;
const whole = {
  ...shape,
  change: "content",
  sent: "invented",
  read: "invented",
} as const satisfies Row;

function withRow(row: AnyInput): AnyTable {
  return { ...snapshotTable, inputs: [...inputs, row] };
}

test.each(made.map((row) => [row.name, row] as const))(
  "%s is sent, planned, compared, refreshed and imported",
  (_, row) => {
    expect(problemsOf(row)).toEqual([]);
  },
);

test("one row is all that an attribute needs", () => {
  const table = { ...snapshotTable, inputs: [...snapshotTable.inputs, whole] } as const satisfies ResourceTable<
    SnapshotDto & Added,
    CreateSnapshotBody & Added,
    OwnRule
  >;
  expect(problemsOf(whole, table)).toEqual([]);
  for (const type of ["string-map", "string-set"] as const)
    expect(problemsOf({ ...whole, type }, withRow({ ...whole, type }))).toEqual([]);
});

test("a row without its API side is found", () => {
  // @ts-expect-error -- neither sent nor read, and no rule
  const none: Row = { ...shape, change: "content" };
  // @ts-expect-error -- it is not said whether the API answers it
  const sent: Row = { ...shape, change: "content", sent: "invented" };
  // @ts-expect-error -- it is never sent
  const read: Row = { ...shape, change: "content", read: "invented" };
  // @ts-expect-error -- the API has no such field
  const unknown: Row = { ...shape, change: "content", sent: "Invented", read: "invented" };
  // @ts-expect-error -- there is no such rule
  const ruled: Row = { ...shape, change: "content", own: "invention" };
  const problems = (row: Row): string[] => problemsOf(row as AnyInput, withRow(row as AnyInput));

  const unread = [
    "differences do not name it",
    "a refresh does not bring it back",
    "an import does not fill it",
    "a program that says the same plans something after an import",
  ];
  expect(problems(none)).toEqual(["it is not in the body of the POST", ...unread]);
  expect(problems(sent)).toEqual(unread);
  expect(problems(read)).toEqual(["it is not in the body of the POST", ...unread]);
  expect(problems(ruled)).toEqual(
    expect.arrayContaining([
      "it is not in the body of the POST",
      "a change plans none",
      'with "recreate", a change plans none',
      "an unknown value plans nothing",
    ]),
  );
  // Only the compiler knows the names of the API's fields.
  expect(unknown).toMatchObject({ sent: "Invented" });
});

test("what the API does not store is taken over after an import, and no later", () => {
  const row = { ...shape, change: "content", stored: false, sent: "invented" } as const satisfies Row;
  // Nothing tells that another snapshot differs in it.
  expect(problemsOf(row as AnyInput, withRow(row as AnyInput))).toEqual(["differences do not name it"]);
});

test("a list that the API answers as null is empty; any other null, and a field that is missing, says nothing", () => {
  const list = { ...whole } as AnyInput;
  const text = { ...whole, name: "sandboxClass", type: "string", read: "sandboxClass" } as AnyInput;
  const prior = { invented: ["a"], sandboxClass: "container" };
  expect(refreshedInputs([list, text], { invented: null, sandboxClass: null }, prior)).toEqual({
    invented: null,
    sandboxClass: "container",
  });
  expect(refreshedInputs([list, text], {}, prior)).toEqual(prior);
  // An empty list and none are the same: the spelling stays.
  expect(refreshedInputs([list], { invented: null }, { invented: [] })).toEqual({
    invented: [],
  });
  const differing = (dto: object): unknown[][] => {
    const found: unknown[][] = [];
    differRows([list, text], prior, dto, (...difference) => found.push(difference));
    return found;
  };
  expect(differing({ invented: null, sandboxClass: null })).toEqual([["invented", ["a"], []]]);
  expect(differing({})).toEqual([]);
});
