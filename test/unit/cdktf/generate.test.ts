import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../../..");
const room = join(root, "provider/cdktf");

function generate(...args: string[]): { code: number | null; output: string } {
  // PATH is empty: no terraform.
  const done = spawnSync(process.execPath, [join(root, "scripts/generate-cdktf.mjs"), ...args], {
    encoding: "utf8",
    env: { PATH: "" },
  });
  return { code: done.status, output: done.stdout + done.stderr };
}

describe("npm run generate:cdktf", () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), "daytona-iac-cdktf-"));
    cpSync(room, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  test("what is committed is what it writes", () => {
    expect(generate("--check")).toEqual({ code: 0, output: "" });
  }, 60_000);

  test("--check names what is changed, missing and left over; a run mends all three", () => {
    const generated = join(copy, "generated");
    appendFileSync(join(generated, "cdktf/snapshot.ts"), "// changed\n");
    rmSync(join(generated, "cdktn/provider.ts"));
    writeFileSync(join(generated, "cdktf/left-over.ts"), "");
    const checked = generate("--check", "--room", copy);
    expect(checked.code).toBe(1);
    for (const file of ["cdktf/snapshot.ts", "cdktn/provider.ts", "cdktf/left-over.ts"]) {
      expect(checked.output).toContain(`generated/${file} is not what "npm run generate:cdktf" writes`);
    }
    expect(generate("--room", copy)).toEqual({ code: 0, output: "15 files, 3 changed\n" });
    expect(readdirSync(join(generated, "cdktf"))).not.toContain("left-over.ts");
    expect(readFileSync(join(generated, "cdktf/snapshot.ts"), "utf8")).toBe(
      readFileSync(join(room, "generated/cdktf/snapshot.ts"), "utf8"),
    );
  }, 60_000);

  test("a schema that the generators refuse is said, and nothing is written", () => {
    writeFileSync(join(copy, "schema.json"), '{"provider_schemas": {}}');
    const { code, output } = generate("--room", copy);
    expect(code).toBe(1);
    expect(output).toContain("the generator of cdktf ended with 1:");
    expect(output).toContain("Could not find provider with constraint");
    expect(readdirSync(join(copy, "generated/cdktf"))).toContain("snapshot.ts");
  }, 60_000);

  test("a new attribute of the schema reaches both frameworks", () => {
    const schema = join(copy, "schema.json");
    const document = JSON.parse(readFileSync(schema, "utf8"));
    const [provider] = Object.values<any>(document.provider_schemas);
    provider.resource_schemas.daytona_snapshot.block.attributes.some_thing = { type: "string", optional: true };
    // A version in the document must not be pinned.
    writeFileSync(
      schema,
      JSON.stringify({
        ...document,
        provider_versions: { [Object.keys(document.provider_schemas)[0] ?? ""]: "0.1.7" },
      }),
    );
    expect(generate("--room", copy).code).toBe(0);
    for (const framework of ["cdktf", "cdktn"]) {
      const text = readFileSync(join(copy, "generated", framework, "snapshot.ts"), "utf8");
      expect(text).toContain("readonly someThing?: string;");
      expect(text).not.toContain("0.1.7");
    }
  }, 60_000);
});
