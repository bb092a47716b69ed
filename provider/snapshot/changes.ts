import type { Marks, SnapshotInputs, SnapshotRecord, Written } from "./record";
import { sameList } from "./same";
import { isCurrentHash, sameText, sourceHash, triggersHash } from "./source";
import { hasUnknown, isUnknown } from "./unknown";

type Input = keyof SnapshotInputs;

/** Inputs that differ between the prior record and the program, sorted by what the difference asks for. What is unknown may differ, so it counts. */
export interface Changes {
  /** Only a replacement by the tool can do it. */
  name: Input[];
  /** Another snapshot has to be made: swap or recreate. */
  content: Input[];
  /** Activate or deactivate. */
  active: Input[];
  /** No call: the state alone. */
  managed: Input[];
}

/** Compares what is written with what the state holds. What is not written keeps its present value and never differs. */
export function compareInputs(prior: SnapshotRecord, written: Written, marks: Marks): Changes {
  const changes: Changes = { name: [], content: [], active: [], managed: [] };
  compareName(prior, written, changes);
  compareSource(prior, written, changes);
  compareHash(prior, written, changes);

  // What the API does not store is taken over after an import, never rebuilt for.
  const unstored = marks.imported ? changes.managed : changes.content;
  for (const name of ["cpu", "memory", "disk", "gpu", "sandboxClass"] as const) {
    if (written[name] !== null && written[name] !== prior[name]) changes.content.push(name);
  }
  const { entrypoint, gpuTypes, triggers, region } = written;
  if (isUnknown(entrypoint) || (entrypoint !== null && (hasUnknown(entrypoint) || prior.entrypoint === null || !sameList(entrypoint, prior.entrypoint)))) {
    changes.content.push("entrypoint");
  }
  if (isUnknown(gpuTypes) || hasUnknown(gpuTypes) || !sameList(gpuTypes ?? [], prior.gpuTypes ?? [])) unstored.push("gpuTypes");
  else if ((gpuTypes === null) !== (prior.gpuTypes === null)) changes.managed.push("gpuTypes");
  if (isUnknown(triggers) || hasUnknown(triggers) || triggersHash(triggers) !== triggersHash(prior.triggers)) unstored.push("triggers");
  else if ((triggers === null) !== (prior.triggers === null)) changes.managed.push("triggers");

  if (region !== null && region !== prior.region) {
    // One of the snapshot's regions is enough; without any, the API has said nothing that could differ.
    const regions = prior.regionIds ?? [];
    const elsewhere = isUnknown(region) || (regions.length > 0 ? !regions.includes(region) : prior.region !== null);
    (elsewhere ? changes.content : changes.managed).push("region");
  }

  if (isUnknown(written.active) || (written.active ?? true) !== prior.active) changes.active.push("active");
  if (isUnknown(written.replacement) || (written.replacement ?? "swap") !== prior.replacement) changes.managed.push("replacement");
  if (isUnknown(written.adoptExisting) || (written.adoptExisting ?? false) !== prior.adoptExisting) changes.managed.push("adoptExisting");
  if (isUnknown(written.timeouts) || hasUnknown(written.timeouts) || timeoutsText(written.timeouts) !== timeoutsText(prior.timeouts)) changes.managed.push("timeouts");
  return changes;
}

function compareName(prior: SnapshotRecord, written: Written, changes: Changes): void {
  const { name, namePrefix } = written;
  if (name !== null) {
    if (name !== prior.name) changes.name.push("name");
    else if (namePrefix !== prior.namePrefix) changes.managed.push("namePrefix");
  } else if (namePrefix !== null) {
    // A prefix that is not known yet may not fit: in place the name could no longer be changed.
    const fits = !isUnknown(namePrefix) && (prior.name ?? "").startsWith(namePrefix);
    if (!fits) changes.name.push("namePrefix");
    else if (namePrefix !== prior.namePrefix) changes.managed.push("namePrefix");
  } else if (prior.namePrefix !== null) {
    changes.managed.push("namePrefix");
  }
}

function compareSource(prior: SnapshotRecord, written: Written, changes: Changes): void {
  const { image, dockerfileContent } = written;
  if (image !== prior.image) changes.content.push("image");
  if (dockerfileContent === prior.dockerfileContent) return;
  const sameLines = typeof dockerfileContent === "string" && prior.dockerfileContent !== null && sameText(dockerfileContent, prior.dockerfileContent);
  (sameLines ? changes.managed : changes.content).push("dockerfileContent");
}

function compareHash(prior: SnapshotRecord, written: Written, changes: Changes): void {
  const before = prior.sourceHash;
  const given = written.sourceHash;
  if (isUnknown(given)) {
    changes.content.push("sourceHash");
  } else if (given !== null) {
    if (given === before) return;
    // No hash in the state (an import) says nothing about the source.
    (before === null ? changes.managed : changes.content).push("sourceHash");
  } else if (before !== null && isCurrentHash(before) && typeof written.image !== "symbol" && typeof written.dockerfileContent !== "symbol") {
    const now = sourceHash({ image: written.image, dockerfileContent: written.dockerfileContent });
    if (now !== null && now !== before) changes.content.push("sourceHash");
  }
}

function timeoutsText(timeouts: SnapshotRecord["timeouts"]): string {
  return timeouts === null ? "" : JSON.stringify([timeouts.create ?? null, timeouts.update ?? null, timeouts.delete ?? null]);
}
