import type { Attribute } from "../../../provider/kit/attribute";
import { UNKNOWN } from "../../../provider/kit/unknown";
import { fromTool, same, sameForSure, toTool, type Value, type Values } from "../../../provider/tool/values";

const attribute = (name: string, type: unknown): Attribute => ({ name, type }) as unknown as Attribute;
const TABLE = [
  attribute("plainText", "string"),
  attribute("someSet", "string-set"),
  attribute("someList", "string-list"),
  attribute("oneObject", { object: [attribute("innerText", "string"), attribute("innerSet", "string-set")] }),
  attribute("manyObjects", { objects: [attribute("innerText", "string"), attribute("innerSet", "string-set")] }),
];
const spell = ({ name }: Attribute): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const CORE: Values = {
  plainText: "a",
  someSet: ["a", "b"],
  someList: ["b", "a"],
  oneObject: { innerText: "x", innerSet: ["y"] },
  manyObjects: [
    { innerText: "p", innerSet: null },
    { innerText: null, innerSet: ["q"] },
  ],
};
const TOOL: Values = {
  plain_text: "a",
  some_set: ["a", "b"],
  some_list: ["b", "a"],
  one_object: { inner_text: "x", inner_set: ["y"] },
  many_objects: [
    { inner_text: "p", inner_set: null },
    { inner_text: null, inner_set: ["q"] },
  ],
};

describe("to a tool", () => {
  test("every attribute is there, spelled for it, at every depth", () =>
    expect(toTool(TABLE, CORE, spell)).toEqual(TOOL));

  test("what is missing is null", () => {
    expect(toTool(TABLE, {}, spell)).toEqual({
      plain_text: null,
      some_set: null,
      some_list: null,
      one_object: null,
      many_objects: null,
    });
    expect(toTool(TABLE, { oneObject: {} }, spell)).toMatchObject({
      one_object: { inner_text: null, inner_set: null },
    });
  });

  test("what is not known stays so", () => {
    const unknown = toTool(TABLE, Object.fromEntries(TABLE.map(({ name }) => [name, UNKNOWN])), spell);
    expect(Object.values(unknown)).toEqual(TABLE.map(() => UNKNOWN));
  });

  test("a set is sorted and has each value once, so that it looks the same in every state; a list keeps its order", () => {
    expect(toTool(TABLE, { someSet: ["b", "a", "b"], someList: ["b", "a", "b"] }, spell)).toMatchObject({
      some_set: ["a", "b"],
      some_list: ["b", "a", "b"],
    });
    expect(toTool(TABLE, { oneObject: { innerSet: ["z", "y"] } }, spell)).toMatchObject({
      one_object: { inner_set: ["y", "z"] },
    });
  });
});

describe("from a tool", () => {
  test("every attribute is there, by the core's names; objects are converted, lists taken as they are", () => {
    expect(fromTool(TABLE, TOOL, spell)).toEqual({ ...CORE, manyObjects: TOOL["many_objects"] });
  });

  test("what is missing is null, what is not known stays so", () => {
    expect(fromTool(TABLE, { plain_text: UNKNOWN, one_object: UNKNOWN }, spell)).toEqual({
      plainText: UNKNOWN,
      someSet: null,
      someList: null,
      oneObject: UNKNOWN,
      manyObjects: null,
    });
    expect(fromTool(TABLE, { one_object: { inner_text: UNKNOWN } }, spell)).toMatchObject({
      oneObject: { innerText: UNKNOWN, innerSet: null },
    });
  });

  test("each value passes `accept`, at every depth", () => {
    const seen: string[] = [];
    const values = fromTool(
      TABLE,
      TOOL,
      spell,
      ({ name }, value) => (seen.push(name), name === "innerText" ? "replaced" : value),
    );
    expect(seen).toEqual(["plainText", "someSet", "someList", "oneObject", "innerText", "innerSet", "manyObjects"]);
    expect(values).toMatchObject({ oneObject: { innerText: "replaced" } });
  });
});

describe("equality", () => {
  test.each<[Value | undefined, Value | undefined]>([
    [null, undefined],
    [undefined, undefined],
    ["a", "a"],
    [0, 0],
    [UNKNOWN, UNKNOWN],
    [
      ["a", ["b"]],
      ["a", ["b"]],
    ],
    [[], []],
    [{}, {}],
    [{ a: { b: [1] } }, { a: { b: [1] } }],
    [{ a: null }, {}],
    [{}, { a: null }],
    [[null], [null]],
  ])("%j is %j", (a, b) => expect([same(a, b), same(b, a)]).toEqual([true, true]));

  test.each<[Value | undefined, Value | undefined]>([
    [null, ""],
    [null, 0],
    [null, false],
    ["1", 1],
    [UNKNOWN, null],
    [UNKNOWN, undefined],
    [UNKNOWN, "a"],
    [["a"], ["b"]],
    [["a"], ["a", "b"]],
    [["a", null], ["a"]],
    [[], {}],
    [["a"], { 0: "a" }],
    [
      ["a", "b"],
      ["b", "a"],
    ],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [[UNKNOWN], ["a"]],
    [null, {}],
    [null, []],
    ["a", ["a"]],
  ])("%j is not %j", (a, b) => expect([same(a, b), same(b, a)]).toEqual([false, false]));

  test("for sure it is only what is known throughout", () => {
    expect(sameForSure({ a: ["b"] }, { a: ["b"] })).toBe(true);
    expect(sameForSure(null, undefined)).toBe(true);
    for (const unknown of [UNKNOWN, [UNKNOWN], { a: { b: UNKNOWN } }] as Value[])
      expect(sameForSure(unknown, unknown)).toBe(false);
    expect(sameForSure("a", "b")).toBe(false);
  });
});
