import type { InPlaceDefinition } from "../resources/in-place/definition";
import { UNKNOWN } from "../kit/unknown";

/**
 * The rules that the config's type states, for what setters, resets and overrides have made of it by the time of synth.
 *
 * @param attributes The resource as it will be written, Terraform's names; undefined and null are not written.
 * @returns One message for each broken rule.
 */
export function problemsOf(attributes: Readonly<Record<string, unknown>>): string[] {
  const exactlyOne = (what: string, names: readonly string[]): string[] => {
    const written = names.filter((name) => attributes[name] !== undefined && attributes[name] !== null).map(camelCase);
    if (written.length === 1) return [];
    const all = names.map(camelCase);
    const list = `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
    return written.length === 0
      ? [`A snapshot needs ${what}: set exactly one of ${list}.`]
      : [
          `Set exactly one of ${list}. ${written.join(" and ")} are set: call ${written.map((name) => `reset${capitalized(name)}()`).join(" or ")} to remove one.`,
        ];
  };
  const problems = [
    ...exactlyOne("a source", ["image", "dockerfile", "dockerfile_content", "local_image", "source_sandbox"]),
    ...exactlyOne("a name", ["name", "name_prefix"]),
  ];
  const { replacement } = attributes;
  // A token (a variable, say) is known only to Terraform, and checked by the provider.
  if (
    typeof replacement === "string" &&
    !replacement.includes("${") &&
    replacement !== "swap" &&
    replacement !== "recreate"
  ) {
    problems.push(`replacement must be "swap" or "recreate", not ${JSON.stringify(replacement)}.`);
  }
  return problems;
}

/**
 * What can be known to be wrong with a resource that is changed in place, by its own rules.
 *
 * @param attributes As in `problemsOf`.
 * @returns One message for each broken rule.
 */
export function inPlaceProblems(
  definition: InPlaceDefinition,
  attributes: Readonly<Record<string, unknown>>,
): string[] {
  const written = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [camelCase(name), isTemplate(value) ? UNKNOWN : value]),
  );
  return definition.validate(written, "cdktf").map(({ summary, detail }) => `${summary}: ${detail}`);
}

/** A token, or a text that Terraform reads as a template: known only to Terraform, and checked by the provider. */
function isTemplate(value: unknown): boolean {
  return typeof value === "string" ? /[$%]\{/.test(value) : typeof value === "object" && value !== null;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function capitalized(name = ""): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
