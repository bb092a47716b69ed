import { snapshotTable } from "../resources/snapshot/attributes";
import { classify } from "../resources/snapshot/states";
import { AFTER_APPLY, type Happened, isInUnknownState, type Judgement } from "./judge";
import type { FleetResource, PlannedAction, PlannedChange } from "./resource";

/** In ms: the API refuses an activation this soon after a deactivation. */
const COOLDOWN_MS = 600_000;

const STATE_ONLY = "Only updates the state; takes seconds.";

/** What an apply does that neither creates, updates nor simply replaces. @param time about how long a creation takes */
const OTHERWISE: Partial<
  Record<PlannedAction, (resource: FleetResource, planned: PlannedChange, time: string) => string>
> = {
  delete: () => "Deletes it; takes less than a minute.",
  forget: () => STATE_ONLY,
  move: () => STATE_ONLY,
  other: () => "Unknown to this release of daytona-iac. Read the plan before you apply it.",
  "replace-keeping": ({ state }, { inputs }, time) =>
    `Creates a new one; takes about ${time}. The old one stays at Daytona, unmanaged${inputs.name === state?.name ? ". It keeps the name, so delete or rename it first" : ""}.`,
};

/**
 * What the plan does, where there is one; else what an apply of an unchanged program would do. A sentence, and about how long it takes.
 * @param now ms since the epoch @param code `configuration` or `program`
 */
export function applyText(resource: FleetResource, judgement: Judgement, now: number, code: string): string {
  const { planned, seen } = resource;
  if (planned === null)
    return `An apply changes nothing: the ${code} ignores the difference, or already has the new value.`;
  const time = creationTime(resource);
  const otherwise = planned && OTHERWISE[planned.action]?.(resource, planned, time);
  if (otherwise !== undefined) return otherwise;
  if (resource.holder !== undefined) return takenText(resource);
  if (seen === null) return `Creates it; takes about ${time}.`;
  if (planned?.action === "replace") return `Deletes and recreates it; takes about ${time}.`;
  if (planned?.stateOnly === true) return STATE_ONLY;
  const text = changeText(resource, judgement, time, now);
  if (planned?.action !== "import") return text;
  return (judgement.notApplied ?? []).length === 0 ? STATE_ONLY : `Imports it. ${text}`;
}

/** About how long it takes to create the snapshot. */
function creationTime({ planned, state }: FleetResource): string {
  const from = planned?.inputs ?? state;
  const isBuild = (from?.dockerfile ?? from?.dockerfileContent ?? null) !== null;
  return isBuild ? "as long as its build" : "as long as pulling its image";
}

/** What an apply does while another snapshot has the name. */
function takenText({ seen, planned, state }: FleetResource): string {
  if (seen !== null) return "Fails: the new name is taken. Choose another one, or delete the snapshot that has it.";
  return (planned?.inputs ?? state)?.adoptExisting === true
    ? "Adopts the snapshot that has the name if it matches; otherwise, fails."
    : "Fails: the name is taken. Import the snapshot that has it, delete it, or choose another name.";
}

/** What an update does about what happened. @param now ms since the epoch */
const REPAIR: Record<Happened, (time: string, resource: FleetResource, now: number) => string> = {
  gone: (time) => `Creates it; takes about ${time}.`,
  idle: (time, resource, now) => `Activates it; takes about ${time}${notBefore(resource, now)}.`,
  awake: () => "Deactivates it; takes seconds.",
  failed: (time) => `Deletes the failed snapshot and recreates it; takes about ${time}.`,
  leaving: (time) => `Waits until it is deleted, then creates it; takes about ${time}.`,
  settling: (time) => `Waits until it is active; takes at most ${time}.`,
  "unfinished-swap": (time) => `Finishes the replacement; takes about ${time}.`,
  changed: (time, resource) =>
    isInUnknownState(resource)
      ? "Keeps it as it is, unless the plan says otherwise."
      : resource.planned === undefined
        ? `Replaces it if these attributes are configured; takes about twice ${time}.`
        : `Creates a successor, then replaces it; takes about twice ${time}.`,
};

/** What an update does. */
function changeText(resource: FleetResource, { happened, notApplied }: Judgement, time: string, now: number): string {
  const content = (notApplied ?? []).filter(({ attribute }) => isContent(attribute));
  if (content.length > 0 && happened !== "failed" && happened !== "leaving") {
    const sure = content.some(({ to }) => to !== AFTER_APPLY);
    return `${sure ? "Creates a successor, then replaces it" : "Creates a successor and replaces it, if the value changes"}; takes about twice ${time}.`;
  }
  if (happened !== null) return REPAIR[happened](time, resource, now);
  const active = notApplied?.find(({ attribute }) => attribute === "active");
  if (active !== undefined) return activationText(active.to, time);
  if (notApplied?.length !== 0) return STATE_ONLY;
  const phase = classify(resource.state?.state ?? "");
  return phase === "failed" || phase === "leaving"
    ? REPAIR[phase](time, resource, now)
    : `Finishes it; takes at most ${time}.`;
}

/** @param active as the program has it */
function activationText(active: unknown, time: string): string {
  if (active === AFTER_APPLY) return `Activates or deactivates it; takes at most ${time}.`;
  return active === false ? "Deactivates it; takes seconds." : `Activates it; takes about ${time}.`;
}

function notBefore({ since }: FleetResource, now: number): string {
  const free = Date.parse(since ?? "") + COOLDOWN_MS;
  return free > now
    ? `, not before ${new Date(free).toISOString().slice(11, 16)} UTC (the API refuses it within 10 minutes of a deactivation)`
    : "";
}

function isContent(name: string): boolean {
  // Of the outputs, the only one that a plan follows.
  if (name === "imageDigest") return true;
  const change = snapshotTable.inputs.find((input) => input.name === name)?.change;
  return change === "content" || change === "source";
}
