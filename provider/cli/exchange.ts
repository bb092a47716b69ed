import { lstatSync, renameSync } from "node:fs";
import { join } from "node:path";

/**
 * Puts `<scratch>/new` in the place of `folder`, by renames on one file system: what was there goes to `<scratch>/old`, and
 * comes back when the new one cannot take its place. Answers whether something was there. @throws the file system's error
 */
export function exchangeFolder(scratch: string, folder: string): boolean {
  // A link that leads nowhere is in the way as well.
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
