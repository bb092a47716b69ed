import { sha256 as digest } from "../kit/sha256";
import { counted, firstOf } from "../kit/text/numbers";
import { printableLine } from "../kit/text/printable";
import type { PreparedBuild } from "./prepare";

/** What a source was when it was read, to tell later which files have changed since. */
export interface FoundSource {
  /** The source hash. */
  readonly hash: string;
  /** Digest of the Dockerfile as sent. */
  readonly text: string;
  /** Digest of the Dockerfile as written, without the build arguments; missing: not known. */
  readonly dockerfile?: string;
  /** Mode and digest by path; null: there were too many to keep. */
  readonly files: Readonly<Record<string, string>> | null;
}

/** A file of a source that is not what it was. */
export interface ChangedFile {
  /** In the build context; of the Dockerfile, as the program writes it. */
  readonly path: string;
  readonly change: "changed" | "added" | "removed" | "executable bit changed";
}

/** Files of a source that are kept at most. */
const MOST_FILES = 20_000;
/** Characters of a digest that are kept: 64 bits tell a change, and 20,000 files take 1.5 MB. */
const DIGEST = 16;
/** Characters of a short digest. */
const SHORT = 6;
/** Names of one kind in a sentence. */
const MOST_NAMES = 10;

export function foundSourceOf(build: PreparedBuild): FoundSource {
  const files = filesOf(build);
  return {
    hash: build.source.hash,
    text: digest(build.source.text),
    ...(build.dockerfile === undefined ? {} : { dockerfile: digest(build.dockerfile) }),
    files: Object.keys(files).length > MOST_FILES ? null : files,
  };
}

/**
 * The files that differ, in the order of their paths, the Dockerfile first.
 * @param dockerfile how the program writes the path of the Dockerfile; null: it is none that is a file
 * @returns null: not known, because one of the two had too many files to keep. Empty: none differs, so an argument of the build does
 */
export function changedFiles(before: FoundSource, now: FoundSource, dockerfile: string | null): ChangedFile[] | null {
  if (before.files === null || now.files === null) return null;
  const own = dockerfile !== null && isOtherDockerfile(before, now) ? dockerfile : null;
  const found: ChangedFile[] = own === null ? [] : [{ path: own, change: "changed" }];
  for (const path of [...new Set([...Object.keys(before.files), ...Object.keys(now.files)])].sort()) {
    const [was, is] = [before.files[path], now.files[path]];
    const change = changeOf(was, is);
    if (change === null || (own !== null && isDockerfile(was, before) && isDockerfile(is, now))) continue;
    found.push({ path, change });
  }
  return found;
}

/** What a file is now, by its mode and digest; null: the same. */
function changeOf(was: string | undefined, is: string | undefined): ChangedFile["change"] | null {
  if (was === undefined) return "added";
  if (is === undefined) return "removed";
  if (!isSameDigest(was.slice(1), is.slice(1))) return "changed";
  return was[0] === is[0] ? null : "executable bit changed";
}

/** Whether the Dockerfile itself is another one, and not only what its arguments make of it. */
function isOtherDockerfile(before: FoundSource, now: FoundSource): boolean {
  return before.dockerfile === undefined || now.dockerfile === undefined
    ? !isSameDigest(before.text, now.text)
    : !isSameDigest(before.dockerfile, now.dockerfile);
}

/** Whether a file of the context is the Dockerfile, which is named already. */
function isDockerfile(file: string | undefined, { dockerfile }: FoundSource): boolean {
  return file !== undefined && dockerfile !== undefined && isSameDigest(file.slice(1), dockerfile);
}

/** Whether two digests are of the same content, as far as both are kept. */
function isSameDigest(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  return a === b || (length >= SHORT && a.slice(0, length) === b.slice(0, length));
}

/** The same source with short digests, for where others can read them. */
export function shortened({ hash, text, dockerfile, files }: FoundSource): FoundSource {
  return {
    hash,
    text: text.slice(0, SHORT),
    ...(dockerfile === undefined ? {} : { dockerfile: dockerfile.slice(0, SHORT) }),
    files: files && Object.fromEntries(Object.entries(files).map(([path, file]) => [path, file.slice(0, SHORT + 1)])),
  };
}

/** Whether what was kept is a source. */
export function isFoundSource(value: unknown): value is FoundSource {
  if (typeof value !== "object" || value === null) return false;
  const { hash, text, dockerfile, files } = value as Record<string, unknown>;
  if (typeof hash !== "string" || typeof text !== "string") return false;
  if (dockerfile !== undefined && typeof dockerfile !== "string") return false;
  return (
    files === null ||
    (typeof files === "object" &&
      !Array.isArray(files) &&
      Object.values(files).every((file) => typeof file === "string"))
  );
}

/** `2 files changed (app.py, requirements.txt), 1 added (lib/x.py)`; of none, an empty text. Control characters of names are gone. */
export function changedFilesText(changes: readonly ChangedFile[]): string {
  const groups = [
    ["changed", (count: number) => `${counted(count, "file")} changed`],
    ["added", (count: number) => `${count} added`],
    ["removed", (count: number) => `${count} removed`],
    ["executable bit changed", (count: number) => `${count} with a changed executable bit`],
  ] as const;
  return groups
    .flatMap(([kind, say]) => {
      const names = changes.filter(({ change }) => change === kind).map(({ path }) => printableLine(path));
      return names.length === 0 ? [] : [`${say(names.length)} (${firstOf(names, MOST_NAMES, ", and")})`];
    })
    .join(", ");
}

/** The sentence that lists what differs. @param dockerfile how the program writes the Dockerfile: a path, or the attribute */
export function changeText(before: FoundSource, build: PreparedBuild, dockerfile: string): string {
  const lines = changedLines(before, build, dockerfile);
  return `Changed since then:${lines.length === 0 ? " some of its files." : `\n${lines.map((line) => `  ${line}`).join("\n")}\n`}`;
}

/** What differs, one line each, at most `most`; empty: nothing that can be named. */
function changedLines(before: FoundSource, build: PreparedBuild, dockerfile: string, most = 10): string[] {
  if (build.image !== null) return [`the image "${build.image.written}"`];
  const now = foundSourceOf(build);
  const files = changedFiles(before, now, dockerfile);
  const lines =
    files === null
      ? before.text === now.text
        ? []
        : [`${dockerfile} (changed)`]
      : files.map(({ path, change }) => `${printableLine(path)} (${change})`);
  return lines.length > most ? [...lines.slice(0, most), `and ${lines.length - most} more`] : lines;
}

function filesOf(build: PreparedBuild): Record<string, string> {
  return Object.fromEntries(
    build.archives.flatMap(({ files }) =>
      files.map(({ path, executable, sha256 }) => [path, `${executable ? "x" : "-"}${sha256.slice(0, DIGEST)}`]),
    ),
  );
}
