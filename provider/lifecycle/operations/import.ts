import { fromImport } from "../../snapshot/observed";
import { isSuccessorName } from "../../snapshot/names";
import { classify } from "../../snapshot/states";
import type { Shared } from "../call/call";
import type { CallContext, Outcome } from "../contract";
import { Failure } from "../call/errors";
import { find, isOurs } from "../requests/lookup";
import { run } from "../call/run-call";

const LIMIT_MS = 10 * 60_000;

/** By UUID or by name: `GET /snapshots/{id or name}` takes both. Changes nothing. */
export function importSnapshot(shared: Shared, idOrName: string, context: CallContext): Promise<Outcome> {
  const doing = `importing snapshot "${idOrName}"`;
  return run(shared, context, { doing, verb: "update", limitMs: LIMIT_MS, record: null, marks: {} }, async (call) => {
    const dto = idOrName === "" ? null : await find(call, idOrName);
    if (!dto || (dto.id !== idOrName && dto.name !== idOrName)) {
      throw new Failure({ summary: `${doing}: there is no such snapshot`, detail: "No snapshot of this organization has this UUID or name. Names are case-sensitive." });
    }
    if (!isOurs(call.organizationId, dto)) {
      throw new Failure({ summary: `${doing}: it belongs to another organization`, detail: `Snapshot ${dto.id} is a general one: everybody may use it, only its owner may change it. A data source shows it.` });
    }
    if (isSuccessorName(dto.name)) {
      throw new Failure({
        summary: `${doing}: it is the successor that an unfinished swap made`,
        detail: `"${dto.name}" is not meant to stay. Import the snapshot that it was made for, or finish that swap; where neither exists any more, delete it by hand.`,
      });
    }
    if (classify(dto.state) === "leaving") {
      throw new Failure({ summary: `${doing}: it is being deleted`, detail: `Snapshot ${dto.id} is \`${dto.state}\`. Once it is gone, an apply creates it.` });
    }
    const { record, marks } = fromImport(dto);
    call.keep(record, marks);
    if (classify(dto.state) === "failed") {
      call.warnings.push({ summary: `${doing}: it has failed`, detail: `Snapshot ${dto.id} is \`${dto.state}\`${dto.errorReason ? ` (${dto.errorReason})` : ""}. The next apply deletes it and makes it again.` });
    }
  });
}
