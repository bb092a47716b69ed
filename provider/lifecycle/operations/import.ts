import { fromImport } from "../../resources/snapshot/observed";
import { isSuccessorName } from "../../resources/snapshot/names";
import { classify } from "../../resources/snapshot/states";
import type { Shared } from "../call/call";
import type { CallContext, Outcome } from "../contract";
import { Failure } from "../call/errors";
import { find, isOurs } from "../call/lookup";
import { GONE } from "../messages/missing-snapshot";
import { run } from "../requests/run-call";

const LIMIT_MS = 10 * 60_000;

/** Imports by UUID or by name: `GET /snapshots/{id or name}` accepts both. Changes nothing. */
export function importSnapshot(shared: Shared, idOrName: string, context: CallContext): Promise<Outcome> {
  const doing = `importing snapshot "${idOrName}"`;
  return run(shared, context, { doing, verb: "update", limitMs: LIMIT_MS, record: null, marks: {} }, async (call) => {
    await call.assertNamedOrganization();
    const dto = idOrName === "" ? null : await find(call, idOrName);
    if (!dto || (dto.id !== idOrName && dto.name !== idOrName)) {
      throw new Failure(
        {
          summary: `${doing}: no such snapshot`,
          detail: "No snapshot in this organization has this UUID or name. Names are case-sensitive.",
        },
        GONE,
      );
    }
    if (!isOurs(call.organizationId, dto)) {
      throw new Failure({
        summary: `${doing}: it belongs to another organization`,
        detail: `Snapshot ${dto.id} is a general snapshot: every organization can use it, but only its owner can change it. Use a data source to read it.`,
      });
    }
    if (isSuccessorName(dto.name)) {
      throw new Failure({
        summary: `${doing}: it is the temporary successor of an unfinished swap`,
        detail: `"${dto.name}" is removed when the swap completes. Import the snapshot that it replaces, or let the swap complete. If neither is possible, delete it manually.`,
      });
    }
    if (classify(dto.state) === "leaving") {
      throw new Failure({
        summary: `${doing}: it is being deleted`,
        detail: `Snapshot ${dto.id} is \`${dto.state}\`. Once it is deleted, the next ${context.words.run} creates it.`,
      });
    }
    const { record, marks } = fromImport(dto);
    call.keep(record, marks);
    if (classify(dto.state) === "failed") {
      call.warnings.push({
        summary: `${doing}: it has failed`,
        detail: `Snapshot ${dto.id} is \`${dto.state}\`${dto.errorReason ? ` (${dto.errorReason})` : ""}. The next ${context.words.run} deletes and recreates it.`,
      });
    }
  });
}
