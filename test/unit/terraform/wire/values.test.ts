import { encode, ExtData } from "@msgpack/msgpack";
import fc from "fast-check";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import type { TfType, TfValue } from "../../../../provider/terraform/types";
import { parseJson } from "../../../../provider/terraform/wire/json";
import { decodePrivate, encodePrivate } from "../../../../provider/terraform/wire/private";
import {
  decodeValue,
  encodeValue,
  fitJson,
  isNullValue,
  type Problem,
} from "../../../../provider/terraform/wire/values";

const none = new Uint8Array();
const wire = (msgpack: Uint8Array) => ({ msgpack, json: none });

function roundTrip(value: TfValue, type: TfType): TfValue {
  const problems: Problem[] = [];
  const back = decodeValue(wire(encodeValue(value, type, problems)), type, problems);
  expect(problems).toEqual([]);
  return back;
}

function decodeRaw(raw: unknown, type: TfType): { value: TfValue; problems: Problem[] } {
  const problems: Problem[] = [];
  return { value: decodeValue(wire(encode(raw, { useBigInt64: true })), type, problems), problems };
}

/** A type and a value of it. */
const typed: fc.Arbitrary<[TfType, TfValue]> = fc.letrec<{ typed: [TfType, TfValue] }>((tie) => ({
  typed: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: "grapheme" }).map((v): [TfType, TfValue] => ["string", v]),
    fc.boolean().map((v): [TfType, TfValue] => ["bool", v]),
    fc
      .oneof(
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      )
      .map((v): [TfType, TfValue] => ["number", v]),
    fc.constantFrom<[TfType, TfValue]>(
      ["string", null],
      ["number", UNKNOWN],
      [["list", "string"], null],
      [["map", "bool"], UNKNOWN],
    ),
    fc
      .tuple(tie("typed"), fc.nat(3))
      .map(([[type, value], n]): [TfType, TfValue] => [["list", type], Array.from({ length: n }, () => value)]),
    fc
      .tuple(
        tie("typed"),
        fc.uniqueArray(
          fc.string().filter((k) => k !== "__proto__"),
          { maxLength: 3 },
        ),
      )
      .map(([[type, value], keys]): [TfType, TfValue] => [
        ["map", type],
        Object.fromEntries(keys.map((k) => [k, value])),
      ]),
    fc
      .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie("typed"), { maxKeys: 4 })
      .map((fields): [TfType, TfValue] => [
        ["object", Object.fromEntries(Object.entries(fields).map(([k, [t]]) => [k, t]))],
        Object.fromEntries(Object.entries(fields).map(([k, [, v]]) => [k, v])),
      ]),
  ),
})).typed;

test("what is encoded by a type decodes to the same", () => {
  fc.assert(
    fc.property(typed, ([type, value]) => {
      expect(roundTrip(value, type)).toEqual(JSON.stringify(value) === "-0" ? 0 : value);
    }),
  );
});

test("any bytes of msgpack decode to a value or to problems, never to a crash of another kind", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), typed, (raw, [type]) => {
      const { value, problems } = decodeRaw(raw, type);
      expect(problems.length > 0 || encodeValue(value, type, []).length > 0).toBe(true);
    }),
  );
});

test.each([
  [
    "a key that no object can hold",
    Buffer.from("81a95f5f70726f746f5f5fa178", "hex"),
    "The key __proto__ is not allowed",
  ],
  ["bytes that end too soon", Buffer.from("a5ff", "hex"), expect.any(String)],
])("%s is a problem, not a crash", (_what, bytes, message) => {
  const problems: Problem[] = [];
  expect(decodeValue(wire(bytes), ["map", "string"], problems)).toBeNull();
  expect(problems).toEqual([{ path: [], message }]);
});

describe("numbers", () => {
  test("integers are written as integers, others as float64", () => {
    expect(encodeValue(2, "number", []).toString("hex")).toBe("02");
    expect(encodeValue(-1, "number", []).toString("hex")).toBe("ff");
    expect(encodeValue(300, "number", []).toString("hex")).toBe("cd012c");
    expect(encodeValue(0.5, "number", []).toString("hex")).toBe("cb3fe0000000000000");
  });

  test("they arrive as int, float, 64-bit int or text, and stay exact", () => {
    expect(decodeRaw(7, "number").value).toBe(7);
    expect(decodeRaw(1.5, "number").value).toBe(1.5);
    expect(decodeRaw(9_007_199_254_740_991n, "number").value).toBe(9_007_199_254_740_991);
    expect(decodeRaw(9_007_199_254_740_993n, "number").value).toBe("9007199254740993");
    expect(decodeRaw("12", "number").value).toBe(12);
    expect(decodeRaw("9007199254740993", "number").value).toBe("9007199254740993");
    expect(decodeRaw("0.1000000000000000000000001", "number").value).toBe("0.1000000000000000000000001");
  });

  test("one that is too large for JavaScript goes back as it came", () => {
    expect(roundTrip("9007199254740993", "number")).toBe("9007199254740993");
  });

  test("text that is no number does not pass for one", () => {
    expect(decodeRaw("many", "number").problems).toEqual([{ path: [], message: "expected number, found a string" }]);
  });
});

describe("unknown values", () => {
  test("are ext 0", () => {
    expect(encodeValue(UNKNOWN, "string", []).toString("hex")).toBe("d40000");
    expect(roundTrip({ a: UNKNOWN }, ["object", { a: "string" }])).toEqual({ a: UNKNOWN });
  });

  test("with refinements (ext 12) are unknown all the same", () => {
    expect(decodeRaw(new ExtData(12, encode(new Map([[1, false]]))), "string").value).toBe(UNKNOWN);
  });
});

