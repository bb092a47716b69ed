import { isPushOf } from "./local-image";
import type { Marks, SnapshotInputs, SnapshotRecord, Written } from "./record";
import { sameList } from "./same";
import { isBuild, isCurrentHash, isPlainText, sameText, sourceHash, triggersHash } from "./source";
import { type MaybeUnknown, UNKNOWN, hasUnknown, isUnknown } from "./unknown";

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
  compareSource(prior, written, changes, marks);
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
    // An unknown prefix may not match, and a name cannot be changed in place.
    const fits = !isUnknown(namePrefix) && (prior.name ?? "").startsWith(namePrefix);
    if (!fits) changes.name.push("namePrefix");
    else if (namePrefix !== prior.namePrefix) changes.managed.push("namePrefix");
  } else if (prior.namePrefix !== null) {
    changes.managed.push("namePrefix");
  }
}

/** Inputs of a Dockerfile build whose change only matters if it changes what is sent. */
const BUILD_INPUTS = ["dockerfile", "dockerfileContent", "contextDir", "context", "buildArgs", "target"] as const;

function compareSource(prior: SnapshotRecord, written: Written, changes: Changes, marks: Marks): void {
  if (written.localImage !== prior.localImage || written.image !== prior.image) {
    const names = (["image", "localImage"] as const).filter((name) => written[name] !== prior[name]);
    (isSameImage(prior, written, marks) ? changes.managed : changes.content).push(...names);
  }
  const differing = BUILD_INPUTS.filter((name) => isUnknown(written[name]) || hasUnknown(written[name]) || !same(written[name], prior[name]));
  if (differing.length === 0) return;
  (isSameBuild(prior, written, differing) ? changes.managed : changes.content).push(...differing);
}

/** Whether another name of a local image, or a local image in place of the image that it was pushed as, is the same content. */
function isSameImage(prior: SnapshotRecord, written: Written, marks: Marks): boolean {
  const { localImage, image, prepared } = written;
  if (typeof localImage !== "string" || image !== null) return false;
  const given = typeof written.sourceHash === "string" ? written.sourceHash : null;
  const hash = given ?? prepared?.hash ?? null;
  if (prior.localImage !== null) return hash !== null && hash === prior.sourceHash;
  if (prior.image === null) return false;
  const pushed = isPushOf(prior.image, localImage, given === null ? hash : null);
  return pushed === "same" || (pushed === "maybe" && marks.imported === true);
}

/** Whether the inputs that differ make the same build. */
function isSameBuild(prior: SnapshotRecord, written: Written, differing: readonly (typeof BUILD_INPUTS)[number][]): boolean {
  if (!isBuild(written) || !isBuild(prior) || differing.some((name) => isUnknown(written[name]) || hasUnknown(written[name]))) return false;
  const { prepared, dockerfileContent } = written;
  // A hash that the program gives stands for all of them; compareHash judges it.
  const hash = typeof written.sourceHash === "string" ? written.sourceHash : (prepared?.hash ?? null);
  if (hash !== null && prior.sourceHash !== null && (typeof written.sourceHash === "string" || isCurrentHash(prior.sourceHash))) return hash === prior.sourceHash;
  // After an import there is no hash: the API's text has to do.
  const text = prepared?.text ?? (isPlainText(written) ? dockerfileContent : null);
  return typeof text === "string" && prior.dockerfileContent !== null && sameText(text, prior.dockerfileContent);
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
  } else if (before !== null && isCurrentHash(before)) {
    const now = hashOf(written);
    if (typeof now === "string" && now !== before) changes.content.push("sourceHash");
  }
}

/** The hash of what is written; UNKNOWN while a part of it is unknown or has not been read. */
export function hashOf(written: Written): MaybeUnknown<string | null> {
  if (written.sourceHash !== null) return written.sourceHash;
  if (written.prepared) return written.prepared.hash;
  if (isUnknown(written.image) || written.localImage !== null || BUILD_INPUTS.some((name) => isUnknown(written[name]) || hasUnknown(written[name]))) return UNKNOWN;
  if (isBuild(written) && !isPlainText(written)) return UNKNOWN;
  return sourceHash({ image: written.image, dockerfileContent: written.dockerfileContent as string | null });
}

/** Deep equality of known values; the order of a map does not count. */
function same(a: unknown, b: unknown): boolean {
  const plain = (value: unknown): string => JSON.stringify(value === null || typeof value !== "object" ? value : Array.isArray(value) ? value : Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)));
  return plain(a) === plain(b);
}

function timeoutsText(timeouts: SnapshotRecord["timeouts"]): string {
  return timeouts === null ? "" : JSON.stringify([timeouts.create ?? null, timeouts.update ?? null, timeouts.delete ?? null]);
}
