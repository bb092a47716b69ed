import { SyntaxProblem } from "../error";
import { BLANKS, isSpace, splitOnce, trim, trimLeft } from "../spaces";

/** Keyword, flags (`--name=value`, without quotes) and the rest of an instruction's line. */
export function splitCommand(line: string, escape: string): { keyword: string; flags: string[]; rest: string } {
  const [keyword, after] = splitOnce(trim(line));
  if (after === undefined) return { keyword, flags: [], rest: "" };
  const { flags, rest } = takeFlags(after, escape);
  return { keyword, flags, rest: trim(rest) };
}

/**
 * BuildKit reads flags byte by byte and takes each byte for a character, so `--exclude=é` excludes `Ã©`. The builder does that, so it has to be
 * done here as well: the same files have to be seen.
 */
function takeFlags(text: string, escape: string): { flags: string[]; rest: string } {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  const rest = (from: number) => Buffer.from(bytes.slice(from), "latin1").toString("utf8");
  const flags: string[] = [];
  let word: string | null = null;
  let quote = "";
  let quoted = false;
  const finish = () => {
    if (word !== null && (quoted || word !== "")) flags.push(word);
    word = null;
    quoted = false;
  };
  for (let i = 0; i < bytes.length; i += 1) {
    let char = bytes[i] as string;
    if (word === null) {
      if (isSpace(char)) continue;
      if (char !== "-" || bytes[i + 1] !== "-") return { flags, rest: rest(i) };
      word = "";
    }
    if (quote === "" && isSpace(char)) {
      if (word === "--") return { flags, rest: rest(i) };
      finish();
      continue;
    }
    if (turnsQuote(char, quote)) {
      quoted = true;
      quote = quote === "" ? char : "";
      continue;
    }
    if (char === escape) {
      i += 1;
      if (i === bytes.length) break;
      char = bytes[i] as string;
    }
    word += char;
  }
  if (word !== "--") finish();
  return { flags, rest: "" };
}

/** Whether a character begins a quote, or ends the one that is open. */
const turnsQuote = (char: string, quote: string): boolean =>
  quote === "" ? char === "'" || char === '"' : char === quote;

/** Words of ENV, ARG and LABEL: quotes and escapes stay in them. */
export function quotedWords(text: string, escape: string): string[] {
  const runes = Array.from(text);
  const words: string[] = [];
  let word = "";
  let inWord = false;
  let quote = "";
  let quoted = false;
  const finish = () => {
    if (quoted || word !== "") words.push(word);
    word = "";
    quoted = inWord = false;
  };
  for (let i = 0; i < runes.length; i += 1) {
    let rune = runes[i] as string;
    if (!inWord) {
      if (isSpace(rune)) continue;
      inWord = true;
    }
    if (quote === "") {
      if (isSpace(rune)) {
        finish();
        continue;
      }
      if (rune === "'" || rune === '"') {
        quote = rune;
        quoted = true;
      }
    } else if (rune === quote) quote = "";
    if (rune === escape && quote !== "'") {
      if (i + 1 === runes.length) continue;
      word += rune;
      rune = runes[(i += 1)] as string;
    }
    word += rune;
  }
  if (inWord) finish();
  return words;
}

/** `NAME=value …` or, when the first word has no `=`, `NAME the rest`. */
export function pairs(text: string, keyword: string, escape: string): [name: string, value: string][] {
  const words = quotedWords(text, escape);
  if (words.length === 0) return [];
  if (!words[0]?.includes("=")) {
    const [name, value] = splitOnce(text);
    if (value === undefined) throw new SyntaxProblem(`${keyword} must have two arguments`);
    return [[name, value]];
  }
  return words.map((word) => {
    const sign = word.indexOf("=");
    if (sign === -1) throw new SyntaxProblem(`can't find = in ${JSON.stringify(word)}: it has to be name=value`);
    return [word.slice(0, sign), word.slice(sign + 1)];
  });
}

/** The strings of a JSON array; null if the text is none. An array that holds anything but strings is refused. */
export function jsonWords(text: string): string[] | null {
  const array = trimLeft(text);
  if (!array.startsWith("[")) return null;
  let words: unknown;
  try {
    words = JSON.parse(array);
  } catch {
    return null;
  }
  if (!Array.isArray(words)) return null;
  if (!words.every((word) => typeof word === "string"))
    throw new SyntaxProblem("when using JSON array syntax, arrays must be comprised of strings only");
  return words;
}

export const blankSeparated = (text: string): string[] => (text === "" ? [] : text.split(BLANKS));

/** Fields of a `--mount` flag: comma-separated, each may be in double quotes, where `""` is a quote. */
export function commaSeparated(text: string): string[] {
  const fields: string[] = [];
  for (let rest = text; ;) {
    const field = /^"((?:[^"]|"")*)"(,|$)/.exec(rest) ?? /^()([^",]*)(,|$)/.exec(rest);
    if (!field) throw new SyntaxProblem("failed to parse csv mounts: unexpected quote");
    fields.push(rest.startsWith('"') ? (field[1] as string).replaceAll('""', '"') : (field[2] as string));
    rest = rest.slice(field[0].length);
    if (!field[0].endsWith(",")) return fields;
  }
}
