import { tellOfIdleRules, tellOfUnused, whatExists } from "../../../provider/cli/filters";

test("a filter that matches nothing is told, one that matches is not", () => {
  let err = "";
  const io = { out: () => undefined, err: (text: string) => void (err += text), env: {} };
  tellOfUnused(io, ["agent-*", "agnet-*", "?"], ["agent-1", "b"]);
  expect(err).toBe(
    'Warning: --filter "agnet-*" matches no snapshot\n  Available: agent-1 and b. * matches any text, ? matches one character.\n',
  );
});

test.each<[string[], string]>([
  [[], "There are none."],
  [["a"], "Available: a."],
  [["b", "a", "b"], "Available: a and b."],
  [["c", "b", "a"], "Available: a, b and c."],
])("what there is, of %j", (names, text) => expect(whatExists(names)).toBe(text));

test("of many names, some are listed", () => {
  const names = Array.from({ length: 23 }, (_, at) => `n${String(at).padStart(2, "0")}`);
  expect(whatExists(names.slice(0, 20))).toMatch(/^Available: n00, .*, n18 and n19\.$/);
  expect(whatExists(names.slice(0, 21))).toMatch(/^Available: n00, .*, n19 and 1 more\.$/);
  expect(whatExists(names)).toMatch(/, n19 and 3 more\.$/);
});

describe("rules that ignore nothing", () => {
  const rule = (name: string, until: string | null = null) => ({
    rule: { name, attribute: "active", reason: null, until },
    label: `--ignore ${name}:active`,
  });
  const known = [
    { name: "agent", address: "daytona_snapshot.agent", shown: "agent" },
    { name: "secret", address: "daytona_snapshot.hidden", shown: "daytona_snapshot.hidden" },
    { name: null, address: "daytona_snapshot.new", shown: "daytona_snapshot.new" },
  ];
  const told = (rules: ReturnType<typeof rule>[], checked: typeof known | null = known): string => {
    let err = "";
    const io = { out: () => undefined, err: (text: string) => void (err += text), env: {} };
    tellOfIdleRules(io, rules, checked, Date.UTC(2026, 5, 15));
    return err;
  };

  test("by a name that no snapshot has, with those that there are; a secret name is not shown", () => {
    expect(told([rule("agnet")])).toBe(
      'Warning: --ignore agnet:active matches no snapshot\n  None has the name or the address "agnet". Available: agent, daytona_snapshot.hidden and daytona_snapshot.new. * matches any text, ? matches one character.\n',
    );
    expect(told([rule("agent"), rule("*.new"), rule("secret"), rule("*")])).toBe("");
  });

  test("nobody knows where a source could not be read, or there is no snapshot", () => {
    expect([told([rule("agnet")], null), told([rule("agnet")], [])]).toEqual(["", ""]);
  });

  test("its last day is over", () => {
    expect(told([rule("agent", "2026-06-14")], null)).toBe(
      "Warning: --ignore agent:active expired on 2026-06-14, and no longer ignores anything\n  Set a later date, or remove the rule.\n",
    );
    expect(told([rule("agent", "2026-06-15")])).toBe("");
  });
});
