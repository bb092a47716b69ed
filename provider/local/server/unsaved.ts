import { systemErrorText } from "../../kit/text/system-error";
import type { Keeper } from "../storage/persistence";
import type { Answer } from "../protocol/answer";

/** The data file of `--data`. */
export interface KeptFile {
  readonly file: string;
  readonly keeper: Keeper;
  /** Takes back a snapshot or a registry that was just created. */
  undo(id: string): void;
}

/**
 * Executes a request that changes something, and answers when the change is in the file. What cannot be kept is refused: an answer of success
 * would promise that the change survives.
 * @param refused makes the answer of a message
 */
export async function executeAndSave(
  { file, keeper, undo }: KeptFile,
  execute: () => Promise<Answer>,
  refused: (message: string) => Answer,
): Promise<Answer> {
  const cannot = (error: unknown, what: string): Answer =>
    refused(`The data file ${file} cannot be written: ${systemErrorText(error)}. ${what}`);
  if (keeper.failing) {
    try {
      keeper.save();
    } catch (error) {
      return cannot(error, "Nothing was changed.");
    }
  }
  const answer = await execute();
  if (answer.status >= 400) return answer;
  try {
    await keeper.saved();
    return answer;
  } catch (error) {
    const created = (answer.json as { id?: unknown } | undefined)?.id;
    if (answer.created !== true || typeof created !== "string")
      return cannot(error, "The change takes effect, but is lost when the local API ends.");
    undo(created);
    return cannot(error, "Nothing was created.");
  }
}
