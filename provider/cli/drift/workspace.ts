import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FleetError } from "../../fleet/resource";
import { readNamedFile, UnsafeFile } from "../../kit/text/named-file";
import { systemErrorText } from "../../kit/text/system-error";
import type { Ran } from "./tool-process";

const DEFAULT = "default";
/** Bytes that the file with its name may have. */
const MOST_NAME = 2 ** 20;

/** The workspace that Terraform would use: `TF_WORKSPACE`, else the one that `workspace select` wrote. */
export function workspaceOf(dir: string, env: NodeJS.ProcessEnv): string {
  if (env["TF_WORKSPACE"]) return env["TF_WORKSPACE"];
  const file = join(resolve(dir, env["TF_DATA_DIR"] || ".terraform"), "environment");
  return (existsSync(file) ? nameIn(file, dir) : "") || DEFAULT;
}

/** Messages show the name, so it is not taken from a file of the machine. @throws FleetError */
function nameIn(file: string, dir: string): string {
  try {
    return readNamedFile(file, MOST_NAME, [dirname(file)])
      .toString("utf8")
      .trim();
  } catch (error) {
    throw new FleetError(
      `the selected workspace of ${dir} cannot be read`,
      error instanceof UnsafeFile
        ? `${file} ${error.message}. Remove it, and select the workspace again.`
        : `${file}: ${systemErrorText(error)}.`,
    );
  }
}

/**
 * Terraform makes a workspace that does not exist, and plans it as empty: every snapshot would look as if it were not created.
 * @param list runs `workspace list` without `TF_WORKSPACE` @throws FleetError
 */
export async function assertWorkspace(name: string, root: string, list: () => Promise<Ran>): Promise<void> {
  if (name === DEFAULT) return;
  const { code, out, err } = await list();
  // A backend of one fixed workspace has no list.
  if (code !== 0 && /workspaces not supported/i.test(err + out)) return;
  if (code !== 0)
    throw new FleetError(`the workspaces of ${root} cannot be listed`, (err.trim() || out.trim()).slice(-4000));
  const names = out
    .split("\n")
    .map((line) => line.replace(/^\s*\*?\s*/, "").trim())
    .filter((line) => line !== "");
  if (names.includes(name)) return;
  throw new FleetError(
    `workspace "${name}" of ${root} does not exist`,
    `Existing workspaces: ${names.join(", ")}. Correct TF_WORKSPACE, or select another workspace. A workspace that does not exist would be planned as an empty one.`,
  );
}

/** For reports; null: the default one. */
export function shownWorkspace(name: string): string | null {
  return name === DEFAULT ? null : name;
}
