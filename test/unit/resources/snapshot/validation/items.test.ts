import type { Attribute } from "../../../../../provider/kit/attribute";
import { spellFor } from "../../../../../provider/kit/spell";
import { UNKNOWN } from "../../../../../provider/kit/unknown";
import { itemNotices } from "../../../../../provider/resources/snapshot/validation/items";

/** Of a table that no rule knows by name. */
const check = (type: Attribute["type"], value: unknown): unknown[] => {
  const found: unknown[] = [];
  itemNotices(
    [{ name: "newList", type, set: "optional", doc: "New." }],
    { newList: value },
    spellFor("terraform"),
    (...notice) => found.push(notice),
  );
  return found;
};

test.each(["string-list", "string-set"] as const)("items of any %s are texts with something in them", (type) => {
  expect(check(type, ["a", null, " ", UNKNOWN, "b\0", "\ud800"])).toEqual([
    [["newList", 1], "Invalid new_list", "The item is null. Set it to a string, or remove it."],
    [["newList", 2], "Invalid new_list", "The item is blank, and the API would drop it. Remove it."],
    [["newList", 4], "Invalid new_list", "It contains a NUL character, which the API cannot store."],
    [["newList", 5], "Invalid new_list", "It contains half of a surrogate pair, which is not a character."],
  ]);
});

test("values of any map are there; what is empty, unknown or of another type passes", () => {
  expect(check("string-map", { a: "1", b: null, c: UNKNOWN, d: "" })).toEqual([
    [["newList", "b"], "Invalid new_list", 'The value of "b" is null. Set it to a string, or remove the key.'],
  ]);
  for (const value of [null, UNKNOWN, [], {}]) expect(check("string-map", value)).toEqual([]);
  expect([check("string-list", UNKNOWN), check("string-list", null), check("string", "")]).toEqual([[], [], []]);
});
