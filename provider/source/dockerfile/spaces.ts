/** Go's `unicode.IsSpace`, which JavaScript's `\s` is not: U+0085 counts, U+FEFF does not. */
const SPACE = "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const ONE = new RegExp(`^[${SPACE}]$`);
const LEADING = new RegExp(`^[${SPACE}]+`);
// Without the look behind, each place of a long gap within the text would be tried up to the gap's end.
const TRAILING = new RegExp(`(?<![${SPACE}])[${SPACE}]+$`);
const RETURNS = /(?<!\r)\r+$/;

export const isSpace = (character: string): boolean => ONE.test(character);
export const trimLeft = (text: string): string => text.replace(LEADING, "");
export const withoutReturns = (line: string): string => line.replace(RETURNS, "");
export const trim = (text: string): string => trimLeft(text).replace(TRAILING, "");

/** BuildKit's `reWhitespace`: what separates an instruction's words. */
export const BLANKS = /[\t\v\f\r ]+/;

/** Splits at the first blanks, as Go's `Split(text, 2)`. */
export function splitOnce(text: string): [string, string?] {
  const blanks = BLANKS.exec(text);
  return blanks ? [text.slice(0, blanks.index), text.slice(blanks.index + blanks[0].length)] : [text];
}
