import { parse } from "yaml";
import type { Io } from "../../../../provider/cli/io";
import { objectPrinter, printError, printObjects, printWarning } from "../../../../provider/cli/output/print";

const printed = (body: (io: Io) => void): { out: string; err: string } => {
  let [out, err] = ["", ""];
  body({ out: (text) => void (out += text), err: (text) => void (err += text), env: {} });
  return { out, err };
};
const OBJECTS = [
  { name: "a", regionIds: ["us", "eu"], note: null },
  { name: "b", text: "two\nlines" },
];

describe.each<["json" | "yaml", (text: string) => unknown]>([
  ["json", JSON.parse],
  ["yaml", parse],
])("objects as %s", (format, read) => {
  test("are one array on stdout", () => {
    const { out, err } = printed((io) => printObjects(io, OBJECTS, format));
    expect(read(out)).toEqual(OBJECTS);
    expect({ err, ends: out.endsWith("\n") }).toEqual({ err: "", ends: true });
  });

  test("are the same text when they come in parts, some of them empty", () => {
    const parts = printed((io) => {
      const print = objectPrinter(io, format);
      for (const part of [[], [OBJECTS[0]], [], [OBJECTS[1]], []]) print.more(part);
      print.end();
    });
    expect(parts).toEqual(printed((io) => printObjects(io, OBJECTS, format)));
  });

  test("are an empty array where there are none", () => {
    expect(printed((io) => printObjects(io, [], format))).toEqual({ out: "[]\n", err: "" });
    expect(printed((io) => objectPrinter(io, format).end()).out).toBe("[]\n");
  });

  test("are written as they come, not at the end", () => {
    const { out } = printed((io) => objectPrinter(io, format).more([{ name: "early" }]));
    expect(out).toContain("early");
  });
});

test("JSON is indented by two, as `jq .` writes it", () => {
  expect(printed((io) => printObjects(io, OBJECTS, "json")).out).toBe(`${JSON.stringify(OBJECTS, null, 2)}\n`);
});

test("YAML repeats an object that occurs twice: aliases are not read everywhere", () => {
  const shared = { cpu: 1 };
  expect(printed((io) => printObjects(io, [{ a: shared, b: shared }], "yaml")).out).toBe(
    "- a:\n    cpu: 1\n  b:\n    cpu: 1\n",
  );
});

describe("an error", () => {
  const notice = { summary: "reading x: failed", detail: "One line.\n\nAnother." };

  test.each(["table", "yaml"] as const)(
    "with --format %s is text on stderr; what explains it is indented, blank lines are blank",
    (format) => {
      expect(printed((io) => printError(io, notice, format))).toEqual({
        out: "",
        err: "Error: reading x: failed\n  One line.\n\n  Another.\n",
      });
      expect(printed((io) => printError(io, { ...notice, detail: "" }, format)).err).toBe("Error: reading x: failed\n");
    },
  );

  test.each([404, null])("with --format json is one line on stderr, with the API's status or null: %p", (status) => {
    const { out, err } = printed((io) => printError(io, notice, "json", status));
    expect(out).toBe("");
    expect(err.indexOf("\n")).toBe(err.length - 1);
    expect(JSON.parse(err)).toEqual({ error: { ...notice, status } });
  });

  test("has no status unless one is given", () => {
    expect(JSON.parse(printed((io) => printError(io, notice, "json")).err)).toMatchObject({ error: { status: null } });
  });
});

test("a warning is text on stderr", () => {
  const warning = { summary: "Moved", detail: "The tag moved.\n\nSee the log." };
  expect(printed((io) => printWarning(io, warning))).toEqual({
    out: "",
    err: "Warning: Moved\n  The tag moved.\n\n  See the log.\n",
  });
  expect(printed((io) => printWarning(io, { ...warning, detail: "" })).err).toBe("Warning: Moved\n");
});
