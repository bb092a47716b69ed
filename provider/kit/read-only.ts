import type { AttributeTable } from "./attribute";
import type { Notice } from "./notice";

/**
 * An error for each attribute that a program sets although only the API can. Without it, the value would be ignored silently.
 * @param isWritten whether the program sets the attribute, be the value known or not
 * @param spell an attribute as programs of the tool spell it
 */
export function readOnlyWritten(
  { outputs }: Pick<AttributeTable, "outputs">,
  isWritten: (name: string) => boolean,
  spell: (name: string) => string,
): Notice[] {
  return outputs
    .filter(({ name }) => isWritten(name))
    .map(({ name, instead }) => ({
      attribute: [name],
      summary: "Read-only attribute",
      detail: `\`${spell(name)}\` is set by the API and is read-only. ${instead === undefined ? "Remove it." : `Remove it, or set \`${spell(instead)}\` instead.`}`,
    }));
}
