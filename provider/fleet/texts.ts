import { type Attribute, snapshotTable } from "../snapshot/attributes";
import type { Happened, Judgement } from "./judge";
import type { FleetResource } from "./resource";

/** In ms: the API refuses an activation this soon after a deactivation. */
const COOLDOWN_MS = 600_000;

/** What a person reads about one snapshot. */
export interface Told {
  /** What happened, as a sentence. */
  readonly summary: string;
  /** What it means for those who use the snapshot; empty: nothing. */
  readonly consequence: string;
  /** What an apply does, as a sentence, and about how long it takes. */
  readonly apply: string;
}

const SUMMARY: Record<Happened, (resource: FleetResource) => string> = {
  gone: () => "It was deleted outside of the tool.",
  idle: () => "It is inactive: unused for two weeks, or deactivated by somebody.",
  awake: () => "It is active, although it should not be: somebody activated it.",
  failed: ({ seen }) => `It has failed (${seen?.state ?? "error"})${seen?.errorReason ? `: ${seen.errorReason.trim().replace(/\.$/, "")}` : ""}.`,
  leaving: () => "Somebody is deleting it.",
  settling: ({ seen }) => `It is being made again (${seen?.state ?? "pending"}).`,
  "unfinished-swap": () => "A replacement was interrupted: its successor exists, but does not have the name yet.",
  changed: () => "Its attributes changed outside of the tool.",
};

const CONSEQUENCE: Record<Happened, string> = {
  gone: "Sandboxes cannot start from it.",
  idle: "Sandboxes cannot start from it until it is active.",
  awake: "It counts toward the quota of active snapshots.",
  failed: "Sandboxes cannot start from it.",
  leaving: "Sandboxes cannot start from it.",
  settling: "Sandboxes cannot start from it until it is active.",
  "unfinished-swap": "Sandboxes may not find it by its name until the replacement is finished.",
  changed: "New sandboxes start with other values than the program says.",
};

/** The texts of a snapshot that has drifted, is not applied, or both. @param now ms since the epoch */
export function told(resource: FleetResource, judgement: Judgement, now: number): Told {
  const { happened, notApplied } = judgement;
  const parts = [happened === null ? "" : SUMMARY[happened](resource), notApplied === null ? "" : programText(resource, judgement)];
  return {
    summary: parts.filter((text) => text !== "").join(" "),
    consequence: happened === null ? (resource.state === null && resource.seen === null ? "Sandboxes cannot start from it yet." : "") : CONSEQUENCE[happened],
    apply: applyText(resource, judgement, now),
  };
}

function programText({ state, planned }: FleetResource, { notApplied }: Judgement): string {
  const names = (notApplied ?? []).map(({ attribute }) => attribute).filter((name, _, all) => name !== "sourceHash" || all.length === 1);
  if (state === null) return planned?.action === "import" ? "The program imports it; that is not applied." : "It is in the program, but not created.";
  if (planned?.action === "import") return "The program imports it; that is not applied.";
  if (planned?.action === "delete") return "The program has it no more, but it still exists.";
  if (planned?.action === "forget") return "The program removes it from the state without deleting it.";
  if (planned?.action === "move") return "It has another address in the program.";
  return names.length > 0 ? `The program changes ${list(names)}; that is not applied.` : "An earlier apply did not finish.";
}

/** What the plan does, where there is one; else what an apply of an unchanged program would do. */
function applyText(resource: FleetResource, { happened, notApplied }: Judgement, now: number): string {
  const { planned, state, seen } = resource;
  if (planned === null) return "An apply changes nothing: the program ignores the difference, or already has the new value.";
  const { dockerfile = null, dockerfileContent = null } = (planned?.action === "delete" ? null : planned?.inputs) ?? state ?? {};
  const time = dockerfile !== null || dockerfileContent !== null ? "as long as its build" : "as long as a pull of its image";
  if (planned?.action === "delete") return "Deletes it; less than a minute.";
  if (planned?.action === "forget" || planned?.action === "move" || planned?.action === "import") return "Changes the state only; seconds.";
  if (seen === null) return `Creates it; about ${time}.`;
  if (planned?.action === "replace") return `Deletes it and creates it again; about ${time}.`;
  const content = (notApplied ?? []).some(({ attribute }) => isContent(attribute));
  if (content && happened !== "failed" && happened !== "leaving") return `Creates a successor, then replaces it; about twice ${time}.`;
  switch (happened) {
    case "gone": return `Creates it; about ${time}.`;
    case "idle": return `Activates it; about ${time}${notBefore(resource, now)}.`;
    case "awake": return "Deactivates it; seconds.";
    case "failed": return `Deletes the failed snapshot and creates it again; about ${time}.`;
    case "leaving": return `Waits until it is gone, then creates it; about ${time}.`;
    case "settling": return `Waits until it is active; at most ${time}.`;
    case "unfinished-swap": return `Finishes the replacement; about ${time}.`;
    case "changed": return planned === undefined ? `Replaces it where the program sets these attributes; about twice ${time}.` : `Creates a successor, then replaces it; about twice ${time}.`;
    case null: break;
  }
  const active = notApplied?.find(({ attribute }) => attribute === "active");
  if (active) return active.to === true ? `Activates it; about ${time}.` : "Deactivates it; seconds.";
  return notApplied?.length === 0 ? `Finishes it; at most ${time}.` : "Changes the state only; seconds.";
}

function notBefore({ since }: FleetResource, now: number): string {
  const free = Date.parse(since ?? "") + COOLDOWN_MS;
  return free > now ? `, not before ${new Date(free).toISOString().slice(11, 16)} UTC (the API refuses it within 10 minutes of a deactivation)` : "";
}

function isContent(name: string): boolean {
  const { change } = (snapshotTable.inputs as readonly Attribute[]).find((attribute) => attribute.name === name) ?? {};
  return change === "content" || change === "source";
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
