const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const CARET = 0x5e;
const DASH = 0x2d;
const SLASH = 0x2f;
const INVALID = 0xfffd;

interface Rune {
  readonly code: number;
  /** Bytes that it takes. */
  readonly size: number;
}

/** A pattern that Go's `filepath.Match` refuses. */
export class BadPattern extends Error {}

/**
 * Whether the pattern matches the whole name, as Go's `filepath.Match` decides on Linux. BuildKit expands the wildcards of COPY and ADD with it. It works on
 * bytes, because a `*` may end inside a character: `*??` matches a single character of three bytes.
 * @throws BadPattern when the part of the pattern that is looked at is malformed; the rest is not checked, as in Go
 */
export function fileMatch(pattern: string, name: string): boolean {
  let rest: Uint8Array = Buffer.from(pattern);
  let left: Uint8Array = Buffer.from(name);
  next: while (rest.length > 0) {
    let star = false;
    while (rest[0] === STAR) {
      rest = rest.subarray(1);
      star = true;
    }
    const end = chunkEnd(rest);
    const chunk = rest.subarray(0, end);
    rest = rest.subarray(end);
    if (star && chunk.length === 0) return !left.includes(SLASH);
    const after = matchChunk(chunk, left);
    if (after !== undefined && (after.length === 0 || rest.length > 0)) {
      left = after;
      continue;
    }
    if (!star) return false;
    for (let skipped = 0; skipped < left.length && left[skipped] !== SLASH; skipped++) {
      const found = matchChunk(chunk, left.subarray(skipped + 1));
      if (found === undefined || (rest.length === 0 && found.length > 0)) continue;
      left = found;
      continue next;
    }
    return false;
  }
  return left.length === 0;
}

/** Whether BuildKit takes the path for a pattern: an unescaped `*`, `?` or `[`. */
export function hasWildcards(path: string): boolean {
  return /^(?:[^\\*?[]|\\[^]?)*[*?[]/.test(path);
}

/** Where the part without stars ends. */
function chunkEnd(pattern: Uint8Array): number {
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const byte = pattern[i];
    if (byte === BACKSLASH) i++;
    else if (byte === OPEN) inClass = true;
    else if (byte === CLOSE) inClass = false;
    else if (byte === STAR && !inClass) return i;
  }
  return pattern.length;
}

/** What is left of the name after the chunk; undefined when it does not match. The chunk is checked to its end either way. */
function matchChunk(chunk: Uint8Array, name: Uint8Array): Uint8Array | undefined {
  let failed = false;
  let at = 0;
  let s = 0;
  while (at < chunk.length) {
    failed ||= s >= name.length;
    const byte = chunk[at]!;
    if (byte === OPEN) {
      const rune: Rune = failed ? { code: 0, size: 0 } : decode(name, s);
      s += rune.size;
      const { matches, next } = matchClass(chunk, at + 1, rune.code);
      at = next;
      failed ||= !matches;
    } else if (byte === QUESTION) {
      if (!failed) {
        failed = name[s] === SLASH;
        s += decode(name, s).size;
      }
      at++;
    } else {
      if (byte === BACKSLASH && ++at === chunk.length) throw new BadPattern("a backslash at the end escapes nothing");
      if (!failed) failed = chunk[at] !== name[s++];
      at++;
    }
  }
  return failed ? undefined : name.subarray(s);
}

/** Whether a class takes a character, and where the chunk goes on behind it. @param from behind the opening bracket */
function matchClass(chunk: Uint8Array, from: number, code: number): { matches: boolean; next: number } {
  const negated = chunk[from] === CARET;
  let at = negated ? from + 1 : from;
  let within = false;
  for (let ranges = 0; !(chunk[at] === CLOSE && ranges > 0); ranges++) {
    const low = classRune(chunk, at);
    at = low.next;
    let high = low;
    if (chunk[at] === DASH) {
      high = classRune(chunk, at + 1);
      at = high.next;
    }
    within ||= low.code <= code && code <= high.code;
  }
  return { matches: within !== negated, next: at + 1 };
}

function classRune(chunk: Uint8Array, from: number): { code: number; next: number } {
  let at = from;
  if (at >= chunk.length) throw new BadPattern("a bracket is not closed");
  if (chunk[at] === DASH || chunk[at] === CLOSE)
    throw new BadPattern("a bracket contains an incomplete range or nothing");
  if (chunk[at] === BACKSLASH && ++at >= chunk.length) throw new BadPattern("a backslash at the end escapes nothing");
  const { code, size } = decode(chunk, at);
  if (at + size >= chunk.length) throw new BadPattern("a bracket is not closed");
  return { code, next: at + size };
}

/** One character of UTF-8; a byte that begins none counts as one of its own. */
function decode(bytes: Uint8Array, at: number): Rune {
  const first = bytes[at]!;
  if (first < 0x80) return { code: first, size: 1 };
  const size =
    first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 1;
  if (size === 1 || at + size > bytes.length) return { code: INVALID, size: 1 };
  let code = first & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) {
    const byte = bytes[at + i]!;
    if ((byte & 0xc0) !== 0x80) return { code: INVALID, size: 1 };
    code = (code << 6) | (byte & 0x3f);
  }
  return { code, size };
}
