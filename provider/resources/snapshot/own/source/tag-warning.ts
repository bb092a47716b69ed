/** What a tag does not promise: a new snapshot of the same tag is not always one of what the tag names now. */

import type { Notice } from "../../../../kit/notice";
import { isUnknown, known } from "../../../../kit/unknown";
import type { ToolWords } from "../../../../kit/words";
import type { Action, Planned, SnapshotInputs, SnapshotRecord, Written } from "../../record";
import { isPinned } from "./image-build";
import { type MovedTag, keptDigest, movedTag, pins } from "./pin";

/** Inputs whose change asks for another snapshot of the same source, so for what it holds now. */
const ANEW = ["triggers", "sourceHash"] as const satisfies readonly (keyof SnapshotInputs)[];

/** Where sandboxes run. */
const RUNNER = /^linux\/amd64(\/|$)/;

interface Planning {
  /** null: there is nothing yet. */
  readonly prior: SnapshotRecord | null;
  readonly written: Written;
  readonly action: Action;
  /** What differs and asks for another snapshot. */
  readonly content: readonly string[];
  readonly imageDigest: Planned["imageDigest"];
  readonly words: Pick<ToolWords, "attribute" | "run">;
}

/** What a plan has to tell of a tag. A digest promises what it says, so there is nothing to tell. */
export function tagNotices(planning: Planning): Notice[] {
  const { prior, written, action } = planning;
  const image = known(written.image);
  if (image === null || isPinned(image)) return [];
  const makes = action === "create" || action === "swap" || action === "rebuild" || action === "replace";
  const pulls = makes || action === "activate";
  const found = [
    ...(pulls ? platformNotices(image, planning) : []),
    ...(makes && pins(written) ? unresolvedNotices(image, planning) : []),
  ];
  if (prior === null) return found;
  const byTag = makes ? !pins(written) || planning.imageDigest === null : action === "activate" && !!prior.imageName;
  return [...found, ...(byTag ? oldContentNotices(image, prior, planning) : movedNotices(image, prior, planning))];
}

function platformNotices(image: string, { written: { resolution } }: Planning): Notice[] {
  if (resolution?.kind !== "resolved" || resolution.platforms === null) return [];
  const { platforms } = resolution;
  if (platforms.length === 0 || platforms.some((platform) => RUNNER.test(platform))) return [];
  return [
    {
      summary: `${image} is not for linux/amd64`,
      detail: `Daytona's runners are linux/amd64, but the image is for ${platforms.join(", ")} only. No sandbox could be created from it. Use an image for linux/amd64, or build one with \`--platform linux/amd64\`.`,
      attribute: ["image"],
    },
  ];
}

/** A snapshot that is to be made from a digest which the registry has not told. */
function unresolvedNotices(image: string, { prior, written, imageDigest, words }: Planning): Notice[] {
  if (written.resolution?.kind === "resolved") return [];
  const why = whyUnresolved(written, words);
  const kept = keptDigest(prior, written);
  if (kept !== null)
    return [
      {
        summary: `The digest of ${image} is unknown: the new snapshot keeps the digest of the current one`,
        detail: `${why} The new snapshot is created from ${kept}, the digest of ${image} when the current one was created.`,
        attribute: ["image"],
      },
    ];
  return isUnknown(imageDigest)
    ? [
        {
          summary: `The digest of ${image} is not known yet`,
          detail: `${why} ${words.attribute("pinDigest")} needs the digest, so the ${words.run} asks for it again, and stops before it changes anything if there is no answer then.`,
          attribute: ["image"],
        },
      ]
    : [];
}

/** A sentence: the reason of the registry, or of the provider. */
function whyUnresolved({ resolution }: Written, words: Pick<ToolWords, "attribute">): string {
  if (resolution === undefined || resolution.kind === "resolved")
    return `No registry was asked, because ${words.attribute("resolveTags")} is false.`;
  return `${resolution.reason}.`;
}

/**
 * A runner does not pull a tag that it has (seen at v0.190, where `ref` shows the new digest all the same). An unmoved tag has nothing to tell.
 */
function oldContentNotices(image: string, prior: SnapshotRecord, planning: Planning): Notice[] {
  const { written, content, action, words } = planning;
  if (content.includes("image")) return [];
  const causes = ANEW.filter((input) => content.includes(input));
  const moved = movedTag(prior, written);
  const [first] = causes;
  const summary = `Snapshot "${prior.name}" may keep the old content of ${image}`;
  const does =
    first !== undefined
      ? `Changing ${causes.map((input) => words.attribute(input)).join(" and ")} creates a new snapshot`
      : action === "activate"
        ? "The activation pulls the image again"
        : "A new snapshot is created";
  const keeps = `but a runner does not pull a tag that it already has, even if the tag has moved in the registry since.`;
  if (moved !== null)
    return [
      {
        summary,
        detail: `${does}, ${keeps} ${movedText(moved)} To use the current content of the tag, set ${words.attribute("pinDigest")} or ${words.attribute("trackTag")} to true: the snapshot is then created from the digest.`,
        attribute: [first ?? "image"],
      },
    ];
  const unmoved = prior.imageDigest != null && written.resolution?.kind === "resolved";
  if (first === undefined || unmoved) return [];
  const why =
    written.resolution === undefined || written.resolution.kind === "resolved" ? "" : ` ${written.resolution.reason}.`;
  return [
    {
      summary,
      detail:
        `${does}, ${keeps}${why} ` +
        `To use the current content of the tag, set ${words.attribute("pinDigest")} to true, write its digest in ${words.attribute("image")} ("${image}@sha256:…"), or use a Dockerfile with FROM, whose base image is looked up again for every build.`,
      attribute: [first],
    },
  ];
}

function movedText({ image, from, to }: MovedTag): string {
  return `${image} was ${from} when the snapshot was created, and is ${to} now.`;
}

/** A snapshot that keeps what its tag named, while the tag names something else. */
function movedNotices(image: string, prior: SnapshotRecord, planning: Planning): Notice[] {
  const { written, content, imageDigest, words } = planning;
  const tracks = known(written.trackTag) === true;
  if (tracks && prior.imageDigest == null && imageDigest === null && written.resolution?.kind === "resolved")
    return [
      {
        summary: `Snapshot "${prior.name}" cannot follow ${image} yet`,
        detail: `The digest of ${image} when the snapshot was created is unknown, so ${words.attribute("trackTag")} has nothing to compare with. Change ${words.attribute("triggers")} to create it from the current digest of the tag (${written.resolution.digest}).`,
        attribute: ["trackTag"],
      },
    ];
  if (tracks && content.length === 0 && written.resolution !== undefined && written.resolution.kind !== "resolved")
    return [
      {
        summary: `It is unknown whether the tag of snapshot "${prior.name}" has moved`,
        detail: `${written.resolution.reason}. ${words.attribute("trackTag")} is true, but ${image} cannot be followed without an answer. The snapshot keeps its content.`,
        attribute: ["trackTag"],
      },
    ];
  const moved = movedTag(prior, written);
  if (moved === null || content.includes("imageDigest") || imageDigest === moved.to) return [];
  const pinned = known(written.pinDigest) === true;
  return [
    {
      summary: `The tag of snapshot "${prior.name}" has moved`,
      detail:
        `${movedText(moved)} The snapshot keeps its content. ` +
        `To replace it whenever the tag moves, set ${words.attribute("trackTag")} to true. ` +
        `To replace it once, ${pinned ? "" : `set ${words.attribute("pinDigest")} to true and `}change ${words.attribute("triggers")}.`,
      attribute: ["image"],
    },
  ];
}
