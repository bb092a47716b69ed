import fc from "fast-check";
import { escaped, printable, printableJson, printableLine } from "../../../../provider/kit/text/printable";

const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;
/** Texts of what steers terminals, and of plain characters. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\u001b",
        "\u001b[31m",
        "\u001b[2J",
        "\u001b]0;title\u0007",
        "\u001b]8;;http://x\u001b\\",
        "\u009b1A",
        "\u009d0;t\u009c",
        "\u0007",
        "\b",
        "\r",
        "\r\n",
        "\u0085",
        "\u202e",
        "\u2066",
        "\u2028",
        "\u007f",
        "\u001bP1$r\u001b\\",
        "\u001bc",
        "\u001b(B",
        "]",
        "[",
        "\\",
        "\n",
        "\t",
        "é",
        "🐳",
      ),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(""));

test.each([
  ["colors", "\u001b[1;31mfailed\u001b[0m", "failed"],
  ["a cursor that moves up and erases", "a\u001b[1A\u001b[2Kb", "ab"],
  ["a window title", "\u001b]0;owned\u0007after", "after"],
  ["a title ended by ST", "\u001b]2;owned\u001b\\after", "after"],
  ["a link", "\u001b]8;;https://evil.test\u001b\\text\u001b]8;;\u001b\\", "text"],
  [
    "a title without end: its text is shown, and what follows is not hidden",
    "\u001b]0;owned and the rest",
    "\ufffd]0;owned and the rest",
  ],
  ["a title over the end of a line hides no line", "\u001b]0;owned\nthe rest\u0007", "\ufffd]0;owned\nthe rest\ufffd"],
  ["C1: CSI in one character", "a\u009b31mb", "ab"],
  ["C1: OSC in one character", "a\u009d0;owned\u009cb", "ab"],
  ["device control", "a\u001bP1$r0m\u001b\\b", "ab"],
  ["a reset, and a character set", "a\u001bcb\u001b(Bc", "abc"],
  ["a lone escape", "a\u001b", "a\ufffd"],
  ["bell, backspace, delete, null", "a\u0007b\bc\u007fd\u0000", "a\ufffdb\ufffdc\ufffdd\ufffd"],
  ["other C1 characters", "a\u0085b\u008dc", "a\ufffdb\ufffdc"],
  ["carriage returns", "10%\r50%\r\ndone", "10%\n50%\ndone"],
  ["a text that is turned around", "user\u202etxt.exe\u202c\u2066x\u2069", "user\ufffdtxt.exe\ufffd\ufffdx\ufffd"],
  ["other ends of lines", "a\u2028b\u2029c", "a\nb\nc"],
])("%s", (_, raw, clean) => expect(printable(raw)).toBe(clean));

test("newlines, tabs and all scripts stay as they are", () => {
  const text = "RUN apt-get\tupdate\n  größer 漢字 עברית 👩‍💻 \ufeffx";
  expect(printable(text)).toBe(text);
});

test("no input leaves a control character, and cleaning twice changes nothing", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const clean = printable(text);
      expect(clean).not.toMatch(RAW);
      expect(printable(clean)).toBe(clean);
      expect(printableLine(text)).not.toMatch(/[\n\t]/);
    }),
  );
});

test("a control character never vanishes: a name with one does not look like another name", () => {
  for (const char of ["\u0000", "\b", "\u001b", "\u007f", "\u0090", "\u202e"])
    expect(printable(`a${char}b`)).not.toBe("ab");
});

test("JSON keeps every value and has nothing raw in it", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const json = printableJson([{ [text]: text }], 2);
      expect(json).not.toMatch(RAW);
      expect(JSON.parse(json)).toEqual([{ [text]: text }]);
    }),
  );
  expect(printableJson("\u009b31m")).toBe('"\\u009b31m"');
  expect(escaped("a\u202eb")).toBe("a\\u202eb");
});

test("a long text of half sequences takes no time", () => {
  for (const part of ["\u001b]", "\u009d", "\u001b[", "\u001b[0;", "\u001b(", "\u001b]x"]) {
    const begun = performance.now();
    printable(part.repeat(200_000));
    expect(performance.now() - begun).toBeLessThan(3000);
  }
});
