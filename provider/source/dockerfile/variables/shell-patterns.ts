import { SyntaxProblem } from "../text/error";

/** Patterns of `${name#pattern}`, `%` and `/`: `*`, `?` and escapes, as BuildKit's `shell` package reads them. */
function expression(pattern: string, greedy: boolean, anchored: boolean): RegExp {
  const runes = Array.from(pattern);
  let out = anchored ? "^" : "";
  for (let i = 0; i < runes.length; i += 1) {
    let rune = runes[i] as string;
    if (rune === "*") out += greedy ? "[^\\n]*" : "[^\\n]*?";
    else if (rune === "?") out += "[^\\n]";
    else {
      if (rune === "\\") {
        const next = runes[i + 1];
        if (next === "}" || next === "/") continue;
        if (next !== "*" && next !== "?" && next !== "\\") throw new SyntaxProblem(`invalid pattern (${pattern}) in substitution: invalid escape \\${next ?? ""}`);
        i += 1;
        rune = next;
      }
      out += rune.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    }
  }
  return new RegExp(out, "u");
}

export function trimPrefix(pattern: string, value: string, greedy: boolean): string {
  const found = expression(pattern, greedy, true).exec(value);
  return found ? value.slice(found[0].length) : value;
}

/** The shortest match at the end is the shortest at the start of what is read backwards. */
export function trimSuffix(pattern: string, value: string, greedy: boolean): string {
  return backwards(trimPrefix(backwardsPattern(pattern), backwards(value), greedy));
}

const backwards = (text: string): string => Array.from(text).reverse().join("");

function backwardsPattern(pattern: string): string {
  const runes = Array.from(pattern);
  const out: string[] = [];
  for (let i = 0; i < runes.length; i += 1) {
    if (runes[i] === "\\" && i !== runes.length - 1) out.unshift("\\", runes[(i += 1)] as string);
    else out.unshift(runes[i] as string);
  }
  return out.join("");
}

export function replace(pattern: string, replacement: string, value: string, all: boolean): string {
  const search = expression(pattern, true, false);
  if (!all) {
    const found = search.exec(value);
    return found ? value.slice(0, found.index) + replacement + value.slice(found.index + found[0].length) : value;
  }
  // Go's ReplaceAllString: $0 and $$ count in the replacement, and an empty match right after a match does not.
  let out = "";
  let end = 0;
  let last = -1;
  const every = new RegExp(search.source, "gu");
  for (const found of value.matchAll(every)) {
    if (found[0] === "" && found.index === last) continue;
    out += value.slice(end, found.index) + filled(replacement, found[0]);
    end = last = found.index + found[0].length;
  }
  return out + value.slice(end);
}

function filled(template: string, match: string): string {
  return template.replace(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu, (whole: string, braced?: string, plain?: string) => {
    if (whole === "$$") return "$";
    return (braced ?? plain) === "0" ? match : "";
  });
}
