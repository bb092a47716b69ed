import { parseGoRegexp, type Step } from "./go-regexp";

const SLASH = 0x2f;
const NEWLINE = 0x0a;
/** So many characters rule most texts out. */
const LONGEST = 100;

/**
 * An expression of Go's `regexp` ready to match, as far as Docker's translation of a pattern can make one. The time that it takes grows with the length of the
 * text times that of the pattern, as in Go: it goes through the steps once, with all the places of the text where each can begin. JavaScript's own expressions go
 * back and try again, which a pattern such as `*a*a*a*b` lets them do for hours.
 */
export class Expression {
  private readonly alternatives: readonly (readonly Step[])[];
  /** What every text that matches has: at its beginning, at its end, and somewhere. */
  private readonly beginning: string;
  private readonly ending: string;
  private readonly within: string;

  /** @throws BadExpression for what Go refuses to compile */
  constructor(expression: string) {
    this.alternatives = parseGoRegexp(expression);
    const [only = [], ...more] = this.alternatives;
    const [first, second] = only;
    const texts = more.length > 0 ? [] : only.map((step) => textOf(step, 0, LONGEST));
    this.within = texts.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
    this.beginning = more.length === 0 && first?.kind === "start" ? textOf(second, 0, LONGEST) : "";
    this.ending = more.length === 0 && only.at(-1)?.kind === "end" ? textOf(only.at(-2), -LONGEST) : "";
  }

  /** Whether it matches the text, or a part of it. */
  test(text: string): boolean {
    // Most texts are ruled out by these, which are much faster.
    if (!text.startsWith(this.beginning) || !text.endsWith(this.ending) || !text.includes(this.within)) return false;
    const codes = codesOf(text);
    return this.alternatives.some((steps) => new Walk(codes, steps).all());
  }

  /** Whether the text could be continued, by at least one character, to one that matches. False is certain. */
  begins(text: string): boolean {
    // The `^` and `$` around the whole belong to the first and the last alternative, so several can match anywhere.
    if (this.alternatives.length > 1) return true;
    return new Walk(codesOf(text), this.alternatives[0]!).all(true);
  }
}

type Place = "start" | "end" | "boundary" | "no boundary";

/** The places of a text where the next step can begin: after none of the steps, all of them. */
class Walk {
  private at: Uint8Array;
  private next: Uint8Array;
  /** The first and the last of them. */
  private first = 0;
  private last: number;

  constructor(
    private readonly codes: readonly number[],
    private readonly steps: readonly Step[],
  ) {
    this.at = new Uint8Array(codes.length + 1);
    this.next = new Uint8Array(codes.length + 1);
    // With the `^` that nearly all begin with, it can only be here.
    this.last = steps[0]?.kind === "start" ? 0 : codes.length;
    this.at.fill(1, 0, this.last + 1);
  }

  /** Whether the text has all the steps. @param begins whether it is enough that it ends within one of them */
  all(begins = false): boolean {
    const { steps } = this;
    for (const step of steps) {
      const cut = this.step(step);
      if (begins && cut) return true;
      if (this.first > this.last) return false;
    }
    // Without an end, whatever follows belongs to a text that matches.
    return !begins || !steps.some(({ kind }) => kind === "end");
  }

  /** @returns whether the text can end within the step */
  private step(step: Step): boolean {
    const { at, next, first, last } = this;
    this.first = Infinity;
    this.last = -1;
    let cut = false;
    if (step.kind === "text") cut = this.text(step.codes, at, first, last);
    else if (step.kind === "set") cut = this.set(step, at, first, last);
    else if (step.kind === "folders") cut = this.folders(at, first, last);
    else cut = this.place(step.kind, at, first, last);
    this.at = next;
    this.next = at.fill(0, first, last + 1);
    return cut;
  }

  private to(place: number): void {
    this.next[place] = 1;
    this.first = Math.min(this.first, place);
    this.last = place;
  }

  private place(kind: Place, at: Uint8Array, first: number, last: number): boolean {
    for (let place = first; place <= last; place++) if (at[place] === 1 && this.stands(kind, place)) this.to(place);
    // What follows the text decides whether a word ends there.
    return kind !== "start" && kind !== "end" && last === this.codes.length;
  }

  private stands(kind: Place, place: number): boolean {
    if (kind === "start") return place === 0;
    if (kind === "end") return place === this.codes.length;
    return (isWord(this.codes[place - 1]) !== isWord(this.codes[place])) === (kind === "boundary");
  }

  private text(text: readonly number[], at: Uint8Array, first: number, last: number): boolean {
    const { codes } = this;
    let cut = false;
    for (let place = first; place <= last; place++) {
      if (at[place] === 0) continue;
      let same = 0;
      while (same < text.length && codes[place + same] === text[same]) same++;
      if (same === text.length) this.to(place + same);
      else cut ||= place + same === codes.length;
    }
    return cut;
  }

  private set({ set, least, most }: Step & { kind: "set" }, at: Uint8Array, first: number, last: number): boolean {
    const { codes } = this;
    // How many characters of the set end at the place, and where the step can begin at the latest to end there.
    let run = 0;
    let latest = -1;
    let place = first;
    for (; place <= codes.length; place++) {
      if (place > first) run = set.has(codes[place - 1]!) ? run + 1 : 0;
      if (place - least >= first && at[place - least] === 1) latest = place - least;
      if (latest >= 0 && latest >= place - Math.min(run, most)) this.to(place);
      else if (place - run > last) break;
    }
    return last >= codes.length - Math.min(run, most);
  }

  private folders(at: Uint8Array, first: number, last: number): boolean {
    const { codes } = this;
    // Whether a place where the step can begin lies before this one in the same line.
    let open = false;
    for (let place = first; place <= codes.length && (open || place <= last); place++) {
      const before = place > first ? codes[place - 1] : undefined;
      if (before === NEWLINE) open = false;
      if (at[place] === 1 || (open && before === SLASH)) this.to(place);
      open ||= at[place] === 1;
    }
    return open;
  }
}

const isWord = (code: number | undefined): boolean =>
  code !== undefined &&
  ((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || (code >= 0x61 && code <= 0x7a));

function textOf(step: Step | undefined, from: number, to?: number): string {
  return step?.kind === "text" ? String.fromCodePoint(...step.codes.slice(from, to)) : "";
}

let known = "";
let knownCodes: readonly number[] = [];

/** One text is asked of many patterns in turn. */
function codesOf(text: string): readonly number[] {
  if (text !== known) {
    knownCodes = Array.from(text, (character) => character.codePointAt(0)!);
    known = text;
  }
  return knownCodes;
}
