import type { Argument, CodeSnapshot } from "./model";
import { template } from "./hcl";
import { typescriptName } from "./identifiers";
import { asLines, commentLines, listLines, quoted, snake } from "./strings";

const WIDTH = 80;
const SHORT = 4;

/** A stack of CDKTF or cdktn whose constructs import, as prettier leaves it. @param library `cdktf` or `cdktn` */
export function cdktfProgram(snapshots: readonly CodeSnapshot[], library: "cdktf" | "cdktn"): string {
  const constructs = snapshots.map(
    (snapshot) =>
      `${commentLines(snapshot, "//", "    ")}    ${call(["this", text(snake(snapshot.words))], asTemplates(snapshot), "    ", 0)}.importFrom(${text(snapshot.id)});\n`,
  );
  return `import { TerraformStack } from "${library}";
import type { Construct } from "constructs";
import { DaytonaProvider, Snapshot } from "daytona-iac/${library}";

/** Imported snapshots. After the first apply, remove the calls to importFrom. */
export class ImportedSnapshots extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new DaytonaProvider(this, "daytona");
${constructs.map((code) => `\n${code}`).join("")}  }
}
`;
}

/** Terraform reads every string as a template. The construct does that for a Dockerfile by itself. */
function asTemplates(snapshot: CodeSnapshot): CodeSnapshot {
  const value = (it: Argument["value"]): Argument["value"] =>
    typeof it === "string" ? template(it) : typeof it === "object" ? it.map(template) : it;
  return {
    ...snapshot,
    arguments: snapshot.arguments.map((it) =>
      it.name === "dockerfileContent" ? it : { ...it, value: value(it.value) },
    ),
  };
}

/** A Pulumi program with the native provider, as prettier leaves it. */
export function pulumiTypeScript(snapshots: readonly CodeSnapshot[]): string {
  const resources = snapshots.map((snapshot) => {
    const declaration = `export const ${typescriptName(snapshot.words)} = `;
    const first = [text(snake(snapshot.words))];
    // Where even the name of the class does not fit, all of it moves to the next line.
    const code =
      declaration.length + "new Snapshot(".length > WIDTH
        ? `${declaration.trimEnd()}\n  ${call(first, snapshot, "  ", 0)}`
        : `${declaration}${call(first, snapshot, "", declaration.length)}`;
    return `\n${commentLines(snapshot, "//")}${code};\n`;
  });
  return `import { Snapshot } from "daytona-iac/pulumi/native";\n${resources.join("")}`;
}

/** \X, each argument on a line of its own if the first line is too long. @param before columns in front of it, beside the indent */
function call(first: readonly string[], snapshot: CodeSnapshot, indent: string, before: number): string {
  const line = `new Snapshot(${first.join(", ")}, {`;
  if (indent.length + before + line.length <= WIDTH)
    return `${line}\n${properties(snapshot.arguments, `${indent}  `)}${indent}})`;
  return `new Snapshot(\n${first.map((item) => `${indent}  ${item},\n`).join("")}${indent}  {\n${properties(snapshot.arguments, `${indent}    `)}${indent}  },\n${indent})`;
}

function properties(all: readonly Argument[], indent: string): string {
  return all
    .map(({ name, value }) => {
      const code = valueOf(value, indent, WIDTH - indent.length - name.length - 3);
      // A long string moves to a line of its own, unless the name of the property is short.
      const breaks =
        name.length > SHORT &&
        typeof value === "string" &&
        !code.startsWith("`") &&
        indent.length + name.length + code.length + 3 > WIDTH;
      return `${indent}${name}:${breaks ? `\n${indent}  ` : " "}${code},\n`;
    })
    .join("");
}

function valueOf(value: Argument["value"], indent: string, room: number): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return listLines(value.map(text), indent, room);
  const lines = asLines(value);
  return lines === null ? text(value) : `\`${value.replace(/[`\\]|\$(?=\{)/g, "\\$&")}\``;
}

/** With the quotes that need fewer escapes, as prettier chooses them. */
function text(value: string): string {
  const double = quoted(value);
  const [singles, doubles] = [value.split("'").length, value.split('"').length];
  if (doubles <= singles) return double;
  return `'${double.slice(1, -1).replace(/\\"/g, '"').replaceAll("'", "\\'")}'`;
}
