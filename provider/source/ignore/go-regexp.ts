// Longer than most files: a grammar and its tables, which only make sense together.
import { CharacterSet } from "./character-set";

/** One step of an expression, and how often it may come. Steps hold no other steps, which is why a match needs no going back. */
export type Step =
  | { readonly kind: "text"; readonly codes: readonly number[] }
  | {
      readonly kind: "set";
      readonly set: CharacterSet;
      readonly least: number;
      /** Infinity for no limit. */ readonly most: number;
    }
  | { readonly kind: "start" | "end" | "boundary" | "no boundary" }
  /** Any number of whole folders, or none: `(.*\/)?`. */
  | { readonly kind: "folders" };

type Ranges = readonly (readonly [number, number])[];

/** An expression that Go's `regexp` refuses. */
export class BadExpression extends Error {}

const DIGITS: Ranges = [[0x30, 0x39]];
const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const PERL: Record<string, Ranges> = {
  d: DIGITS,
  s: [
    [0x09, 0x0a],
    [0x0c, 0x0d],
    [0x20, 0x20],
  ],
  w: WORD,
};
const POSIX: Record<string, Ranges> = {
  alnum: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x61, 0x7a],
  ],
  alpha: [
    [0x41, 0x5a],
    [0x61, 0x7a],
  ],
  ascii: [[0, 0x7f]],
  blank: [
    [0x09, 0x09],
    [0x20, 0x20],
  ],
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: DIGITS,
  graph: [[0x21, 0x7e]],
  lower: [[0x61, 0x7a]],
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper: [[0x41, 0x5a]],
  word: WORD,
  xdigit: [
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66],
  ],
};
/** How Docker's translation writes `**` before something else. */
const FOLDERS = "(.*/)?";
const C_ESCAPES: Record<string, number> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/**
 * Reads an expression of Go's `regexp`, as far as Docker's translation of a pattern can make one. A backslash in a pattern reaches the expression, so `\d`
 * means a digit there, and `\y` is an error.
 * @throws BadExpression for what Go refuses to compile
 */
