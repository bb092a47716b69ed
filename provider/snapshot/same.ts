import type { SnapshotDto } from "../api/types";
import type { Planned, SnapshotRecord } from "./record";
import { buildOf, imageHashOf, known } from "./desired";
import { isPushOf, pushedHash } from "./local-image";
import { sameSource, sourceOf } from "./observed";
import { triggersHash, triggersHashIn } from "./source";

/**
 * What differs between what is asked for and what is there, one line for people each; empty: the same.
 * For adoption, the holder of a taken name, and successors. Values that are unknown or not written never differ, nor does what the API does not store.
 * @param options.spell spells an attribute as programs of the tool do
 * @param options.exact also compares the triggers in a build's last comment line: for our own successors, which must have been made for this very change
 */
export function differences(desired: Planned | SnapshotRecord, dto: SnapshotDto, options: { spell?(name: string): string; exact?: boolean } = {}): string[] {
  const spell = (name: string): string => options.spell?.(name) ?? name;
  const found: string[] = [];
  const differ = (name: string, wanted: unknown, actual: unknown) => found.push(`${spell(name)}: requested ${show(wanted)}, found ${show(actual)}`);

  const build = buildOf(desired);
  const wanted = { image: known(desired.image), dockerfileContent: build?.text ?? null };
  const actual = sourceOf(dto);
  const localImage = known(desired.localImage);
  if (localImage !== null) found.push(...imageDifference(localImage, desired, dto.imageName ?? null, spell));
  else if (actual !== null && (wanted.image !== null || wanted.dockerfileContent !== null) && !sameSource(wanted, actual)) {
    if (wanted.image !== null && actual.image !== null) differ("image", wanted.image, actual.image);
    else if (wanted.image !== null) found.push(`source: requested image ${show(wanted.image)}, found a Dockerfile build`);
    else if (actual.image !== null) found.push(`source: requested a Dockerfile build, found image ${show(actual.image)}`);
    else found.push(`${spell(desired.dockerfile === null ? "dockerfileContent" : "dockerfile")}: the text of the Dockerfile differs`);
  } else if (actual === null && (wanted.image !== null || wanted.dockerfileContent !== null)) {
    // Made from a sandbox, say: what cannot be compared must not be taken for the same.
    found.push(`source: requested ${wanted.image !== null ? `image ${show(wanted.image)}` : "a Dockerfile build"}, but the API does not report a source`);
  } else if (options.exact && wanted.dockerfileContent !== null && triggersHash(known(desired.triggers)) !== triggersHashIn(dto.buildInfo?.dockerfileContent ?? "")) {
    found.push("triggers: the snapshot was built with other triggers");
  }
  if (build !== null && actual !== null && actual.image === null) {
    const [asked, sent] = [build.contextHashes, dto.buildInfo?.contextHashes ?? []];
    if (asked.length === 0 && sent.length > 0) found.push(`context: requested a build without files, found one with a build context (${sent.length} sent)`);
    else if (asked.length > 0 && sent.length === 0) found.push("context: requested a build with files, found one without a build context");
    else if (!sameList([...asked].sort(), [...sent].sort())) found.push("context: the files of the build context differ");
  }

  const entrypoint = known(desired.entrypoint);
  // A Dockerfile brings its own entrypoint, and what a state says about it is only what the API said before.
  if ((wanted.image !== null || localImage !== null) && entrypoint !== null && dto.entrypoint !== undefined && !sameList(entrypoint, dto.entrypoint ?? [])) differ("entrypoint", entrypoint, dto.entrypoint);
  for (const [name, want, have] of [
    ["cpu", known(desired.cpu), dto.cpu],
    ["memory", known(desired.memory), dto.mem],
    ["disk", known(desired.disk), dto.disk],
    ["gpu", known(desired.gpu), dto.gpu],
    ["sandboxClass", known(desired.sandboxClass), dto.sandboxClass],
  ] as const) {
    if (want !== null && have !== null && have !== undefined && want !== have) differ(name, want, have);
  }
  const gpuTypes = known(desired.gpuTypes);
  if (gpuTypes !== null && gpuTypes.length > 0 && dto.gpu > 0 && dto.gpuType && !gpuTypes.includes(dto.gpuType)) differ("gpuTypes", gpuTypes, dto.gpuType);
  const region = known(desired.region);
  if (region !== null && dto.regionIds && dto.regionIds.length > 0 && !dto.regionIds.includes(region)) differ("region", region, dto.regionIds);
  return found;
}

/** A push tells the hash of its content in its tag; that of another program does not, and cannot be taken for the same. */
function imageDifference(localImage: string, desired: Planned | SnapshotRecord, imageName: string | null, spell: (name: string) => string): string[] {
  const hash = imageHashOf(desired);
  if (imageName === null) return [`source: requested local image ${show(localImage)}, found no image`];
  if (hash !== null && isPushOf(imageName, localImage, hash) === "same") return [];
  return [pushedHash(imageName) === null ? `source: requested local image ${show(localImage)}, found image ${show(imageName)}` : `${spell("localImage")}: the content of the image differs`];
}

export function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function show(value: unknown): string {
  const text = JSON.stringify(value ?? null) ?? "null";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
