import type { SnapshotDto } from "../../api/types";
import type { Planned } from "../../resources/snapshot/record";
import type { Call } from "../call/call";
import { takenFailure } from "../messages/notices";
import { holderOf } from "../call/lookup";
import { differencesFrom } from "./adopt";

/**
 * How long a create waits for a delete of the snapshot that has its name, in ms. A tool that deletes one resource and creates another starts
 * them in any order.
 */
const GRACE_MS = 2000;
/** Time between messages, in ms. */
const TELL_MS = 10_000;

/** What a create waits for when its name is taken: the delete of the holder by another resource of the same run. */
export class AwaitDelete {
  private since: number | null = null;

  constructor(
    private readonly call: Call,
    private readonly planned: Planned,
  ) {}

  /** Waits until the holder is gone. Never holds the source lock, which the delete needs. @throws Failure if nothing deletes the holder */
  async of(holder: SnapshotDto): Promise<void> {
    const { call } = this;
    const { owners } = call.shared;
    if (!owners.remembers) throw takenFailure(call, holder, differencesFrom(call, this.planned, holder));
    this.since ??= call.clock.now();
    let toldAt = -Infinity;
    for (let seen = false; ;) {
      const departing = owners.departing(holder.id);
      seen ||= departing;
      if (!departing && (seen || this.left() <= 0)) {
        call.waitingFor = null;
        if (seen || (await holderOf(call, holder.name))?.id !== holder.id) return;
        throw takenFailure(call, holder, differencesFrom(call, this.planned, holder));
      }
      call.waitingFor = departing
        ? `the delete of the earlier "${holder.name}" (${holder.id})`
        : `a delete of the earlier "${holder.name}" (${holder.id}) in the same run`;
      if (call.clock.now() - toldAt >= TELL_MS) {
        call.progress(`the name is taken; waiting for ${call.waitingFor}`);
        toldAt = call.clock.now();
      }
      await owners.change(departing ? TELL_MS : this.left(), call.deadline.signal);
      call.deadline.check();
    }
  }

  /** For how much longer a delete may still begin, in ms. Starts anew with every delete of the run, because the tool has more to do. */
  private left(): number {
    return GRACE_MS - Math.min(this.call.clock.now() - (this.since ?? 0), this.call.shared.owners.withoutDeletes);
  }
}