export function parseGoRegexp(expression: string): Step[][] {
  return new Parser(expression).alternatives();
}

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  alternatives(): Step[][] {
    const alternatives: Step[][] = [[]];
    let repeated = false;
    while (this.at < this.text.length) {
      const steps = alternatives.at(-1)!;
      const repetition = this.repetition();
      if (repetition !== undefined) {
        if (repeated) throw new BadExpression("a repetition is repeated");
        repeat(steps, ...repetition);
        repeated = true;
      } else if (this.take("\\Q")) {
        const quoted = this.quoted();
        for (const code of quoted) steps.push(single(code));
        repeated &&= quoted.length === 0;
      } else if (this.take(FOLDERS)) {
        steps.push({ kind: "folders" });
        // Its `?` is a repetition.
        repeated = true;
      } else {
        if (this.take("|")) alternatives.push([]);
        else steps.push(this.anchor() ?? this.atom());
        repeated = false;
      }
    }
    return alternatives.map(joined);
  }

  private anchor(): Step | undefined {
    if (this.take("^") || this.take("\\A")) return { kind: "start" };
    if (this.take("$") || this.take("\\z")) return { kind: "end" };
    if (this.take("\\b")) return { kind: "boundary" };
    return this.take("\\B") ? { kind: "no boundary" } : undefined;
  }

  private atom(): Step {
    if (this.take(".")) return set("[^\\n]");
    if (this.take("[")) return set(this.characterClass());
    const group = this.group();
    return group === undefined ? single(this.character()) : set(group);
  }

  private repetition(): readonly [number, number] | undefined {
    if (this.take("*")) return [0, Infinity];
    if (this.take("?")) return [0, 1];
    // What is no repetition in Go, such as `{,2}` or `{01}`, is literal text.
    const found = /^\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}/.exec(this.text.slice(this.at));
    if (found === null) return undefined;
    this.at += found[0].length;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === undefined ? Infinity : Number(found[3]);
    if (least > 1000 || (most > 1000 && most !== Infinity) || least > most)
      throw new BadExpression(`${found[0]} is not a valid number of repetitions`);
    return [least, most];
  }

  private take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private next(): number {
    const code = this.text.codePointAt(this.at);
    if (code === undefined) throw new BadExpression("it ends too early");
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  private quoted(): number[] {
    const end = this.text.indexOf("\\E", this.at);
    const literal = this.text.slice(this.at, end < 0 ? undefined : end);
    this.at = end < 0 ? this.text.length : end + 2;
    return [...literal].map((character) => character.codePointAt(0)!);
  }

  /** `\d` and the like, `\pL`; as a class of its own, or as a part of one. */
  private group(inClass = false): string | undefined {
    const kind = this.text[this.at] === "\\" ? this.text[this.at + 1] : undefined;
    if (kind === "p" || kind === "P") {
      this.at += 2;
      return this.unicodeGroup(kind);
    }
    const ranges = kind === undefined ? undefined : PERL[kind.toLowerCase()];
    if (kind === undefined || ranges === undefined) return undefined;
    this.at += 2;
    const source = inRanges(kind === kind.toLowerCase() ? ranges : complement(ranges));
    return inClass ? source : `[${source}]`;
  }

  private unicodeGroup(kind: "p" | "P"): string {
    const from = this.at;
    const braces = this.next() === 0x7b;
    const end = braces ? this.text.indexOf("}", from) : this.at;
    const name = end < 0 ? "" : this.text.slice(braces ? from + 1 : from, end);
    const plain = name.replace(/^\^/, "");
    const sign = name === plain ? kind : kind === "p" ? "P" : "p";
    for (const property of [plain.charAt(0).toUpperCase() + plain.slice(1), `Script=${plain}`]) {
      const source = `\\${sign}{${property}}`;
      if (!/^[\w=]+$/.test(property) || !compiles(source)) continue;
      this.at = braces ? end + 1 : end;
      return source;
    }
    throw new BadExpression(`\\${kind}${braces ? `{${name}}` : name} names no group of characters`);
  }

  private characterClass(): string {
    const negated = this.take("^");
    const parts: string[] = [];
    for (let first = true; first || this.text[this.at] !== "]"; first = false) {
      if (this.at >= this.text.length) throw new BadExpression("a bracket is not closed");
      const part = this.named() ?? this.group(true);
      if (part !== undefined) {
        parts.push(part);
        continue;
      }
      const low = this.character();
      let high = low;
      if (this.text[this.at] === "-" && this.at + 1 < this.text.length && this.text[this.at + 1] !== "]") {
        this.at++;
        high = this.character();
        if (high < low) throw new BadExpression("a range runs backwards");
      }
      parts.push(inRanges([[low, high]]));
    }
    this.at++;
    return `[${negated ? "^" : ""}${parts.join("")}]`;
  }

  private named(): string | undefined {
    const found = this.text.startsWith("[:", this.at) ? this.text.indexOf(":]", this.at + 2) : -1;
    if (found < 0) return undefined;
    const name = this.text.slice(this.at + 2, found);
    const ranges = Object.hasOwn(POSIX, name.replace(/^\^/, "")) ? POSIX[name.replace(/^\^/, "")] : undefined;
    if (ranges === undefined) throw new BadExpression(`[:${name}:] names no group of characters`);
    this.at = found + 2;
    return inRanges(name.startsWith("^") ? complement(ranges) : ranges);
  }

  /** One character, or an escape that means one. */
  private character(): number {
    const code = this.next();
    if (code !== 0x5c) return code;
    const escaped = this.next();
    const letter = String.fromCodePoint(escaped);
    if (/^[0-7]$/.test(letter)) {
      const more = /^[0-7]{0,2}/.exec(this.text.slice(this.at, this.at + 2))![0];
      if (letter === "0" || more !== "") {
        this.at += more.length;
        return parseInt(letter + more, 8);
      }
    } else if (letter === "x") {
      const digits = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/.exec(this.text.slice(this.at));
      const code = digits === null ? Infinity : parseInt((digits[1] ?? digits[2])!, 16);
      if (code <= 0x10ffff) {
        this.at += digits![0].length;
        return code;
      }
    } else if (Object.hasOwn(C_ESCAPES, letter)) return C_ESCAPES[letter]!;
    else if (escaped < 0x80 && !/[0-9A-Za-z]/.test(letter)) return escaped;
    throw new BadExpression(`\\${letter} is no escape`);
  }
}

function complement(ranges: Ranges): Ranges {
  const gaps: [number, number][] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) gaps.push([from, low - 1]);
    from = high + 1;
  }
  gaps.push([from, 0x10ffff]);
  return gaps;
}

function compiles(source: string): boolean {
  try {
    return new RegExp(source, "u").source !== "";
  } catch {
    return false;
  }
}

const single = (code: number): Step => ({ kind: "text", codes: [code] });
const set = (source: string): Step => ({ kind: "set", set: CharacterSet.of(source), least: 1, most: 1 });
const escaped = (code: number): string => `\\u{${code.toString(16)}}`;
const inRanges = (ranges: Ranges): string =>
  ranges.map(([low, high]) => (low === high ? escaped(low) : `${escaped(low)}-${escaped(high)}`)).join("");

/** Lets the last step come as often. What stands at a place, such as `^`, is there once or as often as one likes; none is asked for where none need be. */
function repeat(steps: Step[], least: number, most: number): void {
  const last = steps.pop();
  if (last === undefined) throw new BadExpression("there is nothing to repeat");
  if (last.kind === "text") steps.push({ kind: "set", set: CharacterSet.of(escaped(last.codes[0]!)), least, most });
  else if (last.kind === "set") steps.push({ ...last, least, most });
  else if (least > 0) steps.push(last);
}

/** With characters that follow one another in one step. */
function joined(steps: readonly Step[]): Step[] {
  const all: Step[] = [];
  let text: number[] | undefined;
  for (const step of steps) {
    if (step.kind !== "text") {
      text = undefined;
      all.push(step);
    } else if (text === undefined) all.push({ kind: "text", codes: (text = [...step.codes]) });
    else text.push(...step.codes);
  }
  return all;
}
