/** A snapshot that is taken from a sandbox: what the sandbox holds has no hash, so only what is written can be compared. */

import type { SnapshotDto } from "../../../../api/types";
import { UNKNOWN, isUnknown, known } from "../../../../kit/unknown";
import type { AnyTable } from "../../attributes/rows";
import type { Marks, SnapshotRecord, Written } from "../../record";
import type { Difference } from "../../table/compare";
import { show } from "../../table/differ";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a program takes the snapshot from a sandbox, known or not. */
export function isFromSandbox({ sourceSandbox }: Pick<Written, "sourceSandbox">): boolean {
  return (sourceSandbox ?? null) !== null;
}

/** Another sandbox is a change, also if another spelling (its ID in place of its name) names the same one: nothing is asked for at plan. */
export function compareSandbox(prior: SnapshotRecord, written: Written, marks: Marks): Difference[] {
  const asks = isTakenOver(prior, written, marks) ? "managed" : "content";
  const found: Difference[] = [];
  if ((written.sourceSandbox ?? null) !== (prior.sourceSandbox ?? null)) found.push({ name: "sourceSandbox", asks });
  const [before, now] = [prior.includeMemory ?? null, written.includeMemory ?? null];
  if (now === before) return found;
  // Not written means false, so that a written false is for the state only.
  const same = !isUnknown(now) && (now ?? false) === (before ?? false);
  return [...found, { name: "includeMemory", asks: same ? "managed" : asks }];
}

/** Whether an import takes over what is written: v0.190 does not tell the sandbox, newer servers tell its ID only, and no server tells of the memory. */
function isTakenOver(prior: SnapshotRecord, { sourceSandbox }: Written, marks: Marks): boolean {
  if (marks.imported !== true || typeof sourceSandbox !== "string") return false;
  if (prior.image !== null || prior.dockerfileContent !== null || prior.localImage !== null) return false;
  const before = prior.sourceSandbox ?? null;
  return before === null || before === sourceSandbox || !UUID.test(before) || !UUID.test(sourceSandbox);
}

/** What a new snapshot takes from its sandbox, so that a plan cannot know it. Nothing for other sources. */
export function decidedBySandbox(written: Written, { inputs }: Pick<AnyTable, "inputs">): Record<string, unknown> {
  if (!isFromSandbox(written)) return {};
  const rows = inputs.filter(
    ({ name, set, change }) => set === "optional+computed" && change === "content" && name !== "sourceHash",
  );
  return Object.fromEntries(rows.map(({ name }) => [name, written[name as keyof Written] ?? UNKNOWN]));
}

/** How what is there differs from the snapshot of a sandbox that is asked for. What the API does not tell is a difference: it cannot be taken for the same. */
export function sandboxDifference(
  sandbox: string,
  desired: Written,
  dto: SnapshotDto,
  spell: (name: string) => string,
): string[] {
  const asked = `source: requested a snapshot of sandbox ${show(sandbox)}`;
  if (dto.buildInfo?.dockerfileContent) return [`${asked}, found a Dockerfile build`];
  const { sourceSandboxId } = dto;
  if (!sourceSandboxId)
    return [
      dto.imageName
        ? `${asked}, found image ${show(dto.imageName)}`
        : `${asked}, but the API does not report which sandbox this one was created from`,
    ];
  const id = desired.sandboxId ?? (UUID.test(sandbox) ? sandbox.toLowerCase() : null);
  if (id === null)
    return [`${asked}, found one of sandbox ${sourceSandboxId}: there is no sandbox ${show(sandbox)} to compare with`];
  if (id !== sourceSandboxId)
    return [`${spell("sourceSandbox")}: requested ${show(sandbox)}, found one of sandbox ${sourceSandboxId}`];
  return known(desired.includeMemory ?? null) === true
    ? [`${spell("includeMemory")}: requested true, but the API does not report whether the memory was included`]
    : [];
}
