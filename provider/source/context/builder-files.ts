import { readNamedFile, UnsafeFile } from "../../kit/text/named-file";
import { ContextError, reason } from "../context-error";
import type { ContextTree } from "./context-tree";

/** Files at the context's root that mean something to the builder itself, by path: where they lie, and the instruction that names them, if one does. */
export type BuilderFiles = Readonly<
  Record<
    string,
    {
      readonly real: string;
      readonly namedBy?: string;
      /** Whether it is not an instruction that names it, but the program's list. */
      readonly listed?: boolean;
    }
  >
>;

const DOCKERFILE = "Dockerfile";
const IGNORE_FILES = [".dockerignore", "Dockerfile.dockerignore"];

/** Whether a path is one of them. The builder calls its Dockerfile so, whatever it was called before. */
export function checkBuilderFiles(path: string): { readonly problem?: string } | undefined {
  if (path === DOCKERFILE || IGNORE_FILES.includes(path)) return {};
  if (!path.startsWith(`${DOCKERFILE}/`)) return undefined;
  return {
    problem: `The build context has a folder "${DOCKERFILE}" at its root, where the builder puts the Dockerfile to build. Rename the folder, or add it to the ignore file.`,
  };
}

/**
 * What becomes of them. None is ever sent:
 * - The builder puts the Dockerfile's text at `Dockerfile` and a file of that name in the context over it, which would then be what is built. Where both are the
 *   same, the image gets what it should without sending it. Where they differ, an instruction that names the file is an error; one that takes the whole folder
 *   gets the text that was sent, and a warning says so. The image gets the text also when the ignore rules leave `Dockerfile` out.
 * - The engine may apply an ignore file again, to paths that are not those of the context where a link was replaced.
 * @param text the Dockerfile as sent
 * @param own whether the root's `Dockerfile` is the one that is built, so that it differs only by build arguments, target or triggers
 * @returns warnings
 * @throws ContextError when an instruction would get another file than it names
 */
export function judgeBuilderFiles(tree: ContextTree, files: BuilderFiles, text: string, own: boolean): string[] {
  const warnings: string[] = [];
  for (const [path, { real, namedBy, listed }] of Object.entries(files)) {
    if (path !== DOCKERFILE) {
      if (namedBy === undefined) continue;
      const text = `${namedBy}: "${path}" is not sent, because the builder would apply it as its own ignore file. The build will not find it; copy it under another name.`;
      if (listed !== true) throw new ContextError([text]);
      warnings.push(text);
      continue;
    }
    if (hasText(tree, path, real, Buffer.from(text))) continue;
    if (namedBy !== undefined && !own) {
      throw new ContextError([
        `${namedBy}: "${path}" at the root of the build context is not the Dockerfile that is built, and the builder supports only one file with that name. Rename it or move it into a folder, ` +
          "and change the instruction.",
      ]);
    }
    warnings.push(
      own
        ? `${namedBy === undefined ? "" : `${namedBy}: `}"${path}" in the image has buildArgs, target and triggers applied, because the builder has that text under this name.`
        : `The image gets the Dockerfile that is built as "${path}", because the builder supports only one file with that name. The one at the root of the build context is a different file and is not sent; ` +
            "rename it if the image needs it, or add it to the ignore file.",
    );
  }
  return warnings;
}

/** @throws ContextError when it cannot be read */
function hasText(tree: ContextTree, path: string, real: string, text: Buffer): boolean {
  try {
    return readNamedFile(tree.onDisk(real), text.length).equals(text);
  } catch (error) {
    // It is longer.
    if (error instanceof UnsafeFile) return false;
    throw new ContextError([`"${path}" in the build context cannot be read: ${reason(error)}.`]);
  }
}
