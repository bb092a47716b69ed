import { join } from "node:path";

/**
 * Where digests of files are kept between runs: the user's folder for caches.
 * @param env variables of the process
 * @returns undefined where there is no such folder; then nothing is kept
 */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string,
): string | undefined {
  const set = (name: string): string | undefined => (env[name] === "" ? undefined : env[name]);
  const base =
    platform === "win32"
      ? set("LOCALAPPDATA")
      : platform === "darwin"
        ? home && join(home, "Library", "Caches")
        : (set("XDG_CACHE_HOME") ?? (home && join(home, ".cache")));
  return base === undefined || base === "" ? undefined : join(base, "daytona-iac", "digests");
}
