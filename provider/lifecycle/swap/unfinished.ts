import type { SnapshotDto } from "../../api/types";
import { isSuccessorOf, successorName } from "../../resources/snapshot/names";
import { observe } from "../../resources/snapshot/observed";
import type { SnapshotRecord } from "../../resources/snapshot/record";
import { differences } from "../../resources/snapshot/same";
import type { Call } from "../call/call";
import { byName } from "../call/lookup";

/** Whether the ID of the state belongs to the successor of a swap, by its name at the API. */
export function isUnfinished(record: SnapshotRecord, dto: SnapshotDto): boolean {
  return record.name !== null && dto.name !== record.name && isSuccessorOf(dto.name, record.name);
}

/** The successor of an interrupted swap of this record; null: there is none. */
export async function successorOf(
  call: Call,
  record: Pick<SnapshotRecord, "name" | "id">,
): Promise<SnapshotDto | null> {
  return record.name === null ? null : byName(call, successorName(record.name, record.id));
}

/**
 * The holder of the name, if it is the result of the interrupted swap: it matches the successor and is newer. Null: the name is free, or
 * belongs to somebody else, or to another resource.
 */
export async function finalOf(call: Call, name: string, successor: SnapshotDto): Promise<SnapshotDto | null> {
  const holder = await byName(call, name);
  if (
    !holder ||
    holder.id === successor.id ||
    call.shared.owners.madeUnder(name)?.id === holder.id ||
    call.shared.owners.managedByOther(holder.id, call)
  )
    return null;
  // The entrypoint of an image becomes known with the pull, so an interrupted one has none yet.
  const wanted = { ...observe(successor, null), ...(holder.entrypoint ? {} : { entrypoint: null }) };
  const same = differences(wanted, holder).length === 0;
  return same && Date.parse(holder.createdAt) >= Date.parse(successor.createdAt) ? holder : null;
}
