import { hclProgram } from "../../../../provider/fleet/code/hcl";
import type { Argument, CodeSnapshot } from "../../../../provider/fleet/code/model";
import { importFile, pulumiYaml } from "../../../../provider/fleet/code/pulumi-yaml";
import { pulumiPython } from "../../../../provider/fleet/code/python";
import { asLines, inComment } from "../../../../provider/fleet/code/strings";
import { cdktfProgram, pulumiTypeScript } from "../../../../provider/fleet/code/typescript";

const snapshot = (args: Argument[]): CodeSnapshot => ({
  words: ["a", "b"],
  name: "a-b",
  id: 'u"1',
  comments: ["one", "two"],
  arguments: args,
});
/** Everything that some language reads as more than text. */
const dockerfile = "FROM a\nRUN echo ${A} $${B} %{c} %%{d} `x` \"q\" \\ 's'\n\n  EOT\n\tEOT1 \nEOT1x\n";
const odd = snapshot([
  { name: "name", value: 'a"\\${x}%{y}\t\r\n$$\u2028' },
  { name: "dockerfileContent", value: dockerfile },
  { name: "entrypoint", value: ["sh", "${x}", "%{y}", "$$", "'\""] },
  { name: "cpu", value: 2 },
  { name: "active", value: false },
]);

test("HCL: a heredoc ends where no line of the text does, and no text begins an expression", () => {
  expect(hclProgram([odd])).toBe(`# one
# two
resource "daytona_snapshot" "a_b" {
  name               = "a\\"\\\\$\${x}%%{y}\\t\\r\\n$$\\u2028"
  dockerfile_content = <<EOT2
FROM a
RUN echo $\${A} $$\${B} %%{c} %%%{d} \`x\` "q" \\ 's'

  EOT
	EOT1 
EOT1x
EOT2
  entrypoint         = ["sh", "$\${x}", "%%{y}", "$$", "'\\""]
  cpu                = 2
  active             = false
}

import {
  to = daytona_snapshot.a_b
  id = "u\\"1"
}
`);
});

test("Pulumi YAML: no text is interpolated, and two dollars stay two", () => {
  expect(pulumiYaml([odd]).split("properties:\n")[1]).toBe(`      name: "a\\"\\\\$$\{x}%{y}\\t\\r\\n$$$$\\u2028"
      dockerfileContent: |
        FROM a
        RUN echo $$\{A} $$$$\{B} %{c} %%{d} \`x\` "q" \\ 's'

          EOT
        	EOT1 
        EOT1x
      entrypoint: 
        - sh
        - "$$\{x}"
        - "%{y}"
        - "$$$$"
        - "'\\""
      cpu: 2
      active: false
`);
});

test.each<[string, string]>([
  ["\nFROM a\nRUN b\n", '"\\nFROM a\\nRUN b\\n"'],
  ["FROM a\nRUN b\n\n", '"FROM a\\nRUN b\\n\\n"'],
  ["FROM a\nRUN b\n \t\n", '"FROM a\\nRUN b\\n \\t\\n"'],
  ["\tFROM a\nRUN b\n", '"\\tFROM a\\nRUN b\\n"'],
  ["FROM a\n \nRUN b\n", "|\n        FROM a\n         \n        RUN b"],
])("Pulumi YAML: lines whose white space a parser would cut are quoted: %j", (text, code) => {
  expect(pulumiYaml([snapshot([{ name: "dockerfileContent", value: text }])]).split("properties:\n")[1]).toBe(
    `      dockerfileContent: ${code}\n`,
  );
});

test("Pulumi YAML: a list without items is a list", () => {
  expect(pulumiYaml([snapshot([{ name: "entrypoint", value: [] }])])).toContain("      entrypoint: []\n");
});

test.each([
  "y",
  "N",
  "Yes",
  "no",
  "ON",
  "off",
  "True",
  "FALSE",
  "Null",
  "INF",
  "nan",
  "2026-11-29",
  "1_000",
  "-a",
  ".inf",
  "a:",
  "a: b",
  "a #b",
  "_a",
  "/a",
  "é",
])("Pulumi YAML: %j is quoted", (item) => {
  expect(pulumiYaml([snapshot([{ name: "name", value: item }])])).toContain(`      name: ${JSON.stringify(item)}\n`);
});

test.each(["nay", "offline", "ubuntu:24.04", "ghcr.io/a/b@sha256:0f", "a-b_c.d"])(
  "Pulumi YAML: %j needs no quotes",
  (item) => {
    expect(pulumiYaml([snapshot([{ name: "name", value: item }])])).toContain(`      name: ${item}\n`);
  },
);

test("Python: each text has the quotes that need fewer escapes", () => {
  expect(pulumiPython([odd])).toBe(`"""Imported Daytona snapshots."""

from daytona_iac_pulumi import Snapshot

# one
# two
a_b = Snapshot(
    "a_b",
    name='a"\\\\\${x}%{y}\\t\\r\\n$$\\u2028',
    dockerfile_content=(
        "FROM a\\n"
        "RUN echo \${A} $\${B} %{c} %%{d} \`x\` \\"q\\" \\\\ 's'\\n"
        "\\n"
        "  EOT\\n"
        "\\tEOT1 \\n"
        "EOT1x\\n"
    ),
    entrypoint=["sh", "\${x}", "%{y}", "$$", "'\\""],
    cpu=2,
    active=False,
)
`);
  expect(
    pulumiPython([
      snapshot([
        { name: "active", value: true },
        { name: "name", value: `"'"` },
      ]),
    ]),
  ).toContain(`    active=True,\n    name='"\\'"',\n`);
});

