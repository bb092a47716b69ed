import { posix } from "node:path";

/** A path of the context, relative to its root, which `..` does not leave; "" is the root. */
export const cleaned = (source: string): string => posix.join("/", source).replace(/\/$/, "").slice(1);

/** Whether a source has more `..` than folders before them: it names something outside of the context. */
export const climbs = (source: string): boolean => /^\.\.(\/|$)/.test(posix.normalize(source.replace(/^\/+/, "")));

/** As `COPY --parents` reads it: what stands before the first `/./` is not kept in the image. */
export function pivoted(source: string): string {
  const pivot = source.indexOf("/./");
  if (pivot === -1) return cleaned(source);
  const parent = cleaned(source.slice(0, pivot));
  const below = cleaned(source.slice(pivot + 3));
  return parent === "" ? below : `${parent}/./${below}`;
}

/** Whether a source of COPY or ADD is a pattern, as BuildKit decides it. */
export function hasWildcards(source: string): boolean {
  return /^(?:[^\\*?[]|\\[^])*[*?[]/.test(source);
}
