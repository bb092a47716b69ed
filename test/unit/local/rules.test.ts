import fc from "fast-check";
import { likePattern } from "../../../provider/local/world/list";
import { parseQuery } from "../../../provider/local/protocol/query";
import { checkCreate, checkImageName, checkList, checkSnapshotName } from "../../../provider/local/protocol/validation";

const message = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

const UNSAFE = "name must not contain HTML tags, URLs, or control characters";

test.each([
  [{ name: "hotel:2" }, UNSAFE],
  [{ name: "MAILTO:x" }, UNSAFE],
  [{ name: "a/http://b" }, UNSAFE],
  [{ name: "www.a" }, UNSAFE],
  [{ name: "<b>" }, UNSAFE],
  [{ name: null }, "name must be a string"],
  [{ name: "a", gpuType: "X" }, "each value in gpuType must be one of the following values: H100, RTX-PRO-6000"],
  [{ name: "a", gpuType: ["H100", "RTX-PRO-6000"] }, "gpuType must contain no more than 1 elements"],
  [{ name: "a", entrypoint: [1] }, "each value in entrypoint must be a string"],
  [{ name: "a", entrypoint: 1 }, "entrypoint must be an array, each value in entrypoint must be a string"],
  [
    { name: "a", gpu: "1" },
    "gpu must not be greater than 1, gpu must not be less than 0, gpu must be a number conforming to the specified constraints",
  ],
  [
    { name: "a", regionId: 1, sandboxClass: "x" },
    "regionId must be a string, sandboxClass must be one of the following values: linux-vm, container, android, windows",
  ],
  [{ name: "a", buildInfo: [] }, "buildInfo must be an object"],
  [[], "name must be a string"],
  ["text", "name must be a string"],
])("POST with %j: %s", (body, expected) => expect(message(() => checkCreate(body))).toBe(expected));

test.each([
  ["a/b:1.0", ""],
  ["A_b-c.d", ""],
  [`x@sha256:${"a".repeat(64)}`, ""],
  ["/a", "Invalid"],
  ["a/", "Invalid"],
  ["a//b", "Invalid"],
  ["a b", "Invalid"],
  ["a\n", "Invalid"],
  [`a@sha256:${"A".repeat(64)}`, "Invalid"],
  ["", "Invalid"],
])("snapshot name %j", (name, expected) => expect(message(() => checkSnapshotName(name)).slice(0, 7)).toBe(expected));

test.each([
  ["registry.example:5000/team/app:1", ""],
  ["localhost:5000/app", ""],
  ["ubuntu: ", "Image name must include a tag"],
  ["a@sha256:", "Invalid digest format"],
  ["x/app:latest", 'Images with tag ":latest" are not allowed'],
  ["a//b:1", "Invalid image name format"],
])("image %j", (image, expected) => {
  const text = message(() => checkImageName(image));
  expect(expected === "" ? text : text.slice(0, expected.length)).toBe(expected);
});

test.each([
  ["limit=abc", "limit must be an integer number, limit must not be less than 1, limit must not be greater than 200"],
  [
    "page=1.5&limit=1000.5",
    "page must be an integer number, limit must be an integer number, limit must not be greater than 200",
  ],
  [
    "sort=&order=",
    "sort must be one of the following values: name, state, lastUsedAt, createdAt, order must be one of the following values: asc, desc",
  ],
  ["name[]=a", "name must be a string"],
])("GET with %s", (query, expected) => expect(message(() => checkList(parseQuery(query)))).toBe(expected));

test("defaults of a listing", () => {
  expect(checkList(parseQuery("other=1"))).toEqual({ page: 1, limit: 100, sort: "lastUsedAt", order: "desc" });
});

test("a name filter is a part in any case, with _ and % for any", () => {
  expect(likePattern("a_c").test("xABCx")).toBe(true);
  expect(likePattern("a_c").test("ac")).toBe(false);
  expect(likePattern("a%c").test("a/b:c")).toBe(true);
  expect(likePattern("a\\_c").test("abc")).toBe(false);
  expect(likePattern("a\\_c").test("A_C")).toBe(true);
  const plain = fc.stringMatching(/^[a-z0-9.:/()[\]+*?^$|{}-]{0,12}$/);
  fc.assert(
    fc.property(plain, plain, plain, (before, part, after) =>
      likePattern(part).test(before + part.toUpperCase() + after),
    ),
  );
  fc.assert(
    fc.property(
      plain,
      plain,
      (part, text) => likePattern(part).test(text) === text.toLowerCase().includes(part.toLowerCase()),
    ),
  );
});
