import { yamlName } from "./identifiers";
import type { Argument, CodeSnapshot } from "./model";
import { asLines, commentLines, quoted, snake } from "./strings";

/** A Pulumi YAML program, as Go's parser (`yaml.v3`) reads it, which follows YAML 1.1 in places. */
export function pulumiYaml(snapshots: readonly CodeSnapshot[]): string {
  return `name: snapshots\nruntime: yaml\nresources:\n${snapshots
    .map((snapshot) => {
      const properties = snapshot.arguments.map(({ name, value }) => `      ${name}: ${valueOf(value)}\n`).join("");
      const name = snake(snapshot.words);
      const key = yamlName(snapshot.words);
      return `${commentLines(snapshot, "#", "  ")}  ${scalar(key)}:\n    type: daytona:Snapshot\n${key === name ? "" : `    name: ${scalar(name)}\n`}    properties:\n${properties}`;
    })
    .join("")}`;
}

function valueOf(value: Argument["value"]): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string")
    return value.length === 0 ? "[]" : value.map((item) => `\n        - ${scalar(literal(item))}`).join("");
  const lines = asLines(literal(value));
  // White space at the beginning would be taken for the indent, and more empty lines at the end be cut.
  if (lines === null || /^\s/.test(lines[0]!) || lines[0] === "" || lines.at(-1)!.trim() === "")
    return scalar(literal(value));
  return `|\n${lines.map((line) => (line === "" ? "" : `        ${line}`)).join("\n")}`;
}

/** Words that some version of YAML takes for something else than text. */
const KEYWORDS = /^(?:y|n|yes|no|on|off|true|false|null|inf|nan)$/i;

/** Without quotes only where no parser can take it for a number, a date, a truth value, a comment or a mark. */
function scalar(text: string): string {
  return /^[a-z][a-z0-9_./@-]*(?::[a-z0-9_./@-]+)*$/i.test(text) && !KEYWORDS.test(text) ? text : quoted(text);
}

/** `${` begins an interpolation, and `$$` is a literal `$`: https://www.pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference/ */
function literal(value: string): string {
  return value.replace(/\$+(?=\{)|\$\$+/g, (run) => run + run);
}

/** The file for `pulumi import --file`: https://www.pulumi.com/docs/iac/guides/migration/import/ */
export function importFile(snapshots: readonly CodeSnapshot[]): string {
  return `${JSON.stringify({ resources: snapshots.map(({ words, id }) => ({ type: "daytona:index:Snapshot", name: snake(words), id })) }, null, 2)}\n`;
}
