import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageResolver } from "../../../../provider/lifecycle";
import type { ParentCommand } from "../../../../provider/process/parent-command";
import { FinalDigests } from "../../../../provider/terraform/resource/final-digest";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { written } from "../../resources/snapshot/model";

/** The digest of the plan is the digest of its apply, which another process makes. */

let home: string;
let now = Date.now();
beforeEach(() => void ((home = mkdtempSync(join(tmpdir(), "digest-"))), (now = Date.now())));
afterEach(() => rmSync(home, { recursive: true }));

const folder = (): string => join(home, "daytona-iac/planned-digests");
const digest = (of: string): string => `sha256:${of.repeat(64)}`;
const registry = (of: string): ImageResolver => ({
  resolve: () => Promise.resolve({ kind: "resolved", digest: digest(of), platforms: null }),
});
const processOf = (pid: number, parent: Partial<ParentCommand> = {}) =>
  new FinalDigests(
    { XDG_CACHE_HOME: home },
    () => ({ run: "run", command: "apply", planFile: null, whole: true, ...parent }),
    pid,
    () => now,
  );
const program = (name = "agent", image = "team/app:1") => written({ name, image });

/** A plan as Terraform makes it: what the registry says now is what it shows. */
async function plan(
  digests: FinalDigests,
  what = program(),
  images: ImageResolver | null = registry("a"),
  action = "create",
) {
  const found = await digests.resolverFor(what, action === "create", images)?.resolve(String(what.image));
  const shown = found?.kind === "resolved" ? found.digest : null;
  digests.remember(what, { action, planned: { imageDigest: shown ?? UNKNOWN } } as never);
  return shown;
}

test("the second process of a run has the digest of the first, whatever the registry says by then", async () => {
  expect(await plan(processOf(1))).toBe(digest("a"));
  expect(await plan(processOf(2), program(), registry("b"))).toBe(digest("a"));
  // Another resource, and another image of the same resource, were not planned.
  const second = processOf(2);
  expect(await plan(second, program("other"), registry("b"))).toBe(digest("b"));
  expect(await plan(second, program("agent", "team/app:2"), registry("b"))).toBe(digest("b"));
});

test("a digest that the plan did not know is not known in its apply either", async () => {
  const down: ImageResolver = { resolve: () => Promise.resolve({ kind: "unasked", reason: "it is down" }) };
  expect(await plan(processOf(1), program(), down)).toBeNull();
  expect(await plan(processOf(2), program(), registry("b"))).toBeNull();
});

test("another run, a plan, and the same process ask anew", async () => {
  const first = processOf(1);
  await plan(first);
  expect(await plan(first, program(), registry("b"))).toBe(digest("b"));
  expect(await plan(processOf(2, { run: "another" }), program(), registry("c"))).toBe(digest("c"));
  expect(await plan(processOf(4, { command: "plan", run: "a plan" }), program(), registry("c"))).toBe(digest("c"));
  // What the same process has planned last counts.
  expect(await plan(processOf(3), program(), registry("d"))).toBe(digest("b"));
});

test("a plan of 1,000 snapshots writes one file, and 1,000 applied ones read it", async () => {
  const [first, second] = [processOf(1), processOf(2)];
  for (let at = 0; at < 1000; at += 1) await plan(first, program(`n${at}`), registry(at % 2 === 0 ? "a" : "b"));
  expect(readdirSync(folder())).toHaveLength(1);
  for (let at = 0; at < 1000; at += 1)
    expect(await plan(second, program(`n${at}`), registry("c"))).toBe(digest(at % 2 === 0 ? "a" : "b"));
});

test("two providers of one run (`alias`) are two processes, which both tell", async () => {
  await plan(processOf(1), program("one"), registry("a"));
  await plan(processOf(2), program("two"), registry("b"));
  const applied = processOf(3);
  expect(await plan(applied, program("one"), registry("c"))).toBe(digest("a"));
  expect(await plan(applied, program("two"), registry("c"))).toBe(digest("b"));
});

test("lines that were cut off, or are something else, are left out", async () => {
  await plan(processOf(1));
  const [file = ""] = readdirSync(folder());
  appendFileSync(join(folder(), file), '\n[1,2]\n["agent"]\nnull\n["cut');
  expect(await plan(processOf(2), program(), registry("b"))).toBe(digest("a"));
});

test("a file that another process removes meanwhile keeps none of the others from counting", async () => {
  mkdirSync(folder(), { recursive: true });
  // Listed, and not there when it is looked at.
  symlinkSync("gone", join(folder(), "of-another-run.jsonl"));
  await plan(processOf(1));
  const file = readdirSync(folder()).find((name) => name.endsWith("-1.jsonl"))!;
  for (const pid of ["0", "7", "8", "9"])
    symlinkSync("gone", join(folder(), file.replace(/-1\.jsonl$/, `-${pid}.jsonl`)));
  expect(await plan(processOf(2), program(), registry("b"))).toBe(digest("a"));
});

test("files that are older than a week go, and count no more", async () => {
  await plan(processOf(1));
  const [file = ""] = readdirSync(folder());
  const before = (Date.now() - 8 * 86_400_000) / 1000;
  utimesSync(join(folder(), file), before, before);
  expect(await plan(processOf(2), program(), registry("b"))).toBe(digest("b"));
  expect(readdirSync(folder())).not.toContain(file);
});

test("where nothing can be kept, nothing fails", async () => {
  mkdirSync(join(home, "daytona-iac"));
  writeFileSync(folder(), "a file");
  const first = processOf(1);
  expect(await plan(first)).toBe(digest("a"));
  expect(await plan(first, program("other"))).toBe(digest("a"));
  rmSync(folder());
  mkdirSync(folder(), { mode: 0o500 });
  chmodSync(folder(), 0o500);
  expect(await plan(processOf(2))).toBe(digest("a"));
  const nowhere = new FinalDigests({}, () => ({ run: "run", command: "apply", planFile: null, whole: true }), 1);
  expect(await plan(nowhere)).toBe(digest("a"));
});
