import { readIgnoreFile } from "../../../../provider/source/ignore/ignore-file";
import { PatternError } from "../../../../provider/source/ignore/pattern";
import { PatternMatcher } from "../../../../provider/source/ignore/pattern-matcher";
import { generate } from "./cases";
import { walked } from "./ours";

const matcher = (text: string): PatternMatcher =>
  new PatternMatcher(readIgnoreFile(text, ".dockerignore"), ".dockerignore");

test("the file is read as Docker reads it", () => {
  expect(readIgnoreFile("\uFEFF# no\n  a/ \r\n\n!  /b/../c\n #d\n/\n!", "f")).toEqual([
    { pattern: "a", line: 2, text: "a/" },
    { pattern: "!c", line: 4, text: "!  /b/../c" },
    { pattern: "#d", line: 5, text: "#d" },
    { pattern: "/", line: 6, text: "/" },
    { pattern: "!", line: 7, text: "!" },
  ]);
});

test.each([
  [
    "a\n!",
    '.dockerignore, line 2: the pattern "!" is invalid: an exception needs a pattern after the "!". Docker refuses it as well; correct or remove it.',
  ],
  [
    "\n[a",
    '.dockerignore, line 2: the pattern "[a" is invalid: a bracket is not closed. Docker refuses it as well; correct or remove it.',
  ],
  [
    "a\\",
    '.dockerignore, line 1: the pattern "a\\" is invalid: a backslash at the end escapes nothing. Docker refuses it as well; correct or remove it.',
  ],
  [
    "[]",
    '.dockerignore, line 1: the pattern "[]" is invalid: a bracket contains an incomplete range or nothing. Docker refuses it as well; correct or remove it.',
  ],
])("%j is refused when it is read", (text, message) => {
  expect(() => matcher(text)).toThrow(new Error(message));
});

test.each([
  ["\\y", "\\y is no escape"],
  ["a*[z-a]", "a range runs backwards"],
  ["a*[", "a bracket is not closed"],
  ["*{2}{3}", "a repetition is repeated"],
  ["a*|{2}", "there is nothing to repeat"],
  ["[[:no:]]", "[:no:] names no group of characters"],
])("%j is refused when it is used", (text, why) => {
  const used = matcher(`${text}\n*x`);
  expect(() => used.matches("a")).toThrow(`.dockerignore, line 1: the pattern "${text}" is invalid: ${why}.`);
});

test("an overlong line names itself", () => {
  expect(() => readIgnoreFile(`a\n${"b".repeat(65536)}`, "app.dockerignore")).toThrow(
    "app.dockerignore, line 2: the line is longer than 64 KiB, which Docker cannot read. Split it into shorter patterns.",
  );
});

test("the rule that decides is the one that turned the answer last, also by a folder above", () => {
  const root = matcher("*\n!src\n*.md\n").root();
  expect(root.deciding("src")).toMatchObject({ line: 2 });
  expect(root.enter("src").deciding("src/a")).toMatchObject({ line: 2 });
  expect(root.deciding("a.md")).toMatchObject({ line: 1 });
});

test.each<[string, string, boolean]>([
  ["node_modules", "node_modules", false],
  ["node_modules\n!node_modules/keep/x", "node_modules", true],
  ["node_modules\n!node_modules/keep/x", "node_modules/other", false],
  ["!node_modules/keep\nnode_modules", "node_modules", false],
  ["*\n!node_modules/keep\nnode_modules", "node_modules", false],
  ["*\n!src/**", "docs", false],
  ["*\n!src/**", "src", true],
  ["*\n!**/*.md", "docs", true],
  ["*\n!src/*/b", "src/a", true],
  ["*\n!src/*/b", "docs", false],
])("with the rules %j the walk enters %s: %s", (text, folder, enters) => {
  let level = matcher(text).root();
  if (folder.includes("/")) level = level.enter("node_modules").enter("src");
  expect(level.matches(folder)).toBe(true);
  expect(level.hasExceptionsIn(folder)).toBe(enters);
});

test.each(["root", "buildRoot"] as const)("a folder that is passed over holds nothing that counts (%s)", (begin) => {
  let passed = 0;
  for (const { file, paths } of generate(3, 2500)) {
    if (file === undefined) continue;
    let root;
    try {
      root = matcher(file)[begin]();
    } catch {
      continue;
    }
    for (const path of paths) {
      const [folder, ...rest] = path.split("/");
      if (rest.length === 0) continue;
      try {
        const ignored = root.matches(folder!);
        if (ignored ? root.hasExceptionsIn(folder!) : root.reaches(folder!)) continue;
        passed++;
        expect({ file, path, matches: walked(root, path) }).toEqual({ file, path, matches: ignored });
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
      }
    }
  }
  expect(passed).toBeGreaterThan(1000);
});

test("an exception for a folder that no rule before it matches", () => {
  const rules = matcher("**/*.log\n!logs");
  expect(rules.matches("logs/a.log")).toBe(false);
  expect(walked(rules.buildRoot(), "logs/a.log")).toBe(true);
  expect(walked(matcher("logs\n**/*.log\n!logs").buildRoot(), "logs/a.log")).toBe(false);
});
