import fc from "fast-check";
import { globMatches, globOf } from "../../../../provider/kit/text/glob";

const matches = (pattern: string, text: string, loose?: boolean) => globMatches(globOf(pattern), text, loose);

test.each<[string, string, boolean]>([
  ["", "", true],
  ["", "a", false],
  ["*", "", true],
  ["**", "", true],
  ["?", "", false],
  ["?", "𝄞", true],
  ["??", "𝄞", false],
  ["*?", "a", true],
  ["a*", "ba", false],
  ["*b", "ab\nb", true],
  ["*ab", "aab", true],
  ["a*b*c", "a-b-b-c", true],
  ["a*b*c", "a-c-b", false],
  ["A", "a", false],
  // What a star has passed is not looked at again.
  ["ba*ab", "bab", false],
  ["a*bb", "abab", false],
])("%j on %j: %s", (pattern, text, expected) => expect(matches(pattern, text)).toBe(expected));

test("letter case can make no difference", () => {
  expect(matches("A*É", "aé", true)).toBe(true);
  expect(matches("A*É", "ae", true)).toBe(false);
});

test("the answer is that of an expression", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "/"), maxLength: 7 });
  fc.assert(
    fc.property(pattern, text, (written, given) => {
      const expression = new RegExp(`^${written.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`);
      expect(matches(written, given)).toBe(expression.test(given));
    }),
    { numRuns: 3000 },
  );
});

test("a pattern that could be divided in more ways than anybody can try is told apart at once", () => {
  expect(matches(`${"*a".repeat(200)}*b`, "a".repeat(5000))).toBe(false);
  expect(matches(`${"*a".repeat(200)}*b`, `${"a".repeat(5000)}b`)).toBe(true);
  expect(matches(`${"*?".repeat(200)}b`, "a".repeat(5000))).toBe(false);
});
