import { SyntaxProblem, UnknownValue } from "../text/error";
import { replace, trimPrefix, trimSuffix } from "./shell-patterns";
import { isSpace } from "../text/spaces";

/** A variable's value, undefined if it is not set. `fallback`: it is read in a form that says what to do when it is not set. Throws UnknownValue. */
export type Variables = (name: string, fallback: boolean) => string | undefined;

export interface LexOptions {
  /** `\`, or the escape directive's character. */
  readonly escape: string;
  readonly rawQuotes?: boolean;
  readonly rawEscapes?: boolean;
  readonly skipQuotes?: boolean;
  /** Leaves variables that are not set as they are written. */
  readonly keepUnset?: boolean;
}

const END = "";
const SPECIAL = new Set(["@", "*", "#", "?", "-", "$", "!", "0"]);
const IN_NAME = /^[\p{L}\p{Nd}_]$/u;
const DIGIT = /^\p{Nd}$/u;

/** BuildKit's shell lexer (moby/buildkit v0.25, `frontend/dockerfile/shell`): quotes, escapes and variables of one word or line. */
class Lexer {
  private readonly runes: string[];
  private at = 0;
  private raw: boolean;
  /** One buffer for all depths, like BuildKit's: a nested expansion drops what the word around it has so far. */
  private buffer = "";
  private unknown: UnknownValue | null = null;

  constructor(
    text: string,
    private readonly valueOf: Variables,
    private readonly options: LexOptions,
  ) {
    // Go's scanner skips a BOM at the start.
    this.runes = Array.from(text.replace(/^\ufeff/, ""));
    this.raw = options.rawEscapes ?? false;
  }

  /** Reads on after a value that is not known: what is wrong further on is wrong whatever the value. */
  private variables(name: string, fallback: boolean): string | undefined {
    try {
      return this.valueOf(name, fallback);
    } catch (error) {
      if (!(error instanceof UnknownValue)) throw error;
      this.unknown ??= error;
      return "unknown";
    }
  }

  whole(): { text: string; words: string[] } {
    const found = this.until(END, this.options.rawEscapes ?? false);
    if (this.unknown) throw this.unknown;
    return found;
  }

  private peek(): string {
    return this.runes[this.at] ?? END;
  }

  private next(): string {
    return this.runes[this.at++] ?? END;
  }

  private until(stop: string, raw: boolean): { text: string; words: string[] } {
    const before = this.raw;
    this.raw = raw;
    try {
      return this.readUntil(stop);
    } finally {
      this.raw = before;
    }
  }

  private readUntil(stop: string): { text: string; words: string[] } {
    let text = "";
    const words: string[] = [];
    let inWord = false;
    this.buffer = "";
    const add = (part: string) => {
      this.buffer += part;
      inWord = true;
    };
    const addSplit = (part: string) => {
      for (const rune of part) {
        if (!isSpace(rune)) add(rune);
        else if (inWord && this.buffer !== "") {
          words.push(this.buffer);
          this.buffer = "";
          inWord = false;
        }
      }
    };
    const finish = () => {
      if (this.buffer !== "") words.push(this.buffer);
      this.buffer = "";
      return { text, words };
    };
    for (let rune = this.peek(); rune !== END; rune = this.peek()) {
      if (rune === stop) {
        this.at += 1;
        return finish();
      }
      const special = this.special(rune);
      if (special !== null) {
        text += special;
        if (rune === "$") addSplit(special);
        else add(special);
        continue;
      }
      this.at += 1;
      if (rune === this.options.escape) {
        if (this.raw) {
          add(rune);
          text += rune;
        }
        rune = this.next();
        if (rune === END) break;
        add(rune);
      } else addSplit(rune);
      text += rune;
    }
    if (stop !== END) throw new SyntaxProblem(`unexpected end of statement while looking for matching ${stop}`);
    return finish();
  }

  private special(rune: string): string | null {
    if (rune === "$") return this.dollar();
    if (rune === "<") return this.heredoc();
    if (rune === "'" && !this.options.skipQuotes) return this.singleQuoted();
    if (rune === '"' && !this.options.skipQuotes) return this.doubleQuoted();
    return null;
  }

  private heredoc(): string {
    this.at += 1;
    if (this.peek() !== "<") return "<";
    this.at += 1;
    let out = "<<";
    while (this.peek() === "\t" || this.peek() === "\r" || this.peek() === " ") out += this.next();
    return out;
  }

