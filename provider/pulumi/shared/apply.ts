import { type CallContext, type LifecycleLog, type Outcome } from "../../lifecycle";
import { tagToPin, unknownDigest } from "../../lifecycle/publish/pin-source";
import type { SnapshotPlan, SnapshotRecord } from "../../resources/snapshot/record";
import { classify } from "../../resources/snapshot/states";
import { planUpdate } from "./diff";
import { EXTERNAL, MARKS, inputsFrom, marksFrom, outputsFrom, recordFrom, refreshedInputs } from "./properties";
import { planNews } from "./plan";
import { Refused } from "./refused";
import type { Session } from "./session";
import { type Bag, compact, same } from "./values";
import { textOf, toolWords } from "./words";

/** How long the engine must have named no further resource that keeps a snapshot before one is adopted, in ms: it does so while others are created. */
const ADOPT_AFTER = 1000;

/** A call of the engine. */
export interface PulumiCall {
  /** Aborted by Cancel. The call then returns within 2 s. */
  signal: AbortSignal;
  log: LifecycleLog;
  kind: "native" | "dynamic";
  /** The name in the URN, for messages, if known. */
  logicalName?: string | undefined;
  /** `customTimeouts`, in ms. Takes precedence over `timeouts`. */
  timeoutMs?: number | undefined;
  /** The resource, as `session.keepers` knows it. */
  owner?: string | undefined;
}

/** The result of a call that leaves a resource. */
export interface Applied {
  /** The Pulumi id: the snapshot's name. */
  id: string;
  outputs: Bag;
  warnings: string[];
  /** The resource exists but is not as requested: an initialization error, which the next Update repairs. */
  failed?: string;
}

/** Create. @throws Refused if nothing was created */
export async function create(
  session: Session,
  request: { news: Bag; preview: boolean },
  call: PulumiCall,
): Promise<Applied> {
  const name = request.news["name"];
  session.needsCredentials(`creating snapshot "${String(name)}"`);
  const { plan, changed } = await planNews(
    {
      prior: null,
      marks: {},
      news: request.news,
      region: session.region,
      words: toolWords(call.logicalName, call.kind),
      sources: session.sources,
      seen: session.seen,
      images: session.digests.resolverFor(call.owner, session.images),
      // The create itself finds out at once.
      sandboxes: request.preview ? session.sandboxes : null,
      signal: call.signal,
      log: call.log,
    },
    `creating snapshot "${String(name)}"`,
  );
  const { planned } = plan;
  const warned = changed === null ? [] : [changed];
  if (request.preview)
    return {
      id: typeof name === "string" ? name : "",
      outputs: outputsFrom(planned),
      warnings: [...warned, ...plan.warnings.map(textOf)],
    };
  const { lifecycle } = session.connected(`creating snapshot "${String(name)}"`);
  const done = appliedOf(await lifecycle.create(planned, contextOf(call)), String(name));
  // The host of dynamic providers asks for no preview, so nobody has been told yet.
  return {
    ...done,
    warnings: [...warned, ...(call.kind === "dynamic" ? plan.warnings.map(textOf) : []), ...done.warnings],
  };
}

/** Update. @throws Refused if nothing changed */
export async function update(
  session: Session,
  request: { id: string; olds: Bag; news: Bag; preview: boolean },
  call: PulumiCall,
): Promise<Applied> {
  session.needsCredentials(`updating snapshot "${request.id}"`);
  const { prior, plan, changed } = await planUpdate(
    {
      ...request,
      region: session.region,
      sources: session.sources,
      seen: session.seen,
      images: session.images,
      sandboxes: request.preview ? session.sandboxes : null,
      signal: call.signal,
      log: call.log,
    },
    `updating snapshot "${request.id}"`,
  );
  // Diff asks for no replacement that would stop between its delete and its create.
  const tag = plan.action === "replace" ? tagToPin(plan.planned) : null;
  if (tag !== null && !request.preview) throw await withoutDigest(session, request.id, tag, call);
  if (tag === null && plan.action === "replace" && changed !== null)
    throw new Refused(
      `${changed} They need a replacement, which this update cannot do. Nothing was changed. Run \`pulumi up\` again.`,
    );
  if (tag === null && plan.action === "replace")
    throw new Refused(
      `updating snapshot "${request.id}": a change of ${plan.replaceBy.join(", ")} needs a replacement, which the engine did not ask for`,
    );
  const warned = changed === null ? [] : [changed];
  if (request.preview)
    return { id: request.id, outputs: outputsFrom(plan.planned), warnings: [...warned, ...plan.warnings.map(textOf)] };
  const marks = marksFrom(request.olds);
  const { lifecycle } = session.connected(`updating snapshot "${request.id}"`);
  const outcome = await lifecycle.update(prior, marks, plan.planned, contextOf(call, true));
  const answer = appliedOf(outcome, request.id);
  // If nothing happened, the state must keep the old inputs as well.
  if (answer.failed !== undefined && same(answer.outputs, outputsFrom(prior, marks))) throw new Refused(answer.failed);
  return { ...answer, warnings: [...warned, ...ofFiles(plan), ...answer.warnings] };
}

