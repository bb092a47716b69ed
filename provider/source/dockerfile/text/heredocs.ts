import { SyntaxProblem, TooMuch } from "../error";
import { expandWords, noVariables } from "../variables/expand";

/** A here-document as it is announced: `<<EOF`, `<<-"EOF"`. */
export interface Heredoc {
  readonly name: string;
  /** Whether variables in its text are worked out: not when its name is quoted. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are taken off. */
  readonly chomp: boolean;
}

const options = { escape: "\\", keepUnset: true } as const;
const quotes = (word: string): number => word.match(/['"]/g)?.length ?? 0;

/** The here-document that a word announces, if it does. Throws SyntaxProblem for a name that cannot be read. */
export function heredocOf(word: string): Heredoc | null {
  const match = /^[0-9]*<<(-?)[\t\n\f\r ]*([^<]*)$/.exec(word);
  const rest = match?.[2];
  if (!match || !rest) return null;
  const [name, ...more] = expandWords(rest, noVariables, options);
  if (name === undefined || more.length > 0) return null;
  const raw = expandWords(rest, noVariables, { ...options, rawQuotes: true });
  if (raw.length !== 1) throw new SyntaxProblem(`the here-document's name ${rest} cannot be read`);
  return { name, expand: quotes(name) === quotes(raw[0] as string), chomp: match[1] === "-" };
}

/** Like heredocOf; a name that cannot be read is no here-document. */
export function maybeHeredoc(word: string): Heredoc | null {
  try {
    return heredocOf(word);
  } catch (error) {
    if (error instanceof TooMuch) throw error;
    return null;
  }
}

export function heredocsOf(line: string): Heredoc[] {
  let words: string[];
  try {
    words = expandWords(line, noVariables, { ...options, rawQuotes: true, rawEscapes: true });
  } catch (error) {
    if (error instanceof TooMuch) throw error;
    return [];
  }
  return words.map(heredocOf).filter((heredoc) => heredoc !== null);
}
