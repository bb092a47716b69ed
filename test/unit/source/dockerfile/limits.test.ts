import fc from "fast-check";
import { DockerfileError, readDockerfile } from "../../../../provider/source/dockerfile";
import { Room } from "../../../../provider/source/dockerfile/variables/room";
import { replace, trimPrefix, trimSuffix } from "../../../../provider/source/dockerfile/variables/shell-patterns";

function refusal(dockerfile: string): string {
  try {
    readDockerfile(dockerfile);
  } catch (error) {
    if (error instanceof DockerfileError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}
const paths = (dockerfile: string) => readDockerfile(dockerfile).sources.flatMap((source) => source.paths);
const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join("");
const TOO_LONG =
  "the values of variables add more than 4 MiB of text up to this line. Look for an ARG or ENV that takes the value of another one several times, and shorten it.";

describe("values that double", () => {
  const doubling = (keyword: string) =>
    `${keyword} X0=aaaaaaaa\n${lines(30, (i) => `${keyword} X${i + 1}=$X${i}$X${i}\n`)}`;

  test.each(["ARG", "ENV"])("of an %s in a stage", (keyword) =>
    expect(refusal(`FROM scratch\n${doubling(keyword)}COPY $X30 /\n`)).toBe(
      `Dockerfile line 21 (${keyword} X19=$X18$X18): ${TOO_LONG}`,
    ),
  );
  test("before the first FROM", () =>
    expect(refusal(`${doubling("ARG")}FROM scratch\n`)).toBe(`Dockerfile line 20 (ARG X19=$X18$X18): ${TOO_LONG}`));
  test("by a replacement", () =>
    expect(
      refusal(`FROM scratch\nARG A=${"a".repeat(5000)}\nARG B=\${A//a/${"b".repeat(1000)}}\nCOPY $B /\n`),
    ).toContain(TOO_LONG));
  test("by what was matched", () =>
    expect(
      refusal(`FROM scratch\nARG A=${"a".repeat(5000)}\nARG B=\${A//*/${"\\$0".repeat(1000)}}\nCOPY $B /\n`),
    ).toContain(TOO_LONG));
  test("by stages that stand on one another", () =>
    expect(
      refusal(
        `FROM scratch AS s0\n${lines(300, (i) => `ENV E${i}=${"v".repeat(50)}\n`)}${lines(200, (i) => `FROM s${i} AS s${i + 1}\n`)}`,
      ),
    ).toMatch(/^Dockerfile line \d+ \(FROM s\d+ AS s\d+\): the values of variables add more than 4 MiB/));
  test("as much as projects have is accepted", () =>
    expect(
      paths(
        `FROM scratch\nENV PATH=/bin\n${lines(100, (i) => `ENV PATH=$PATH:/opt/tool-${i}/bin\n`)}ARG A=${"a".repeat(10_000)}\nCOPY \${A%%a*}x /\n`,
      ),
    ).toEqual(["x"]));
});

describe("patterns of ${name#pattern}", () => {
  // A way back for each star would take longer than anybody can wait, so the tests end only if there is none.
  const value = "a".repeat(300);
  test.each([
    ["##", `${"*a".repeat(40)}*b`],
    ["#", `${"*a".repeat(40)}*b`],
    ["%%", `b${"*a".repeat(40)}*`],
    ["%", `b${"*a".repeat(40)}*`],
  ])("%s is matched at once", (sign, pattern) => {
    expect(paths(`FROM scratch\nARG A=${value}\nCOPY \${A${sign}${pattern}} /\n`)).toEqual([value]);
  });
  test.each(["/", "//"])("%s is matched at once", (sign) => {
    expect(paths(`FROM scratch\nARG A=${value}\nCOPY \${A${sign}${"*a".repeat(40)}*b/x} /\n`)).toEqual([value]);
  });
  test("there is an end to replacements that are empty", () =>
    expect(() => replace("", "$0".repeat(1000), "a".repeat(60_000), true, new Room())).toThrow(
      "the patterns in ${name#pattern}, % and / take too long for values of this length.",
    ));
  test("there is an end to them", () =>
    expect(
      refusal(`FROM scratch\nARG A=${"a".repeat(60_000)}\n${lines(80, () => "ARG B=${A##*a*a*a*a*a*a*a*b}\n")}`),
    ).toMatch(
      /^Dockerfile line \d+ \(ARG B=.*\): the patterns in \$\{name#pattern\}, % and \/ take too long for values of this length\. Shorten the values, or use fewer wildcards\.$/,
    ));

  const small = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 7 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "\n"), maxLength: 6 });
  const expression = (written: string, greedy: boolean) =>
    Array.from(written, (rune) => (rune === "*" ? `[^\n]*${greedy ? "" : "?"}` : rune === "?" ? "[^\n]" : rune)).join(
      "",
    );
  test("they cut and replace what an expression would", () => {
    fc.assert(
      fc.property(pattern, small, fc.boolean(), (written, text, greedy) => {
        const room = new Room();
        const begins = new RegExp(`^${expression(written, greedy)}`).exec(text);
        expect(trimPrefix(written, text, greedy, room)).toBe(begins ? text.slice(begins[0].length) : text);
        const back = [...text].reverse().join("");
        const ends = new RegExp(`^${expression([...written].reverse().join(""), greedy)}`).exec(back);
        expect(trimSuffix(written, text, greedy, room)).toBe(ends ? text.slice(0, text.length - ends[0].length) : text);
        expect(replace(written, "x$0", text, false, room)).toBe(
          text.replace(new RegExp(expression(written, true)), () => "x$0"),
        );
      }),
      { numRuns: 3000 },
    );
  });
  test.each<[string, string, string, string]>([
    ["a", "x", "banana", "bxnxnx"],
    ["a*", "<$0>", "banana", "b<anana>"],
    ["*", "x", "ab", "x"],
    ["", "-", "ab", "-a-b-"],
    ["*", "-", "a\n\nb", "-\n-\n-"],
    ["a", "$$1", "a", "$1"],
    ["a", "${0}$9b", "a", "a"],
    ["a?", "", "abac", ""],
  ])("%j by %j in all of %j: %j", (written, replacement, text, expected) =>
    expect(replace(written, replacement, text, true, new Room())).toBe(expected),
  );
});

