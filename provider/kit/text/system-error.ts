/** What an error of the file system or the operating system means, in words; its code alone tells few people anything. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be too large",
  EIO: "the device failed to read or write",
  EISDIR: "it is a folder",
  ELOOP: "it is a link to itself",
  EMFILE: "this process has too many files open; raise the limit (`ulimit -n`)",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "this machine has too many files open",
  ENOENT: "it does not exist",
  ENOSPC: "no space left on the device",
  ENOTDIR: "a part of its path is a file, not a folder",
  ENOTEMPTY: "there is a folder that is not empty",
  EPERM: "the system does not permit it",
  EROFS: "the file system is read-only",
  ETXTBSY: "the file is being executed",
};

/** `no space left on the device (ENOSPC)`; the error's own text if its code is not known. */
export function systemErrorText(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const known = typeof code === "string" ? MEANINGS[code] : undefined;
  return known === undefined ? String(message ?? error) : `${known} (${String(code)})`;
}

/** The same with the path that it is about, if the error names one: `/tmp/x: it does not exist (ENOENT)`. */
export function systemErrorAtText(error: unknown): string {
  const { path } = error as { path?: unknown };
  const text = systemErrorText(error);
  return typeof path === "string" && !text.includes(path) ? `${path}: ${text}` : text;
}
