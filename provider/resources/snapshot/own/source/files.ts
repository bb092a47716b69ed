/** Whether the files of a build are those that a snapshot was built from, by the hashes that the API keeps. The one answer for import and adoption. */

import type { SnapshotDto } from "../../../../api/types";
import type { Notice } from "../../../../kit/notice";
import { counted, firstOf } from "../../../../kit/text/numbers";
import type { ToolWords } from "../../../../kit/words";
import type { Action, ComparedFiles, FileSet, Marks, PreparedSource, SnapshotRecord, Written } from "../../record";
import { isBuild, isPlainText, sameText } from "../../source";

/** The hashes that the API has of a build's files; undefined: it does not tell. */
export function contextHashesOf({ buildInfo }: Pick<SnapshotDto, "buildInfo">): string[] | undefined {
  // The server has answered a text where it was sent one.
  const hashes = buildInfo?.contextHashes as string[] | string | null | undefined;
  if (hashes === undefined) return undefined;
  if (typeof hashes === "string") return hashes.split(",").filter((hash) => hash !== "");
  return [...(hashes ?? [])];
}

/** The hash of an archive as this program names it. The clients of Daytona take an MD5, which also follows the order of a folder on disk. */
const OURS = /^[0-9a-f]{64}$/;
const OFFICIAL = /^[0-9a-f]{32}$/;
/** So many sets tell what is meant. */
const MOST_NAMED = 5;

type Files = Pick<PreparedSource, "contextHashes" | "fileSets">;

/** @param asked the files here @param found the hashes that the API has; undefined: it does not tell */
export function compareFiles(asked: Files, found: readonly string[] | undefined): ComparedFiles {
  const [here, there] = [new Set(asked.contextHashes), new Set(found)];
  const mine = `${setsText(here.size, asked.fileSets)} on this machine${named(asked.fileSets ?? [])}`;
  const theirs = `${counted(there.size, "set")} of the snapshot`;
  if (here.size === 0 && there.size === 0) return { is: "same", text: "" };
  if (found === undefined)
    return {
      is: "unknown",
      text: `whether the files are those that the snapshot was built from is unknown: the API returns no hashes to compare with those of ${mine}`,
    };
  if (here.size === 0)
    return {
      is: "different",
      text: `requested a build without files, found one with a build context (${there.size} sent)`,
    };
  if (there.size === 0)
    return { is: "different", text: `requested a build with files, found one without a build context: ${mine}` };
  const others = [...here].filter((hash) => !there.has(hash));
  const missing = [...there].filter((hash) => !here.has(hash));
  if (others.length === 0 && missing.length === 0)
    return {
      is: "same",
      text: `the files are those that the snapshot was built from: compared ${mine} with ${theirs}`,
    };
  if (!missing.every((hash) => OURS.test(hash)))
    return {
      is: "unknown",
      text: `whether the files are those that the snapshot was built from is unknown: ${clientText(missing)} built it with ${counted(there.size, "set")}, whose hashes cannot be compared with those of ${mine}`,
    };
  return {
    is: "different",
    text: `the files of the build context differ from those that the snapshot was built from: compared ${mine} with ${theirs}; ${differenceText(others, missing, asked.fileSets ?? [])}`,
  };
}

const clientText = (hashes: readonly string[]): string =>
  hashes.every((hash) => OFFICIAL.test(hash)) ? "an SDK or the command line of Daytona" : "another client";

function differenceText(others: readonly string[], missing: readonly string[], sets: readonly FileSet[]): string {
  const differing = sets.filter(({ hash }) => others.includes(hash)).map(({ from }) => from);
  if (others.length === 0) return `not on this machine: ${counted(missing.length, "set")}`;
  return differing.length === 0
    ? `different: ${counted(others.length, "set")}`
    : `different: ${firstOf(differing, MOST_NAMED)}`;
}

function setsText(sets: number, found: readonly FileSet[] | undefined): string {
  const files = (found ?? []).reduce((sum, set) => sum + set.files, 0);
  return `${counted(sets, "set")}${files === 0 ? "" : ` of ${counted(files, "file")}`}`;
}

const named = (sets: readonly FileSet[]): string =>
  sets.length === 0 ? "" : ` (${firstOf(sets.map(setText), MOST_NAMED)})`;
const setText = ({ from, files }: FileSet): string => `${from}: ${counted(files, "file")}`;

/**
 * The same for a snapshot that was imported, and has not been applied since. null: nothing asks for it, because a hash in the state or in the
 * program tells, the text of the Dockerfile differs anyway, or an input is unknown.
 */
export function comparedFiles(prior: SnapshotRecord, written: Written, marks: Marks): ComparedFiles | null {
  if (marks.imported !== true || prior.sourceHash !== null || written.sourceHash !== null) return null;
  const asked = sameBuild(prior, written);
  if (asked === null) return null;
  const { builtWith } = marks;
  const sets = builtWith?.length ?? 0;
  if (written.dockerfile === null && written.contextDir === null && sets > 0)
    return { is: "unnamed", text: `it was built with ${counted(sets, "set")} of files` };
  return compareFiles(asked, builtWith);
}

/** The files of what is written; null: it is no build, another text, or not known. */
function sameBuild({ dockerfileContent }: SnapshotRecord, written: Written): Files | null {
  if (!isBuild(written) || dockerfileContent === null) return null;
  const { prepared } = written;
  const text = prepared?.text ?? (isPlainText(written) ? written.dockerfileContent : null);
  if (typeof text !== "string" || !sameText(text, dockerfileContent)) return null;
  return prepared ?? { contextHashes: [] };
}

/** What makes the snapshot anew from the files here, whatever they are. */
const ANEW: ReadonlySet<Action> = new Set(["create", "replace", "swap", "rebuild"]);

/** What a plan says of the files of an imported snapshot. */
export function filesNotices(
  compared: ComparedFiles,
  { name }: Pick<SnapshotRecord, "name">,
  action: Action,
  words: Pick<ToolWords, "attribute" | "run">,
): Notice[] {
  if (compared.is === "same" || action === "rebuild") return [];
  const told = `Snapshot "${name}" was imported: ${compared.text}.`;
  if (compared.is === "different")
    return [
      {
        summary: `The files are not those that snapshot "${name}" was built from`,
        detail: `${told} Paths, contents and modes count. To keep the snapshot, restore the files. Or set ${words.attribute("sourceHash")} to your own value: it is recorded without a new snapshot, and from then on only a new value counts as a change of the files.`,
      },
    ];
  // It is about to be made anew.
  if (ANEW.has(action)) return [];
  if (compared.is === "unnamed")
    return [
      {
        summary: `The files that snapshot "${name}" was built from are not configured`,
        detail: `${told} Nothing was compared with them, and a new snapshot would be built without them. Set ${words.attribute("contextDir")} to the folder that has them. Then their hashes are compared.`,
      },
    ];
  return [
    {
      summary: `It is unknown whether the files are those that snapshot "${name}" was built from`,
      detail: `${told} The next ${words.run} keeps the snapshot and records the hash of the files on this machine, so that their next change creates a new snapshot. To have it built from the files on this machine, change ${words.attribute("triggers")} after that.`,
    },
  ];
}
