import { counted } from "../kit/text/numbers";
import type { ImageResolution, ImageResolver } from "../lifecycle";
import { isPinned } from "../resources/snapshot/own/source/image-build";
import { movedTag, pins } from "../resources/snapshot/own/source/pin";
import type { SnapshotInputs, SnapshotRecord } from "../resources/snapshot/record";
import type { FleetResource, FleetSource, PlannedAction } from "./resource";

/** Of the reasons why registries could not be asked, so many are told. */
const MOST_REASONS = 3;

/** A snapshot of these is not kept, or is not of the program any more. */
const LEAVING: ReadonlySet<PlannedAction> = new Set(["delete", "forget"]);

/**
 * Sources with the tags that have moved since their snapshots were made. Each image is asked for once, all at a time. A registry that cannot be asked
 * is no error: a note of the source says how many images it was, and why.
 * @throws the signal's reason
 */
export async function withMovedTags<S extends object>(
  sources: readonly (S | FleetSource)[],
  resolver: ImageResolver,
  signal?: AbortSignal,
): Promise<(S | FleetSource)[]> {
  const images = new Set(
    sources.flatMap((source) => ("resources" in source ? source.resources : []).flatMap((one) => imageOf(one) ?? [])),
  );
  const answers = new Map(
    await Promise.all(
      [...images].map(async (image): Promise<[string, ImageResolution]> => [
        image,
        await resolver.resolve(image, signal),
      ]),
    ),
  );
  return sources.map((source) => ("resources" in source ? compared(source, answers) : source));
}

/** Whether any source has a tag whose content its snapshot has. */
export function hasTags(sources: readonly object[]): boolean {
  return sources.some(
    (source) => "resources" in source && (source as FleetSource).resources.some((one) => imageOf(one) !== null),
  );
}

function compared(source: FleetSource, answers: ReadonlyMap<string, ImageResolution>): FleetSource {
  const unasked = new Map<string, string>();
  const resources = source.resources.map((resource): FleetResource => {
    const image = imageOf(resource);
    const resolution = image === null ? undefined : answers.get(image);
    if (image === null || resolution === undefined) return resource;
    if (resolution.kind !== "resolved") {
      unasked.set(image, resource.sensitive.includes("image") ? SENSITIVE_IMAGE : resolution.reason);
      return resource;
    }
    const record = resource.seen!;
    const moved = movedTag(record, { ...record, resolution });
    return moved === null || isPlanned(resource, moved.to) ? resource : { ...resource, movedTag: moved };
  });
  const notes = unasked.size === 0 ? source.notes : [...source.notes, unaskedNote(unasked)];
  return { ...source, resources, notes };
}

const SENSITIVE_IMAGE = "the registry of a sensitive image did not respond";

/** The tag whose content a snapshot has; null: it has none, it is not known what the tag named, or the snapshot goes or changes its image anyway. */
function imageOf({ state, seen, planned }: FleetResource): string | null {
  if (state === null || seen === null) return null;
  const { image, imageDigest } = seen;
  if (image === null || isPinned(image) || typeof imageDigest !== "string") return null;
  if (planned === undefined || planned === null) return image;
  if (LEAVING.has(planned.action) || followedTag(state, planned) !== null) return null;
  const next = planned.inputs.image;
  return next === undefined || next === image ? image : null;
}

/** Whether the plan makes the snapshot from this digest. A plan without one goes by the tag, and a runner may have the old content under it. */
function isPlanned({ planned }: FleetResource, digest: string): boolean {
  return planned?.imageDigest === digest && pins(withDefaults(planned.inputs));
}

const withDefaults = ({ pinDigest = false, trackTag = false }: Partial<SnapshotInputs>) => ({ pinDigest, trackTag });

/** The digests of a swap that a plan has only because the tag has moved (`trackTag`); null: it has none. */
export function followedTag(
  state: SnapshotRecord | null,
  planned: FleetResource["planned"],
): { readonly from: string; readonly to: string } | null {
  const [from, to] = [state?.imageDigest ?? null, planned?.imageDigest ?? null];
  if (!planned || from === null || to === null || from === to) return null;
  return planned.inputs.trackTag === true && (planned.inputs.image ?? null) === (planned.before.image ?? null)
    ? { from, to }
    : null;
}

/** @param unasked the reason for each image */
function unaskedNote(unasked: ReadonlyMap<string, string>): string {
  const reasons = [...new Set(unasked.values())];
  const more = reasons.length - MOST_REASONS;
  const told = reasons.slice(0, MOST_REASONS).join("; ");
  const rest = more > 0 ? `; and ${counted(more, "more reason")}` : "";
  return `It is unknown whether ${counted(unasked.size, "tag has", "tags have")} moved, because the ${unasked.size === 1 ? "registry" : "registries"} could not be asked: ${told}${rest}.`;
}
