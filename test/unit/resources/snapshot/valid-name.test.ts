import { validName } from "../../../../provider/resources/snapshot/valid-name";
import { nameProblem } from "../../../../provider/resources/snapshot/validation/rules";

test.each([
  ["agent", "agent"],
  ["Team/agent:1.4--beta_2", "Team/agent:1.4--beta_2"],
  ["feature/new login", "feature/new-login"],
  ["  Café & Bar!  ", "Cafe-Bar"],
  ["//a///b/", "a/b"],
  ["www.example.com", "www-example.com"],
  ["https://example.com/a", "https:/example.com/a"],
  ["data:text", "data-text"],
  ["MAILTO:me", "MAILTO-me"],
  ["agent--next-0123abcd", "agent-next-0123abcd"],
  [`a@sha256:${"ab".repeat(32)}`, `a-sha256:${"ab".repeat(32)}`],
  ["日本 1", "1"],
  ["a\u0000b\nc", "a-b-c"],
])("%j becomes %j, which is valid and stays", (text, name) => {
  expect(validName(text)).toBe(name);
  expect(nameProblem(name)).toBeNull();
  expect(validName(name)).toBe(name);
});

test.each(["", "   ", "日本", "..", "!/!", "\ud800"])("nothing can be made of %j", (text) => {
  expect(validName(text)).toBeNull();
});

test("whatever the text, the name is valid or there is none", () => {
  const alphabet = [
    "a",
    "1",
    "-",
    "--next-",
    "0123abcd",
    ".",
    "/",
    ":",
    "@",
    " ",
    "www.",
    "data:",
    "é",
    "\n",
    "http://",
  ];
  let seed = 7;
  const next = (most: number): number => (seed = (seed * 48271) % 2147483647) % most;
  for (let at = 0; at < 20_000; at += 1) {
    const text = Array.from({ length: next(8) }, () => alphabet[next(alphabet.length)]).join("");
    const name = validName(text);
    if (name !== null) expect([text, name, nameProblem(name)]).toEqual([text, name, null]);
    else expect([text, /[a-z0-9é]/.test(text)]).toEqual([text, false]);
  }
});
