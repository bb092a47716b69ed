import { isCurrentHash } from "../resources/snapshot/source";
import { type ChangedFile, changedFiles, changedFilesText, type FoundSource } from "../source/changed-files";
import type { SourceReader } from "../source/source-reader";

export type { ChangedFile };

/** What of the files of a source is not what the snapshot was made from. */
export interface SourceChange {
  /** null: not known on this machine. */
  readonly files: readonly ChangedFile[] | null;
  /** All that in a sentence. */
  readonly text: string;
}

/** What a build is written with, as far as it tells whether it has files. */
type Written = Readonly<Record<"dockerfile" | "dockerfileContent" | "contextDir" | "context", unknown>>;

/**
 * What has changed between the source that a snapshot was made from and the one that a program has now. Reads no file of either: the machine remembers
 * the sources that it has read.
 * @param before as the state has it, with its hash
 * @param written as the program has it
 * @param now the hash of the program's source, or what has been read
 * @returns null: there is nothing to say. It is the same source, none of a build with files, or only what a program shows by itself has changed
 */
export function sourceChange(
  before: { readonly sourceHash: unknown } & Written,
  written: Written,
  now: FoundSource | string,
  sources: Pick<SourceReader, "recall">,
): SourceChange | null {
  const { sourceHash } = before;
  if (typeof sourceHash !== "string" || !isOtherHash(sourceHash, typeof now === "string" ? now : now.hash)) return null;
  if (!isBuildOf(before) || !hasFiles(written)) return null;
  const known = (hash: string): FoundSource | null => sources.recall?.(hash) ?? null;
  const was = known(sourceHash);
  const is = typeof now === "string" ? known(now) : now;
  const dockerfile = typeof written.dockerfile === "string" ? written.dockerfile : null;
  const files = was === null || is === null ? null : changedFiles(was, is, dockerfile);
  if (files === null) return { files, text: "Which of its files have changed is unknown on this machine." };
  return files.length === 0 ? null : { files, text: `In its source: ${changedFilesText(files)}.` };
}

/** Whether two hashes, both computed from sources, differ. */
const isOtherHash = (before: string, now: string): boolean =>
  before !== now && isCurrentHash(before) && isCurrentHash(now);

/** An inline Dockerfile is in the program, and without a folder it has no files. */
const hasFiles = ({ dockerfile, dockerfileContent, contextDir, context }: Written): boolean =>
  isSet(dockerfile) || (isSet(dockerfileContent) && (isSet(contextDir) || isSet(context)));

const isSet = (value: unknown): boolean => value !== null && value !== undefined;

const isBuildOf = ({ dockerfile, dockerfileContent }: Written): boolean =>
  isSet(dockerfile) || isSet(dockerfileContent);
