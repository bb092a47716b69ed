import { counted, firstOf, mustBeWhole } from "../../../../provider/kit/text/numbers";

test("one is in the singular, everything else in the plural", () => {
  expect([0, 1, 2].map((count) => counted(count, "snapshot"))).toEqual(["0 snapshots", "1 snapshot", "2 snapshots"]);
  expect([0, 1, 2].map((count) => counted(count, "registry", "registries"))).toEqual([
    "0 registries",
    "1 registry",
    "2 registries",
  ]);
});

test("of many names the first are listed, with how many more there are", () => {
  const names = ["a", "b", "c", "d"];
  expect([0, 1, 2].map((count) => firstOf(names.slice(0, count), 2))).toEqual(["", "a", "a, b"]);
  expect([firstOf(names.slice(0, 3), 2), firstOf(names, 2)]).toEqual(["a, b and 1 more", "a, b and 2 more"]);
  expect(firstOf(names, 3, ", and")).toBe("a, b, c, and 1 more");
  expect(firstOf(names, 4, ", and")).toBe("a, b, c, d");
});

test("what a number must be, and what it is", () => {
  expect(mustBeWhole({ least: 1 }, 0)).toBe("must be a whole number, at least 1 (got 0)");
  expect(mustBeWhole({ unit: "GiB", least: 1 }, 1.5)).toBe("must be a whole number of GiB, at least 1 (got 1.5)");
  expect(mustBeWhole({ least: 1, most: 1000 }, "many")).toBe('must be a whole number from 1 to 1000 (got "many")');
});
