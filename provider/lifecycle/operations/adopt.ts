import type { SnapshotDto } from "../../api/types";
import { known } from "../../kit/unknown";
import type { Planned } from "../../resources/snapshot/record";
import { compareFiles, contextHashesOf } from "../../resources/snapshot/own/source/files";
import { buildOf } from "../../resources/snapshot/own/source/send";
import { differences } from "../../resources/snapshot/same";
import type { Call } from "../call/call";
import { converge, type Rebuild } from "./converge";
import { madeHere, takenFailure } from "../messages/notices";

/** What to do about the holder of a taken name. `wait`: the same run is about to delete it, or may be. */
export type Verdict = "adopt" | "wait";

/**
 * Decides about the holder of a taken name, without waiting: a verdict to adopt has already claimed the snapshot.
 * @throws Failure if another resource of the configuration manages it
 */
export function judge(call: Call, planned: Planned, holder: SnapshotDto): Verdict {
  const { owners } = call.shared;
  const made = owners.madeUnder(holder.name);
  // A snapshot that this run made, and deletes again.
  if (owners.leaving(holder.id) || (owners.departing(holder.id) && made?.id === holder.id && !made.adopted))
    return "wait";
  const found = differencesFrom(call, planned, holder);
  if (madeHere(call, holder) || owners.managedByOther(holder.id, call)) throw takenFailure(call, holder, found);
  if (known(planned.adoptExisting) === true && found.length === 0 && owners.adopt(holder.name, holder.id, call))
    return "adopt";
  return "wait";
}

export function differencesFrom(call: Call, planned: Planned, holder: SnapshotDto): string[] {
  return differences(planned, holder, { spell: call.context.words.attribute });
}

/** Adopts a snapshot that `judge` has claimed, and brings it to the desired state. @throws Failure if another resource turns out to manage it */
export async function adopt(
  call: Call,
  planned: Planned,
  name: string,
  holder: SnapshotDto,
  rebuild: Rebuild,
): Promise<void> {
  try {
    await untilTold(call, holder);
  } catch (error) {
    call.shared.owners.forget(name);
    throw error;
  }
  const build = buildOf(planned);
  const files = build === null ? "" : compareFiles(build, contextHashesOf(holder)).text;
  call.context.log.debug(`adopting snapshot ${holder.id}${files === "" ? "" : `: ${files}`}`);
  await converge(call, planned, name, holder, rebuild);
}

/** Waits until the tool has told of the resources that keep a snapshot. A delete of this one tells that it changes hands. */
async function untilTold(call: Call, holder: SnapshotDto): Promise<void> {
  const { owners } = call.shared;
  const quiet = call.context.adoptAfterMs ?? 0;
  while (owners.quietFor < quiet && !owners.departing(holder.id) && !owners.keptByOther(holder.id, call.owner)) {
    await owners.change(quiet - owners.quietFor, call.deadline.signal);
    call.deadline.check();
  }
  if (owners.keptByOther(holder.id, call.owner)) {
    owners.forget(holder.name);
    throw takenFailure(call, holder, []);
  }
}
