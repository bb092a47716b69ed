import type { Member, Similar } from "./similar";

/** Takes a value that was read; what it returns stands in its place. */
export type Take = (value: unknown) => unknown;

/**
 * How a value is read: whole, or an object member by member, or a list item by item, so that never more than one of them is in memory. A value
 * of another kind than its shape says is read whole, and kept.
 */
export type Shape = Take | { readonly members: (key: string) => Shape } | { readonly items: Shape } | SimilarShape;

/** Objects that have most members in common with earlier ones: of those, only what differs is parsed, and equal values are the same ones. */
export interface SimilarShape extends InnerShape {
  /** Takes what it needs of an object. The next one is the same object with other values. */
  readonly take: Take;
}

/** An object inside of such a one. */
export interface InnerShape {
  readonly similar: Similar;
  /** Members that are read in this way too. */
  readonly inner?: Readonly<Record<string, InnerShape>>;
}

/** Reads the next bytes into a buffer. Returns how many; 0: there are no more. */
export type Read = (into: Uint8Array) => number;

/** In place of a member or an item: it is left out. */
export const LEFT_OUT = Symbol("left out");

/** The value as it is. */
export const keep: Take = (value) => value;
/** Nothing of the value. It still has to be JSON. */
export const leaveOut: Take = () => LEFT_OUT;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a] as const;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;
/** Sets this bit and `[` is `{`, `]` is `}`. */
const EITHER = 0x20;
const FIRST_SIZE = 2 ** 18;
/** Of texts that are quicker read byte by byte. */
const SHORT = 200;

/**
 * Reads one JSON document in UTF-8 without a mark, piece by piece. It finds where values end, and leaves their reading to `JSON.parse`, so that it
 * accepts what that accepts and nothing else; only an object that is read member by member must not have one of them twice.
 * @throws an error for everything else. It says too little for a person: read the whole document for that
 */
export function readJson(read: Read, shape: Shape): unknown {
  return new JsonStream(read).document(shape);
}

class JsonStream {
  private bytes = Buffer.alloc(FIRST_SIZE);
  /** Where the next value begins, and where the bytes end that were read. */
  private at = 0;
  private end = 0;
  private readonly decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(private readonly read: Read) {}

  document(shape: Shape): unknown {
    this.peek();
    const value = this.value(shape);
    if (this.peek() !== -1) throw wrong();
    return value;
  }

  private value(shape: Shape): unknown {
    if (typeof shape === "function") return shape(this.whole());
    const first = this.bytes[this.at];
    if ("similar" in shape) return shape.take(this.similarOrWhole(shape));
    if ("members" in shape) return first === OPEN_OBJECT ? this.object(shape.members) : this.whole();
    return first === OPEN_LIST ? this.list(shape.items) : this.whole();
  }

  private object(shapeOf: (key: string) => Shape): Record<string, unknown> {
    const members = new Map<string, unknown>();
    this.at += 1;
    if (this.peek() === CLOSE_OBJECT) return this.closed({});
    for (;;) {
      if (this.peek() !== QUOTE) throw wrong();
      const key = this.whole() as string;
      if (members.has(key)) throw wrong();
      if (this.peek() !== COLON) throw wrong();
      this.at += 1;
      this.peek();
      members.set(key, this.value(shapeOf(key)));
      const next = this.peek();
      // As `JSON.parse` does, also for a member that is called `__proto__`.
      if (next === CLOSE_OBJECT)
        return this.closed(Object.fromEntries([...members].filter(([, value]) => value !== LEFT_OUT)));
      if (next !== COMMA) throw wrong();
      this.at += 1;
    }
  }

  private list(shape: Shape): unknown[] {
    const items: unknown[] = [];
    this.at += 1;
    if (this.peek() === CLOSE_LIST) return this.closed(items);
    for (;;) {
      this.peek();
      const item = this.value(shape);
      if (item !== LEFT_OUT) items.push(item);
      const next = this.peek();
      if (next === CLOSE_LIST) return this.closed(items);
      if (next !== COMMA) throw wrong();
      this.at += 1;
    }
  }

  private similarOrWhole(shape: InnerShape): unknown {
    return this.peek() === OPEN_OBJECT ? this.similar(shape) : this.whole();
  }

