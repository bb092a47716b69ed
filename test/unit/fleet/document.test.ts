import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { readDocument } from "../../../provider/fleet/read/document";
import { type Expected, insteadOf } from "../../../provider/fleet/read/what-is";

const read = (content: Uint8Array | string, file = "x.json", expected: Expected = "state") =>
  readDocument(content, { file, expected });
const big = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

test("text in every encoding that PowerShell writes, with and without its mark, is read as it is", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "grapheme" }), fc.json({ stringUnit: "grapheme" }), { minKeys: 1 }),
      (value) => {
        const text = JSON.stringify(value);
        const mark = "\ufeff";
        for (const bytes of [
          Buffer.from(text),
          Buffer.from(mark + text),
          Buffer.from(mark + text, "utf16le"),
          big(mark + text),
          Buffer.from(text, "utf16le"),
          big(text),
        ])
          expect(read(bytes)).toEqual(JSON.parse(text));
        expect(read(mark + text)).toEqual(JSON.parse(text));
      },
    ),
  );
});

// findings/opentofu-warnings-in-json.sh
test("warnings of OpenTofu in front of a document are not part of it, and nothing else may be there", () => {
  const warning =
    '\nWarning: Unable to open CLI configuration file\n\nThe CLI configuration file at "{x}" does not exist.\n';
  expect(read(`${warning}{"version":4}`)).toEqual({ version: 4 });
  expect(read(`${warning}${warning}{\n  "version": 4\n}\n`)).toEqual({ version: 4 });
  for (const text of [warning, `${warning}{"version":`, `${warning}[]`, `Note: x\n{"version":4}`, `${warning}{}\n{}`])
    expect(() => read(text)).toThrow(/is not|cannot be read/);
});

const log = [
  { "@level": "info", "@message": "Terraform 1.11.4", type: "version" },
  { "@level": "info", "@message": "x", type: "planned_change" },
]
  .map((line) => JSON.stringify(line))
  .join("\n");
const events = [
  { sequence: 1, timestamp: 2, preludeEvent: {} },
  { sequence: 2, timestamp: 3, summaryEvent: {} },
]
  .map((line) => JSON.stringify(line))
  .join("\n");

test.each<[string, Uint8Array | string, string, string]>([
  [
    "gzip",
    gzipSync("{}"),
    "s.gz",
    "the state s.gz is compressed\nIt is compressed with gzip. Unpack it first: `gunzip --stdout s.gz`.",
  ],
  ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2]), "s", "the state s is compressed\nIt is compressed with zstd."],
  ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), "s", "the state s is compressed\nIt is compressed with xz."],
  ["bzip2", Buffer.from("BZh91AY"), "s", "the state s is compressed\nIt is compressed with bzip2."],
  [
    "a plan file",
    Buffer.from("PK\u0003\u0004\u00ff", "latin1"),
    "plan.bin",
    "the state plan.bin is not JSON\nIt is a plan in Terraform's own format. Convert it: `terraform show -json plan.bin`.",
  ],
  [
    "a plan file on standard input",
    "PK\u0003\u0004",
    "-",
    "the state on standard input is not JSON\nIt is a plan in Terraform's own format. Convert it: `terraform show -json PLAN`.",
  ],
  [
    "bytes that are no text",
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    "s",
    "the state s is not text\nIt is not valid UTF-8. Write it again, as UTF-8.",
  ],
  [
    "half of a UTF-16 character",
    Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d]),
    "s",
    "the state s is not text\nIt is not valid UTF-16LE.",
  ],
  ["an empty file", "", "s", "the state s cannot be read\nIt is empty. Was the command that wrote it interrupted?"],
  [
    "an empty file of PowerShell",
    Buffer.from([0xff, 0xfe, 0x0d, 0x00, 0x0a, 0x00]),
    "s",
    "the state s cannot be read\nIt is empty.",
  ],
  ["half a file", '{"version": 4,\n  "res', "s", "the state s cannot be read\nIt is not complete JSON ("],
  ["half a file in one line", '{"version": 4, "res', "s", "Was the command that wrote it interrupted?"],
  [
    "a log of plan -json",
    log,
    "s",
    "the state s is not one JSON document\nIt contains one JSON object per line: it is the log of a command with -json, such as `terraform plan -json`. Write the state with `terraform state pull`.",
  ],
  ["a log that is cut", `${log}\n{"@lev`, "s", "such as `terraform plan -json`."],
  ["a log of Windows", log.replaceAll("\n", "\r\n"), "s", "such as `terraform plan -json`."],
  [
    "an event log",
    events,
    "s",
    "it is an event log of `pulumi preview` or `pulumi up`. Write the stack's state with `pulumi stack export`.",
  ],
  ["other lines", '{"a":1}\n{"b":2}', "s", "It contains one JSON object per line. `terraform state pull`"],
  ["two states in one file", '{"version":4}\n{"version":4}\n', "s", "the state s is not one JSON document\n"],
  [
    "a .tf file",
    'resource "daytona_snapshot" "a" {}\n',
    "main.tf",
    "the state main.tf is not JSON\nIt is Terraform code, not output of Terraform.",
  ],
  ["a .tf file by another name", '# ours\n\nresource "daytona_snapshot" "a" {\n}\n', "main", "It is Terraform code"],
  ["code with a block", "terraform {\n}\n", "-", "It is Terraform code"],
  ["show without -json", '# daytona_snapshot.a:\nresource "daytona_snapshot" "a" {\n', "s", "It is Terraform code"],
  [
    "plan without -json",
    "Terraform will perform the following actions:\n",
    "s",
    "It is the human-readable output. Add -json to `show`.",
  ],
  ["YAML", "name: x\nruntime: yaml\n", "s", "the state s is not JSON\nUnexpected token"],
  ["a list", "[]", "s", "the state s cannot be read\nIt is JSON, but not an object. `terraform state pull`"],
  ["null", "null", "s", "It is JSON, but not an object."],
])("%s has a sentence of its own", (_what, content, file, message) => {
  expect(() => read(content, file)).toThrow(message);
});

