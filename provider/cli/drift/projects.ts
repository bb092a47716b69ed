import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "../../fleet/read/json";
import { FleetError } from "../../fleet/resource";
import { readNamedFile, UnsafeFile } from "../../kit/text/named-file";

/** A folder with a program. */
export interface Project {
  readonly kind: "terraform" | "cdktf" | "pulumi";
  readonly dir: string;
}

/** Configuration files of CDKTF and of cdktn. */
const CDKTF = ["cdktf.json", "cdktn.json"];

/** What a project of each kind has in its folder. */
const FILES: Record<
  Project["kind"],
  { readonly what: string; readonly is: (name: string) => boolean; readonly otherwise: string }
> = {
  pulumi: {
    what: "Pulumi.yaml",
    is: (name) => /^Pulumi\.ya?ml$/.test(name),
    otherwise: "Specify the folder of a Pulumi project, which is where `pulumi up` runs.",
  },
  cdktf: {
    what: "cdktf.json",
    is: (name) => CDKTF.includes(name),
    otherwise:
      'Specify the folder of a CDKTF project. If this is one, create cdktf.json in it with the command that synthesizes: {"language": "typescript", "app": "npx tsx main.ts"}.',
  },
  terraform: {
    what: "Terraform files (*.tf, *.tf.json)",
    is: (name) => /\.(tf|tofu)(\.json)?$/.test(name),
    otherwise: "Specify the folder of a root module, which is where `terraform plan` runs.",
  },
};

/** All projects of a folder: one that is left out would look as if it had no drift. */
export function projectsIn(dir: string): Project[] {
  const names = existsSync(dir) ? readdirSync(dir) : [];
  const has = (kind: Project["kind"]): Project[] => (names.some(FILES[kind].is) ? [{ kind, dir }] : []);
  return [...has("pulumi"), ...has("cdktf"), ...has("terraform")];
}

/** A project that a flag names. @throws FleetError if the folder has none of its kind */
export function projectAt(kind: Project["kind"], dir: string): Project {
  const { what, is, otherwise } = FILES[kind];
  if (!existsSync(dir) || !statSync(dir).isDirectory())
    throw new FleetError(`--${kind} ${dir} ${existsSync(dir) ? "is not a folder" : "does not exist"}`, otherwise);
  if (!readdirSync(dir).some(is)) throw new FleetError(`--${kind} ${dir} has no ${what}`, otherwise);
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
    config = jsonIn(file) as typeof config;
  } catch (error) {
    throw new FleetError(`${file} cannot be read`, whyNot(error));
  }
  if (typeof config.app !== "string" || config.app === "")
    throw new FleetError(
      `${file} has no "app"`,
      "It is the command that synthesizes the stacks. Set it, or pass --no-synth.",
    );
  return { app: config.app, output: typeof config.output === "string" ? config.output : "cdktf.out" };
}

/** Bytes that a file of CDKTF may have. */
const MOST_JSON = 16 * 2 ** 20;

/** What is wrong in it is shown, so it has to lie in its folder. */
function jsonIn(file: string): unknown {
  return JSON.parse(readNamedFile(file, MOST_JSON, [dirname(file)]).toString("utf8"));
}

function whyNot(error: unknown): string {
  return error instanceof UnsafeFile ? `It ${error.message}.` : `${(error as Error).message}.`;
}

/** What `cdktf synth` writes last: which stacks the program has. Folders of stacks that it has no more stay. */
export const manifestOf = (dir: string, output: string): string => join(dir, output, "manifest.json");

/** Names and folders of synthesized stacks, by the manifest. @throws FleetError if there are none, or the manifest cannot be read */
export function stacksIn(dir: string, output: string): { name: string; dir: string }[] {
  const file = manifestOf(dir, output);
  if (!existsSync(file))
    throw new FleetError(
      `${join(dir, output)} has no synthesized stacks`,
      "It has no manifest.json. Run `cdktf synth`, or remove --no-synth.",
    );
  const wrong = (what: string): FleetError =>
    new FleetError(`${file} cannot be read`, `${what} Run \`cdktf synth\` again.`);
  let manifest: unknown;
  try {
    manifest = jsonIn(file);
  } catch (error) {
    throw wrong(whyNot(error));
  }
  const stacks = isObject(manifest) ? manifest["stacks"] : undefined;
  if (!isObject(stacks)) throw wrong('It has no "stacks".');
  const found = Object.entries(stacks).map(([name, stack]) => {
    const folder = isObject(stack) ? stack["workingDirectory"] : undefined;
    if (typeof folder !== "string" || !existsSync(join(dir, output, folder)))
      throw wrong(`The folder of stack ${name} is missing.`);
    return { name, dir: join(dir, output, folder) };
  });
  if (found.length === 0)
    throw new FleetError(`${join(dir, output)} has no synthesized stacks`, "Its manifest.json lists none.");
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
