import { sourceChange } from "../lifecycle";
import { isUnknown } from "../kit/unknown";
import type { SnapshotInputs } from "../resources/snapshot/record";
import type { FleetResource, FleetSource } from "./resource";

/** Attributes that say where the files are: where one must not be printed, neither are their names. */
const PLACES = [
  "sourceHash",
  "dockerfile",
  "dockerfileContent",
  "contextDir",
  "context",
] as const satisfies readonly (keyof SnapshotInputs)[];

/**
 * Sources with the files that a program changes, of snapshots that exist.
 * @param sources what this machine remembers of the sources that it has read
 */
export function withChangedFiles<S extends object>(
  read: readonly (S | FleetSource)[],
  sources: Parameters<typeof sourceChange>[3],
): (S | FleetSource)[] {
  return read.map((source) =>
    "resources" in source
      ? { ...source, resources: source.resources.map((resource) => withFiles(resource, sources)) }
      : source,
  );
}

function withFiles(resource: FleetResource, sources: Parameters<typeof sourceChange>[3]): FleetResource {
  const { state, planned, sensitive } = resource;
  if (state === null || !planned || PLACES.some((name) => sensitive.includes(name))) return resource;
  const now = planned.inputs.sourceHash ?? planned.sourceHash;
  if (typeof now !== "string" || isUnknown(now)) return resource;
  const { dockerfile = null, dockerfileContent = null, contextDir = null, context = null } = planned.inputs;
  const change = sourceChange(state, { dockerfile, dockerfileContent, contextDir, context }, now, sources);
  return change === null ? resource : { ...resource, sourceChange: change };
}
