/** So many values of a member are remembered: what the state has, and what the refresh found. */
const REMEMBERED = 2;

/** A value that a member had, and its bytes: name, colon and value. */
interface Had {
  value: unknown;
  bytes: Uint8Array;
  length: number;
}

/** A member, as earlier objects had it. */
export class Member {
  /** The latest one first. */
  private readonly had: Had[] = [];
  /** What matched. */
  private found: unknown = undefined;
  /** Of the object that is being read, or of the one before. */
  value: unknown = undefined;

  private readonly name: Uint8Array;

  constructor(readonly key: string) {
    this.name = new TextEncoder().encode(JSON.stringify(key));
  }

  /** How many bytes its name has, if that is there; 0: it is not. Names that are written in an odd way are not known. */
  named(bytes: Uint8Array, at: number, end: number): number {
    const { length } = this.name;
    if (at + length > end) return 0;
    for (let index = 0; index < length; index += 1) if (this.name[index] !== bytes[at + index]) return 0;
    return length;
  }

  /** Bytes of the longest value. */
  longest = 0;

  /** How many bytes the member has, if it has a value that is known; 0: it has another one, or is another member. */
  matching(bytes: Uint8Array, at: number, end: number): number {
    const { had } = this;
    for (let index = 0; index < had.length; index += 1) {
      const it = had[index]!;
      if (!isAt(it, bytes, at, end)) continue;
      this.found = it.value;
      return it.length;
    }
    return 0;
  }

  /** Makes the value that matched the present one. Returns whether it is another one than before. */
  take(): boolean {
    const { found } = this;
    // -0 is another value than 0.
    if (Object.is(found, this.value)) return false;
    this.value = found;
    return true;
  }

  /** Remembers a value, with its bytes. */
  set(value: unknown, bytes: Uint8Array, at: number, length: number): void {
    this.value = value;
    const { had } = this;
    const other = had.length < REMEMBERED ? { value, bytes: new Uint8Array(0), length: 0 } : had.pop()!;
    if (other.bytes.length < length) other.bytes = new Uint8Array(length * 2);
    for (let index = 0; index < length; index += 1) other.bytes[index] = bytes[at + index]!;
    other.value = value;
    other.length = length;
    had.unshift(other);
    if (length > this.longest) this.longest = length;
  }
}

/** Whether a member is there as it was, up to the end of its value: a number could go on. */
function isAt({ bytes: known, length }: Had, bytes: Uint8Array, at: number, end: number): boolean {
  if (at + length >= end) return false;
  for (let index = 0; index < length; index += 1) if (known[index] !== bytes[at + index]) return false;
  const next = bytes[at + length]!;
  return next === 0x2c || next === 0x7d || next === 0x20 || next === 0x0a || next === 0x0d || next === 0x09;
}

/** What objects of one kind had in common so far: their members, in their order, with their latest values. */
export class Similar {
  private readonly members: Member[] = [];
  private at = 0;
  /** An object with these members; null: there is none with the present ones. */
  private last: Record<string, unknown> | null = null;
  private differing: Member[] = [];

  /** Another object begins. */
  begin(): this {
    this.at = 0;
    this.differing = [];
    return this;
  }

  /** The member that is next, if the object is like the one before. */
  expected(): Member | undefined {
    return this.members[this.at];
  }

  /** The expected member has the value that matched. */
  same(member: Member): void {
    this.at += 1;
    if (member.take()) this.differing.push(member);
  }

  /** The next member, which `set` gives a value. @throws SyntaxError for one that the object has already */
  other(key: string): Member {
    let member = this.members[this.at];
    if (member?.key !== key) {
      this.cut();
      if (this.members.some((it) => it.key === key)) throw new SyntaxError(`"${key}" twice`);
      this.members.push((member = new Member(key)));
    }
    this.differing.push(member);
    this.at += 1;
    return member;
  }

  /** What has been read. The next object of this kind is the same one with other values. */
  object(): Record<string, unknown> {
    if (this.at < this.members.length) this.cut();
    if (this.last === null) this.last = Object.fromEntries(this.members.map(({ key, value }) => [key, value]));
    else for (const { key, value } of this.differing) this.last[key] = value;
    return this.last;
  }

  private cut(): void {
    this.members.length = this.at;
    this.last = null;
  }
}
