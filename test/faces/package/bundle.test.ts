import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Parts of libraries are replaced in the bundles: the same ones in every build, and for those libraries alone.
jest.setTimeout(120_000);

const root = join(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "daytona-iac-bundle-"));
afterAll(() => rmSync(folder, { recursive: true }));

function build(name: string): string {
  const file = join(folder, name);
  const script = `import("./scripts/build-provider.mjs").then((it) => it.bundle("provider/terraform/main.ts", ${JSON.stringify(file)}))`;
  execFileSync(process.execPath, ["-e", script], { cwd: root });
  return readFileSync(file, "utf8");
}

const builds = ["1", "2", "3", "4"].map(build);

test("a bundle is the same in every build", () => {
  expect(builds.map((text) => text === builds[0])).toEqual([true, true, true, true]);
});

test.each(["http2", "https"])("everybody but axios has Node's own %s", (name) => {
  const own = `require("${name}")`;
  for (const bundle of builds) {
    const all = [...bundle.matchAll(new RegExp(`^ +var ${name} = (.*);$`, "gm"))].map(([, what]) =>
      String(what).replace("node:", ""),
    );
    expect(all.length).toBeGreaterThan(1);
    for (const what of all) expect([own, `__importStar(${own})`]).toContain(what);
  }
});
