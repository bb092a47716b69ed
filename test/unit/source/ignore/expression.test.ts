import { Expression } from "../../../../provider/source/ignore/expression";
import { readIgnoreFile } from "../../../../provider/source/ignore/ignore-file";
import { PatternMatcher } from "../../../../provider/source/ignore/pattern-matcher";

const matcher = (text: string): PatternMatcher =>
  new PatternMatcher(readIgnoreFile(text, ".dockerignore"), ".dockerignore");

// A way back for each star would take longer than anybody can wait, so the test ends only if there is none.
test.each<[string, string, boolean]>([
  [`${"*a".repeat(40)}*b`, "a".repeat(255), false],
  [`${"*a".repeat(40)}*b`, `${"a".repeat(254)}b`, true],
  [`${"**/*a".repeat(20)}b`, Array.from({ length: 200 }, () => "aaaa").join("/"), false],
  [`${"a{0,1000}".repeat(30)}b`, "a".repeat(255), false],
  [`${"[a-z]*".repeat(40)}1`, "a".repeat(255), false],
  [`${"*a".repeat(40)}*b|${"*a".repeat(40)}*c`, "a".repeat(255), false],
])("%j is matched at once", (pattern, path, expected) => {
  expect(matcher(pattern).matches(path)).toBe(expected);
});

test("what could follow in a folder is told at once", () => {
  const level = matcher(`${"*a".repeat(40)}*b/x`).root();
  expect(level.reaches("a".repeat(255))).toBe(false);
  expect(level.reaches(`${"a".repeat(254)}b`)).toBe(true);
});

test("a long gap in a line is read at once", () => {
  const gap = " ".repeat(60_000);
  expect(new Set(readIgnoreFile(`a${gap}b   \n`.repeat(300), "f").map(({ pattern }) => pattern.length))).toEqual(
    new Set([60_002]),
  );
});

test.each<[string, string, boolean]>([
  ["^a[^/]*b$", "a-b", true],
  ["^a[^/]*b$", "a/b", false],
  ["^(.*/)?a$", "a", true],
  ["^(.*/)?a$", "b/c/a", true],
  ["^(.*/)?a$", "ba", false],
  ["^(.*/)?a$", "\n/a", false],
  ["^x(.*/)?a$", "xa", true],
  ["^x(.*/)?a$", "xy/a", true],
  ["^a{2,3}$", "a", false],
  ["^a{2,3}$", "aa", true],
  ["^a{2,3}$", "aaa", true],
  ["^a{2,3}$", "aaaa", false],
  ["^a{0}b$", "b", true],
  ["^a\\b{0}b$", "ab", true],
  ["^a\\b{0,1}b$", "ab", true],
  ["^a\\b{1,2}b$", "ab", false],
  ["^a{2}\\Qb\\E{2}$", "aabb", true],
  // A place of an earlier step is no place of a later one.
  ["^[^/]*[a][^/]*[b][c]$", "abacb", false],
  ["^[^/]*[a][^/]*[b][c][^/]*$", "abacb", false],
  ["^[^/]*[a][^/]*[b][c][^/]*$", "abacbc", true],
  ["^a{2}a$", "aaa", true],
  ["^[ab]{2,}c$", "abbac", true],
  ["^[ab]{2,}c$", "ac", false],
  ["^\\ba\\b-\\B$", "a-", true],
  ["^a\\Bb$", "ab", true],
  ["^a\\bb$", "ab", false],
  ["b|^c$", "abc", true],
  ["b|^c$", "ac", false],
  ["^é.𝄞$", "éx𝄞", true],
  ["^[^a]$", "𝄞", true],
])("%s on %j: %s", (expression, text, expected) => expect(new Expression(expression).test(text)).toBe(expected));

test.each<[string, string, boolean]>([
  ["^a/b$", "a/", true],
  ["^a/b$", "b/", false],
  ["^a/b$", "a/b/", false],
  ["^[^/]*/b$", "a/", true],
  ["^[^/]*$", "a/", false],
  ["^(.*/)?b$", "a/c/", true],
  ["^x(.*/)?b$", "a/c/", false],
  ["^a{3}$", "aa", true],
  ["^a{3}$", "aaaa", false],
  ["^a\\Bb$", "a", true],
  ["^a\\b/$", "a", true],
  // Without an end, also what follows matches.
  ["^a/", "a/b/", true],
  ["b|^c$", "x/", true],
])("%s could match what begins with %j: %s", (expression, text, expected) =>
  expect(new Expression(expression).begins(text)).toBe(expected),
);

test("so many wildcards as no list needs are refused", () => {
  const line = `${"*a".repeat(100)}\n`;
  expect(matcher(line.repeat(200)).matches("b")).toBe(false);
  expect(() => matcher(line.repeat(201))).toThrow(
    new Error(
      ".dockerignore has 20100 wildcards, and at most 20000 are accepted. List whole folders instead of single files.",
    ),
  );
});
