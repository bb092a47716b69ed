/** One place of a pattern: a character, `one` for any character, `any` for any text, also an empty one. */
export type GlobPart = { readonly kind: "character"; readonly character: string } | { readonly kind: "one" | "any" };

/**
 * Whether the pattern matches the whole text. The time that it takes grows with the length of the text times that of the pattern. An expression of JavaScript
 * would try all ways to divide the text among the places for any text, which are more than anybody can wait for.
 * @param loose whether letter case makes no difference; default: it does
 */
export function globMatches(parts: readonly GlobPart[], text: string, loose = false): boolean {
  const fold = (character: string): string => (loose ? character.toLowerCase() : character);
  const characters = Array.from(text, fold);
  let at = 0;
  let part = 0;
  // Where the last `any` stands, and up to where it reaches so far. An earlier one never has to reach further.
  let any = -1;
  let reached = 0;
  while (at < characters.length) {
    const now = parts[part];
    if (now?.kind === "any") {
      any = part++;
      reached = at;
    } else if (now?.kind === "one" || (now?.kind === "character" && fold(now.character) === characters[at])) {
      part++;
      at++;
    } else if (any >= 0) {
      part = any + 1;
      at = ++reached;
    } else return false;
  }
  return parts.slice(part).every(({ kind }) => kind === "any");
}

/** A pattern in which `*` is any text, also with slashes, and `?` is one character. */
export function globOf(pattern: string): readonly GlobPart[] {
  return Array.from(pattern, (character): GlobPart => {
    if (character === "*") return { kind: "any" };
    return character === "?" ? { kind: "one" } : { kind: "character", character };
  });
}
