import { copiesWithoutFiles } from "../../../../provider/source/dockerfile";

const found = (instruction: string, sent: string[] = [], head = "FROM a:1"): string[] =>
  copiesWithoutFiles(`${head}\n${instruction}\n`, new Set(sent)).empty.map(({ text }) => text);

test.each<[string, string[], string[]]>([
  ["COPY *.json /x/", [], ["COPY *.json"]],
  ["COPY *.json /x/", ["a.json"], []],
  ["COPY *.json /x/", ["sub/a.json", "sub"], ["COPY *.json"]],
  ["COPY sub/*.json /x/", ["sub/a.json", "sub"], []],
  ["COPY s* /x/", ["sub/a.json", "sub"], []],
  ["COPY ./a?.txt ../*.md /x/", ["a1.txt"], ["COPY ../*.md"]],
  ['ADD ["*.tar", "/x/"]', ["b.zip"], ["ADD *.tar"]],
  ["COPY a.txt *.md /x/", ["a.txt"], ["COPY *.md"]],
])("%s, with %j sent", (instruction, sent, expected) => expect(found(instruction, sent)).toEqual(expected));

test("the Dockerfile itself is there", () => expect(found("COPY D*e /x/")).toEqual([]));

test.each([
  "COPY a.txt /x/",
  "COPY [ab /x/",
  "COPY --parents *.json /x/",
  "COPY ${V}*.json /x/",
  "COPY --from=b:1 *.json /x/",
  "ADD https://host/*.tgz /x/",
  "RUN --mount=type=bind,source=*.json,target=/m ls",
])("what may match, or is no pattern of the context, is not told: %s", (instruction) =>
  expect(found(instruction)).toEqual([]),
);

test("a file of another frontend, or one that cannot be read, has none", () => {
  expect(found("COPY *.json /x/", [], "# syntax=other/frontend:1\nFROM a:1")).toEqual([]);
  expect(found("COPY *.json /x/\nNONSENSE", [])).toEqual([]);
});
