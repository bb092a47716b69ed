import Ajv2020 from "ajv/dist/2020";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { providerTable } from "../../../../provider/resources/provider/attributes";
import { snakeCase } from "../../../../provider/kit/attribute";
import { dataSources, resources } from "../../../../provider/resources";
import { snapshotTable } from "../../../../provider/resources/snapshot";
import type { Attribute, AttributeTable } from "../../../../provider/kit/attribute";
import { generateAll } from "../../../../scripts/generate/all";

const root = join(__dirname, "../../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const json = (path: string) => JSON.parse(read(path));
const tables: AttributeTable[] = [providerTable, ...[...resources, ...dataSources].map(({ table }) => table)];

function everyAttribute(list: readonly Attribute[]): Attribute[] {
  return list.flatMap((attribute) => [
    attribute,
    ...(typeof attribute.type === "string"
      ? []
      : everyAttribute("object" in attribute.type ? attribute.type.object : attribute.type.objects)),
  ]);
}
const attributes = tables.flatMap((table) => everyAttribute([...table.inputs, ...table.outputs]));

describe("what is generated from the table", () => {
  it("is what is committed", () => {
    for (const [path, text] of Object.entries(generateAll(read)))
      expect({ path, text: read(path) }).toEqual({ path, text });
  });

  it("is checked by the command itself", () => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/generate.mjs", "--tables", "--check"], {
      cwd: root,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("the table", () => {
  it("has no attribute that Terraform, CDKTF or Pulumi keeps for itself", () => {
    const reserved = [
      "count",
      "provider",
      "lifecycle",
      "connection",
      "provisioners",
      "for_each",
      "depends_on",
      "fqn",
      "node",
      "build",
      "self",
      "equals",
      "system",
      "software",
      "import_from",
      "move_to",
      "raw_overrides",
      "urn",
      "version",
    ];
    for (const { name } of attributes) {
      expect(reserved).not.toContain(snakeCase(name));
      expect(name).toMatch(/^(?!get_)[a-z][a-zA-Z]*$/);
    }
  });

  it("explains every attribute in whole sentences, which refer to attributes that there are", () => {
    const names = new Set(attributes.map(({ name }) => name));
    for (const { name, doc } of attributes) {
      expect([name, doc]).toEqual([name, expect.stringMatching(/^[A-Z`].*\.$/)]);
      expect(doc).not.toContain("*/");
      for (const [, reference] of doc.matchAll(/\{([a-zA-Z]+)\}/g)) expect(names).toContain(reference);
    }
  });

  it("hides credentials and nothing else, and removes build arguments from messages", () => {
    expect(attributes.filter(({ sensitive }) => sensitive).map(({ name }) => name)).toEqual([
      "apiKey",
      "jwtToken",
      "password",
      "passwordWo",
    ]);
    expect(attributes.filter(({ redacted }) => redacted).map(({ name }) => name)).toEqual(["buildArgs"]);
  });
});

describe("schema.json", () => {
  const schema = json("schema.json");

  it("is a Pulumi package schema", () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      json("test/fixtures/pulumi-package.json"),
    );
    expect(validate(schema) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...schema, name: "not a name" })).toBe(false);
  });

  it("carries the names that can hardly be changed later", () => {
    expect(schema).toMatchObject({
      name: "daytona",
      publisher: "daytona-iac",
      namespace: "daytona-iac",
      version: json("package.json").version,
      pluginDownloadURL: expect.stringMatching(/^github:\/\//),
      language: {
        nodejs: { packageName: "@daytona-iac/pulumi-daytona", respectSchemaVersion: true },
        python: { packageName: "daytona_iac_pulumi", respectSchemaVersion: true },
        go: { importBasePath: expect.any(String), respectSchemaVersion: true },
        csharp: { rootNamespace: expect.any(String), respectSchemaVersion: true },
      },
    });
    expect(Object.keys(schema.resources)).toEqual(["daytona:index:Snapshot", "daytona:index:Registry"]);
    expect(schema.resources["daytona:index:Snapshot"].aliases).toEqual([
      { type: "pulumi-nodejs:dynamic/daytona:Snapshot" },
    ]);
    expect(schema.resources["daytona:index:Registry"].aliases).toEqual([
      { type: "pulumi-nodejs:dynamic/daytona:Registry" },
    ]);
    expect(Object.keys(schema.functions)).toEqual([
      "daytona:index:getSnapshot",
      "daytona:index:getSnapshots",
      "daytona:index:getRegions",
      "daytona:index:getRegistries",
    ]);
  });

  it("keeps credentials secret and environment variables out of the state of generated programs", () => {
    for (const properties of [schema.config.variables, schema.provider.inputProperties]) {
      expect(Object.keys(properties).filter((name) => properties[name].secret)).toEqual(["apiKey", "jwtToken"]);
    }
    expect(read("schema.json")).not.toMatch(/defaultInfo|DAYTONA_/);
  });

  it("declares no id, and no Terraform-only input", () => {
    const { properties, inputProperties } = schema.resources["daytona:index:Snapshot"];
    expect([properties.id, inputProperties.id, inputProperties.namePrefix, properties.namePrefix]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(properties.snapshotId).toMatchObject({ type: "string" });
    expect(read("schema.json")).not.toMatch(/name_?prefix/i);
    expect(Object.keys(inputProperties).filter((name) => inputProperties[name].willReplaceOnChanges)).toEqual(["name"]);
  });
});

describe("the Terraform schema document", () => {
  it("names the provider with its host, and no version", () => {
    const document = json("provider/cdktf/schema.json");
    expect(Object.keys(document)).toEqual(["format_version", "provider_schemas"]);
    const provider = document.provider_schemas["registry.terraform.io/daytona-iac/daytona"];
    expect([Object.keys(provider.resource_schemas), Object.keys(provider.data_source_schemas)]).toEqual([
      ["daytona_registry", "daytona_snapshot"],
      ["daytona_regions", "daytona_registries", "daytona_snapshot", "daytona_snapshots"],
    ]);
    expect(provider.resource_schemas.daytona_snapshot.block.attributes).toMatchObject({
      name: { optional: true, computed: true },
      image: { type: "string", optional: true },
      region_ids: { type: ["set", "string"], computed: true },
      timeouts: {
        nested_type: { nesting_mode: "single", attributes: { create: { type: "string", optional: true } } },
        optional: true,
      },
    });
    expect(provider.resource_schemas.daytona_snapshot.block.attributes.image.computed).toBeUndefined();
  });
});

describe("the reference", () => {
  it.each([
    "docs/index.md",
    "docs/resources/snapshot.md",
    "docs/data-sources/snapshot.md",
    "docs/data-sources/snapshots.md",
    "docs/data-sources/regions.md",
  ])("%s is a whole Registry page", (path) => {
    const page = read(path);
    expect(page).toMatch(/^---\npage_title: "[^"]+"\n(subcategory: ""\n)?description: \|-\n {2}\S.*\n---\n/);
    expect(page).toContain("## Example Usage\n\n");
    expect(page).toContain("\n## Schema\n");
    expect(page).not.toMatch(/\{\{|undefined/);
  });

  it("describes every attribute of the resource", () => {
    const page = read("docs/resources/snapshot.md");
    for (const { name } of [...snapshotTable.inputs, ...snapshotTable.outputs])
      expect(page).toContain(`\n- \`${snakeCase(name)}\` (`);
  });
});
