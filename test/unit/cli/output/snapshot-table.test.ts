import { colored } from "../../../../provider/cli/output/colors";
import {
  type Column,
  COLUMNS,
  DEFAULT_COLUMNS,
  pruneTable,
  rowOf,
  type SnapshotRow,
  snapshotTable,
  sorted,
} from "../../../../provider/cli/output/snapshot-table";
import { age, type TableOptions } from "../../../../provider/cli/output/table";

const NOW = Date.parse("2026-06-15T12:00:00Z");
const ago = (days: number): string => new Date(NOW - days * 86_400_000).toISOString();
const row = (more: Partial<SnapshotRow> = {}): SnapshotRow => ({
  id: "00000000-0000-4000-8000-000000000001",
  name: "agent",
  state: "active",
  general: false,
  createdAt: ago(3),
  lastUsedAt: ago(1),
  size: 1.5,
  cpu: 1,
  mem: 2,
  disk: 3,
  regionIds: ["us", "eu"],
  ...more,
});
const table = (rows: SnapshotRow[], more: Partial<TableOptions<Column>> = {}): string[] =>
  snapshotTable(rows, {
    columns: DEFAULT_COLUMNS,
    headers: true,
    width: undefined,
    now: NOW,
    colors: false,
    ...more,
  }).split("\n");
const cells = (line: string): string[] => line.split(/ {2,}/);

test("every column says what its title says", () => {
  const [head, line] = table([row()], { columns: COLUMNS });
  expect(cells(head!)).toEqual(["NAME", "ID", "STATE", "SIZE", "CPU/MEM/DISK", "REGION", "CREATED", "LAST USED"]);
  expect(cells(line!)).toEqual(["agent", row().id, "active", "1.50 GiB", "1/2/3", "us,eu", "3 days ago", "1 day ago"]);
});

test("what the API does not tell is a dash, and 0 is not nothing", () => {
  const unknown = row({ size: null, regionIds: [], createdAt: "never", lastUsedAt: null });
  Object.assign(unknown, { cpu: undefined, mem: null, disk: 0 });
  expect(cells(table([unknown])[1]!)).toEqual(["agent", "active", "-", "-/-/0", "-", "-", "-"]);
  expect(cells(table([row({ size: 0 })])[1]!)[2]).toBe("0.00 GiB");
});

test("a general snapshot is marked", () => {
  expect(table([row({ general: true })])[1]).toMatch(/^agent \(general\) {2}active/);
});

test("the columns are those that were asked for, in that order; without headers there are rows only", () => {
  expect(table([row()], { columns: ["state", "name"] })).toEqual(["STATE   NAME", "active  agent"]);
  expect(table([row(), row({ name: "b" })], { columns: ["name", "state"], headers: false })).toEqual([
    "agent  active",
    "b      active",
  ]);
});

test("columns stand below each other, also beside wide characters and marks; no line ends with spaces", () => {
  const lines = table([row({ name: "日本" }), row({ name: "e\u0301" }), row({ name: "abcd" })], {
    columns: ["name", "state"],
  });
  expect(lines).toEqual(["NAME  STATE", "日本  active", "e\u0301     active", "abcd  active"]);
});

