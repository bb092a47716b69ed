import type { SnapshotDto } from "../../api/types";
import { known } from "../../snapshot/desired";
import type { Planned } from "../../snapshot/record";
import { differences } from "../../snapshot/same";
import type { Call } from "../call/call";
import { converge, type Rebuild } from "./converge";
import { Failure } from "../call/errors";
import { madeHere, takenNotice } from "../messages/notices";

/** Returns the holder of a taken name if the program adopts it and it matches. @throws Failure otherwise */
export function adoptable(call: Call, planned: Planned, holder: SnapshotDto): SnapshotDto {
  const found = differences(planned, holder, { spell: call.context.words.attribute });
  if (known(planned.adoptExisting) !== true || found.length > 0 || madeHere(call, holder)) throw new Failure(takenNotice(call, holder, found));
  return holder;
}

/** Adopts an existing snapshot and brings it to the desired state. */
export async function adopt(call: Call, planned: Planned, name: string, holder: SnapshotDto, rebuild: Rebuild): Promise<void> {
  call.context.log.debug(`adopting snapshot ${holder.id}`);
  call.shared.made.set(name, { id: holder.id, adopted: true });
  await converge(call, planned, name, holder, rebuild);
}
