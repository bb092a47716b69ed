import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "../../../../provider/cli/install/install";

let root: string;
let home: string;
let before: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "daytona-package-"));
  home = mkdtempSync(join(tmpdir(), "daytona-home-"));
  mkdirSync(join(root, "dist/provider"), { recursive: true });
  for (const name of ["terraform-provider-daytona", "pulumi-resource-daytona"])
    writeFileSync(join(root, "dist/provider", name), "#!/usr/bin/env node\n", { mode: 0o755 });
  before = process.umask();
});
afterEach(() => {
  process.umask(before);
  for (const dir of [root, home]) rmSync(dir, { recursive: true, force: true });
});

/** Every path below a folder with its mode, in octal. */
function modes(folder: string): Record<string, string> {
  return Object.fromEntries(
    (readdirSync(folder, { recursive: true }) as string[]).map((name) => [
      name,
      (statSync(join(folder, name)).mode & 0o7777).toString(8),
    ]),
  );
}
const run = (args: string[]): Promise<number> =>
  install(args, { out: () => undefined, err: () => undefined, env: { HOME: home } }, root);

(process.platform === "win32" ? describe.skip : describe).each([[0o000], [0o022], [0o077], [0o027]])(
  "under umask %o",
  (mask) => {
    test.each([[[]], [["--pulumi"]]])(
      "install %j: folders of 0755, files of 0644, the provider 0755",
      async (args: string[]) => {
        process.umask(mask);
        expect(await run(args)).toBe(0);
        const found = modes(home);
        expect(Object.keys(found).length).toBeGreaterThan(4);
        const expected = Object.fromEntries(
          Object.keys(found).map((name) => [name, /package\.json$|LICENSE$/.test(name) ? "644" : "755"]),
        );
        expect(found).toEqual(expected);
      },
    );
  },
);

test("folders that were there keep their mode; what an earlier version left open to others is closed", async () => {
  process.umask(0);
  mkdirSync(join(home, ".terraform.d"), { mode: 0o700 });
  await run([]);
  await run(["--pulumi"]);
  expect(modes(home)[".terraform.d"]).toBe("700");
  const opened = Object.keys(modes(home)).filter(
    (name) => /linux_|darwin_|resource-daytona/.test(name) || /package\.json$|LICENSE$/.test(name),
  );
  expect(opened.length).toBeGreaterThan(4);
  for (const name of opened) chmodSync(join(home, name), 0o777);
  await run([]);
  await run(["--pulumi"]);
  expect(opened.map((name) => modes(home)[name])).toEqual(opened.map(() => "755"));
});
