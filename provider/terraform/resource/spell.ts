import { type Attribute, dataSources, providerTable, snakeCase, snapshotTable } from "../../snapshot/attributes";

const names = new Set(
  [snapshotTable, providerTable, ...Object.values(dataSources)]
    .flatMap((table): readonly Attribute[] => [...table.inputs, ...table.outputs])
    .map((attribute) => attribute.name)
    .filter((name) => /[A-Z]/.test(name)),
);
const words = new RegExp(`\\b(${[...names].join("|")})\\b`, "g");
const LOG = /^Last lines of the build log/;

/** A message of the core with the attributes' names as Terraform spells them. Lines of a build log stay what they are. */
export function spelled(text: string): string {
  let log = false;
  return text
    .split("\n")
    .map((line) => {
      if (log && line.startsWith("  ")) return line;
      log = LOG.test(line);
      return line.replace(words, snakeCase);
    })
    .join("\n");
}
