const KEPT = 128;
/** Few differ: what `*` and `?` stand for, and the classes that people write. */
const MOST_COMMON = 1000;
const LONGEST_COMMON = 100;

/** Characters that one place of an expression may have. */
export class CharacterSet {
  private static readonly common = new Map<string, CharacterSet>();

  /** Of each of the first characters: 1 in the set, 2 not, 0 not asked yet. */
  private readonly kept = new Uint8Array(KEPT);

  /** @param source one character of a JavaScript expression with the flag `u`: an escape, or a class */
  static of(source: string): CharacterSet {
    let set = this.common.get(source);
    if (set === undefined) {
      set = new CharacterSet(new RegExp(`^${source}$`, "u"));
      if (this.common.size < MOST_COMMON && source.length < LONGEST_COMMON) this.common.set(source, set);
    }
    return set;
  }

  private constructor(private readonly one: RegExp) {}

  /** @param code a code point */
  has(code: number): boolean {
    if (code >= KEPT) return this.one.test(String.fromCodePoint(code));
    return (this.kept[code] ||= this.one.test(String.fromCodePoint(code)) ? 1 : 2) === 1;
  }
}
