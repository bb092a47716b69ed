import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { FleetError } from "../../fleet/resource";

/** A folder with a program. */
export interface Project {
  readonly kind: "terraform" | "cdktf" | "pulumi";
  readonly dir: string;
}

/** Configuration files of CDKTF and of cdktn. */
const CDKTF = ["cdktf.json", "cdktn.json"];

/** What a project of each kind has in its folder. */
const FILES: Record<Project["kind"], { readonly what: string; readonly is: (name: string) => boolean }> = {
  pulumi: { what: "Pulumi.yaml", is: (name) => /^Pulumi\.ya?ml$/.test(name) },
  cdktf: { what: "cdktf.json", is: (name) => CDKTF.includes(name) },
  terraform: { what: "Terraform files (*.tf, *.tf.json)", is: (name) => /\.(tf|tofu)(\.json)?$/.test(name) },
};

/** The projects of a folder: Pulumi's, CDKTF's, else a Terraform root. */
export function projectsIn(dir: string): Project[] {
  const names = existsSync(dir) ? readdirSync(dir) : [];
  const has = (kind: Project["kind"]): Project[] => (names.some(FILES[kind].is) ? [{ kind, dir }] : []);
  const cdktf = has("cdktf");
  return [...has("pulumi"), ...(cdktf.length > 0 ? cdktf : has("terraform"))];
}

/** A project that a flag names. @throws FleetError if the folder has none of its kind */
export function projectAt(kind: Project["kind"], dir: string): Project {
  const { what, is } = FILES[kind];
  if (!existsSync(dir) || !statSync(dir).isDirectory()) throw new FleetError(`--${kind} ${dir} is not a folder`, "Correct the path.");
  if (!readdirSync(dir).some(is)) throw new FleetError(`--${kind} ${dir} has no ${what}`, "Correct the path.");
  return { kind, dir };
}

export interface CdktfConfig {
  /** The command that synthesizes. */
  readonly app: string;
  /** Folder of the output, from the project. */
  readonly output: string;
}

/** @throws FleetError */
export function cdktfConfig(dir: string): CdktfConfig {
  const file = CDKTF.map((name) => join(dir, name)).find((path) => existsSync(path))!;
  let config: { app?: unknown; output?: unknown };
  try {
    config = JSON.parse(readFileSync(file, "utf8")) as typeof config;
  } catch (error) {
    throw new FleetError(`${file} cannot be read`, (error as Error).message);
  }
  if (typeof config.app !== "string" || config.app === "") throw new FleetError(`${file} has no "app"`, "It is the command that synthesizes. Set it, or pass --no-synth.");
  return { app: config.app, output: typeof config.output === "string" ? config.output : "cdktf.out" };
}

/** Names and folders of synthesized stacks. @throws FleetError if there are none */
export function stacksIn(dir: string, output: string): { name: string; dir: string }[] {
  const stacks = join(dir, output, "stacks");
  const found = existsSync(stacks) ? readdirSync(stacks, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(join(stacks, entry.name, "cdk.tf.json"))) : [];
  if (found.length === 0) throw new FleetError(`${join(dir, output)} has no synthesized stacks`, "Run `cdktf synth`, or leave out --no-synth.");
  return found.map(({ name }) => ({ name: basename(name), dir: join(stacks, name) })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
