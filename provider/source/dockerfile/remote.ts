/** Whether ADD fetches a source that begins so, whatever follows. */
export const beginsRemote = (before: string): boolean => /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@)/.test(before);

/**
 * Whether ADD fetches this source, from git or by HTTP, and COPY refuses it. Rules of moby/buildkit v0.25 (`dfgitutil`, `gitutil`): what begins
 * with `github.com/` is a local path, an HTTP URL is git's only when its path ends in `.git`.
 */
export function isRemote(source: string): boolean {
  if (/^https?:\/\//.test(source)) return true;
  if (/^\.\.?\//.test(source) || source.startsWith("github.com/")) return false;
  const scheme = /^([a-zA-Z0-9]+):\/\//.exec(source)?.[1]?.toLowerCase();
  if (scheme === undefined) return /^[a-zA-Z0-9-_]+@[a-zA-Z0-9-.]+:/.test(source) && !source.includes("\n");
  if (scheme === "git" || scheme === "ssh") return true;
  if (scheme !== "http" && scheme !== "https") return false;
  return (source.slice(scheme.length + 3).split(/[?#]/)[0] as string).replace(/^[^/]*/, "").endsWith(".git");
}
