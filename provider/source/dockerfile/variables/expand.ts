import { SyntaxProblem, TooMuch, UnknownValue } from "../error";
import { Room } from "./room";
import { replace, trimPrefix, trimSuffix } from "./shell-patterns";
import { isSpace } from "../spaces";

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
  /** What all words of the file share. Default: as much for this one alone. */
  readonly room?: Room;
}

const END = "";
/** Variables in the words of variables, such as `${A:-${B:-c}}`. */
const DEEPEST = 100;
const SPECIAL = new Set(["@", "*", "#", "?", "-", "$", "!", "0"]);
const IN_NAME = /^[\p{L}\p{Nd}_]$/u;
const DIGIT = /^\p{Nd}$/u;

/** BuildKit's shell lexer (moby/buildkit v0.34, `frontend/dockerfile/shell`): quotes, escapes and variables of one word or line. */
class Lexer {
  private readonly runes: string[];
  private at = 0;
  private raw: boolean;
  /** One buffer for all depths, like BuildKit's: a nested expansion drops what the word around it has so far. */
  private buffer = "";
  private unknown: UnknownValue | null = null;
  /** What the word has before what is being read, at the outermost depth. */
  private soFar = "";
  private depth = 0;
  private readonly room: Room;

  constructor(
    text: string,
    private readonly valueOf: Variables,
    private readonly options: LexOptions,
  ) {
    // Go's scanner skips a BOM at the start.
    this.runes = Array.from(text.replace(/^\ufeff/, ""));
    this.raw = options.rawEscapes ?? false;
    this.room = options.room ?? new Room();
  }

  /** Reads on after a value that is not known: what is wrong further on is wrong whatever the value. */
  private variables(name: string, fallback: boolean, whole = false): string | undefined {
    try {
      const value = this.valueOf(name, fallback);
      this.room.grow(value?.length ?? 0);
      return value;
    } catch (error) {
      if (!(error instanceof UnknownValue)) throw error;
      this.unknown ??= new UnknownValue(error.message, this.soFar + (whole ? error.before : ""));
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
    this.depth += 1;
    if (this.depth > DEEPEST) throw new TooMuch(`variables are nested more than ${DEEPEST} levels deep.`);
    try {
      return this.readUntil(stop);
    } finally {
      this.raw = before;
      this.depth -= 1;
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
      if (this.depth === 1) this.soFar = text;
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
    const before = this.soFar;
    let out = quote;
    this.at += 1;
    for (;;) {
      let rune = this.peek();
      if (rune === END) throw new SyntaxProblem("unexpected end of statement while looking for matching double-quote");
      if (rune === "$") {
        if (this.depth === 1) this.soFar = before + out;
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
      return this.variables(name, false, true) ?? (this.options.keepUnset ? `$${name}` : "");
    }
    this.at += 1;
    if (this.peek() === END) throw new SyntaxProblem("syntax error: missing '}'");
    if ("{}:".includes(this.peek())) throw new SyntaxProblem("syntax error: bad substitution");
    const name = this.name();
    const sign = this.next();
    if (sign === "}") return this.variables(name, false, true) ?? (this.options.keepUnset ? `\${${name}}` : "");
    if (sign === "/") return this.replaced(name);
    return this.modified(name, sign);
  }

  private braced(stop: string, raw: boolean): string {
    try {
      return this.until(stop, raw).text;
    } catch (error) {
      if (error instanceof SyntaxProblem && this.peek() === END)
        throw new SyntaxProblem(`syntax error: missing '${stop}'`);
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
    return replace(pattern, replacement, value ?? "", all, this.room);
  }

  private modified(name: string, first: string): string {
    const emptyToo = first === ":";
    const sign = emptyToo ? this.next() : first;
    const written = emptyToo ? `:${sign}` : sign;
    const cuts = sign === "#" || sign === "%";
    if (!isModifier(sign, emptyToo)) throw new SyntaxProblem(`unsupported modifier (${written}) in substitution`);
    const word = this.braced("}", cuts);
    const value = this.variables(name, "+-?".includes(sign));
    if (value === undefined && this.options.keepUnset) return `\${${name}${written}${word}}`;
    if (cuts) return this.cut(sign, word, value ?? "");
    if (value === undefined) return choose(name, sign, word, null, "unset");
    return choose(name, sign, word, emptyToo && value === "" ? null : value, "empty");
  }

  /** `#` cuts the start of a value off, `%` its end; twice the sign, as much as the pattern can match. */
  private cut(sign: "#" | "%", word: string, value: string): string {
    const greedy = word.startsWith(sign);
    return (sign === "#" ? trimPrefix : trimSuffix)(greedy ? word.slice(1) : word, value, greedy, this.room);
  }
}

/** Whether BuildKit reads on behind the sign. What else stands behind a colon it refuses when it has read the word. */
function isModifier(sign: string, behindColon: boolean): boolean {
  if (sign === END) return false;
  return behindColon ? sign !== "#" && sign !== "%" : "+-?#%".includes(sign);
}

/** The value, or the word in its place, as `-`, `+` or `?` says. @param value null if it is missing: `lack` says in what way */
function choose(name: string, sign: string, word: string, value: string | null, lack: "unset" | "empty"): string {
  switch (sign) {
    case "-":
      return value ?? word;
    case "+":
      return value === null ? "" : word;
    case "?":
      if (value !== null) return value;
      throw new SyntaxProblem(`${name}: ${word || `is not allowed to be ${lack}`}`);
    default:
      throw new SyntaxProblem(`unsupported modifier (:${sign}) in substitution`);
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
