import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  files: string[];
  scripts: Record<string, string>;
};

test("what is packed is built first: dist/ is in no checkout", () => {
  expect(manifest.files).toContain("dist/");
  expect(readFileSync(join(root, ".gitignore"), "utf8").split("\n")).toEqual(
    expect.arrayContaining([expect.stringMatching(/^\/?dist\/?$/)]),
  );
  expect(manifest.scripts["prepack"]).toBe(`${manifest.scripts["build"]} --library`);
});