describe("sets", () => {
  const strings: TfType = ["set", "string"];

  test("encode the same in any order, without repetition", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (values) => {
        const there = encodeValue(values, strings, []);
        expect(encodeValue([...values].reverse(), strings, []).equals(there)).toBe(true);
        expect((decodeValue(wire(there), strings, []) as string[]).length).toBe(new Set(values).size);
      }),
    );
  });

  test("keep two unknown elements apart", () => {
    expect(roundTrip([UNKNOWN, UNKNOWN, "a"], strings)).toHaveLength(3);
  });
});

describe("what does not fit", () => {
  const type: TfType = ["object", { name: "string", sizes: ["list", "number"], tags: ["map", "string"] }];

  test("is told with its path and left out; the rest is kept", () => {
    const problems: Problem[] = [];
    const bytes = encodeValue({ name: "a", sizes: [1, "two", 3], tags: { k: true }, more: 1 }, type, problems);
    expect(problems).toEqual([
      { path: ["more"], message: "the schema has no such attribute" },
      { path: ["sizes", 1], message: "expected number, found a string" },
      { path: ["tags", "k"], message: "expected string, found a boolean" },
    ]);
    expect(decodeValue(wire(bytes), type, [])).toEqual({ name: "a", sizes: [1, null, 3], tags: { k: null } });
  });

  test("attributes that are not given are null", () => {
    expect(roundTrip({ name: "a" }, type)).toEqual({ name: "a", sizes: null, tags: null });
  });

  test("an infinite number is told", () => {
    const problems: Problem[] = [];
    encodeValue(Number.POSITIVE_INFINITY, "number", problems);
    expect(problems).toEqual([{ path: [], message: "expected number, found a number" }]);
  });
});

test("a value of dynamic type carries its own type", () => {
  expect(roundTrip({ a: [1, "x"] }, "dynamic")).toEqual({ a: [1, "x"] });
  expect(roundTrip(null, "dynamic")).toBeNull();
});

test("a value that comes as JSON is read as well", () => {
  const json = Buffer.from('{"name":"a","n":9007199254740993}');
  expect(decodeValue({ msgpack: none, json }, ["object", { name: "string", n: "number" }], [])).toEqual({
    name: "a",
    n: "9007199254740993",
  });
});

test("no value at all is null", () => {
  expect(decodeValue(undefined, "string", [])).toBeNull();
});

describe("JSON of a state", () => {
  test("keeps integers above 2^53 as their digits, and digits in strings alone", () => {
    const text =
      '{"a":9007199254740993,"b":-9223372036854775808,"c":9007199254740991,"d":"12345678901234567890 \\" 12345678901234567890","e":1.5e3}';
    expect(parseJson(Buffer.from(text))).toEqual({
      a: "9007199254740993",
      b: "-9223372036854775808",
      c: 9007199254740991,
      d: '12345678901234567890 " 12345678901234567890',
      e: 1500,
    });
  });

  test("is read as JSON.parse reads it otherwise", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const hasLargeInteger = /\d{16}/.test(text);
        fc.pre(!hasLargeInteger);
        expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  test("fits a type and drops what the type does not have", () => {
    const problems: Problem[] = [];
    expect(fitJson({ name: "a", old: 1 }, ["object", { name: "string", size: "number" }], problems)).toEqual({
      name: "a",
      size: null,
    });
    expect(problems).toEqual([]);
  });
});

describe("private state", () => {
  test("is JSON with sorted keys, and nothing where it is empty", () => {
    expect(encodePrivate({ b: 1, a: [2] }).toString()).toBe('{"a":[2],"b":1}');
    expect(encodePrivate({})).toHaveLength(0);
    expect(decodePrivate(encodePrivate({ b: 1 }))).toEqual({ b: 1 });
  });

  test("of another program is empty", () => {
    expect(decodePrivate(Buffer.from("not json"))).toEqual({});
    expect(decodePrivate(Buffer.from("[1]"))).toEqual({});
  });
});

test("a map's key that names the prototype is a key like any other", () => {
  const json = Buffer.from('{"__proto__":"a","b":"c"}');
  const decoded = decodeValue({ msgpack: none, json }, ["map", "string"], []) as object;
  expect(Object.entries(decoded)).toEqual([
    ["__proto__", "a"],
    ["b", "c"],
  ]);
  expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
});

test("bytes that were made stay as they are when others are made", () => {
  const first = encodeValue("first", "string", []);
  encodeValue("second", "string", []);
  expect(decodeValue(wire(first), "string", [])).toBe("first");
});

test("bytes that cannot be decoded do not spoil what is decoded next", () => {
  const problems: Problem[] = [];
  expect(decodeValue(wire(Buffer.from([0x82, 0xa1, 0x61])), ["map", "string"], problems)).toBeNull();
  expect(problems).toHaveLength(1);
  expect(roundTrip({ a: "b" }, ["map", "string"])).toEqual({ a: "b" });
});

test("a null is known without decoding it", () => {
  expect(
    [
      undefined,
      { msgpack: none, json: none },
      wire(encodeValue(null, "string", [])),
      { msgpack: none, json: Buffer.from("null") },
    ].map(isNullValue),
  ).toEqual([true, true, true, true]);
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(isNullValue(wire(encodeValue(text, "string", [])))).toBe(false);
      expect(isNullValue({ msgpack: none, json: Buffer.from(JSON.stringify(text)) })).toBe(false);
    }),
  );
});
