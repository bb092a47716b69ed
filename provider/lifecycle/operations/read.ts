import type { SnapshotDto } from "../../api/types";
import { importMarks, observe } from "../../resources/snapshot/observed";
import type { Marks, SnapshotRecord } from "../../resources/snapshot/record";
import { classify } from "../../resources/snapshot/states";
import type { Call, Shared } from "../call/call";
import type { CallContext, Outcome } from "../contract";
import { assertOrganization, holderNotice } from "../messages/missing-snapshot";
import { byName } from "../call/lookup";
import { run } from "../requests/run-call";
import { isUnfinished, successorOf } from "../swap/unfinished";

/** Users cannot set a time limit for a refresh. Each request has its own. */
const LIMIT_MS = 10 * 60_000;

/** Refreshes a record. Never changes anything. */
export function read(shared: Shared, record: SnapshotRecord, marks: Marks, context: CallContext): Promise<Outcome> {
  return run(
    shared,
    context,
    { doing: `reading snapshot "${record.name}"`, verb: "update", limitMs: LIMIT_MS, record, marks },
    async (call) => {
      await assertOrganization(call, record, false);
      const dto = await call.deadline.read((signal) => call.api.read(record.id, { signal }));
      if (dto) {
        // Every organization can read a general snapshot.
        if (dto.general === true) await assertOrganization(call, record, true);
        return keepObserved(call, record, marks, dto);
      }

      await assertOrganization(call, record, true);
      const successor = await successorOf(call, record);
      if (successor) return keepObserved(call, record, marks, successor);
      call.keep(null);
      const holder = record.name === null ? null : await byName(call, record.name);
      if (holder) call.warnings.push(holderNotice(call, record, holder));
    },
  );
}

function keepObserved(call: Call, record: SnapshotRecord, marks: Marks, dto: SnapshotDto): void {
  const now: Marks = marks.imported ? importMarks(dto) : {};
  if (isUnfinished(record, dto)) now.successor = true;
  else if (classify(dto.state) === "leaving") now.removing = true;
  call.keep(observe(dto, record), now);
}
