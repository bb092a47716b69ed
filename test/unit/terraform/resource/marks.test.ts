import { marksFromPrivate, privateWithMarks } from "../../../../provider/terraform/resource/marks";

test("marks come back from private state, and nothing else of it is taken for one", () => {
  expect(marksFromPrivate({ imported: true, removing: "yes", other: 1 })).toEqual({ imported: true });
  expect(marksFromPrivate(privateWithMarks({}, { successor: true }))).toEqual({ successor: true });
});

test("a mark that no longer holds is taken out, what another release keeps there stays", () => {
  expect(privateWithMarks({ imported: true, theirs: { a: 1 } }, {})).toEqual({ theirs: { a: 1 } });
});
