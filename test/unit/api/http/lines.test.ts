import fc from "fast-check";
import { LineSplitter } from "../../../../provider/api/http/lines";

function lines(chunks: Buffer[]): string[] {
  const out: string[] = [];
  const splitter = new LineSplitter((line) => out.push(line));
  chunks.forEach((chunk) => splitter.push(chunk));
  splitter.end();
  return out;
}

test("chunks may be cut anywhere, inside a character too", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc
          .string({ unit: "grapheme" })
          .map((text) =>
            text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "x"),
          ),
      ),
      fc.integer({ min: 1, max: 7 }),
      (texts, size) => {
        const whole = Buffer.from(texts.map((text) => `${text}\n`).join(""));
        const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
          whole.subarray(at * size, (at + 1) * size),
        );
        expect(lines(chunks)).toEqual(texts);
      },
    ),
  );
});

test("a carriage return overwrites; colours and control characters are dropped; the last line needs no end", () => {
  expect(
    lines([Buffer.from("10%\r50%\r100%\r\n\u001b[32mok\u001b[0m\ta\u0007b\n\u001b]0;title\u0007c\nrest")]),
  ).toEqual(["100%", "ok\tab", "c", "rest"]);
});

test("Unicode's separators make no second line, and what turns a text around is marked", () => {
  expect(lines([Buffer.from("a\u2028b\u2029c\nd\u0085\u202ee\n")])).toEqual(["a b c", "d\ufffd\ufffde"]);
});

test("a line without an end does not grow for ever", () => {
  const out = lines([Buffer.alloc(100_000, "x"), Buffer.alloc(100_000, "y")]);
  expect(out.map((line) => line.length)).toEqual([65536, 65536, 65536, 3392]);
});
