import type { SnapshotDto } from "../../api/types";
import { snapshotTable } from "../../resources/snapshot/attributes";
import { sourceKeyOf } from "../../resources/snapshot/desired";
import { timeoutOf } from "../../resources/snapshot/durations";
import { isSuccessorOf, successorName } from "../../resources/snapshot/names";
import { fromImport, recordAfter } from "../../resources/snapshot/observed";
import type { Planned, SnapshotRecord } from "../../resources/snapshot/record";
import { needsReading } from "../../resources/snapshot/source";
import { classify } from "../../resources/snapshot/states";
import { isUnknown, known } from "../../kit/unknown";
import type { Call, Shared } from "../call/call";
import { holderOf } from "../call/lookup";
import { recordOnTheWay } from "../call/settling-record";
import type { CallContext, Replaced, ReplaceOutcome } from "../contract";
import { sourceToMake } from "../publish/pin-source";
import { readSourceToBuild } from "../publish/prepare-source";
import { createUntilActive } from "../requests/create-until-active";
import { remove, waitGone } from "../requests/delete-until-gone";
import { run } from "../requests/run-call";
import { swap } from "../swap/swap";
import { finalOf } from "../swap/unfinished";
import { differencesFrom } from "./adopt";
import { converge } from "./converge";
import { rebuild } from "./create";

/**
 * Makes the snapshot of a name what is asked for, without a state: creates one where there is none, does nothing where it is the same, and
 * otherwise swaps it. A swap that was interrupted is found by the names at the API, and goes on. What is not asked for keeps its present value.
 */
export async function replace(shared: Shared, planned: Planned, context: CallContext): Promise<ReplaceOutcome> {
  const name = known(planned.name) ?? "";
  const limitMs = timeoutOf(known(planned.timeouts), "update");
  let did: Replaced | null = null;
  const outcome = await run(
    shared,
    context,
    { doing: `replacing snapshot "${name}"`, verb: "update", limitMs, record: null, marks: {} },
    async (call) => {
      // Before any change: of a tag that is to be pinned, nothing is made without its digest.
      await call.assertNamedOrganization();
      const making = needsReading(planned) ? planned : await sourceToMake(call, planned);
      while (did === null) did = await attempt(call, making, name);
    },
  );
  return { ...outcome, did };
}

/** null: what was found has changed meanwhile, so it has to be looked at again. */
async function attempt(call: Call, planned: Planned, name: string): Promise<Replaced | null> {
  const holder = await holderOf(call, name);
  const left = await successors(call, name);
  const own = holder && (left.find((dto) => dto.name === successorName(name, holder.id)) ?? null);
  // Those of a snapshot that is gone.
  const earlier = left.filter((dto) => dto !== own);
  const anchor = anchorOf(earlier, name);
  if (anchor !== null && (holder === null || (await finalOf(call, name, anchor)) !== null)) {
    await swapIn(call, planned, name, anchor, null);
    return "replaced";
  }
  // Nothing leads to them any more.
  for (const dto of earlier) await removeLeftOver(call, dto);
  if (holder === null) return makeNew(call, planned, name);
  return judgeHolder(call, planned, name, holder, own);
}

/** Successors of any snapshot that has had the name, the oldest first. */
async function successors(call: Call, name: string): Promise<SnapshotDto[]> {
  const all = await call.deadline.read((signal) =>
    call.api.listAll({ name: `${name}--next-`, general: false }, { signal }),
  );
  const found = all.filter((dto) => isSuccessorOf(dto.name, name));
  // An earlier run may have ended while it was deleting one.
  for (const dto of found) if (classify(dto.state) === "leaving") await waitGone(call, dto, "successor");
  return found.filter((dto) => classify(dto.state) !== "leaving");
}

/** The successor that an interrupted swap has left; one may have a successor itself. null: there is none. */
function anchorOf(left: readonly SnapshotDto[], name: string): SnapshotDto | null {
  return left.find((dto) => !left.some(({ id }) => dto.name === successorName(name, id))) ?? left[0] ?? null;
}

/** null: somebody else has created the name meanwhile. */
async function makeNew(call: Call, asked: Planned, name: string): Promise<Replaced | null> {
  const planned = needsReading(asked) ? await readSourceToBuild(call, asked) : asked;
  const created = await createUntilActive<null>(call, {
    name,
    planned,
    onSeen: (seen) => call.keep(recordOnTheWay(planned, seen)),
    onRemoved: () => call.keep(null),
    onTaken: () => ({ leaveWith: null }),
  });
  if (!("active" in created)) return null;
  call.keep(recordAfter({ ...planned, id: created.active.id }, created.active));
  return "created";
}

/** @param own its successor, which an interrupted swap has left @returns null: it is gone by now */
async function judgeHolder(
  call: Call,
  planned: Planned,
  name: string,
  holder: SnapshotDto,
  own: SnapshotDto | null,
): Promise<Replaced | null> {
  const phase = classify(holder.state);
  // Of one that is leaving or has failed, the successor is all that works: it leads on once the name is free, and must not be taken for a leftover.
  if (phase === "leaving") {
    await waitGone(call, holder, "old snapshot");
    return null;
  }
  if (phase === "failed" && own !== null && classify(own.state) === "ready") {
    await call.locked("remove", sourceKeyOf(holder), () => remove(call, holder, { label: "failed snapshot" }));
    return null;
  }
  const prior = fromImport(holder).record;
  const same = differencesFrom(call, planned, holder).length === 0;
  if (!same && phase !== "failed") {
    await swapIn(call, planned, name, holder, own);
    return "replaced";
  }
  // A swap that was interrupted, and then asked to be undone, or a failed snapshot: there is nothing to protect.
  if (own !== null) await removeLeftOver(call, own);
  const kept = keeping(planned, prior);
  let did: Replaced = phase === "ready" ? "same" : "activated";
  const again = async (failed: SnapshotDto): Promise<void> => {
    did = "replaced";
    await rebuild(call, kept, name, failed, () => call.keep(null));
  };
  if (phase === "failed") await again(holder);
  else await converge(call, kept, name, holder, again);
  return did;
}

async function swapIn(
  call: Call,
  asked: Planned,
  name: string,
  present: SnapshotDto,
  successor: SnapshotDto | null,
): Promise<void> {
  const prior: SnapshotRecord = { ...fromImport(present).record, name };
  // What is reported while nothing has been replaced.
  call.keep(prior);
  const planned = keeping(needsReading(asked) ? await readSourceToBuild(call, asked) : asked, prior);
  await swap(call, { prior, planned, name, present, successor });
}

/** What is not asked for and would be kept by a program, such as the resources. */
function keeping(planned: Planned, prior: SnapshotRecord): Planned {
  const kept = snapshotTable.inputs.filter(
    (row) => "kept" in row && isUnknown(planned[row.name as keyof SnapshotRecord]),
  );
  return {
    ...planned,
    ...Object.fromEntries(kept.map(({ name }) => [name, prior[name as keyof SnapshotRecord]])),
  };
}

async function removeLeftOver(call: Call, dto: SnapshotDto): Promise<void> {
  call.progress(`removing the successor of an earlier attempt (${dto.id}, ${dto.state})`);
  await call.locked("remove", sourceKeyOf(dto), () => remove(call, dto, { label: "successor" }));
}
