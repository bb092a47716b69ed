import { snakeCase } from "./attribute";

/** Spells an attribute as programs of the tool do. */
export type Spell = (name: string) => string;

/** The tool that a program is written for; messages and a few rules depend on it. */
export type Face = "terraform" | "cdktf" | "pulumi" | "cli";

/** Whether a program in the end is one for Terraform, with the attributes that only Terraform has. */
export function isForTerraform(face: Face): boolean {
  return face === "terraform" || face === "cdktf";
}

/** An attribute as programs of the tool spell it; on a command line, the flag. */
export function spellFor(face: Face): Spell {
  return face === "terraform" ? snakeCase : face === "cli" ? flagOf : (name) => name;
}

/** The command of a resource: that of a `volume alias` is `volume-alias`. */
export function commandOf(noun: string): string {
  return noun.replaceAll(" ", "-");
}

/** The flag of an attribute: `buildArgs` is `--build-arg`. */
export function flagOf(name: string): string {
  if (name === "name") return "NAME";
  if (name === "pinDigest") return "--pin";
  if (name === "resolveTags") return "DAYTONA_RESOLVE_TAGS";
  if (name === "adoptExisting") return "--if-not-exists";
  if (name === "timeouts") return "--timeout";
  if (name === "sourceSandbox") return "--from-sandbox";
  if (name === "dockerfileContent") return "--dockerfile";
  return `--${snakeCase(name.replace(/(Arg|Type)s$/, "$1")).replaceAll("_", "-")}`;
}
