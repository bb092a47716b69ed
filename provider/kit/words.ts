/**
 * How a tool names its own commands and spells what programs write. Messages are built with these words, and every face
 * passes its own. Commands and settings come ready to print, in backticks where they stand inside a sentence.
 */
export interface ToolWords {
  /** An attribute as programs of this tool spell it: `dockerfile_content`, `dockerfileContent`, `--dockerfile`. */
  attribute(name: string): string;
  /** What declares resources: `configuration` or `program`. */
  code: "configuration" | "program";
  /** The command that makes the change, in the middle of a sentence: "the next apply", "the next `pulumi up`". */
  run: string;
  /** What to do when the state is out of date: "plan and apply again". */
  refreshAndRun: string;
  /** That the snapshot is gone, and what to do: "gone since the plan; plan again". */
  goneSince: string;
  /** Sentence that says where the ID of a snapshot is kept after a failed create. */
  kept(id: string): string;
  /** Sentence that says how an interrupted call resumes; `deleting`: the call was to delete it. */
  resumes(id: string, deleting: boolean): string;
  /** Sentence for an interrupted call that has nothing to keep. */
  nothingKept: string;
  /** The command that imports the snapshot with this UUID; null: the tool has none. */
  importCommand(id: string): string | null;
  /** The setting that adopts an existing snapshot. */
  adopt: string;
  /** What replaces the holder of a name that differs; none: the tool's own runs do. */
  replaceHolder?: string;
  /** What differs from an existing snapshot and can be changed, for a tool without an import: "the flags". */
  request?: string;
  /** The setting that deletes the old snapshot before it creates the new one; empty: there is none. */
  recreate: string;
  /** The setting that limits how long a call may take. */
  timeout(call: "create" | "update" | "delete"): string;
  /** What to do to keep waiting for a snapshot that was still being made when a create timed out. */
  keepWaiting: string;
  /** Sentence that says how to delete and create a snapshot that a create or an update has waited for in vain. */
  startOver(call: "create" | "update"): string;
  /** What to do after a snapshot has failed. Not set: the tool's next run replaces it. */
  afterFailure?: string;
  /** Clause that says how to give Daytona credentials for a registry: "create a `daytona_registry` for `ghcr.io`". */
  createRegistry(host: string): string;
  /** What to do when the name belongs to an earlier snapshot of the same resource (a forced replacement). */
  ownEarlier: string;
  /** Sentence that says how to leave a snapshot that two resources manage to one of them, without deleting it. */
  oneOwner: string;
  /** Sentence that says how to delete a snapshot that was kept for another resource, if there is no such resource any more. */
  deleteKept: string;
  /** How to tell the tool that a resource was renamed: "add a `moved` block". */
  renamed: string;
  /**
   * The command that first creates what a value comes from. Not set: the tool plans again when it knows the value, before it deletes what is replaced.
   */
  createFirst?: string;
  /** Which protection a swap bypasses, and how to replace the snapshot without downtime. */
  zeroDowntime: string;
}

/** A summary inside a sentence: `build context not usable`. Names keep their capital. */
export function lowerCase(summary: string): string {
  return summary.startsWith("Dockerfile") ? summary : summary.charAt(0).toLowerCase() + summary.slice(1);
}

/** With a capital letter, for the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
