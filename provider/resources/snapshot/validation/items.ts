import type { Attribute } from "../../../kit/attribute";
import { isUnknown } from "../../../kit/unknown";
import type { Spell } from "../../../kit/spell";
import { textProblem } from "./rules";

/** Reports a problem at the path of an attribute. */
export type Refuse = (attribute: (string | number)[], summary: string, detail: string) => void;

/** What messages call an item of these; of any other attribute, as programs spell it. */
const WORDS: Partial<Record<string, string>> = {
  gpuTypes: "GPU types",
  buildArgs: "build argument",
  triggers: "trigger",
};

/** What no list and no map of a table may have, whatever it is for. Unknown items and values pass. */
export function itemNotices(
  rows: readonly Attribute[],
  written: Readonly<Record<string, unknown>>,
  spell: Spell,
  refuse: Refuse,
): void {
  for (const { name, type } of rows) {
    const value = written[name] ?? null;
    if (value === null || isUnknown(value)) continue;
    const what = `Invalid ${WORDS[name] ?? spell(name)}`;
    const items = type === "string-list" || type === "string-set" ? (value as unknown[]) : [];
    items.forEach((item, index) => {
      const problem = itemProblem(item);
      if (problem !== null) refuse([name, index], what, problem);
    });
    for (const [key, item] of type === "string-map" ? Object.entries(value) : [])
      if (item === null)
        refuse([name, key], what, `The value of "${key}" is null. Set it to a string, or remove the key.`);
  }
}

function itemProblem(item: unknown): string | null {
  if (isUnknown(item)) return null;
  if (typeof item !== "string") return "The item is null. Set it to a string, or remove it.";
  if (item.trim() === "") return "The item is blank, and the API would drop it. Remove it.";
  return textProblem(item);
}
