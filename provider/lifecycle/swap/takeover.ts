import { ApiError, ForbiddenError, UnauthorizedError } from "../../api/errors";
import type { SnapshotDto } from "../../api/types";
import { sourceKey } from "../../snapshot/desired";
import type { Planned } from "../../snapshot/record";
import { differences } from "../../snapshot/same";
import { classify } from "../../snapshot/states";
import type { Call } from "../call/call";
import { Elsewhere, Failure, SnapshotFailed } from "../call/errors";
import { make } from "../requests/create-until-active";
import { apiNotice, failedNotice, isQuota, lines, takenNotice } from "../messages/notices";
import { words } from "../messages/tool-words";
import { remove } from "../requests/delete-until-gone";

/**
 * Step 3: creates the name again from the proven source and waits until it is active. Retries once after a failure. If the snapshot of an
 * earlier attempt has been deactivated since, it is returned as it is.
 */
export async function takeOver(call: Call, planned: Planned, name: string, successor: SnapshotDto): Promise<SnapshotDto> {
  const goOn = `The successor "${successor.name}" (${successor.id}) is kept, and the next ${words(call).run} resumes the swap. Until then, no sandbox can start from "${name}".`;
  let retried = false;
  for (;;) {
    try {
      call.progress(`creating "${name}" again`);
      const final = await make(call, {
        name,
        planned,
        onSeen: () => undefined,
        onTaken: (holder) => {
          // The final snapshot of an earlier attempt, in any state: the wait handles it.
          const found = differences(planned, holder, { spell: words(call).attribute, exact: true });
          if (found.length === 0 && classify(holder.state) === "idle") throw new Idle(holder);
          if (found.length === 0) return holder;
          const notice = takenNotice(call, holder, found);
          throw new Failure({ ...notice, detail: lines(notice.detail, goOn) });
        },
      });
      call.shared.made.set(name, { id: final.id, adopted: false });
      return final;
    } catch (error) {
      if (error instanceof Idle) return error.dto;
      if (isQuota(error)) {
        // Without the source lock: the delete that frees the quota may be waiting for it.
        call.waitingFor = "room in the snapshot quota";
        call.progress(`waiting for ${call.waitingFor}`);
        await call.deadline.sleep(2000);
        call.waitingFor = null;
        continue;
      }
      if (error instanceof SnapshotFailed) {
        await call.locked("remove", sourceKey(planned), () => remove(call, error.dto, { label: "failed snapshot" }));
        if (retried) throw new Failure(failedNotice(call, error, goOn));
      } else if (error instanceof ApiError) {
        const hopeless = error instanceof UnauthorizedError || error instanceof ForbiddenError;
        if (retried || hopeless) {
          const notice = apiNotice(call, error);
          throw new Failure({ ...notice, detail: lines(notice.detail, goOn) });
        }
        await call.deadline.sleep(2000);
      } else if (error instanceof Elsewhere) {
        if (retried) throw new Failure({ ...error.notice, detail: lines(error.notice.detail, goOn) });
      } else throw error;
      retried = true;
    }
  }
}

/** Leaves `make`: no wait is needed. */
class Idle extends Error {
  constructor(readonly dto: SnapshotDto) {
    super("inactive");
  }
}
