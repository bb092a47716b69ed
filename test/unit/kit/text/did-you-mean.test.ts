import { didYouMean } from "../../../../provider/kit/text/did-you-mean";

test.each([
  ["actve", ' Did you mean "active"?'],
  ["--cpus", ' Did you mean "cpu"?'],
  ["nothing-like-it", ""],
  ["help", ""],
  ["--help", ""],
  ["-h", ""],
  ["", ""],
])("%j: %j, and nothing is printed", (word, expected) => {
  const printed = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  const failed = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(didYouMean(word, ["active", "cpu", "cpu"])).toBe(expected);
  expect([printed.mock.calls, failed.mock.calls]).toEqual([[], []]);
  jest.restoreAllMocks();
});
