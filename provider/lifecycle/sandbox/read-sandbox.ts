import type { SandboxDto } from "../../api/types";
import { known } from "../../kit/unknown";
import type { Planned } from "../../resources/snapshot/record";
import type { Call } from "../call/call";
import { SandboxUnusable } from "../call/errors";
import { Waiting } from "../call/waiting";
import { pauseBefore } from "../wait/pauses";
import { transient } from "../wait/tolerate-outage";
import { words } from "../messages/tool-words";

/** Time between reads of a sandbox that is not ready yet, in ms. */
const POLLS = [500, 1000, 1000, 1500, 2000, 3000];

/** States that a sandbox leaves by itself. */
const PASSING: ReadonlySet<string> = new Set([
  "creating",
  "restoring",
  "pending_build",
  "building_snapshot",
  "pulling_snapshot",
  "starting",
  "stopping",
  "pausing",
  "resuming",
  "resizing",
  "forking",
  "snapshotting",
]);
/** States of which no server takes a snapshot, and what to do. */
const UNUSABLE: Readonly<Record<string, string>> = {
  archived: "Start it",
  archiving: "Start it when it is archived",
  paused: "Start or stop it",
  unknown: "Start or stop it",
  error: "Repair it, or create another sandbox",
  build_failed: "Create another sandbox",
  destroying: "Choose another sandbox",
  destroyed: "Choose another sandbox",
};

/** Name or ID of the sandbox that a plan takes the snapshot from; null: it has another source. */
export function sandboxOf(planned: Pick<Planned, "sourceSandbox">): string | null {
  return known(planned.sourceSandbox ?? null);
}

/** `GET /sandbox/{id or name}`; null: 404. @throws ApiError, Interrupted, DeadlinePassed */
export function findSandbox(call: Call, idOrName: string): Promise<SandboxDto | null> {
  return call.deadline.read((signal) => call.api.sandbox(idOrName, { signal }));
}

/** The plan with the ID of its sandbox, which comparisons need; without one if the sandbox is gone, which only matters where it has to be taken. */
export async function withSandboxId(call: Call, planned: Planned): Promise<Planned> {
  const sandbox = sandboxOf(planned);
  if (sandbox === null || planned.sandboxId !== undefined) return planned;
  const found = await findSandbox(call, sandbox);
  return found === null ? planned : { ...planned, sandboxId: found.id };
}

/** Before something is deleted that could not be made again. Nothing for another source. @throws SandboxUnusable */
export async function assertTakeable(call: Call, planned: Planned): Promise<void> {
  const sandbox = sandboxOf(planned);
  if (sandbox === null) return;
  const found = await findSandbox(call, sandbox);
  if (found === null) throw goneFailure(call, sandbox);
  // A state that passes says nothing yet.
  if (!PASSING.has(found.state)) refuseUnusable(call, found, known(planned.includeMemory ?? null) === true);
}

/**
 * Waits until a snapshot of the sandbox can be taken. The server takes one at a time, so another one may be under way.
 * @param busy whether a snapshot of it was seen under way
 * @throws SandboxUnusable if that cannot be waited for
 */
export async function untilTakeable(call: Call, planned: Planned): Promise<{ box: SandboxDto; busy: boolean }> {
  const sandbox = sandboxOf(planned) ?? "";
  const startedAt = call.clock.now();
  let busy = false;
  let state: string | null = null;
  let waiting: Waiting | null = null;
  for (let poll = 0; ; poll += 1) {
    const found = await transient(call, () => findSandbox(call, sandbox));
    if (found === null) throw goneFailure(call, sandbox);
    if (found !== undefined && !PASSING.has(found.state)) {
      refuseUnusable(call, found, known(planned.includeMemory ?? null) === true);
      call.waitingFor = null;
      return { box: found, busy };
    }
    if (found !== undefined) {
      busy ||= found.state === "snapshotting";
      if (state !== found.state) {
        state = found.state;
        waiting = new Waiting(call, `sandbox "${sandbox}", which is \`${state}\``);
      }
    }
    const pause = pauseBefore(POLLS, poll, call.clock.now() - startedAt);
    await (waiting ?? call.deadline).sleep(pause);
  }
}

/** There is no such sandbox. */
export function goneFailure(call: Call, sandbox: string): SandboxUnusable {
  return new SandboxUnusable(
    {
      summary: `${call.doing}: there is no sandbox "${sandbox}"`,
      detail: `It was deleted, or the organization has no sandbox with this name or ID. No snapshot was created. Set ${words(call).attribute("sourceSandbox")} to an existing sandbox.`,
      attribute: ["sourceSandbox"],
    },
    { code: "not-found" },
  );
}

/**
 * Which states and classes may be taken, as far as that is certain: v0.190 takes the memory of Windows sandboxes only, newer servers that of every
 * VM (`CreateSandboxSnapshot` of v0.205). A state or a class that this release does not know is left to the server. @throws SandboxUnusable
 */
function refuseUnusable(call: Call, box: SandboxDto, includeMemory: boolean): void {
  const { attribute, run } = words(call);
  const refuse = (why: string, next: string, name: "sourceSandbox" | "includeMemory" = "sourceSandbox"): never => {
    throw new SandboxUnusable(
      {
        summary: `${call.doing}: no snapshot can be created from sandbox "${box.name}"`,
        detail: `${why} ${next} No snapshot was created.`,
        attribute: [name],
      },
      { code: "refused" },
    );
  };
  const unusable = UNUSABLE[box.state];
  if (unusable !== undefined) {
    const reason = box.errorReason ? ` (${box.errorReason})` : "";
    refuse(
      `It is \`${box.state}\`${reason}, and the API creates snapshots only from started and stopped sandboxes.`,
      `${unusable}, then run ${run} again.`,
    );
  }
  const sandboxClass = box.sandboxClass ?? "container";
  if (includeMemory && sandboxClass === "container")
    refuse(
      "Its class is `container`, and only the memory of VMs can be included.",
      `Remove ${attribute("includeMemory")}.`,
      "includeMemory",
    );
  if (sandboxClass !== "windows") return;
  if (includeMemory && box.state === "stopped")
    refuse("It is `stopped`, and only the memory of a running VM can be included.", `Start it, then run ${run} again.`);
  if (!includeMemory && box.state === "started")
    refuse(
      "It is `started`, and a snapshot of a Windows sandbox without its memory requires a stopped sandbox.",
      `Stop it, or set ${attribute("includeMemory")} to true, then run ${run} again.`,
    );
}