  private similar({ similar, inner = {} }: InnerShape): Record<string, unknown> {
    const members = similar.begin();
    this.at += 1;
    if (this.peek() === CLOSE_OBJECT) return this.closed(members.object());
    for (;;) {
      if (this.peek() !== QUOTE) throw wrong();
      const known = members.expected();
      if (known === undefined || !this.takeSame(members, known)) {
        const named = known === undefined ? 0 : known.named(this.bytes, this.at, this.end);
        const nameEnd = named > 0 ? named : this.lengthOfValue(0);
        const key = named > 0 ? known!.key : (JSON.parse(this.text(0, nameEnd)) as string);
        const colon = this.blanks(nameEnd);
        if (this.byte(colon) !== COLON) throw wrong();
        const start = this.blanks(colon + 1);
        const member = members.other(key);
        const shape = Object.hasOwn(inner, key) ? inner[key]! : null;
        if (shape === null) {
          const end = start + this.lengthOfValue(start);
          member.set(this.parsed(start, end), this.bytes, this.at, end);
          this.at += end;
        } else {
          this.at += start;
          member.value = this.similarOrWhole(shape);
        }
      }
      const next = this.peek();
      if (next === CLOSE_OBJECT) return this.closed(members.object());
      if (next !== COMMA) throw wrong();
      this.at += 1;
    }
  }

  /** Takes a member that is as it was. Returns whether it is. */
  private takeSame(members: Similar, known: Member): boolean {
    const length = this.matching(known);
    if (length === 0) return false;
    this.at += length;
    members.same(known);
    return true;
  }

  private closed<T>(value: T): T {
    this.at += 1;
    return value;
  }

  /** The value that begins here. */
  private whole(): unknown {
    const length = this.lengthOfValue(0);
    const text = this.text(0, length);
    this.at += length;
    return JSON.parse(text) as unknown;
  }

  /** A value. @param from counted from here, as `to` */
  private parsed(from: number, to: number): unknown {
    const [start, end] = [this.at + from, this.at + to];
    if (to - from > SHORT || this.bytes[start] !== QUOTE) return JSON.parse(this.text(from, to)) as unknown;
    for (let at = start + 1; at < end - 1; at += 1) {
      const byte = this.bytes[at]!;
      if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return JSON.parse(this.text(from, to)) as unknown;
    }
    return this.bytes.toString("latin1", start + 1, end - 1);
  }

  /** @param from counted from here, as `to` */
  private text(from: number, to: number): string {
    return this.decoder.decode(this.bytes.subarray(this.at + from, this.at + to));
  }

  /** How many bytes the value has that begins there, if it is one. @param from counted from here */
  private lengthOfValue(from: number): number {
    const first = this.byte(from);
    if (first === QUOTE || first === OPEN_LIST || first === OPEN_OBJECT) return this.lengthOfBracketed(from);
    for (let length = 0; ; length += 1) {
      const byte = this.byte(from + length);
      if (byte === -1 || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT || isBlank(byte)) return length;
    }
  }

  private lengthOfBracketed(from: number): number {
    let [length, depth, quoted] = [from, 0, false];
    for (;;) {
      // Every byte that differs from earlier ones comes by here.
      const { bytes, at, end } = this;
      let next = at + length;
      while (next < end) {
        const byte = bytes[next]!;
        if (quoted) {
          // Whatever is escaped, it does not end the text. It may not have been read yet.
          next += byte === BACKSLASH ? 2 : 1;
          if (byte !== QUOTE) continue;
          quoted = false;
          if (depth === 0) return next - at - from;
          continue;
        }
        next += 1;
        if (byte === QUOTE) quoted = true;
        else if ((byte | EITHER) === OPEN_OBJECT) depth += 1;
        else if ((byte | EITHER) === CLOSE_OBJECT && (depth -= 1) === 0) return next - at - from;
      }
      length = next - at;
      if (!this.more()) throw wrong();
    }
  }

  /** A byte; -1: the document ends before. @param from counted from here */
  private byte(from: number): number {
    while (this.at + from >= this.end) if (!this.more()) return -1;
    return this.bytes[this.at + from]!;
  }

  /** Where the next byte is that is not blank. @param from counted from here, as the result */
  private blanks(from: number): number {
    let at = from;
    while (isBlank(this.byte(at))) at += 1;
    return at;
  }

  private matching(member: Member): number {
    const length = member.matching(this.bytes, this.at, this.end);
    // Near the end of what has been read, a member may only look like another one.
    if (length > 0 || this.end - this.at > member.longest || !this.more()) return length;
    return this.matching(member);
  }

  /** The next byte that is not blank, which is where the next value begins; -1: there is none. */
  private peek(): number {
    for (;;) {
      while (this.at < this.end) {
        const byte = this.bytes[this.at]!;
        if (!isBlank(byte)) return byte;
        this.at += 1;
      }
      if (!this.more()) return -1;
    }
  }

  /** Reads on, behind what is left. Returns whether there was more. */
  private more(): boolean {
    const left = this.end - this.at;
    const { bytes } = this;
    if (left > bytes.length / 2) this.bytes = Buffer.alloc(bytes.length * 2);
    this.bytes.set(bytes.subarray(this.at, this.end));
    [this.at, this.end] = [0, left];
    const count = this.read(this.bytes.subarray(left));
    this.end += count;
    return count > 0;
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function wrong(): Error {
  return new SyntaxError("not JSON that can be read in pieces");
}
