import { stringify } from "yaml";
import type { CodeSnapshot } from "./model";
import { commentLines, snake } from "./strings";

/** A Pulumi YAML program. */
export function pulumiYaml(snapshots: readonly CodeSnapshot[]): string {
  return `name: snapshots\nruntime: yaml\nresources:\n${snapshots.map((snapshot) => {
    const properties = Object.fromEntries(snapshot.arguments.map(({ name, value }) => [name, typeof value === "string" ? literal(value) : typeof value === "object" ? value.map(literal) : value]));
    const yaml = stringify({ [snake(snapshot.words)]: { type: "daytona:Snapshot", properties } }, { lineWidth: 0 });
    return `${commentLines(snapshot, "#", "  ")}${yaml.replace(/^(?=.)/gm, "  ")}`;
  }).join("")}`;
}

/** `${` begins an interpolation, and `$$` is a literal `$`: https://www.pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference/ */
function literal(value: string): string {
  return value.replace(/\$+(?=\{)|\$\$+/g, (run) => run + run);
}

/** The file for `pulumi import --file`: https://www.pulumi.com/docs/iac/guides/migration/import/ */
export function importFile(snapshots: readonly CodeSnapshot[]): string {
  return `${JSON.stringify({ resources: snapshots.map(({ words, id }) => ({ type: "daytona:index:Snapshot", name: snake(words), id })) }, null, 2)}\n`;
}
