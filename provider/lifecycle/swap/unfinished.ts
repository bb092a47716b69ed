import type { SnapshotDto } from "../../api/types";
import { isSuccessorOf, successorName } from "../../snapshot/names";
import { observe } from "../../snapshot/observed";
import type { SnapshotRecord } from "../../snapshot/record";
import { differences } from "../../snapshot/same";
import type { Call } from "../call/call";
import { byName } from "../requests/lookup";

/** Whether the id of a state is that of a swap's successor, by its name at the API. */
export function isUnfinished(record: SnapshotRecord, dto: SnapshotDto): boolean {
  return record.name !== null && dto.name !== record.name && isSuccessorOf(dto.name, record.name);
}

/** The successor that a swap of this record made, and that was cut off; null: there is none. */
export async function successorOf(call: Call, record: Pick<SnapshotRecord, "name" | "id">): Promise<SnapshotDto | null> {
  return record.name === null ? null : byName(call, successorName(record.name, record.id));
}

/**
 * The holder of the name, where it is that swap's own last step: the same as the successor, and younger. null: the name is
 * free, or somebody else's, or this process made the holder.
 */
export async function finalOf(call: Call, name: string, successor: SnapshotDto): Promise<SnapshotDto | null> {
  const holder = await byName(call, name);
  if (!holder || holder.id === successor.id || call.shared.made.get(name)?.id === holder.id) return null;
  // An image's own entrypoint comes with the pull: one that is cut off in it has none yet.
  const wanted = { ...observe(successor, null), ...(holder.entrypoint ? {} : { entrypoint: null }) };
  const same = differences(wanted, holder).length === 0;
  return same && Date.parse(holder.createdAt) >= Date.parse(successor.createdAt) ? holder : null;
}
