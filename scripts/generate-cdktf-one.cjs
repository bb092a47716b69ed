/**
 * One run of a provider generator: FRAMEWORK SCHEMA OUTPUT. A process of its own, because two generators in one
 * process end with exit code 1 after writing. Called by generate-cdktf.mjs.
 */
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const [framework, schemaFile, output] = process.argv.slice(2);
const generator = `@${framework}/provider-generator`;

// The index of @cdktf/provider-generator throws (it needs jsii, which it does not declare): import below it.
const GENERATORS = {
  cdktf: `${generator}/lib/get/generator/provider-generator`,
  cdktn: `${generator}/build/get/generator/provider-generator`,
};
// With the host: without it OpenTofu would look in a registry of its own.
const TARGET = "registry.terraform.io/daytona-iac/daytona@~> 0.1";

const { TerraformProviderGenerator } = require(GENERATORS[framework]);
// The generator's own copies of what it is built on: two versions of codemaker are installed.
const fromGenerator = createRequire(require.resolve(`${generator}/package.json`));
const { CodeMaker } = fromGenerator("codemaker");
const { ConstructsMakerProviderTarget, TerraformProviderConstraint, Language } = fromGenerator(`@${framework}/commons`);

const schema = JSON.parse(readFileSync(schemaFile, "utf8"));
// It would pin the exact version, and every release would change every file.
delete schema.provider_versions;

const code = new CodeMaker();
const target = new ConstructsMakerProviderTarget(new TerraformProviderConstraint(TARGET), Language.TYPESCRIPT);
new TerraformProviderGenerator(code, schema).generate(target);
code.save(output).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