describe("on a terminal that is too narrow", () => {
  const long = row({ name: "n".repeat(40) });

  test("nothing is left out that fits exactly", () => {
    const whole = table([long])[1]!;
    const width = Math.max(...table([long]).map((line) => line.length));
    expect(table([long], { width })[1]).toBe(whole);
  });

  // The rest of the name's 40 columns goes first: 30 + 6 + 8 + 12 + 6 + 10 + 9, and six gaps of two.
  test.each([
    [93, "NAME STATE SIZE CPU/MEM/DISK REGION CREATED LAST USED"],
    [92, "NAME STATE SIZE CPU/MEM/DISK REGION CREATED"],
    [82, "NAME STATE SIZE CPU/MEM/DISK REGION CREATED"],
    [81, "NAME STATE SIZE CPU/MEM/DISK CREATED"],
    [74, "NAME STATE SIZE CPU/MEM/DISK CREATED"],
    [73, "NAME STATE SIZE CPU/MEM/DISK"],
    [62, "NAME STATE SIZE CPU/MEM/DISK"],
    [61, "NAME STATE CPU/MEM/DISK"],
    [52, "NAME STATE CPU/MEM/DISK"],
    [51, "NAME STATE"],
    [38, "NAME STATE"],
    [20, "NAME STATE"],
  ])("of %d columns the name is cut to 30, then columns go: %s", (width, expected) => {
    const lines = table([long], { width });
    expect(cells(lines[0]!).join(" ")).toBe(expected);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  test("a cut name ends with an ellipsis, and is as long as the room allows", () => {
    const [, line] = table([long], { columns: ["name", "state"], width: 38 });
    expect(line).toBe(`${"n".repeat(29)}…  active`);
  });

  test("some of the name stays, however narrow it is", () => {
    const [, line] = table([long], { columns: ["name", "state"], width: 5 });
    expect(line).toBe(`${"n".repeat(11)}…  active`);
    expect(table([long], { columns: ["used"], width: 5 })).toHaveLength(2);
  });
});

describe("colors", () => {
  const colorOf = (state: string): string =>
    table([row({ state })], { columns: ["state"], headers: false, colors: true })[0]!.slice(0, 5);

  test("tell ready, failed, busy and idle apart, and headers are bold", () => {
    expect(["active", "error", "build_failed", "pulling", "removing", "inactive"].map(colorOf)).toEqual([
      "\u001b[32m",
      "\u001b[31m",
      "\u001b[31m",
      "\u001b[33m",
      "\u001b[2ma".replace("a", "r"),
      "\u001b[2mi",
    ]);
    expect(table([row()], { columns: ["name"], colors: true })[0]).toBe("\u001b[1mNAME\u001b[22m");
    expect(table([row()]).join("")).not.toContain("\u001b");
  });

  test.each<[Record<string, string>, number | undefined, boolean]>([
    [{}, 80, true],
    [{}, undefined, false],
    [{ NO_COLOR: "1" }, 80, false],
    [{ NO_COLOR: "" }, 80, true],
    [{ FORCE_COLOR: "1" }, undefined, true],
    [{ FORCE_COLOR: "0" }, undefined, false],
    [{ FORCE_COLOR: "0" }, 80, true],
    [{ FORCE_COLOR: "" }, undefined, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, 80, false],
  ])("with %j on a terminal of %p columns: %p", (env, outColumns, expected) => {
    expect(colored({ out: () => undefined, err: () => undefined, env, outColumns })).toBe(expected);
  });
});

test("busy and failed ones come first, then active, unknown and leaving ones; the newest first among equals", () => {
  const rows = ["removing", "inactive", "active", "error", "pending"].flatMap((state) =>
    [9, 1].map((days) => row({ state, name: `${state} ${days}`, createdAt: ago(days) })),
  );
  expect(sorted(rows).map(({ name }) => name)).toEqual(
    ["pending", "error", "active", "inactive", "removing"].flatMap((state) => [`${state} 1`, `${state} 9`]),
  );
  expect(sorted([row({ name: "undated", createdAt: "?" }), row({ name: "dated" })]).map(({ name }) => name)).toEqual([
    "dated",
    "undated",
  ]);
  expect(rows[0]!.name).toBe("removing 9");
});

test("a row keeps what the table shows, and not what takes memory", () => {
  const dto = { ...row(), buildInfo: { dockerfileContent: "x" }, errorReason: "y" };
  expect(rowOf(dto as never)).toEqual(row());
});

test("in 500 rows, as in 5, nothing is lost and columns stand below each other", () => {
  const lines = table(
    Array.from({ length: 401 }, (_, at) => row({ name: `s${at}`.padEnd(at === 300 ? 20 : 4, "x") })),
    { columns: ["name", "state"], headers: false },
  );
  expect(lines).toHaveLength(401);
  expect(new Set(lines.map((line) => (line.indexOf("  active") === -1 ? -1 : line.lastIndexOf("active"))))).toEqual(
    new Set([22]),
  );
});

test("an age is rounded to a unit; without a date it is a dash", () => {
  expect([age(ago(0.5), NOW), age(null, NOW), age(undefined, NOW), age("soon", NOW)]).toEqual([
    "12 hours ago",
    "-",
    "-",
    "-",
  ]);
});

describe("what can go", () => {
  const found = [
    { dto: row({ name: "old" }), reason: "not used" },
    { dto: row({ name: "broken", state: "error" }), reason: "failed" },
  ];

  test("is a table with the reason in front of each", () => {
    const lines = pruneTable(found, { width: undefined, now: NOW, colors: false }).split("\n").map(cells);
    expect(lines).toEqual([
      ["REASON", "NAME", "STATE", "SIZE", "CREATED", "LAST USED"],
      ["not used", "old", "active", "1.50 GiB", "3 days ago", "1 day ago"],
      ["failed", "broken", "error", "1.50 GiB", "3 days ago", "1 day ago"],
    ]);
  });

  test("fits the terminal, whatever the reasons take", () => {
    const lines = pruneTable(found, { width: 40, now: NOW, colors: false }).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines[0]).toMatch(/^REASON {4}NAME {2,}STATE/);
  });

  test("leaves room for the title where every reason is short", () => {
    const lines = pruneTable([{ dto: row(), reason: "old" }], { width: undefined, now: NOW, colors: false }).split(
      "\n",
    );
    expect(lines.map((line) => line.slice(0, 12))).toEqual(["REASON  NAME", "old     agen"]);
  });
});
