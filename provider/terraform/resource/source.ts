import { readSource } from "../../lifecycle/plan-for";
import { snakeCase } from "../../kit/attribute";
import { snapshotDefinition } from "../../resources/snapshot/definition";
import type { Notice } from "../../kit/notice";
import type { Planned, Written } from "../../resources/snapshot/record";
import { isUnknown } from "../../kit/unknown";
import type { SourceReader } from "../../source/source-reader";
import type { TfCall, TfPrivate } from "../types";
import { logOf } from "./call";

/** Private data of a plan only: the source could not be read, so an apply must not take anything away for it. Never part of a state. */
const MARK = "unread";

/** What is wrong with the source of a program; null: nothing. @throws the signal's reason */
export async function sourceProblem(sources: SourceReader, written: Written, call: TfCall): Promise<Notice | null> {
  const { wrong } = await readSource(snapshotDefinition, written, {
    face: "terraform",
    words: { attribute: snakeCase },
    sources,
    signal: call.signal,
    log: logOf(call, written),
  });
  return wrong?.notices[0] ?? null;
}

/** The warning of a plan whose source has a problem: what the apply will do about it. */
export function problemWarning(problem: Notice, planned: Planned, needed: boolean): Notice {
  const next = isUnknown(planned.sourceHash)
    ? "Until that is corrected, the source counts as changed, and an apply fails before it changes anything."
    : needed
      ? "An apply fails before it changes anything."
      : "The source hash says that the source has not changed, so nothing is built now.";
  return { ...problem, detail: `${problem.detail} ${next}` };
}

export function markUnread(stored: TfPrivate): TfPrivate {
  return { ...stored, [MARK]: true };
}

export function isMarkedUnread(stored: TfPrivate): boolean {
  return stored[MARK] === true;
}

/** Private data of a plan only: a tag that is to be pinned has no digest yet, so a replacement must not delete anything for it. */
const OPEN = "digest-open";

/** Marks the plan of a snapshot that cannot be created until a registry tells the digest of its tag. */
export function markOpenDigest(stored: TfPrivate, image: string): TfPrivate {
  return { ...stored, [OPEN]: image };
}

/** The tag whose digest the plan does not have; null: there is none. */
export function openDigestOf(stored: TfPrivate): string | null {
  const image = stored[OPEN];
  return typeof image === "string" ? image : null;
}

/** Private data as a state may have it. */
export function withoutUnread(stored: TfPrivate): TfPrivate {
  const { [MARK]: _mark, [OPEN]: _open, ...rest } = stored;
  return rest;
}
