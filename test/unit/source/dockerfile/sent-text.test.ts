import { sentDockerfile } from "../../../../provider/source/dockerfile";

const sent = (dockerfile: string, buildArgs: Record<string, string>, target?: string) =>
  sentDockerfile(dockerfile, { buildArgs, target });

test("a proxy is declared once for each image that a needed stage begins from", () => {
  const { text, warnings } = sent("FROM a AS one\nFROM b AS unneeded\nFROM one\nCOPY --from=one x /\n", {
    http_proxy: "http://p:1",
  });
  expect(text).toBe(
    "FROM a AS one\nARG HTTP_PROXY=http://p:1 http_proxy=http://p:1\nFROM b AS unneeded\nFROM one\nCOPY --from=one x /\n",
  );
  expect(warnings).toEqual([]);
});

test("an ARG of ONBUILD gets its value where a needed stage runs it, and nowhere else", () => {
  const dockerfile = "FROM a AS one\nONBUILD ARG V=1\nFROM one\nARG V\nONBUILD ARG V=2\n";
  expect(sent(dockerfile, { V: "x y" }).text).toBe(
    "FROM a AS one\nONBUILD ARG V='x y'\nFROM one\nARG V='x y'\nONBUILD ARG V=2\n",
  );
  expect(sent(dockerfile, { V: "x" }, "one").text).toBe("FROM a AS one\nONBUILD ARG V=1\n");
});
