import { lstatSync, renameSync } from "node:fs";
import { join } from "node:path";

/**
 * Replaces `folder` by `<scratch>/new`, with renames on one file system. The old content moves to `<scratch>/old`, and is restored if the new
 * folder cannot be moved. Returns whether there was an old one. @throws Error of the file system
 */
export function exchangeFolder(scratch: string, folder: string): boolean {
  // A dangling link must be moved as well.
  const replaced = lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
  if (replaced) renameSync(folder, join(scratch, "old"));
  try {
    renameSync(join(scratch, "new"), folder);
  } catch (error) {
    if (replaced) renameSync(join(scratch, "old"), folder);
    throw error;
  }
  return replaced;
}
