import type { Notice, SnapshotRecord } from "../../snapshot/record";
import type { SnapshotDto } from "../../api/types";
import type { Call } from "../call/call";
import { Failure } from "../call/errors";
import { byName, learnOrganization } from "../requests/lookup";
import { lines } from "./notices";
import { takeOver } from "./tool-words";

/** A snapshot vanished between two of our requests. */
export function goneWhile(call: Call, dto: Pick<SnapshotDto, "id">): never {
  throw new Failure({ summary: `${call.doing}: someone else deleted it meanwhile`, detail: `The API no longer knows ${dto.id}. Plan and apply again.` });
}

/** Gone between plan and apply: the plan was made for something that is not there. @throws Failure, always */
export async function goneSincePlan(call: Call, record: SnapshotRecord): Promise<never> {
  const holder = record.name === null ? null : await byName(call, record.name);
  throw new Failure({
    summary: `${call.doing}: gone since the plan; plan again`,
    detail: lines(
      `The API no longer knows ${record.id}.`,
      holder ? `Someone made another snapshot of this name meanwhile: ${holder.id}. ${takeOver(call, holder.id)}` : "",
    ),
  });
}

/** What refresh says about a 404 when the name has another holder; null: there is nothing to say. */
export function holderNotice(call: Call, record: SnapshotRecord, holder: SnapshotDto): Notice {
  const later = record.createdAt !== null && Date.parse(holder.createdAt) > Date.parse(record.createdAt);
  return {
    summary: `Snapshot "${record.name}" (${record.id}) is gone, and another snapshot has its name`,
    detail: lines(
      `Snapshot ${holder.id} of this organization has the name now (state \`${holder.state}\`, created ${holder.createdAt}).`,
      later ? "It was made later: it may be the end of a swap that was cut off just before its result was saved." : "",
      takeOver(call, holder.id),
    ),
    attribute: ["name"],
  };
}

/** A state of another organization must never read as "gone". `ask`: the API may be asked which organization the key belongs to. @throws Failure */
export async function assertOrganization(call: Call, record: SnapshotRecord, ask: boolean): Promise<void> {
  if (record.organizationId === null) return;
  const ours = ask ? await learnOrganization(call) : call.organizationId;
  if (ours === null || ours === record.organizationId) return;
  throw new Failure({
    summary: `${call.doing}: the credentials belong to another organization`,
    detail: lines(
      `The state says that snapshot ${record.id} is of organization ${record.organizationId}; the provider's credentials are of ${ours}.`,
      `${from(call)}Configure the provider with credentials of the first, or remove the resource from this state.`,
    ),
  });
}

function from(call: Call): string {
  const { origin } = call.shared;
  return origin === undefined ? "" : `They come from ${origin.credentials}. `;
}