/** What a plan says of an import's files. It is said only once, and a run without a preview has not said it. */
const ofFiles = ({ files }: SnapshotPlan): string[] => (files?.notices ?? []).map(textOf);

/** Why a snapshot is not replaced by one of a tag whose digest nobody knows. */
async function withoutDigest(session: Session, id: string, image: string, call: PulumiCall): Promise<Refused> {
  const doing = `replacing snapshot "${id}"`;
  const answer = session.images === null ? null : await session.images.resolve(image, call.signal);
  if (answer?.kind === "resolved")
    return new Refused(`${doing}: the digest of ${image} is known now. Nothing was changed. Run \`pulumi up\` again.`);
  return new Refused(textOf(unknownDigest(doing, image, answer, toolWords(call.logicalName, call.kind))));
}

export interface Found extends Applied {
  inputs: Bag;
  /** The snapshot exists but has failed: the reason, and what the next Update does. */
  unhealthy?: string;
}

/** Read, for a refresh. Null: the snapshot is gone; see the warnings. @throws Refused if it could not be read */
export async function read(
  session: Session,
  request: { id: string; outputs: Bag; inputs: Bag },
  call: PulumiCall,
): Promise<{ found: Found | null; warnings: string[] }> {
  const record = recordFrom(request.outputs, request.id);
  const { lifecycle } = session.connected(`reading snapshot "${request.id}"`);
  const outcome = await lifecycle.read(record, marksFrom(request.outputs), contextOf(call));
  const warnings = outcome.warnings.map(textOf);
  if (outcome.error !== undefined) throw new Refused(textOf(outcome.error));
  if (outcome.interrupted === true) throw new Refused(warnings.join("\n"));
  if (outcome.record === null) return { found: null, warnings };
  const before = inputsFrom(record);
  const now = inputsFrom(outcome.record);
  const inputs = refreshedInputs(request.inputs, before, now);
  const internal = Object.fromEntries(Object.entries(request.outputs).filter(([name]) => name === "__provider"));
  const unhealthy = unhealthyText(outcome.record);
  return {
    found: {
      id: outcome.record.name ?? request.id,
      outputs: { ...outputsFrom(outcome.record, outcome.marks), ...internal },
      inputs,
      warnings,
      ...(unhealthy === null ? {} : { unhealthy }),
    },
    warnings,
  };
}

function unhealthyText({ name, state, errorReason }: SnapshotRecord): string | null {
  if (state === null || classify(state) !== "failed") return null;
  return `snapshot "${name}" has failed (state \`${state}\`)${errorReason ? `: ${errorReason}` : ""}\nThe next \`pulumi up\` deletes and recreates it.`;
}

/** Read with an ID only, for an import: by UUID or name. @throws Refused if there is none */
export async function importSnapshot(session: Session, idOrName: string, call: PulumiCall): Promise<Found> {
  const outcome = await session
    .connected(`importing snapshot "${idOrName}"`)
    .lifecycle.import(idOrName, contextOf(call));
  const warnings = outcome.warnings.map(textOf);
  if (outcome.error !== undefined || outcome.record === null)
    throw new Refused(outcome.error ? textOf(outcome.error) : warnings.join("\n"));
  return {
    id: outcome.record.name ?? idOrName,
    outputs: outputsFrom(outcome.record, outcome.marks),
    inputs: inputsFrom(outcome.record),
    warnings,
  };
}

