import { ApiError, ForbiddenError, UnauthorizedError } from "../../api/errors";
import type { SnapshotDto } from "../../api/types";
import { sourceKey } from "../../resources/snapshot/desired";
import type { Planned } from "../../resources/snapshot/record";
import { differences } from "../../resources/snapshot/same";
import { classify } from "../../resources/snapshot/states";
import type { Call } from "../call/call";
import { Elsewhere, SandboxUnusable, SnapshotFailed } from "../call/errors";
import { Waiting } from "../call/waiting";
import { createUntilActive } from "../requests/create-until-active";
import { failureIn, isQuota, lines, snapshotFailure, takenFailure } from "../messages/notices";
import { words } from "../messages/tool-words";
import { remove } from "../requests/delete-until-gone";
import { pauseBefore } from "../wait/pauses";

/**
 * Step 3: creates the name again from the proven source and waits until it is active. Retries once after a failure. If the snapshot of an
 * earlier attempt has been deactivated since, it is returned as it is.
 */
export async function takeOver(
  call: Call,
  planned: Planned,
  name: string,
  successor: SnapshotDto,
): Promise<SnapshotDto> {
  const goOn = `The successor "${successor.name}" (${successor.id}) is kept, and the next ${words(call).run} resumes the swap. Until then, no sandbox can be created from "${name}".`;
  let retried = false;
  const room = new Room(call);
  for (;;) {
    try {
      call.progress(`recreating "${name}"`);
      const created = await createUntilActive<SnapshotDto>(call, {
        name,
        planned,
        onSeen: () => undefined,
        onTaken: (holder) => {
          // The final snapshot of an earlier attempt, in any state: the wait handles it.
          const found = differences(planned, holder, { spell: words(call).attribute, exact: true });
          const { owners } = call.shared;
          if (owners.leaving(holder.id) || owners.managedByOther(holder.id, call)) {
            throw takenFailure(call, holder, found, goOn);
          }
          if (found.length > 0) throw takenFailure(call, holder, found, goOn);
          return classify(holder.state) === "idle" ? { leaveWith: holder } : { goOnWith: holder };
        },
      });
      if ("leftWith" in created) return created.leftWith;
      call.shared.owners.created(name, created.active.id, call.owner);
      return created.active;
    } catch (error) {
      if (isQuota(error)) {
        await room.wait();
        continue;
      }
      if (error instanceof SnapshotFailed) {
        await call.locked("remove", sourceKey(planned), () => remove(call, error.dto, { label: "failed snapshot" }));
        if (retried) throw snapshotFailure(call, error, goOn);
      } else if (error instanceof ApiError) {
        const hopeless = error instanceof UnauthorizedError || error instanceof ForbiddenError;
        if (retried || hopeless) throw failureIn(call, error, goOn);
        await call.deadline.sleep(2000);
      } else if (error instanceof Elsewhere || error instanceof SandboxUnusable) {
        if (retried || !mayPass(error)) throw error.saying({ detail: lines(error.notice.detail, goOn) });
      } else throw error;
      retried = true;
    }
  }
}

/** Whether another try may succeed. */
const mayPass = (error: Elsewhere | SandboxUnusable): boolean => error instanceof Elsewhere || error.mayPass;

/** Waits for room in the snapshot quota, longer each time. Without the source lock: the delete that frees the quota may be waiting for it. */
class Room {
  private waiting: Waiting | null = null;
  private times = 0;
  constructor(private readonly call: Call) {}

  async wait(): Promise<void> {
    this.waiting ??= new Waiting(this.call, "room in the snapshot quota");
    await this.waiting.sleep(pauseBefore([2000], this.times++, this.waiting.waitedMs));
    this.waiting.end();
  }
}
