import { statSync } from "node:fs";

// Whether group and others may write is the umask's.
const PERMISSIONS = 0o7755;
const SEE_BITS = 0o044;
const USUAL = new Set([0o644, 0o755]);

/**
 * The mode that a file is sent with, where it is not that of a plain file (0644) or a program (0755): one that somebody has given to it, such as 0600 for a key,
 * 0440 for a part of sudoers or 04755. The builder keeps it.
 * @param mode on disk
 * @param hidden what the umask hides: see `hiddenBits`
 */
export function sentMode(mode: number, hidden = 0): number | undefined {
  let permissions = mode & PERMISSIONS;
  for (const others of [3, 0]) {
    const see = 0o4 << others;
    if ((hidden & see) !== 0 && (permissions & see) === 0) permissions |= ((permissions >> 6) & 0o5) << others;
  }
  return USUAL.has(permissions) ? undefined : permissions;
}

/**
 * What group and others may not read for no other reason than the umask of the checkout: nobody hides a Dockerfile on purpose, so what is hidden of it is hidden
 * of every file. Else a build from the folder of somebody with umask 077 would give files to the image that only root can read.
 * @param dockerfile on disk; undefined: there is none, and modes are taken as they are
 */
export function hiddenBits(dockerfile: string | undefined): number {
  if (dockerfile === undefined) return 0;
  try {
    return SEE_BITS & ~statSync(dockerfile).mode;
  } catch {
    return 0;
  }
}

/** Files that programs refuse with the modes of plain files: keys of ssh, parts of sudoers, passwords of PostgreSQL. */
const STRICT = /(?:^|\/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.ssh\/[^/]+|sudoers|sudoers\.d\/[^/]+|\.pgpass)$/;

/** Whether a program is known to depend on a file's mode. */
export function needsMode(path: string): boolean {
  return STRICT.test(path) && !path.endsWith(".pub");
}
