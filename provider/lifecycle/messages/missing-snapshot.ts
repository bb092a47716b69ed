import type { Notice } from "../../kit/notice";
import type { SnapshotRecord } from "../../resources/snapshot/record";
import type { SnapshotDto } from "../../api/types";
import type { Call } from "../call/call";
import { Failure } from "../call/errors";
import { byName, learnOrganization } from "../call/lookup";
import { lines } from "./notices";
import { capital } from "../../kit/words";
import { takeOver, words } from "./tool-words";

/** The API has answered that there is no such snapshot. */
export const GONE = { code: "not-found", status: 404 } as const;

/** The snapshot disappeared during the call. */
export function deletedNotice(call: Call, id: string): Notice {
  return {
    summary: `${call.doing}: someone else deleted the snapshot`,
    detail: `Snapshot ${id} no longer exists. ${capital(words(call).refreshAndRun)}.`,
  };
}

/** The snapshot disappeared between two requests. @throws Failure, always */
export function goneWhile(call: Call, dto: Pick<SnapshotDto, "id">): never {
  throw new Failure(deletedNotice(call, dto.id), GONE);
}

/** The snapshot disappeared between plan and apply. @throws Failure, always */
export async function goneSincePlan(call: Call, record: SnapshotRecord): Promise<never> {
  const holder = record.name === null ? null : await byName(call, record.name);
  throw new Failure(
    {
      summary: `${call.doing}: ${words(call).goneSince}`,
      detail: lines(
        `Snapshot ${record.id} no longer exists.`,
        holder ? `Someone created another snapshot with this name: ${holder.id}. ${takeOver(call, holder.id)}` : "",
      ),
    },
    GONE,
  );
}

/** What a refresh reports when the snapshot is gone and another one has its name. */
export function holderNotice(call: Call, record: SnapshotRecord, holder: SnapshotDto): Notice {
  const later = record.createdAt !== null && Date.parse(holder.createdAt) > Date.parse(record.createdAt);
  return {
    summary: `Snapshot "${record.name}" (${record.id}) no longer exists, and another snapshot now has its name`,
    detail: lines(
      `Snapshot ${holder.id} in this organization now has the name (state \`${holder.state}\`, created ${holder.createdAt}).`,
      later
        ? "It was created later, so it may be the result of a swap that was killed before the state was saved."
        : "",
      takeOver(call, holder.id),
    ),
    attribute: ["name"],
  };
}

/** Credentials for another organization must never make a state read as "gone". `ask`: ask the API which organization the key belongs to. @throws Failure */
export async function assertOrganization(call: Call, record: SnapshotRecord, ask: boolean): Promise<void> {
  if (record.organizationId === null) return;
  const ours = ask ? await learnOrganization(call) : call.organizationId;
  if (ours === null || ours === record.organizationId) return;
  throw new Failure({
    summary: `${call.doing}: the credentials belong to another organization`,
    detail: lines(
      `Snapshot ${record.id} belongs to organization ${record.organizationId}, but the credentials are for organization ${ours}.`,
      `${from(call)}Use credentials for organization ${record.organizationId}, or remove the snapshot from this state.`,
    ),
  });
}

function from(call: Call): string {
  const { origin } = call.shared;
  return origin === undefined ? "" : `They come from ${origin.credentials}. `;
}
