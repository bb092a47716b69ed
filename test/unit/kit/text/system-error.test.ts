import { constants } from "node:os";
import { readFileSync, writeFileSync } from "node:fs";
import { systemErrorAtText, systemErrorText } from "../../../../provider/kit/text/system-error";

const thrown = (body: () => unknown): unknown => {
  try {
    return body();
  } catch (error) {
    return error;
  }
};

test("what the system says, in words, with the code and where it happened", () => {
  const missing = thrown(() => readFileSync("/no/such/file"));
  expect(systemErrorText(missing)).toBe("it does not exist (ENOENT)");
  expect(systemErrorAtText(missing)).toBe("/no/such/file: it does not exist (ENOENT)");
  expect(systemErrorText(thrown(() => writeFileSync("/", "x")))).toBe("it is a folder (EISDIR)");
  expect(systemErrorText(Object.assign(new Error("spawn x EMFILE"), { code: "EMFILE" }))).toBe(
    "this process has too many files open; raise the limit (`ulimit -n`) (EMFILE)",
  );
});

test("anything else is told in its own words", () => {
  expect(systemErrorText(Object.assign(new Error("odd thing"), { code: "EODD" }))).toBe("odd thing");
  expect(systemErrorText(Object.assign(new Error("in a number"), { code: 7 }))).toBe("in a number");
  expect(systemErrorText("a text")).toBe("a text");
  expect(systemErrorAtText(Object.assign(new Error("at /x"), { path: "/x" }))).toBe("at /x");
});

test("every code that it explains exists", () => {
  const text = readFileSync(`${__dirname}/../../../../provider/kit/text/system-error.ts`, "utf8");
  const codes = [...text.matchAll(/^ {2}(E[A-Z]+): /gm)].map(([, code]) => code!);
  expect(codes.length).toBeGreaterThan(10);
  expect(codes.filter((code) => !(code in constants.errno) && code !== "ENFILE")).toEqual([]);
});
