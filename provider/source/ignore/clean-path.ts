import { posix } from "node:path";

/** The shortest path that means the same, as Go's `path.Clean` gives it: no trailing slash, `.` for an empty path. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** Removes leading and trailing white space, as Go's `strings.TrimSpace` understands it: U+0085 counts, U+FEFF does not. */
export function trimSpace(text: string): string {
  // Without a look behind, each place of a long gap within the text would be tried up to the gap's end.
  return text.replace(/^[\t\n\v\f\r \u0085\p{Z}]+|(?<![\t\n\v\f\r \u0085\p{Z}])[\t\n\v\f\r \u0085\p{Z}]+$/gu, "");
}
