import { LastAttempt } from "../../../../provider/lifecycle/wait/last-attempt";

function read(isFirst: boolean) {
  const shown: string[] = [];
  const attempt = new LastAttempt(isFirst, (line) => shown.push(line), 3);
  return { attempt, shown, all: (...lines: string[]) => lines.forEach((line) => attempt.push(line)) };
}

/** As runners write them: BuildKit of v0.190, and Docker's older builder, without its colors. */
const BUILDKIT = [
  "#1 [internal] load build definition from Dockerfile",
  "#2 [internal] load .dockerignore",
  "#3 [1/2] FROM 127.0.0.1:15001/bb:1",
  "#4 [2/2] RUN echo before; echo err >&2; exit 7",
  "before",
  "err",
  "ERROR: executor failed running [/bin/sh -c echo before; echo err >&2; exit 7]: exit code: 7",
];
const OLDER = [
  "Step 1/2 : FROM 127.0.0.1:15001/bb:1",
  " ---> 36fb706f4947",
  "Step 2/2 : RUN exit 7",
  "The command '/bin/sh -c exit 7' returned a non-zero code: 7",
];

test("a first build is shown line by line, and only the last lines are kept", () => {
  const { attempt, shown, all } = read(true);
  all(...BUILDKIT.slice(0, 2));
  expect(shown).toEqual(BUILDKIT.slice(0, 2));
  all(...BUILDKIT.slice(2));
  expect(shown).toEqual(BUILDKIT);
  expect(attempt.end()).toEqual(BUILDKIT.slice(-3));
  expect(shown).toEqual(BUILDKIT);
});

test.each([
  ["BuildKit", BUILDKIT],
  ["the older builder", OLDER],
])("of a second build by %s, what the first has written is not shown, nor in its end", (_builder, log) => {
  const { attempt, shown, all } = read(false);
  all(...log);
  attempt.quiet();
  expect(shown).toEqual([]);
  all(log[0]!, "second");
  expect(shown).toEqual([log[0], "second"]);
  expect(attempt.end()).toEqual([log[0], "second"]);
});

test("an attempt may begin in the middle of a line", () => {
  const { attempt, shown, all } = read(false);
  all(...BUILDKIT);
  attempt.quiet();
  all(`no line end${BUILDKIT[0]}`, "second");
  expect(shown).toEqual([BUILDKIT[0], "second"]);
  expect(attempt.end()).toEqual([BUILDKIT[0], "second"]);
});

test("a second build that has failed before anybody knew whose lines these are is shown in the end", () => {
  for (const quiet of [false, true]) {
    const { attempt, shown, all } = read(false);
    all(...BUILDKIT, ...BUILDKIT);
    if (quiet) attempt.quiet();
    expect(shown).toEqual([]);
    expect(attempt.end()).toEqual(BUILDKIT.slice(-3));
    expect(shown).toEqual(BUILDKIT);
  }
});

test("a build of a text that was built before, but elsewhere, is shown from its beginning", () => {
  const { attempt, shown, all } = read(false);
  all(...BUILDKIT.slice(0, 4));
  attempt.quiet();
  attempt.quiet();
  all("before");
  expect(shown).toEqual([...BUILDKIT.slice(0, 4), "before"]);
  expect(attempt.end()).toEqual(["#3 [1/2] FROM 127.0.0.1:15001/bb:1", BUILDKIT[3], "before"]);
});

test("the lines of a command are no beginning, whatever their number", () => {
  const { attempt, shown, all } = read(true);
  all(BUILDKIT[0]!, "#1 DONE 0.0s", "#10 [internal] x", "Step 2/12 : RUN", "issue #1 is fixed");
  expect(attempt.end()).toEqual(["#10 [internal] x", "Step 2/12 : RUN", "issue #1 is fixed"]);
  expect(shown).toHaveLength(5);
});

test("a runner that is restarted builds again: both attempts are ours", () => {
  const { attempt, shown, all } = read(true);
  all(...BUILDKIT.slice(0, 5), `half${BUILDKIT[0]}`, "again");
  expect(shown).toEqual([...BUILDKIT.slice(0, 5), "half", BUILDKIT[0], "again"]);
  expect(attempt.end()).toEqual([BUILDKIT[0], "again"]);
});

test("what is held back is bounded", () => {
  const { attempt, shown } = read(false);
  for (let i = 0; i < 20_010; i += 1) attempt.push(`line ${i}`);
  attempt.quiet();
  expect([shown.length, shown[0], shown.at(-1)]).toEqual([20_000, "line 10", "line 20009"]);
});
