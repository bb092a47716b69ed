import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { terraformBinary } from "../support/terraform";

jest.setTimeout(300_000);
const root = join(__dirname, "../../..");
const pictures = join(root, "docs/pictures");
const check = (folder: string, ...args: string[]) => {
  const env = { ...process.env, DAYTONA_IAC_TERRAFORM: terraformBinary()! };
  const script = join(root, "scripts/pictures.mjs");
  const done = spawnSync(process.execPath, [script, "--check", "--folder", folder, ...args], { env, encoding: "utf8" });
  return { code: done.status, said: `${done.stdout}${done.stderr}` };
};

test("what the pictures say is what the product says now", () => {
  expect(check(pictures)).toEqual({ code: 0, said: "" });
});

test("a drawing that is not what is drawn now is found, and so is one that is missing", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-pictures-test-"));
  try {
    cpSync(join(pictures, "swap.svg"), join(folder, "swap.svg"));
    expect(check(folder, "--only", "swap").code).toBe(0);
    writeFileSync(
      join(folder, "swap.svg"),
      readFileSync(join(folder, "swap.svg"), "utf8").replace("delete agent", "keep agent"),
    );
    expect(check(folder, "--only", "swap")).toEqual({
      code: 1,
      said: "swap.svg is not what is drawn now\n\nRun `npm run pictures`, look at them, and commit them.\n",
    });
    expect(check(folder, "--only", "house").said).toContain("house.svg is not what is drawn now");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every picture is small and used, and every page that shows one has it", () => {
  const names = readdirSync(pictures);
  expect(names.filter((name) => statSync(join(pictures, name)).size > 150_000)).toEqual([]);
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync(join(root, "docs/guides")).map((name) => `docs/guides/${name}`),
  ];
  const shown = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/(?:docs|main\/docs)\/pictures\/([\w.-]+)/g)].map(
      ([, name]) => name!,
    ),
  );
  expect([...new Set(shown)].sort()).toEqual(names.sort());
  // The Terraform Registry shows a guide, and none of the files beside it.
  for (const page of pages.filter((path) => path.startsWith("docs/")))
    for (const [, target] of readFileSync(join(root, page), "utf8").matchAll(/!\[[^\]]*\]\(([^)]+)\)/g))
      expect(target).toMatch(
        /^https:\/\/raw\.githubusercontent\.com\/daytona-iac\/daytona-iac\/main\/docs\/pictures\//,
      );
});
