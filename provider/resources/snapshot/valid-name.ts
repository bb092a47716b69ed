import { nameProblem } from "./validation/rules";

/**
 * Makes a valid name of any text, the same of the same text. A valid name stays as it is. Different texts can get the same name.
 * @returns null where the text has no letter and no digit to make one of
 */
export function validName(text: string): string | null {
  if (nameProblem(text) === null) return text;
  const spelled = text
    // é becomes e: a letter and its accents are taken apart, and the accents are dropped.
    .normalize("NFKD")
    .replace(/\p{Mark}+/gu, "")
    .replace(/[^a-zA-Z0-9_.\-:/]+/g, "-")
    .replace(/\/{2,}/g, "/");
  if (!/[a-zA-Z0-9]/.test(spelled)) return null;
  const name = trimmed(withoutSuccessor(withoutLinks(trimmed(spelled))));
  return nameProblem(name) === null ? name : null;
}

const trimmed = (text: string): string => text.replace(/^[-/]+|[-/]+$/g, "");

/** What the API takes for a link: `www.`, and schemes that need no slashes. Runs of slashes are gone already. */
const withoutLinks = (text: string): string =>
  text.replace(/www\./gi, (word) => `${word.slice(0, -1)}-`).replace(/(javascript|data|mailto|tel):/gi, "$1-");

/** The ending of a swap's successor, which no program may give. */
const withoutSuccessor = (text: string): string => text.replace(/-+next-([0-9a-f]{8})$/, "-next-$1");
