import { SyntaxProblem } from "../error";
import type { Room } from "./room";

/** One place of a pattern: a character, or what a wildcard stands for. */
type Part = { readonly character: string } | "one" | "any";

/** Patterns of `${name#pattern}`, `%` and `/`: `*`, `?` and escapes, as BuildKit's `shell` package reads them. */
function partsOf(pattern: string): Part[] {
  const runes = Array.from(pattern);
  const parts: Part[] = [];
  for (let i = 0; i < runes.length; i += 1) {
    let rune = runes[i] as string;
    if (rune === "*") parts.push("any");
    else if (rune === "?") parts.push("one");
    else {
      if (rune === "\\") {
        const next = runes[i + 1];
        if (next === "}" || next === "/") continue;
        if (next !== "*" && next !== "?" && next !== "\\")
          throw new SyntaxProblem(`invalid pattern (${pattern}) in substitution: invalid escape \\${next ?? ""}`);
        i += 1;
        rune = next;
      }
      parts.push({ character: rune });
    }
  }
  return parts;
}

/**
 * The places where a match that begins at one of the others can end, in order. Wildcards do not go beyond a line. It goes through the pattern once, with all
 * places, as Go's `regexp` does: to try one place after the other and go back takes for ever with `*a*a*a*b`.
 */
function ends(
  parts: readonly Part[],
  runes: readonly string[],
  starts: readonly number[],
  room: Room,
): readonly number[] {
  let places = starts;
  for (const part of parts) {
    if (places.length === 0) break;
    const next: number[] = [];
    if (part === "any") {
      let last = -1;
      for (const place of places) {
        if (place <= last) continue;
        next.push((last = place));
        while (last < runes.length && runes[last] !== "\n") next.push((last += 1));
      }
    } else
      for (const place of places)
        if (part === "one" ? place < runes.length && runes[place] !== "\n" : runes[place] === part.character)
          next.push(place + 1);
    room.work(places.length + next.length);
    places = next;
  }
  return places;
}

export function trimPrefix(pattern: string, value: string, greedy: boolean, room: Room): string {
  const runes = Array.from(value);
  room.work(runes.length);
  const found = ends(partsOf(pattern), runes, [0], room);
  return runes.slice(greedy ? found.at(-1) : found[0]).join("");
}

/** The shortest match at the end is the shortest at the start of what is read backwards. */
export function trimSuffix(pattern: string, value: string, greedy: boolean, room: Room): string {
  return backwards(trimPrefix(backwardsPattern(pattern), backwards(value), greedy, room));
}

const backwards = (text: string): string => Array.from(text).reverse().join("");

function backwardsPattern(pattern: string): string {
  const runes = Array.from(pattern);
  const out: string[] = [];
  for (let i = 0; i < runes.length; i += 1) {
    if (runes[i] === "\\" && i !== runes.length - 1) out.push(runes[(i += 1)] as string, "\\");
    else out.push(runes[i] as string);
  }
  return out.reverse().join("");
}

/** With the first match, or with all of them, replaced: the longest at each place. */
export function replace(pattern: string, replacement: string, value: string, all: boolean, room: Room): string {
  const parts = partsOf(pattern);
  const runes = Array.from(value);
  room.work(runes.length);
  // Where matches begin is where they end for one who reads backwards.
  const whole = Array.from({ length: runes.length + 1 }, (_, place) => place);
  const begins = new Uint8Array(runes.length + 1);
  for (const end of ends([...parts].reverse(), [...runes].reverse(), whole, room)) begins[runes.length - end] = 1;
  const filling = fillingOf(all ? replacement : replacement.replaceAll("$", "$$$$"));
  const text = (from: number, to?: number): string => runes.slice(from, to).join("");
  let out = "";
  let copied = 0;
  let last = -1;
  for (let from = 0; from <= runes.length;) {
    const start = begins.indexOf(1, from);
    if (start === -1) break;
    const end = ends(parts, runes, [start], room).at(-1) as number;
    // Go's ReplaceAllString: an empty match right after a match does not count.
    if (end > start || start !== last) {
      const match = text(start, end);
      room.work(filling.length);
      for (const piece of filling) room.grow((piece ?? match).length);
      out += text(copied, start) + filling.map((piece) => piece ?? match).join("");
      copied = last = end;
    }
    if (!all) break;
    from = Math.max(end, start + 1);
  }
  return out + text(copied);
}

/** A replacement in pieces; null for what was matched. `$0` and `$$` count in it, as in Go, and there are no other groups. */
function fillingOf(template: string): (string | null)[] {
  const pieces: (string | null)[] = [];
  let copied = 0;
  for (const found of template.matchAll(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu)) {
    const [whole, braced, plain] = found;
    pieces.push(template.slice(copied, found.index));
    copied = found.index + whole.length;
    if (whole === "$$") pieces.push("$");
    else if ((braced ?? plain) === "0") pieces.push(null);
  }
  pieces.push(template.slice(copied));
  return pieces.filter((piece) => piece !== "");
}