  private singleQuoted(): string {
    const end = this.runes.indexOf("'", this.at + 1);
    if (end === -1) throw new SyntaxProblem("unexpected end of statement while looking for matching single-quote");
    const inside = this.runes.slice(this.at + 1, end).join("");
    this.at = end + 1;
    return this.options.rawQuotes ? `'${inside}'` : inside;
  }

  private doubleQuoted(): string {
    const quote = this.options.rawQuotes ? '"' : "";
    let out = quote;
    this.at += 1;
    for (;;) {
      let rune = this.peek();
      if (rune === END) throw new SyntaxProblem("unexpected end of statement while looking for matching double-quote");
      if (rune === "$") {
        out += this.dollar();
        continue;
      }
      this.at += 1;
      if (rune === '"') return out + quote;
      if (rune === this.options.escape) {
        if (this.raw) out += rune;
        const escaped = this.peek();
        if (escaped === END) continue;
        if (escaped === '"' || escaped === "$" || escaped === this.options.escape) rune = this.next();
      }
      out += rune;
    }
  }

  private name(): string {
    const first = this.peek();
    if (DIGIT.test(first)) return this.while(DIGIT);
    if (SPECIAL.has(first)) return this.next();
    return this.while(IN_NAME);
  }

  private while(allowed: RegExp): string {
    let out = "";
    while (allowed.test(this.peek())) out += this.next();
    return out;
  }

  private dollar(): string {
    this.at += 1;
    if (this.peek() !== "{") {
      const name = this.name();
      if (name === "") return "$";
      return this.variables(name, false) ?? (this.options.keepUnset ? `$${name}` : "");
    }
    this.at += 1;
    if (this.peek() === END) throw new SyntaxProblem("syntax error: missing '}'");
    if ("{}:".includes(this.peek())) throw new SyntaxProblem("syntax error: bad substitution");
    const name = this.name();
    const sign = this.next();
    if (sign === "}") return this.variables(name, false) ?? (this.options.keepUnset ? `\${${name}}` : "");
    if (sign === "/") return this.replaced(name);
    return this.modified(name, sign);
  }

  private braced(stop: string, raw: boolean): string {
    try {
      return this.until(stop, raw).text;
    } catch (error) {
      if (error instanceof SyntaxProblem && this.peek() === END) throw new SyntaxProblem(`syntax error: missing '${stop}'`);
      throw error;
    }
  }

  private replaced(name: string): string {
    const all = this.peek() === "/";
    if (all) this.at += 1;
    const pattern = this.braced("/", true);
    const replacement = this.braced("}", true);
    const value = this.variables(name, false);
    if (value === undefined && this.options.keepUnset) return `\${${name}/${pattern}/${replacement}}`;
    return replace(pattern, replacement, value ?? "", all);
  }

  private modified(name: string, first: string): string {
    const emptyToo = first === ":";
    const sign = emptyToo ? this.next() : first;
    const cuts = sign === "#" || sign === "%";
    if ((emptyToo && cuts) || !(emptyToo || "+-?#%".includes(sign)) || sign === END) {
      throw new SyntaxProblem(`unsupported modifier (${emptyToo ? ":" : ""}${sign}) in substitution`);
    }
    const word = this.braced("}", cuts);
    const value = this.variables(name, "+-?".includes(sign));
    const missing = value === undefined || (emptyToo && value === "");
    if (value === undefined && this.options.keepUnset) return `\${${name}${emptyToo ? ":" : ""}${sign}${word}}`;
    switch (sign) {
      case "-":
        return missing ? word : value;
      case "+":
        return missing ? "" : word;
      case "?":
        if (missing) throw new SyntaxProblem(`${name}: ${word || `is not allowed to be ${value === undefined ? "unset" : "empty"}`}`);
        return value;
      case "#":
      case "%": {
        const greedy = word.startsWith(sign);
        return (sign === "#" ? trimPrefix : trimSuffix)(greedy ? word.slice(1) : word, value ?? "", greedy);
      }
      default:
        throw new SyntaxProblem(`unsupported modifier (:${sign}) in substitution`);
    }
  }
}

/** One word: quotes taken off, escapes and variables worked out. Throws SyntaxProblem, and whatever `variables` throws. */
export function expandWord(word: string, variables: Variables, options: LexOptions): string {
  return new Lexer(word, variables, options).whole().text;
}

/** Several words, split after variables are worked out. */
export function expandWords(text: string, variables: Variables, options: LexOptions): string[] {
  return new Lexer(text, variables, options).whole().words;
}

export const noVariables: Variables = () => undefined;
