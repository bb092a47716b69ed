import { type Candidate, type PruneSettings, reasonFor, restsOn } from "../../fleet/prune";
import type { Managed } from "../../fleet/read/managed";
import type { SnapshotDto } from "../../lifecycle";
import type { Session } from "../session";
import { each } from "../many";
import { remove, successorsLast } from "../snapshot/change";
import type { Result } from "./report";
import type { States } from "./states";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Deletes candidates, side by side. Directly before each, reads again what its reason rests on: it, whose successor it is, and the states.
 * @returns what became of each, in the order of the candidates
 */
export async function deleteAll(
  session: Session,
  found: readonly Candidate[],
  states: States,
  settings: PruneSettings,
): Promise<{ readonly code: number; readonly results: readonly Result[] }> {
  const results = new Map<string, Result>();
  const { code } = await each(
    session,
    found,
    ({ dto }) => dto.name,
    async ({ dto: { id, name } }, part) => {
      try {
        results.set(id, { id, name, ...(await deleteOne(part, id, name, states, settings)) });
      } catch (error) {
        const why = session.redacted(error instanceof Error ? error.message : String(error));
        results.set(id, { id, name, outcome: "failed", why });
        throw error;
      }
    },
    ({ dto }) => successorsLast(dto),
  );
  return { code, results: found.map(({ dto }) => results.get(dto.id)).filter((it) => it !== undefined) };
}

async function deleteOne(
  session: Session,
  id: string,
  name: string,
  states: States,
  settings: PruneSettings,
): Promise<Pick<Result, "outcome" | "why">> {
  const { io } = session;
  // Somebody may have used it, imported it, or gone on with a replacement since the list was read.
  const managed = await states.managed();
  const now = await session.connection.getSnapshot({ id }, session.signal);
  if (now === null) {
    if (session.format === "table") io.err(`Snapshot "${name}" is already deleted.\n`);
    return { outcome: "gone" };
  }
  const judged = reasonFor(now, [now, ...(await others(session, now, managed))], {
    ...settings,
    managed,
    now: Date.now(),
  });
  if ("why" in judged) {
    if (session.format === "table") io.err(`Snapshot "${name}" is kept: ${judged.why}.\n`);
    return { outcome: "kept", why: judged.why };
  }
  await remove(session, now);
  return { outcome: "deleted" };
}

/** The snapshots besides itself that the reason of one rests on, as the API has them now. */
async function others(session: Session, dto: SnapshotDto, managed: Managed): Promise<SnapshotDto[]> {
  const { names, ids } = restsOn(dto, managed);
  const found: (SnapshotDto | null)[] = [];
  for (const name of names) found.push(await session.connection.getSnapshot({ name }, session.signal));
  for (const id of ids)
    found.push(await session.connection.getSnapshot(UUID.test(id) ? { id } : { name: id }, session.signal));
  return found.filter((it) => it !== null);
}
