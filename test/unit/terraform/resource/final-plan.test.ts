import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { FinalPlans } from "../../../../provider/terraform/resource/final-plan";
import type { ParentCommand } from "../../../../provider/process/parent-command";
import type { PreparedBuild } from "../../../../provider/source/prepare";
import { written } from "../../resources/snapshot/model";

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "final-"))));
afterEach(() => rmSync(home, { recursive: true }));

const hash = (digit: string): string => `v2:${digit.repeat(64)}`;
const program = written({ name: "agent", dockerfile: "app/Dockerfile" });
function build(digit: string, files: Record<string, string> = { "a.txt": digit }, text = "FROM a:1\n"): PreparedBuild {
  const list = Object.entries(files).map(([path, sha256]) => ({
    path,
    sha256: sha256.replace("x:", ""),
    executable: sha256.startsWith("x:"),
    size: 1,
  }));
  return {
    source: { text, hash: hash(digit), contextHashes: [] },
    archives: [
      {
        hash: "h",
        size: 1,
        files: list,
        from: "COPY .",
        open: () => {
          throw new Error("not to be read");
        },
      },
    ],
    image: null,
    warnings: [],
  };
}
let clock = Date.now();
const plans = (parent: Partial<ParentCommand> = {}, pid = 1) =>
  new FinalPlans(
    { XDG_CACHE_HOME: home },
    () => ({ run: "run", command: "apply", planFile: null, whole: true, ...parent }),
    pid,
    () => clock,
  );

test("an apply whose own plan found other files names them; both processes are of one run", () => {
  expect(plans({}, 1).check(program, build("1", { a: "1", b: "1", c: "1", d: "1" }), true)).toBeNull();
  const told = plans({}, 2).check(program, build("2", { a: "2", b: "x:1", d: "1", e: "1" }, "FROM a:2\n"), true);
  expect(told).toEqual({
    summary: 'The source of snapshot "agent" has changed since the plan',
    detail: `Changed since then:\n  app/Dockerfile (changed)\n  a (changed)\n  b (executable bit changed)\n  c (removed)\n  e (added)\n\nThe plan has the source hash ${hash("1")}; now it is ${hash("2")}. Nothing was built. Plan and apply again. If something in this configuration writes the files, let it write them before the plan.`,
    attribute: ["dockerfile"],
  });
});

test("no more than ten files are listed", () => {
  const many = (digit: string) =>
    build(digit, Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`f${String(at).padStart(2, "0")}`, digit])));
  plans({}, 1).check(program, many("1"), true);
  const lines = plans({}, 2).check(program, many("2"), true)!.detail.split("\n");
  expect(lines.slice(10, 12)).toEqual(["  f09 (changed)", "  and 5 more"]);
});

test.each<[string, Partial<ParentCommand>, number]>([
  ["another run", { run: "other" }, 2],
  ["the same process", {}, 1],
  ["a plan", { command: "plan" }, 2],
  ["a test run, which plans several times", { command: "test" }, 2],
])("%s is no second plan", (_what, parent, pid) => {
  plans({ run: "run", ...(parent.command ? { command: parent.command } : {}) }, 1).check(program, build("1"), true);
  expect(plans(parent, pid).check(program, build("2"), true)).toBeNull();
});

test.each<[string, Partial<typeof program>]>([
  ["another path", { dockerfile: "b" }],
  ["other build arguments", { buildArgs: { a: "1" } }],
  ["another target", { target: "x" }],
  ["another list", { context: ["x"] }],
  ["another folder", { contextDir: "x" }],
])("%s is another source", (_what, other) => {
  plans({}, 1).check(program, build("1"), true);
  expect(plans({}, 2).check({ ...program, ...other }, build("2"), true)).toBeNull();
});

test("a given hash, and a plan that builds nothing, are not remembered", () => {
  plans({}, 1).check({ ...program, sourceHash: "mine" }, build("1"), true);
  plans({}, 1).check(program, build("1"), false);
  expect(plans({}, 2).check(program, build("2"), true)).toBeNull();
  plans({}, 3).check(program, build("3"), true);
  expect(plans({}, 4).check({ ...program, sourceHash: "mine" }, build("4"), true)).toBeNull();
});

/** A zip as Terraform writes it: the plan among others, with or without compression. */
function planFile(content: string, plain = false): string {
  const entry = (name: string, bytes: Buffer, stored: boolean): Buffer => {
    const header = Buffer.alloc(30);
    header.write("PK\x03\x04", 0, "latin1");
    header.writeUInt16LE(stored ? 0 : 8, 8);
    header.writeUInt16LE(name.length, 26);
    return Buffer.concat([header, Buffer.from(name), stored ? bytes : deflateRawSync(bytes), Buffer.from("trailer")]);
  };
  const path = join(home, "saved");
  writeFileSync(
    path,
    Buffer.concat([entry("tfstate", Buffer.from(hash("9")), false), entry("tfplan", Buffer.from(content), plain)]),
  );
  return path;
}

test.each([false, true])("a saved plan is believed for what stands in it (stored: %p)", (plain) => {
  plans({ run: "earlier", command: "plan" }, 1).check(program, build("1"), true);
  const of = (content: string) =>
    plans({ run: "later", planFile: planFile(content, plain) }, 2).check(program, build("2"), true);
  // The plan has what was remembered: the files are others now.
  expect(of(`..${hash("1")}..`)?.detail).toContain("a.txt (changed)");
});

test.each<[string, () => string | null]>([
  ["the hash of now", () => planFile(`..${hash("1")}..${hash("2")}`)],
  ["another hash", () => planFile(hash("3"))],
  ["no hash", () => planFile("nothing")],
  [
    "encrypted text",
    () => {
      writeFileSync(join(home, "saved"), '{"meta":{},"encrypted_data":"x"}');
      return join(home, "saved");
    },
  ],
  ["no file", () => join(home, "none")],
])("a saved plan with %s says nothing", (_what, make) => {
  plans({ run: "earlier", command: "plan" }, 1).check(program, build("1"), true);
  expect(plans({ run: "later", planFile: make() }, 2).check(program, build("2"), true)).toBeNull();
});

test("a local image is named by its name", () => {
  const image = { ...program, dockerfile: null, localImage: "agent:dev" };
  const built = (digit: string): PreparedBuild => ({
    ...build(digit),
    archives: [],
    image: { written: "agent:dev", hash: hash(digit), content: { kind: "engine", engine: null as never, id: "x" } },
  });
  plans({}, 1).check(image, built("1"), true);
  expect(plans({}, 2).check(image, built("2"), true)).toMatchObject({
    attribute: ["localImage"],
    detail: expect.stringContaining('Changed since then:\n  the image "agent:dev"\n') as string,
  });
});

test("too many files are counted, not named; what is kept is private, and goes after a week", () => {
  const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, at) => [`f${at}`, "1"]));
  plans({}, 1).check(program, build("1", many), true);
  const folder = join(home, "daytona-iac/plans");
  const [file] = readdirSync(folder);
  expect(statSync(join(folder, file!)).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, file!)).size).toBeLessThan(1000);
  expect(plans({}, 2).check(program, build("2", many), true)?.detail).toMatch(
    /^Changed since then: some of its files\.\nThe plan has/,
  );
  clock += 8 * 86_400_000;
  expect(plans({}, 2).check(program, build("2", many), true)).toBeNull();
});

test("what cannot be kept or read is no failure", () => {
  writeFileSync(join(home, "daytona-iac"), "a file");
  expect(plans({}, 1).check(program, build("1"), true)).toBeNull();
  expect(plans({}, 2).check(program, build("2"), true)).toBeNull();
});