/**
 * An import, or a `get` that engines since 3.270 do not tell from one. The answer does for either: what was asked for by name in a program
 * is marked as a reference, which a managed resource loses with its first refresh or update; a UUID is an import's.
 * @param inProgram whether a program asks, where it can be either; `pulumi import` does not
 * @throws Refused if there is none
 */
export async function lookup(session: Session, idOrName: string, call: PulumiCall, inProgram: boolean): Promise<Found> {
  const found = await importSnapshot(session, idOrName, call);
  return inProgram && idOrName === found.id
    ? { ...found, outputs: compact({ ...found.outputs, [MARKS]: null, [EXTERNAL]: true }) }
    : found;
}

/**
 * `Snapshot.get`, by name. A UUID is refused, with the name in the message.
 * @param before outputs in the state, for a refresh, which leaves the marks as they are
 * @throws Refused if there is none
 */
export async function get(session: Session, name: string, call: PulumiCall, before: Bag = {}): Promise<Found> {
  const doing = `getting snapshot "${name}"`;
  const { getSnapshot } = session.connected(doing);
  const named = await getSnapshot({ name }, call.signal).catch(session.refuse(doing));
  if (named !== null) {
    const found = await importSnapshot(session, named.id, call);
    const marked = typeof before["snapshotId"] === "string" && before[MARKS] !== undefined && before[EXTERNAL] !== true;
    return {
      ...found,
      outputs: compact({
        ...found.outputs,
        [MARKS]: marked ? (before[MARKS] ?? null) : null,
        [EXTERNAL]: marked ? null : true,
      }),
    };
  }
  const other = await getSnapshot({ id: name }, call.signal).catch(session.refuse(doing));
  if (other !== null)
    throw new Refused(
      `${doing}: that is the UUID of snapshot "${other.name}". Pulumi identifies snapshots by name: use "${other.name}".`,
    );
  throw new Refused(
    `${doing}: no such snapshot. No snapshot in this organization has this name. Names are case-sensitive.`,
  );
}

/** Whether there is a snapshot with this name or UUID. @throws Refused if the API cannot tell */
export async function exists(session: Session, idOrName: string, call: PulumiCall): Promise<boolean> {
  const doing = `Looking for snapshot "${idOrName}"`;
  const { getSnapshot } = session.connected(doing);
  const found =
    (await getSnapshot({ name: idOrName }, call.signal).catch(session.refuse(doing))) ??
    (await getSnapshot({ id: idOrName }, call.signal).catch(session.refuse(doing)));
  return found !== null;
}

/** Delete. Returns warnings. @throws Refused if the snapshot still exists */
export async function remove(
  session: Session,
  request: { id: string; olds: Bag },
  call: PulumiCall,
): Promise<string[]> {
  const { lifecycle } = session.connected(`deleting snapshot "${request.id}"`);
  const outcome = await lifecycle.delete(
    recordFrom(request.olds, request.id),
    marksFrom(request.olds),
    contextOf(call),
  );
  const warnings = outcome.warnings.map(textOf);
  if (outcome.error !== undefined) throw new Refused(textOf(outcome.error));
  if (outcome.interrupted === true) throw new Refused(warnings.join("\n"));
  return warnings;
}

function contextOf(call: PulumiCall, inState = false): CallContext {
  const { signal, log, timeoutMs, logicalName, kind, owner } = call;
  // A swap or a rebuild can change `snapshotId` in any call, because the resource is identified by its name.
  return {
    signal,
    log,
    idMayChange: true,
    adoptAfterMs: ADOPT_AFTER,
    words: toolWords(logicalName, kind, inState),
    ...(timeoutMs ? { timeoutMs } : {}),
    ...(owner === undefined ? {} : { owner }),
  };
}

function appliedOf(outcome: Outcome, id: string): Applied {
  const warnings = outcome.warnings.map(textOf);
  const failed =
    outcome.error !== undefined
      ? textOf(outcome.error)
      : outcome.interrupted === true
        ? (warnings.pop() ?? "interrupted")
        : undefined;
  if (outcome.record === null)
    throw new Refused([failed ?? `snapshot "${id}" no longer exists`, ...warnings].join("\n"));
  return {
    id: outcome.record.name ?? id,
    outputs: outputsFrom(outcome.record, outcome.marks),
    warnings,
    ...(failed === undefined ? {} : { failed }),
  };
}
