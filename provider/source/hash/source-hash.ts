import { createHash } from "node:crypto";

/** A file as the builder will see it. */
export interface ContextFile {
  /** Path in the context, with `/`, as it is on disk. */
  readonly path: string;
  readonly executable: boolean;
  /** Permission bits, where they are neither 0644 nor 0755 as `executable` says. */
  readonly mode?: number;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content, 64 lower-case hex digits. */
  readonly sha256: string;
}

type Hashed = Omit<ContextFile, "size">;

/**
 * `sourceHash` of a Dockerfile with files. It knows no mode but the executable bit, which is all that a clone has: a checkout is the same source everywhere. The recipe is in `docs/source-hash.md`; it never changes within a version.
 */
export function sourceHash(dockerfileText: string, files: readonly Hashed[]): string {
  return `v2:${hashOf(`v2 ${createHash("sha256").update(dockerfileText).digest("hex")}`, files, bitOf)}`;
}

/** Names an archive of these files, known before it is made: 64 lower-case hex digits. */
export function archiveHash(files: readonly Hashed[]): string {
  return hashOf("tar 1", files, (file) => file.mode?.toString(8) ?? bitOf(file));
}

const bitOf = ({ executable }: Hashed): string => (executable ? "x" : "-");

function hashOf(head: string, files: readonly Hashed[], modeOf: (file: Hashed) => string): string {
  const hash = createHash("sha256").update(`${head}\0`);
  for (const file of sortedByPath(files)) hash.update(`${modeOf(file)} ${file.sha256} ${file.path}\0`);
  return hash.digest("hex");
}

/** A sorted copy, in the order of the paths' bytes in UTF-8. */
export function sortedByPath<F extends { readonly path: string }>(files: readonly F[]): F[] {
  return [...files].sort((a, b) => comparePaths(a.path, b.path));
}

function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const one = a.charCodeAt(at);
    const other = b.charCodeAt(at);
    if (one !== other) return rank(one) - rank(other);
  }
  return a.length - b.length;
}

// In UTF-16, characters above U+FFFF come before U+E000; in UTF-8 they come last.
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