test("variables in the words of variables end at some depth", () => {
  const nested = (depth: number) =>
    `FROM scratch\nARG B=x\nCOPY ${"${A:-".repeat(depth)}y${"}".repeat(depth)} /\nARG A=\n`;
  expect(paths(nested(90))).toEqual(["y"]);
  expect(refusal(nested(5000))).toMatch(
    /^Dockerfile line 3 \(COPY .*…\): variables are nested more than 100 levels deep\.$/,
  );
  // Not taken for a line without a here-document, whose text would be read as instructions.
  expect(refusal(`FROM scratch\nRUN ${"${A:-".repeat(200)} <<EOF\nCOPY secret /\nEOF\n`)).toContain(
    "more than 100 levels deep",
  );
});

test("variables that follow one another are not in one another", () => {
  expect(paths(`FROM scratch\nARG A\nCOPY ${"${A:-x}".repeat(200)} /\n`)).toEqual(["x".repeat(200)]);
});

test("triggers in triggers are refused, however many", () => {
  expect(refusal(`FROM scratch\n${"ONBUILD \\\n".repeat(30_000)}RUN x\n`)).toBe(
    `Dockerfile line 2 (${"ONBUILD ".repeat(13).slice(0, 100)}…): ONBUILD isn't allowed as an ONBUILD trigger`,
  );
  expect(readDockerfile("FROM scratch\nONBUILD RUN onbuild x\n").sources).toEqual([]);
});

test("stages and triggers have a number that no project reaches", () => {
  const chain = (count: number) =>
    `FROM scratch AS s0\n${lines(count - 1, (i) => `FROM s${i} AS s${i + 1}\n`)}COPY a /\n`;
  expect(paths(chain(1000))).toEqual(["a"]);
  expect(refusal(chain(1001))).toBe(
    "Dockerfile line 1001 (FROM s999 AS s1000): the file has more than 1000 stages. Split it into several files.",
  );
  const triggers = (each: number, stages: number) =>
    `FROM scratch AS base\n${"ONBUILD RUN x\n".repeat(each)}${lines(stages, (i) => `FROM base AS s${i}\n`)}FROM scratch\n${lines(stages, (i) => `COPY --from=s${i} a b\n`)}`;
  expect(paths(triggers(100, 100))).toEqual([]);
  expect(refusal(triggers(101, 100))).toBe(
    "Dockerfile line 202 (FROM base AS s99): the stages run more than 10000 ONBUILD triggers of other stages. Use fewer of them.",
  );
});

test("paths have a length and a number", () => {
  expect(paths(`FROM scratch\nCOPY ${"a".repeat(4096)} /\n`)).toEqual(["a".repeat(4096)]);
  expect(refusal(`FROM scratch\nCOPY ${"a".repeat(4097)} /\n`)).toBe(
    `Dockerfile line 2 (COPY ${"a".repeat(95)}…): a path is longer than 4096 bytes, the longest that Linux can open.`,
  );
  const copies = (count: number) => `FROM scratch\n${lines(count, (i) => `COPY a${i} /\n`)}`;
  expect(paths(copies(10_000))).toHaveLength(10_000);
  expect(refusal(copies(10_001))).toBe(
    "Dockerfile line 10002 (COPY a10000 /): the file uses more than 10000 paths from the build context. Copy folders instead of single files.",
  );
  expect(paths(`FROM scratch\nCOPY a b a /\nCOPY a /\n`)).toEqual(["a", "b", "a"]);
  expect(paths(`FROM scratch\nCOPY ${"a \\\n".repeat(100_000)} /\n`)).toEqual(["a"]);
});

test("long gaps in lines are read at once, and as before", () => {
  const gap = " ".repeat(60_000);
  expect(
    paths(
      `FROM scratch\nCOPY a${gap}b\nCOPY c\\${gap}\n d /\n${`RUN x${"\r".repeat(60_000)}y\nRUN x${gap}y\n`.repeat(100)}`,
    ),
  ).toEqual(["a", "c", "d"]);
  expect(refusal(`# escape=a${gap}b\nFROM scratch\n`)).toBe(
    "Dockerfile line 1 (# escape=a…): invalid escape token a…: it has to be \\ or `.",
  );
  expect(refusal("# escape=  \nFROM scratch\n")).toBe(
    "Dockerfile line 1 (# escape=): invalid escape token : it has to be \\ or `.",
  );
  expect(paths("# escape = ` \nFROM scratch\nCOPY a`\n b /\n")).toEqual(["a", "b"]);
});

test("a message does not hold a word as long as the file", () => {
  expect(refusal(`FROM ${"A".repeat(60_000)}\n`).length).toBeLessThan(500);
  expect(refusal(`FROM scratch\nENV a=b ${"c".repeat(60_000)}\n`).length).toBeLessThan(1500);
});