test("for a plan, the sentences say how to write one", () => {
  expect(() => read(log, "p", "plan")).toThrow(
    "the plan p is not one JSON document\nIt contains one JSON object per line: it is the log of a command with -json, such as `terraform plan -json`. Write a plan with `terraform plan -out=PLAN`, and its JSON with `terraform show -json PLAN`.",
  );
  expect(() => read("[]", "-", "plan")).toThrow(
    "the plan on standard input cannot be read\nIt is JSON, but not an object. `terraform show -json PLAN`",
  );
});

test.each<[object, string]>([
  [
    { encryption_version: "v0", meta: {}, serial: 1, lineage: "x", encrypted_data: "x" },
    "It is encrypted by OpenTofu. Decrypt it first: `tofu state pull > state.json` writes a readable state.",
  ],
  [{ "@level": "info" }, "It is the log of a command with -json, such as `terraform plan -json`."],
  [
    { changeSummary: {}, steps: [] },
    "It is the output of `pulumi preview --json`. Write the stack's state with `pulumi stack export`.",
  ],
  [
    { manifest: {}, resources: [] },
    "It is the inner part of the state of a Pulumi stack, without its version. Write the stack's state with `pulumi stack export`.",
  ],
  [
    { format_version: "1.0", provider_schemas: {} },
    "It is the output of `terraform providers schema -json`. Write the state with `terraform state pull`.",
  ],
  [{ format_version: "1.0", function_signatures: {} }, "It is the output of `terraform metadata functions -json`."],
  [
    { format_version: "1.0", valid: true, error_count: 0, diagnostics: [] },
    "It is the output of `terraform validate -json`.",
  ],
  [
    { terraform_version: "1.11.4", platform: "linux_amd64", provider_selections: {} },
    "It is the output of `terraform version -json`.",
  ],
  [{ format_version: "1.0", modules: [] }, "It is the output of `terraform modules -json`."],
  [{ format_version: "1.0", root_module: {} }, "It is a configuration, as `show -json` writes it."],
  [{ format_version: "1.2", planned_values: {} }, "It is a plan. Pass it with --plan."],
  [
    { version: 3, serial: 1, lineage: "x", backend: { type: "s3" } },
    "It is the file in .terraform that says where the state is stored. It has no resources. Write the state with `terraform state pull`.",
  ],
  [{ version: 1, generator: "daytona-iac 0.1.0", snapshots: [] }, "It is a report of `daytona-iac drift`."],
  [{ resource: { daytona_snapshot: {} } }, "It is Terraform code in JSON."],
  [{ agent: { sensitive: false, type: "string", value: "x" } }, "It is the output of `terraform output -json`."],
  [{}, "It is an empty object. Write the state with `terraform state pull`."],
  [{ a: 1, b: 2 }, 'Its keys are "a", "b". Write the state with `terraform state pull`.'],
])("%j is named", (it, sentence) => expect(insteadOf(it as Record<string, unknown>, "state")).toContain(sentence));

test.each<[object, string]>([
  [{ version: 4, terraform_version: "1.11.4", resources: [] }, "It is a state. Pass it with --state."],
  [{ format_version: "1.0", values: {} }, "It is a state, as `terraform show -json` writes it. Pass it with --state."],
  [{ version: 3, deployment: {} }, "It is the state of a Pulumi stack. Pass it with --state."],
  [{ version: 3, checkpoint: {} }, "It is the state of a Pulumi stack. Pass it with --state."],
  [
    { encrypted_data: "x" },
    "It is encrypted by OpenTofu. Decrypt it first: `tofu show -json PLAN` writes a readable plan.",
  ],
])("as a plan, %j is named", (it, sentence) => expect(insteadOf(it as Record<string, unknown>, "plan")).toBe(sentence));