const PROPERTIES = (name: string, entrypoint: string): string => `{
  name: '${name}',
  dockerfileContent: \`FROM a
RUN echo \\\${A} $\\\${B} %{c} %%{d} \\\`x\\\` "q" \\\\ 's'

  EOT
	EOT1 
EOT1x
\`,
  entrypoint: ${entrypoint},
  cpu: 2,
  active: false,
}`;

test("TypeScript for Pulumi: every text is as it is", () => {
  expect(pulumiTypeScript([odd])).toBe(`import { Snapshot } from "daytona-iac/pulumi/native";

// one
// two
export const aB = new Snapshot("a_b", ${PROPERTIES('a"\\\\${x}%{y}\\t\\r\\n$$\\u2028', `["sh", "\${x}", "%{y}", "$$", "'\\""]`)});
`);
});

test.each(["cdktf", "cdktn"] as const)(
  "TypeScript for %s: Terraform reads texts as templates, but not a Dockerfile, which the construct escapes",
  (library) => {
    const text = cdktfProgram([odd], library);
    expect(text.split("\n").slice(0, 3)).toEqual([
      `import { TerraformStack } from "${library}";`,
      'import type { Construct } from "constructs";',
      `import { DaytonaProvider, Snapshot } from "daytona-iac/${library}";`,
    ]);
    const code = text.slice(text.indexOf("    // one"), text.indexOf("\n  }\n}")).replace(/^ {4}/gm, "");
    expect(code).toBe(
      `// one\n// two\nnew Snapshot(this, "a_b", ${PROPERTIES('a"\\\\$${x}%%{y}\\t\\r\\n$$\\u2028', `["sh", "$\${x}", "%%{y}", "$$", "'\\""]`)}).importFrom('u"1');`,
    );
  },
);

test("the file for `pulumi import` has the type, the logical name and the ID", () => {
  expect(JSON.parse(importFile([odd]))).toEqual({
    resources: [{ type: "daytona:index:Snapshot", name: "a_b", id: 'u"1' }],
  });
});

test("a text is written as lines from two lines on, if nothing in it is unseen", () => {
  expect(["a\n", "a\nb", "a\nb\n", "\n\n", "a\n\tb\n"].map(asLines)).toEqual([
    null,
    null,
    ["a", "b"],
    ["", ""],
    ["a", "\tb"],
  ]);
  for (const unseen of [
    "\u0000",
    "\u000b",
    "\r",
    "\u001b",
    "\u007f",
    "\u0085",
    "\u009f",
    "\u061c",
    "\u200b",
    "\u200f",
    "\u2028",
    "\u202e",
    "\u2060",
    "\u2066",
    "\u2069",
    "\ufeff",
    "\ufff9",
    "\uffff",
    "\ud83d",
    "\ude00",
  ]) {
    expect([unseen, asLines(`a\nb${unseen}\n`)]).toEqual([unseen, null]);
    const hex = `\\u${unseen.charCodeAt(0).toString(16).padStart(4, "0")}`;
    expect(inComment(`a${unseen}b`)).toBe(`a${hex}b`);
  }
  for (const seen of ["\u00a0", "é", "\u2027", "\u{1f600}", "→"])
    expect([asLines(`a\nb${seen}\n`), inComment(seen)]).toEqual([["a", `b${seen}`], seen]);
});

test("a value of a comment is cut after 200 characters, not before", () => {
  expect([inComment("x".repeat(200)), inComment("x".repeat(201))]).toEqual(["x".repeat(200), `${"x".repeat(200)}…`]);
});

test("HCL: a list that does not fit has its own lines, and ends the run that is aligned", () => {
  const list = (length: number): Argument => ({ name: "entrypoint", value: ["x".repeat(length - 4)] });
  const of = (entrypoint: Argument): string =>
    hclProgram([
      snapshot([
        { name: "name", value: "a" },
        entrypoint,
        { name: "cpu", value: 1 },
        { name: "sandboxClass", value: "linux-vm" },
      ]),
    ])
      .split("{\n")[1]!
      .split("}\n")[0]!;
  expect(of(list(65))).toBe(
    `  name          = "a"\n  entrypoint    = ["${"x".repeat(61)}"]\n  cpu           = 1\n  sandbox_class = "linux-vm"\n`,
  );
  expect(of(list(66))).toBe(
    `  name = "a"\n  entrypoint = [\n    "${"x".repeat(62)}",\n  ]\n  cpu           = 1\n  sandbox_class = "linux-vm"\n`,
  );
});

test("Python and TypeScript: a list that does not fit has its own lines", () => {
  const long = (length: number): CodeSnapshot => snapshot([{ name: "entrypoint", value: ["x".repeat(length - 4)] }]);
  expect(pulumiPython([long(72)])).toContain(`    entrypoint=["${"x".repeat(68)}"],\n`);
  expect(pulumiPython([long(73)])).toContain(`    entrypoint=[\n        "${"x".repeat(69)}",\n    ],\n`);
  expect(pulumiTypeScript([long(65)])).toContain(`  entrypoint: ["${"x".repeat(61)}"],\n`);
  expect(pulumiTypeScript([long(66)])).toContain(`  entrypoint: [\n    "${"x".repeat(62)}",\n  ],\n`);
});
